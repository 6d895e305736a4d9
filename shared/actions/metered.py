"""What a function used is told after its call, where no posting bore it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, TypeVar

from shared.domain.errors import Busy
from shared.store.connection import meter, tables_to_tell
from shared.store.sender import Refused
from shared.store.usage import Telling

Told = TypeVar("Told")
LambdaHandler = Callable[[dict[str, Any], Any], Told]
# One request is sent, once: a line is opened within a second and read from for one and a half. Who waits for the answer does not
# get it later than the function may take, so with less than this nothing is told.
TOLD_WITHIN_MS = 3_000


def metered(say: Callable[..., None], said: Callable[[], int]) -> Callable[[LambdaHandler[Told]], LambdaHandler[Told]]:
    """The handler with its meter. `say`, the logger, hears why it could not be told: the call is done all the same, and what it
    used is told with what comes next. `said`: how many bytes of the log are new."""

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
                here.logged(said())
            # After a call that failed nothing is asked of AWS once more: what it used is told with the next.
            if _has_failed(answer) or context.get_remaining_time_in_millis() < TOLD_WITHIN_MS:
                return answer
            try:
                telling.tell()
            except (Busy, Refused) as fault:
                say("info", code="use_untold", error=getattr(fault, "code", type(fault).__name__))
            return answer

        return counted

    return of


def _has_failed(answer: object) -> bool:
    return isinstance(answer, Mapping) and int(answer.get("statusCode", 200)) >= 500


@cache
def _telling() -> Telling | None:
    here = meter()
    return Telling(tables_to_tell(), here) if here is not None else None
