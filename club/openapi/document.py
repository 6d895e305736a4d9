"""The document, put together: one path item for each path, one operation for each route."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from club.openapi import refusals
from club.openapi.example import REQUESTS, answered
from club.openapi.operations import OF_A_BODY, OF_ALL, OPERATIONS, PARAMETERS, TAGS, Operation
from club.openapi.schemas import ref, schemas_of
from shared.api.problems import CONTENT_TYPE, RETRY_AFTER_S
from shared.api.routes import ROUTES, STAFF_ROUTES, Route, StaffRoute
from shared.domain.errors import GroupNotAllowed, Refused

Json = dict[str, Any]

_JSON = "application/json"
_KEY = "store_key"
_OF_STAFF = "staff_token"
_BY_KEY_OR_TOKEN: tuple[Route | StaffRoute, ...] = (*ROUTES, *STAFF_ROUTES)
_ABOUT = """\
What storefronts and tills ask of the club, and what the people do who work there.

Money is whole numbers in the minor unit of the currency; points are whole numbers of a wallet's smallest unit. Instants carry
an offset. A write is done once: a purchase by its own id, an activity by its source id, a joining by its `Idempotency-Key`;
sent again it is answered as the first time, with `Idempotency-Replayed: true`.

A refusal is `application/problem+json` with a stable `code`, the facts and a `request_id`. What the gateway itself refuses,
before the club is asked, is `{"message": …}`."""

# What the gateway says by itself: its words, and when.
GATEWAY: dict[int, tuple[str, str]] = {
    401: ("Unauthorized", "No key, or not as a bearer token."),
    403: ("Forbidden", "The key is unknown or revoked, or has no scope for this."),
    404: ("Not Found", "No route has this path."),
    413: ("Request Entity Too Large", "The request is larger than the gateway takes."),
    429: ("Too Many Requests", "More requests than this route takes in a second."),
    500: ("Internal Server Error", "The club did not answer as it should."),
    503: ("Service Unavailable", "The club cannot be reached, or did not answer in time."),
}
# The same where the gateway checks the token of somebody who works here.
GATEWAY_OF_STAFF = GATEWAY | {
    401: ("Unauthorized", "No token, or one that is not the club's, was changed or has ended."),
    403: ("Forbidden", "An ID token was sent: the access token is asked for."),
}
_GATEWAY_NAME = "GatewayMessage"


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def document() -> Json:
    assert {route.operation for route in _BY_KEY_OR_TOKEN} == set(OPERATIONS) == set(REQUESTS), (
        "each route has its one operation"
    )
    examples = answered()
    paths: Json = {}
    for route in _BY_KEY_OR_TOKEN:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            route, examples[route.operation], examples.get(f"{route.operation}, waiting")
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Customer club", "version": "1", "description": _ABOUT, "license": _LICENCE},
        "servers": [{"url": ".", "description": "Where this document came from"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {_KEY: _SECURITY, _OF_STAFF: _SECURITY_OF_STAFF}},
    }


_LICENCE = {"name": "MIT", "identifier": "MIT"}
_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "ck_live_… or ck_test_…",
    "description": "A store's secret key. It is bound to one store and to scopes; each operation names the one it needs. "
    "What keys of mode `test` write is apart from the club's own.",
}

_SECURITY_OF_STAFF = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The access token (not the ID token) of somebody who works here, signed by the club's Cognito pool. It holds "
    "the person's groups; each operation names those that may.",
}


def _schemas() -> Json:
    bodies = list(dict.fromkeys(one.body for one in OPERATIONS.values() if one.body is not None))
    answers = list(dict.fromkeys(one.answer for one in OPERATIONS.values() if not one.pages))
    answers += [one.waiting for one in OPERATIONS.values() if one.waiting is not None]
    message: Json = {
        "type": "object",
        "description": "What the gateway says by itself, before the club is asked.",
        "properties": {"message": {"type": ["string", "null"]}},
        "required": ["message"],
        "additionalProperties": False,
    }
    return dict(sorted((schemas_of(bodies, answers) | refusals.schemas() | {_GATEWAY_NAME: message}).items()))


def _opened_by(route: Route | StaffRoute) -> tuple[str, list[Json]]:
    """A sentence and OpenAPI's form of it: one requirement for each group, of which any is enough."""
    if isinstance(route, Route):
        return f"Needs a key with the scope `{route.scope}`.", [{_KEY: [route.scope]}]
    groups = ", ".join(f"`{group}`" for group in route.groups)
    return f"Needs a token of somebody in one of the groups {groups}.", [{_OF_STAFF: [group]} for group in route.groups]


