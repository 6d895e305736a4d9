"""The document, put together: one path item for each path, one operation for each route."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from club.openapi import refusals
from club.openapi.example import REQUESTS, answered
from club.openapi.operations import OF_A_BODY, OF_ALL, OPERATIONS, PARAMETERS, TAGS, Operation
from club.openapi.schemas import ref, schemas_of
from shared.api.problems import CONTENT_TYPE, RETRY_AFTER_S
from shared.api.routes import ROUTES, Route
from shared.domain.errors import Refused

Json = dict[str, Any]

_JSON = "application/json"
_KEY = "store_key"
_ABOUT = """\
What storefronts and tills ask of the club.

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
_GATEWAY_NAME = "GatewayMessage"


def text() -> str:
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def document() -> Json:
    assert {route.operation for route in ROUTES} == set(OPERATIONS) == set(REQUESTS), "each route has its one operation"
    examples = answered()
    paths: Json = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, examples[route.operation])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Customer club", "version": "1", "description": _ABOUT, "license": _LICENCE},
        "servers": [{"url": ".", "description": "Where this document came from"}],
        "tags": [{"name": name, "description": description} for name, description in TAGS.items()],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": {_KEY: _SECURITY}},
    }


_LICENCE = {"name": "MIT", "identifier": "MIT"}
_SECURITY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "ck_live_… or ck_test_…",
    "description": "A store's secret key. It is bound to one store and to scopes; each operation names the one it needs. "
    "What keys of mode `test` write is apart from the club's own.",
}


def _schemas() -> Json:
    bodies = list(dict.fromkeys(one.body for one in OPERATIONS.values() if one.body is not None))
    answers = list(dict.fromkeys(one.answer for one in OPERATIONS.values()))
    message: Json = {
        "type": "object",
        "description": "What the gateway says by itself, before the club is asked.",
        "properties": {"message": {"type": ["string", "null"]}},
        "required": ["message"],
        "additionalProperties": False,
    }
    return dict(sorted((schemas_of(bodies, answers) | refusals.schemas() | {_GATEWAY_NAME: message}).items()))


def _operation(route: Route, answer: Any) -> Json:
    known = OPERATIONS[route.operation]
    asked = REQUESTS[route.operation]
    made: Json = {
        "operationId": route.operation,
        "tags": [known.tag],
        "summary": route.summary,
        "description": f"{known.description}\n\nNeeds a key with the scope `{route.scope}`.",
        "security": [{_KEY: [route.scope]}],
    }
    if known.parameters:
        made["parameters"] = [_parameter(name, asked.parameters.get(name)) for name in known.parameters]
    if known.body is not None:
        body = {"schema": ref(known.body.__name__), "example": asked.body}
        made["requestBody"] = {"required": True, "content": {_JSON: body}}
    made["responses"] = {str(known.status): _answer(known, answer), **_refused(known)}
    return made


def _parameter(name: str, example: str | None) -> Json:
    known = PARAMETERS[name]
    required = {"required": True} if known["in"] == "path" else {}
    value: object = int(example) if example is not None and known["schema"]["type"] == "integer" else example
    return {"name": name, **known, **required} | ({"example": value} if example is not None else {})


def _answer(known: Operation, example: Any) -> Json:
    told: Json = {"description": (known.answer.__doc__ or "Done.").strip().split("\n")[0]}
    if known.once:
        told["headers"] = {
            "Idempotency-Replayed": {
                "description": "There, and true, when this was done before: the answer is the first one's.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    return told | {"content": {_JSON: {"schema": ref(known.answer.__name__), "example": example}}}


def _refused(known: Operation) -> Json:
    """Answers that are no success, by status: the club's own problems and the gateway's messages."""
    kinds = dict.fromkeys([*(OF_A_BODY if known.body else ()), *known.refusals, *OF_ALL])
    own: dict[int, list[type[Refused] | None]] = {500: [None]}
    for kind in kinds:
        own.setdefault(refusals.status_of(kind), []).append(kind)
    by_itself = {status for status in GATEWAY if _may_say(status, known)}
    return {
        str(status): _refusal(status, own.get(status, []), status in by_itself) for status in sorted({*own, *by_itself})
    }


def _may_say(status: int, known: Operation) -> bool:
    """A path without parameters is always found; a request without a body is never too large."""
    if status == 404:
        return any(PARAMETERS[name]["in"] == "path" for name in known.parameters)
    return known.body is not None if status == 413 else True


def _refusal(status: int, kinds: Iterable[type[Refused] | None], by_itself: bool) -> Json:
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
        message, when = GATEWAY[status]
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
