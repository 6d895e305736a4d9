"""HTTP speech: registers a function's routes, reads what the gateway hands over, turns answers and refusals into responses."""

from __future__ import annotations

import gc
import itertools
import time
import traceback
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

# Nothing that is made while a function starts is garbage; looking for it costs a tenth of the start.
gc.disable()

from pydantic import BaseModel  # noqa: E402
from pydantic_core import to_json  # noqa: E402

from shared.api.body import body_of  # noqa: E402
from shared.api.problems import CONTENT_TYPE, INTERNAL, Problem, field_name, problem_of  # noqa: E402
from shared.api.routes import EVERY_ROUTE  # noqa: E402
from shared.domain.errors import Invalid, Refused  # noqa: E402
from shared.observe import log  # noqa: E402

# Left for the answer to travel before the function's time is up.
_RESERVE_S = 0.5
IDEMPOTENCY_KEY_LENGTH_MAX = 64

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Request:
    """One request behind the gate. `caller` is what the gate said of the key: store, mode, key id; for staff it is empty."""

    event: Mapping[str, Any]
    caller: Mapping[str, str]
    seconds_left: Callable[[], float]

    @property
    def claims(self) -> Mapping[str, Any]:
        """What stands in the token of somebody who works here, which the gateway has checked."""
        claims: Mapping[str, Any] = self.event["requestContext"]["authorizer"]["jwt"]["claims"]
        return claims

    def body(self, model: type[Body]) -> Body:
        return body_of(model, self.event)

    def path(self, name: str) -> str:
        return str(self.event["pathParameters"][name])

    def query(self, allowed: frozenset[str]) -> Mapping[str, str]:
        """The query, each name once. Raises Invalid for a name that the route does not know."""
        given: Mapping[str, str] = self.event.get("queryStringParameters") or {}
        for name in given:
            if name not in allowed:
                raise Invalid(field_name(name), "is not a parameter of this request")
        return given

    def header(self, name: str) -> str | None:
        headers: Mapping[str, str] = self.event.get("headers") or {}
        return headers.get(name)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in JSON; with `page`, a text or bytes of that media type, to be kept as `file` where that has a name. `cursor`:
    where what a file has no room for goes on."""

    status: int
    body: Mapping[str, Any] | str | bytes
    replayed: bool = False
    page: str = ""
    file: str = ""
    cursor: str | None = None


# A page of ours runs nothing, asks nobody for anything, and stands in nobody's frame; it is one member's, so no cache keeps it.
_OF_A_PAGE = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
}


Handler = Callable[[Request], Answer]
LambdaHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def lambda_handler(function: str, handlers: Mapping[str, Handler]) -> LambdaHandler:
    """The Lambda handler of a function: one handler for each of its routes in `EVERY_ROUTE`.

    The gateway has matched the route and decoded its parameters; here the route key alone decides.
    """
    assert {route.key for route in EVERY_ROUTE if route.function == function} == set(handlers), (
        "each route has its one handler"
    )

    def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return _responded(handlers[event["routeKey"]], event, context)

    gc.freeze()
    gc.enable()
    return handle


def _responded(handler: Handler, event: dict[str, Any], context: Any) -> dict[str, Any]:
    started = time.perf_counter()
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    caller = event["requestContext"].get("authorizer", {}).get("lambda", {})
    said: dict[str, Any] = {}
    try:
        if event["rawPath"].startswith("//"):
            # The gateway takes `//v1` for `/v1`; whoever writes it has joined two addresses wrongly, and should hear of it.
            raise Invalid("path", "begins with more than one slash")
        answer = handler(Request(event, caller, lambda: deadline - time.monotonic()))
        response = _answered(answer)
    except Refused as refusal:
        problem = problem_of(refusal)
        said = {"code": problem.code}
        response = _refused(problem, context.aws_request_id)
    except Exception as mistake:  # noqa: BLE001  # The one place where a mistake of ours becomes an answer.
        said = {"code": INTERNAL.code, "error": _name(mistake), "where": _where(mistake)}
        response = _refused(INTERNAL, context.aws_request_id)
    log(
        "error" if response["statusCode"] >= 500 else "info",
        route=event["routeKey"],
        status=response["statusCode"],
        ms=round((time.perf_counter() - started) * 1000),
        request=context.aws_request_id,
        cold=_is_first(),
        **said,
    )
    return response


_requests = itertools.count()


def _is_first() -> bool | None:
    """True for the first request of this process: it paid for the start."""
    return next(_requests) == 0 or None


def _answered(answer: Answer) -> dict[str, Any]:
    if isinstance(answer.body, str | bytes):
        return _page(answer, answer.body)
    headers = {"content-type": "application/json"}
    if answer.replayed:
        headers["idempotency-replayed"] = "true"
    return {"statusCode": answer.status, "headers": headers, "body": _json(answer.body)}


def _page(answer: Answer, body: str | bytes) -> dict[str, Any]:
    headers = _OF_A_PAGE | {"content-type": answer.page}
    if answer.file:
        headers["content-disposition"] = f'attachment; filename="{answer.file}"'
    if answer.cursor is not None:
        headers["next-cursor"] = answer.cursor
    told: dict[str, Any] = {"statusCode": answer.status, "headers": headers}
    if isinstance(body, bytes):
        return told | {"body": b2a_base64(body, newline=False).decode(), "isBase64Encoded": True}
    return told | {"body": body}


def _refused(problem: Problem, request_id: str) -> dict[str, Any]:
    headers = {"content-type": CONTENT_TYPE}
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    return {"statusCode": problem.status, "headers": headers, "body": _json(problem.body(request_id))}


def _json(value: Mapping[str, Any]) -> str:
    return to_json(value).decode()


def _name(mistake: Exception) -> str:
    """What broke: AWS's own code where it gave one (AccessDeniedException), else the class."""
    code = getattr(mistake, "code", None)
    return code if isinstance(code, str) and code else type(mistake).__name__


def _where(mistake: Exception) -> str:
    """File and line of a mistake, without its message: a message may carry a value."""
    frames = traceback.extract_tb(mistake.__traceback__)
    return " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-4:]))
