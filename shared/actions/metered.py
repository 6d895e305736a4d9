"""What a function used is told after its call, where few of its calls write a posting that would."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

from shared.domain.errors import Busy
from shared.store.connection import meter, tables
from shared.store.sender import Refused
from shared.store.usage import Telling

Told = TypeVar("Told")
LambdaHandler = Callable[[dict[str, Any], Any], Told]


def metered(untold: Callable[[str], None]) -> Callable[[LambdaHandler[Told]], LambdaHandler[Told]]:
    """The handler with its meter. `untold` hears why it could not be told: the call is done all the same, and what it used is
    told with what comes next."""

    def of(handle: LambdaHandler[Told]) -> LambdaHandler[Told]:
        @wraps(handle)
        def counted(event: dict[str, Any], context: Any) -> Told:
            here, telling = meter(), _telling()
            if here is None or telling is None:
                return handle(event, context)
            here.begin()
            try:
                answer = handle(event, context)
            finally:
                here.end()
            # After a call that failed nothing is asked of AWS once more: what it used is told with the next.
            try:
                telling.tell()
            except (Busy, Refused) as fault:
                untold(getattr(fault, "code", type(fault).__name__))
            return answer

        return counted

    return of


@cache
def _telling() -> Telling | None:
    here = meter()
    return Telling(tables(), here) if here is not None else None
