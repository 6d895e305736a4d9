"""Requests as the HTTP API hands them to a function (payload 2.0, behind the gate), and answers as it takes them back."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from shared.api.routes import EVERY_ROUTE, STAFF_ROUTES

REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
CALLER = {"store": "main", "mode": "live", "key": "k1"}
# A person of the pool, and the groups as an HTTP API hands them over: one text.
CLAIMS = {"sub": "5d1c3c52-7f0e-4a53-9b1c-6f3a1e0b7d42", "cognito:groups": "[manager]", "token_use": "access"}
# What the gateway takes for text; every other body arrives as base64.
_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


_OF_STAFF = {route.key for route in STAFF_ROUTES}


class Context:
    """What Lambda tells a handler of its invocation."""

    aws_request_id = REQUEST_ID
    function_name = "club-local-purchase"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:club-local-purchase"

    def __init__(self, seconds: float = 10.0) -> None:
        self._ms = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self._ms


@dataclass(frozen=True)
class Heard:
    """An answer as the gateway passes it on."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.text)
        return read

    @property
    def code(self) -> str:
        return str(self.json["code"])


def heard(response: dict[str, Any]) -> Heard:
    """The gateway takes a status, headers and a text; everything else would be a mistake of ours."""
    if response.get("isBase64Encoded"):
        # Bytes: told one by one.
        response = response | {"body": base64.b64decode(response["body"], validate=True).decode("latin-1")}
    headers = {name.lower(): value for name, value in response["headers"].items()}
    return Heard(response["statusCode"], headers, response["body"])


def event(
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    caller: dict[str, str] | None = None,
    claims: dict[str, Any] | None = None,
    content_type: str | None = "application/json",
) -> dict[str, Any]:
    """One request. `body`: a value is sent as JSON, a text or bytes as they are; names of headers come in lower case."""
    key, parameters = _routed(method, path)
    sent = {"host": "club.example", "x-forwarded-for": "203.0.113.7"} | (headers or {})
    told: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": sent,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "authorizer": {"jwt": {"claims": claims or CLAIMS, "scopes": None}}
            if key in _OF_STAFF
            else {"lambda": caller or CALLER},
            "domainName": "club.example",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"},
            "requestId": "edge",
            "routeKey": key,
            "stage": "$default",
            "timeEpoch": 1795366800000,
        },
        "isBase64Encoded": False,
    }
    if query:
        told["queryStringParameters"] = query
    if parameters:
        told["pathParameters"] = parameters
    if body is not None:
        if content_type is not None:
            sent["content-type"] = content_type
        told |= _sent(body, content_type)
    return told


def _sent(body: object, content_type: str | None) -> dict[str, Any]:
    if isinstance(body, bytes):
        if (content_type or "").startswith(_TEXT):
            try:
                return {"body": body.decode(), "isBase64Encoded": False}
            except UnicodeDecodeError:
                pass
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return {"body": text, "isBase64Encoded": False}


def _routed(method: str, path: str) -> tuple[str, dict[str, str]]:
    """The route that the gateway would choose, fixed words before parameters, and the parameters' values."""
    asked = path.split("/")
    for route in sorted(EVERY_ROUTE, key=lambda route: route.path.count("{")):
        parts = route.path.split("/")
        if route.method == method and len(parts) == len(asked):
            pairs = list(zip(parts, asked, strict=True))
            if all(part == given or (part.startswith("{") and given) for part, given in pairs):
                return route.key, {part[1:-1]: given for part, given in pairs if part.startswith("{")}
    return "$default", {}
