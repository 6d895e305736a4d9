"""Whether an answer is one that `docs/openapi.json` tells of: its status, its media type, every field of its body."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.protocols import Validator

from club.home import ROOT


class Told(NamedTuple):
    """One operation of the document."""

    method: str
    path: str
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["operationId"])

    @property
    def scope(self) -> str:
        ((scope,),) = (scopes for one in self.facts["security"] for scopes in one.values())
        return str(scope)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of staff that may; none for what a store's key opens."""
        named = [groups for one in self.facts["security"] for scheme, groups in one.items() if scheme == "staff_token"]
        return tuple(group for (group,) in named)


@cache
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    return read


@cache
def operations() -> tuple[Told, ...]:
    return tuple(
        Told(method.upper(), path, facts)
        for path, methods in document()["paths"].items()
        for method, facts in methods.items()
    )


def operations_of_keys() -> tuple[Told, ...]:
    """Those that a store's key opens."""
    return tuple(one for one in operations() if not one.groups)


def operations_of_staff() -> tuple[Told, ...]:
    """Those that a token of somebody who works here opens."""
    return tuple(one for one in operations() if one.groups)


def operation(method: str, path: str) -> Told | None:
    """The operation of a request, fixed words before parameters; None when the document has none."""
    asked = path.split("?")[0].split("/")
    for one in sorted(operations(), key=lambda one: one.path.count("{")):
        parts = one.path.split("/")
        if one.method == method and len(parts) == len(asked):
            pairs = zip(parts, asked, strict=True)
            if all(part == given or (part.startswith("{") and given) for part, given in pairs):
                return one
    return None


def check_answer(told: Told, status: int, headers: Mapping[str, str], text: str) -> None:
    """Fails for an answer that the document does not tell of. Names of headers come in lower case."""
    where = f"{told.name} answered {status}"
    known = told.facts["responses"].get(str(status))
    assert known is not None, f"{where}, of which the document says nothing: {text[:200]}"
    kind = headers["content-type"].split(";")[0]
    assert kind in known["content"], f"{where} as {kind}, the document says {', '.join(known['content'])}"
    faults = list(faults_of(json.loads(text) if kind.endswith("json") else text, known["content"][kind]["schema"]))
    assert not faults, f"{where}: {faults[0]}"
    for name in ("idempotency-replayed", "retry-after"):
        if name in headers:
            assert name in {one.lower() for one in known.get("headers", {})}, f"{where} with {name}, which is not told"


def faults_of(value: object, schema: dict[str, Any]) -> Iterator[str]:
    """What a value has against a schema of the document."""
    for fault in validator(json.dumps(schema, sort_keys=True)).iter_errors(value):
        yield f"{fault.json_path}: {fault.message}"


@cache
def validator(schema: str) -> Validator:
    whole = json.loads(schema) | {"components": document()["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def request_of(told: Told) -> dict[str, Any]:
    """The request that the document shows for an operation, as `httpx.Client.request` takes it."""
    path, query, headers = told.path, {}, {}
    for parameter in told.facts.get("parameters", []):
        name, example = parameter["name"], parameter.get("example")
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", str(example))
        elif example is not None:
            (query if parameter["in"] == "query" else headers)[name] = str(example)
    asked: dict[str, Any] = {"method": told.method, "url": path, "headers": headers, "params": query}
    body = told.facts.get("requestBody")
    return asked if body is None else asked | {"json": body["content"]["application/json"]["example"]}
