"""The OpenAPI document: valid, complete, and true in every example."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from club.openapi import refusals
from shared.api.problems import STATUSES
from shared.api.routes import ROUTES, STAFF_ROUTES
from shared.domain import errors
from tests.documented import Told, document, faults_of, operations, operations_of_keys, operations_of_staff

OPERATIONS = pytest.mark.parametrize("told", operations(), ids=lambda told: told.name)


def test_the_document_is_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1.")
    assert [fault.message for fault in OpenAPIV31SpecValidator(document()).iter_errors()] == []


def test_every_route_is_an_operation_under_its_scope_and_the_reverse() -> None:
    told = {(one.method, one.path): (one.name, one.scope) for one in operations_of_keys()}
    assert told == {(route.method, route.path): (route.operation, route.scope) for route in ROUTES}


def test_every_route_of_staff_is_an_operation_under_its_groups_and_the_reverse() -> None:
    told = {(one.method, one.path): (one.name, one.groups) for one in operations_of_staff()}
    assert told == {(route.method, route.path): (route.operation, route.groups) for route in STAFF_ROUTES}


def test_an_operation_of_staff_tells_which_code_refuses_other_groups() -> None:
    for one in operations():
        refused = one.facts["responses"]["403"]["content"].get("application/problem+json", {"examples": {}})
        assert ("group_not_allowed" in refused["examples"]) is bool(one.groups), one.name


def test_what_a_client_calls_an_operation_is_a_verb_and_a_noun_and_its_own() -> None:
    names = [one.name for one in operations()]
    assert len(set(names)) == len(names)
    verbs = set("record quote get list join find hold capture void reverse issue adjust approve refuse extend".split())
    verbs |= {"reinstate", "merge", "validate", "set", "switch", "register", "forget", "print", "move"}
    assert {name.split("_")[0] for name in names} == verbs, names


@OPERATIONS
def test_every_example_of_a_request_and_an_answer_fits_its_schema(told: Told) -> None:
    seen = list(_examples(told))
    assert any(where == "answer" for where, _, _ in seen)
    for where, schema, value in seen:
        assert list(faults_of(value, schema)) == [], (told.name, where)


@OPERATIONS
def test_every_operation_shows_a_whole_request_and_a_whole_answer(told: Told) -> None:
    body = told.facts.get("requestBody")
    assert (body is not None) == (told.method == "POST")
    if body is not None:
        assert body["required"]
        assert body["content"]["application/json"]["example"] is not None
    for parameter in told.facts.get("parameters", []):
        assert parameter.get("example") is not None or parameter["name"] == "cursor", parameter["name"]
    for answer in (answer for status, answer in told.facts["responses"].items() if status < "300"):
        kind = next(iter(answer["content"]))
        assert answer["content"][kind]["example"], kind


@OPERATIONS
def test_an_operation_tells_what_the_gateway_may_say_before_the_club_is_asked(told: Told) -> None:
    for status in ("401", "403", "429", "500", "503"):
        told_of = told.facts["responses"][status]["content"]
        assert told_of["application/json"]["schema"] == {"$ref": "#/components/schemas/GatewayMessage"}, status


def test_nothing_that_we_answer_or_take_has_a_field_that_is_not_told() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name


def test_every_refusal_of_the_club_has_its_facts_and_its_status_in_the_document() -> None:
    abstract = {errors.Refused, errors.Unknown, errors.Differs, errors.NotAllowed, errors.Exceeded}
    known = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.Refused)}
    assert set(refusals.FACTS) == known - abstract
    schemas = document()["components"]["schemas"]
    for kind, named in refusals.FACTS.items():
        assert not {name.rstrip("?") for name in named} & {"type", "title", "status", "code", "request_id"}, kind
        facts = schemas[refusals.name_of(kind)]["properties"]
        assert facts["code"]["const"] == kind.code
        assert facts["status"]["const"] in {status for _, status in STATUSES}


def test_a_key_and_a_token_are_sent_as_bearers_and_no_operation_takes_both() -> None:
    schemes = document()["components"]["securitySchemes"]
    assert set(schemes) == {"store_key", "staff_token"}
    assert {(scheme["type"], scheme["scheme"]) for scheme in schemes.values()} == {("http", "bearer")}
    for told in operations():
        assert {name for one in told.facts["security"] for name in one} == {
            "staff_token" if told.groups else "store_key"
        }


def test_every_schema_is_used() -> None:
    schemas = document()["components"]["schemas"]
    text = json.dumps(document())
    assert [name for name in schemas if f'"#/components/schemas/{name}"' not in text] == []


def _examples(told: Told) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where, schema and value of every example of an operation."""
    for parameter in told.facts.get("parameters", []):
        if "example" in parameter:
            yield parameter["name"], parameter["schema"], parameter["example"]
    for media in told.facts.get("requestBody", {}).get("content", {}).values():
        yield "request", media["schema"], media["example"]
    for status, answer in told.facts["responses"].items():
        for media in answer["content"].values():
            if media["schema"].get("format") == "binary":
                continue
            values = [one["value"] for one in media["examples"].values()] if "examples" in media else [media["example"]]
            for value in values:
                yield ("answer" if status < "300" else status), media["schema"], value
