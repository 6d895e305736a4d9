"""What no till should ever send, to every door it fits: always a clear no with a stable code, never a 5xx, nothing written."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest

from tests.local.bad_input import (
    ADDRESSES,
    BAD_PERSONS,
    BAD_PURCHASES,
    FIELDS,
    GOOD_PURCHASES,
    LOOK_UPS,
    QUERIES,
    TYPES,
    UNREADABLE,
    good,
)
from tests.local.holdings import row_counts
from tests.storefront import Json, Storefront, new_id, person, purchase

JSON = "application/json"
POSTS = ("/v1/purchases", "/v1/quotes", "/v1/members", "/v1/members/lookup")
CODES = {
    400: {"body_unreadable", "cursor_invalid"},
    403: {"store_not_allowed"},
    404: {"member_unknown", "purchase_unknown", "language_unknown"},
    413: {"body_too_large"},
    415: {"content_type_foreign"},
    422: {"invalid"},
}
# What the gateway itself says no to: no such route, or an address that it cannot read.
GATEWAYS = {400, 404, 414}

Ask = Callable[[], httpx.Response]


def all_refused(questions: Mapping[str, Ask], *statuses: int, by_gateway: bool = False) -> dict[str, Json]:
    """Asks all of them, four at a time, and looks at each no: status, type, stable code, sentences and request id. Nothing
    is written by any. What was told, by question."""
    before = row_counts()
    with ThreadPoolExecutor(4) as tills:
        answers = dict(zip(questions, tills.map(lambda ask: ask(), questions.values()), strict=True))
    wrong = {what: (answer.status_code, answer.text[:200]) for what, answer in answers.items()
             if not (_is_refusal(answer, statuses) or (by_gateway and _is_gateways(answer)))}  # fmt: skip
    assert not wrong
    assert row_counts() == before
    return {what: answer.json() for what, answer in answers.items()}


def _is_refusal(answer: httpx.Response, statuses: tuple[int, ...]) -> bool:
    if answer.headers.get("content-type") != "application/problem+json" or answer.status_code not in statuses:
        return False
    told = answer.json()
    complete = all(told.get(name) for name in ("type", "title", "code", "request_id"))
    explained = told["code"] not in ("invalid", "body_unreadable") or bool(told.get("reason"))
    return complete and explained and told["status"] == answer.status_code and told["code"] in CODES[told["status"]]


def _is_gateways(answer: httpx.Response) -> bool:
    return answer.status_code in GATEWAYS and list(answer.json()) == ["message"]


def sent(main: Storefront, path: str, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    typed = {"Content-Type": content_type} if content_type else {}
    return main.http.post(path, content=body, headers={"Idempotency-Key": new_id("join"), **typed, **headers})


def posting(main: Storefront, path: str, body: Json) -> Ask:
    return lambda: sent(main, path, json.dumps(body).encode("utf-8"))


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_cannot_be_read_is_refused(main: Storefront, path: str) -> None:
    def ask(make: Callable[[str], bytes]) -> Ask:
        return lambda: sent(main, path, make(path))

    all_refused({how: ask(make) for how, make in UNREADABLE.items()}, 400, 413, 422)


@pytest.mark.parametrize("path", POSTS)
def test_a_body_of_another_type_is_refused(main: Storefront, path: str) -> None:
    def ask(content_type: str | None) -> Ask:
        return lambda: sent(main, path, json.dumps(good(path)).encode(), content_type)

    told = all_refused({str(content_type): ask(content_type) for content_type in TYPES}, 415)
    assert {one["expected"] for one in told.values()} == {JSON}


@pytest.mark.parametrize("path", POSTS)
def test_a_body_too_large_is_refused_before_it_is_read(main: Storefront, path: str) -> None:
    questions: dict[str, Ask] = {}
    for size in (300_000, 1_000_000, 10_000_000):
        for what, body in (
            ("spaces", b" " * size + b"{}"),
            ("a text", b'{"card": "' + b"9" * size + b'"}'),
            ("brackets", b"[" * size),
        ):
            questions[f"{size} of {what}"] = lambda body=body: sent(main, path, body)
    assert {one["bytes_max"] for one in all_refused(questions, 413).values()} == {256 * 1024}


def test_a_compressed_body_is_refused_whatever_its_header_says(main: Storefront) -> None:
    bomb = gzip.compress(b'{"card": "' + b"9" * 50_000_000 + b'"}')
    all_refused(
        {path: lambda path=path: sent(main, path, bomb, **{"Content-Encoding": "gzip"}) for path in POSTS},
        400,
        413,
        415,
    )


@pytest.mark.parametrize("path", POSTS)
def test_a_field_that_nobody_asked_for_is_refused(main: Storefront, path: str) -> None:
    told = all_refused({name: posting(main, path, good(path) | {name: 1}) for name in FIELDS}, 422)
    assert all("is not a field of this request" in one["reason"] for one in told.values())


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes"])
def test_a_purchase_that_cannot_be_is_refused(main: Storefront, path: str) -> None:
    all_refused({what: posting(main, path, {**purchase(), **change}) for what, change in BAD_PURCHASES}, 400, 403, 422)


def test_a_purchase_that_leaves_something_out_is_told_what(main: Storefront) -> None:
    needed = ("store", "purchase_id", "occurred_at", "currency", "lines", "total_minor")
    bodies = {name: {field: value for field, value in purchase().items() if field != name} for name in needed}
    told = all_refused({name: posting(main, "/v1/purchases", body) for name, body in bodies.items()}, 422)
    assert {name: (one["field"], one["reason"]) for name, one in told.items()} == {
        name: (name, "is missing") for name in needed
    }


def test_a_person_who_cannot_be_is_refused_and_not_repeated(main: Storefront) -> None:
    changes = dict(BAD_PERSONS)
    told = all_refused(
        {what: posting(main, "/v1/members", person() | change) for what, change in BAD_PERSONS}, 400, 422
    )
    personal = {
        what: value
        for what, change in changes.items()
        for field, value in change.items()
        if field in ("name", "card", "phone", "email", "id_number") and isinstance(value, str) and len(value) > 4
    }
    assert personal
    assert not [what for what, value in personal.items() if value in told[what].get("reason", "")]


def test_an_idempotency_key_that_is_none_is_refused(main: Storefront) -> None:
    def ask(key: str) -> Ask:
        return lambda: main.http.post("/v1/members", json=person(), headers={"Idempotency-Key": key.encode()})

    told = all_refused({key: ask(key) for key in ("", "x" * 65, "a b", "#", "../x", "a,b", "a/b", "é" * 300)}, 422)
    assert {one["field"] for one in told.values()} == {"Idempotency-Key"}


def test_a_look_up_that_cannot_find_anybody_is_refused(main: Storefront) -> None:
    all_refused({str(contact)[:60]: posting(main, "/v1/members/lookup", contact) for contact in LOOK_UPS}, 400, 422)


def test_a_statement_asked_for_in_a_wrong_way_is_refused(main: Storefront) -> None:
    member_id = main.new_member()

    def ask(query: str) -> Ask:
        return lambda: main.http.get(f"/v1/members/{member_id}/statement?{query}")

    all_refused({query[:60]: ask(query) for query in QUERIES}, 400, 422)
    for other in (
        f"/v1/members/{member_id}?limit=5",
        "/v1/programme/rules?lang=he",
        "/v1/purchases/main/A-1?store=annex",
    ):
        all_refused({other: lambda other=other: main.http.get(other)}, 422)


def test_an_address_that_leads_nowhere_is_refused(main: Storefront) -> None:
    def ask(address: str) -> Ask:
        return lambda: read_raw(main, address)

    all_refused({address[:60]: ask(address) for address in ADDRESSES}, 400, 403, 404, 422, by_gateway=True)


def read_raw(main: Storefront, address: str) -> httpx.Response:
    """A GET whose address leaves exactly as it is written: a client library would tidy it up."""
    base = urlsplit(str(main.http.base_url))
    lines = (
        f"GET {base.path.rstrip('/')}{address} HTTP/1.1",
        f"Host: {base.netloc}",
        "Connection: close",
        f"Authorization: {main.http.headers['Authorization']}",
    )
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=30) as wire:
        wire.sendall("\r\n".join((*lines, "", "")).encode("latin-1"))
        head, _, body = b"".join(iter(lambda: wire.recv(65_536), b"")).partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").lower().split("\r\n")
    fields = dict(header.split(": ", 1) for header in headers)
    if fields.get("transfer-encoding") == "chunked":
        body = b"".join(body.split(b"\r\n")[1::2])
    return httpx.Response(
        int(status.split()[1]), headers={"content-type": fields.get("content-type", "")}, content=body
    )


@pytest.mark.parametrize(("what", "change"), GOOD_PURCHASES, ids=[what for what, _ in GOOD_PURCHASES])
def test_a_purchase_that_only_looks_odd_is_taken(main: Storefront, what: str, change: Json) -> None:
    body = {**purchase(), **change}
    body["purchase_id"] += new_id("")[-8:] if "purchase_id" in change else ""
    answer = main.buy(body)
    assert answer.status_code == 201, answer.text
    assert main.buy(body).content == answer.content


def test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_language_joins(main: Storefront) -> None:
    email = f"noa+{new_id('club')}@bücher.example"
    member_id = main.new_member(
        name="נועה O'Neil-לוי", email=email, birthday={"calendar": "hebrew", "month": 13, "day": 5}
    )
    assert main.look_up(email=email.upper()).json()["member_id"] == member_id
    assert main.look_up(email=email.replace("bücher", "xn--bcher-kva")).json()["member_id"] == member_id


@pytest.mark.parametrize("content_type", ["application/json;charset=utf-8", 'Application/JSON; charset="UTF-8"'])
def test_the_type_of_a_body_may_be_written_in_any_way_that_means_json(main: Storefront, content_type: str) -> None:
    assert sent(main, "/v1/purchases", json.dumps(purchase()).encode(), content_type).status_code == 201