def _operation(route: Route | StaffRoute, answer: Any, waiting: Any) -> Json:
    known = OPERATIONS[route.operation]
    asked = REQUESTS[route.operation]
    needs, security = _opened_by(route)
    made: Json = {
        "operationId": route.operation,
        "tags": [known.tag],
        "summary": route.summary,
        "description": f"{known.description}\n\n{needs}",
        "security": security,
    }
    if known.parameters:
        made["parameters"] = [_parameter(name, asked.parameters) for name in known.parameters]
    if known.body is not None:
        body = {"schema": ref(known.body.__name__), "example": asked.body}
        made["requestBody"] = {"required": True, "content": {_JSON: body}}
    made["responses"] = {str(known.status): _answer(known, known.answer, answer)}
    if known.waiting is not None:
        made["responses"]["202"] = _answer(known, known.waiting, waiting)
    made["responses"] |= _refused(known, route)
    return made


def _parameter(key: str, asked: Mapping[str, str]) -> Json:
    """Two of one name are kept under a key each."""
    known: Json = {"name": key, **PARAMETERS[key]}
    example = asked.get(known["name"])
    required = {"required": True} if known["in"] == "path" else {}
    value: object = int(example) if example is not None and known["schema"]["type"] == "integer" else example
    return {**known, **required} | ({"example": value} if example is not None else {})


def _answer(known: Operation, shape: type, example: Any) -> Json:
    told: Json = {"description": (shape.__doc__ or "Done.").strip().split("\n")[0]}
    if known.once:
        told["headers"] = {
            "Idempotency-Replayed": {
                "description": "There, and true, when this was done before: the answer is the first one's.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    if known.pages:
        # The example of a page is one of each media type.
        return told | {
            "content": {kind: {"schema": {"type": "string"}, "example": example[kind]} for kind in known.pages}
        }
    if known.files:
        told["headers"] = {
            "Next-Cursor": {
                "description": "Of a file that is a part: leads to the next one.",
                "schema": {"type": "string"},
            }
        }
    files = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in known.files}
    return told | {"content": {_JSON: {"schema": ref(shape.__name__), "example": example}, **files}}


def _refused(known: Operation, route: Route | StaffRoute) -> Json:
    """Answers that are no success, by status: the club's own problems and the gateway's messages."""
    by_group = () if isinstance(route, Route) else (GroupNotAllowed,)
    gateway = GATEWAY if isinstance(route, Route) else GATEWAY_OF_STAFF
    kinds = dict.fromkeys([*(OF_A_BODY if known.body else ()), *by_group, *known.refusals, *OF_ALL])
    own: dict[int, list[type[Refused] | None]] = {500: [None]}
    for kind in kinds:
        own.setdefault(refusals.status_of(kind), []).append(kind)
    by_itself = {status: said for status, said in gateway.items() if _may_say(status, known)}
    return {
        str(status): _refusal(status, own.get(status, []), by_itself.get(status))
        for status in sorted({*own, *by_itself})
    }


def _may_say(status: int, known: Operation) -> bool:
    """A path without parameters is always found; a request without a body is never too large."""
    if status == 404:
        return any(PARAMETERS[name]["in"] == "path" for name in known.parameters)
    return known.body is not None if status == 413 else True


def _refusal(status: int, kinds: Iterable[type[Refused] | None], by_itself: tuple[str, str] | None) -> Json:
    named = {kind: refusals.name_of(kind) if kind else refusals.INTERNAL_NAME for kind in kinds}
    examples = {kind: refusals.example_of(kind) for kind in named}
    told = [f"`{example['code']}`: {example['title']}" for example in examples.values()]
    content: Json = {}
    if named:
        refs = [ref(name) for name in named.values()]
        mapping = {examples[kind]["code"]: ref(name)["$ref"] for kind, name in named.items()}
        content[CONTENT_TYPE] = {
            "schema": refs[0]
            if len(refs) == 1
            else {"oneOf": refs, "discriminator": {"propertyName": "code", "mapping": mapping}},
            "examples": {example["code"]: {"value": example} for example in examples.values()},
        }
    if by_itself:
        message, when = by_itself
        told.append(f"From the gateway: {when}")
        content[_JSON] = {"schema": ref(_GATEWAY_NAME), "example": {"message": message}}
    said: Json = {"description": "\n\n".join(told)}
    if status in RETRY_AFTER_S and named:
        said["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait, where the club itself refuses.",
                "schema": {"type": "integer", "minimum": 1},
            }
        }
    return said | {"content": content}
