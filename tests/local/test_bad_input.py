"""What no till should ever send, to every door it fits: always a clear no with a stable code, never a 5xx, nothing written.

The lines of LAWS, "Bad input": transport, purchase, member and query. What only looks bad is accepted: see the last tests.
"""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.local.holdings import row_counts
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, line, new_id, person, purchase

JSON = "application/json"
POSTS = ("/v1/purchases", "/v1/quotes", "/v1/members", "/v1/members/lookup")
CODES = {
    400: {"body_unreadable", "cursor_invalid"},
    404: {"member_unknown", "purchase_unknown", "language_unknown"},
    413: {"body_too_large"},
    415: {"content_type_foreign"},
    422: {"invalid"},
}


@pytest.fixture(autouse=True)
def nothing_is_written(request: pytest.FixtureRequest, main: Storefront) -> Iterator[None]:
    """Whatever is sent by a test of refusals, every table holds as many rows as before."""
    if "refused" not in request.node.name:
        yield
        return
    before = row_counts()
    yield
    assert row_counts() == before


def refused(answer: httpx.Response, *statuses: int) -> Json:
    """The problem that was told, or the gateway's own message."""
    assert answer.status_code in (statuses or tuple(CODES)), (answer.status_code, answer.text[:300])
    if answer.headers["content-type"] != "application/problem+json":
        told: Json = answer.json()
        assert list(told) == ["message"]
        return told
    return problem(
        answer, answer.status_code, next(iter(CODES[answer.status_code] & {answer.json()["code"]}), "stable")
    )


def sent(main: Storefront, path: str, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    typed = {"Content-Type": content_type} if content_type else {}
    return main.http.post(path, content=body, headers={"Idempotency-Key": new_id("join"), **typed, **headers})


def good(path: str) -> Json:
    return {
        "/v1/purchases": purchase(),
        "/v1/quotes": purchase(),
        "/v1/members": person(),
        "/v1/members/lookup": {"card": "NOBODYS-CARD"},
    }[path]


def spoiled(path: str, *, into: str) -> bytes:
    """A good body whose first value became other text, unchecked."""
    name, *_ = body = good(path)
    text = json.dumps(body)
    return text.replace(json.dumps(body[name]), into, 1).encode("utf-8", "surrogatepass")


UNREADABLE: dict[str, Any] = {
    "empty": lambda path: b"",
    "blank": lambda path: b"  \n",
    "null": lambda path: b"null",
    "a list": lambda path: b"[]",
    "a text": lambda path: b'"x"',
    "a number": lambda path: b"1",
    "cut off": lambda path: json.dumps(good(path)).encode()[:-7],
    "two documents": lambda path: json.dumps(good(path)).encode() * 2,
    "a byte order mark": lambda path: b"\xef\xbb\xbf" + json.dumps(good(path)).encode(),
    "UTF-16": lambda path: json.dumps(good(path)).encode("utf-16"),
    "UTF-16 without a mark": lambda path: json.dumps(good(path)).encode("utf-16-le"),
    "no UTF-8": lambda path: b'{"store": "\xff\xfe"}',
    "an overlong letter": lambda path: b'{"store": "\xc0\xaf"}',
    "half a pair, escaped": lambda path: spoiled(path, into=r'"\ud800"'),
    "half a pair, in bytes": lambda path: b'{"store": "\xed\xa0\x80"}',
    "half a pair as a name": lambda path: b'{"\\udfff": 1}',
    "NaN": lambda path: spoiled(path, into="NaN"),
    "Infinity": lambda path: spoiled(path, into="-Infinity"),
    "1e400": lambda path: spoiled(path, into="1e400"),
    "1e2": lambda path: spoiled(path, into="1e2"),
    "5,000 digits": lambda path: spoiled(path, into="9" * 5_000),
    "a leading zero": lambda path: spoiled(path, into="007"),
    "a name twice": lambda path: b'{"card": "A-1", "card": "A-2"}',
    "a name twice, deep": lambda path: b'{"lines": [{"sku": "A", "sku": "B"}]}',
    "2,000 deep": lambda path: b'{"lines": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    "100,000 deep": lambda path: b"[" * 100_000,
    "100,000 deep in objects": lambda path: b'{"a":' * 100_000,
    "a comment": lambda path: b"{} // nothing",
    "single quotes": lambda path: b"{'card': 'A-1'}",
    "compressed": lambda path: gzip.compress(b" " * 10_000_000),
    "a NUL": lambda path: b"\x00",
    "a form": lambda path: b"card=A-1",
}


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("how", UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused(main: Storefront, path: str, how: str) -> None:
    told = refused(sent(main, path, UNREADABLE[how](path)), 400)
    assert told["code"] == "body_unreadable"
    assert told["reason"]


@pytest.mark.parametrize("path", POSTS)
def test_a_body_of_another_type_is_refused(main: Storefront, path: str) -> None:
    body = json.dumps(good(path)).encode()
    for content_type in (
        None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonp", "*/*",
        "application/json; charset=utf-16", "application/json; charset=iso-8859-8", "application/json; boundary=x",
        "multipart/form-data; boundary=x", "application/json, text/plain",
    ):  # fmt: skip
        assert refused(sent(main, path, body, content_type), 415)["expected"] == JSON, content_type


@pytest.mark.parametrize("path", POSTS)
def test_a_compressed_body_is_refused_whatever_its_header_says(main: Storefront, path: str) -> None:
    bomb = gzip.compress(b'{"card": "' + b"9" * 50_000_000 + b'"}')
    refused(sent(main, path, bomb, **{"Content-Encoding": "gzip"}), 400, 413, 415)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("size", [300_000, 1_000_000, 10_000_000])
def test_a_body_too_large_is_refused(main: Storefront, path: str, size: int) -> None:
    for body in (b" " * size + b"{}", b'{"card": "' + b"9" * size + b'"}', b"[" * size):
        refused(sent(main, path, body), 413)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "name", ["extra", "__proto__", "constructor", "points", "balance", "tier", "role", "Store", "store ", ""]
)
def test_a_field_that_nobody_asked_for_is_refused(main: Storefront, path: str, name: str) -> None:
    refused(main.http.post(path, json=good(path) | {name: 1}, headers={"Idempotency-Key": new_id("join")}), 422)


AMOUNTS = [-1, 10.5, 10.0, "100", True, None, 10**12 + 1, 2**63, -(2**63), [], {}, ""]
INSTANTS = [
    "2026-11-20T10:00:00", "2026-11-20", "10:00", "1900-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
    "2026-11-20T10:00:00+25:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-20T24:30:00Z",
    "2026-11-20T10:00:61Z", "", "now", 1_795_161_600, "2026-11-20T10:00:00Z\n", "۲۰۲۶-۱۱-۲۰T10:00:00Z", None, True,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
]  # fmt: skip
IDS = [
    "", " ", "x" * 65, "א" * 65, "A\x00B", "A\nB", "A\r\nB", "A-1\u202e", "A\u200b1", "\ufeffA", "A 1", " A-1", "A-1 ", "🎵", "A#1",
    "A|1", "../admin", "A/1", "A\\1", "%2e", "-1", ".", "A\u0000", "́A", 1, None, True, ["A"], {"id": "A"}, "A" * 100_000,
]  # fmt: skip

BAD_PURCHASES: list[tuple[str, Json]] = [
    *((f"amount {amount!r}", {"lines": [line() | {"amount_minor": amount}]}) for amount in AMOUNTS),
    *((f"line discount {amount!r}", {"lines": [line() | {"discount_minor": amount}]}) for amount in AMOUNTS),
    *((f"{name} {amount!r}", {name: amount}) for amount in AMOUNTS for name in ("discount_minor", "total_minor")),
    *((f"{name} {amount!r}", {name: amount}) for amount in AMOUNTS[:6] for name in ("shipping_minor", "tax_minor")),
    *((f"quantity {count!r}", {"lines": [line(quantity=count)]}) for count in (0, -1, 1.5, "2", None, 89_638, 10**15)),
    *((f"currency {code!r}", {"currency": code}) for code in ("usd", "ILS", "JPY", "KWD", "XXX", "US", "USDX", "", "U$D", 840, None)),
    *((f"occurred {at!r}", {"occurred_at": at}) for at in INSTANTS),
    ("occurred in an hour", {"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}),
    *((f"id {str(id_)[:20]!r}", {"purchase_id": id_}) for id_ in IDS),
    *((f"store {store!r}", {"store": store}) for store in ("", "Main", "ma in", "main\n", "../main", "x" * 33, "חנות", 1, None)),
    *((f"channel {name!r}", {"channel": name}) for name in ("", "Web", "web store", "x" * 17, "web\n", 1)),
    *((f"sku {str(sku)[:20]!r}", {"lines": [line(sku=sku)]}) for sku in ("", " ", "x" * 65, "A\nB", "A\x00", "\u202eA", 1, None)),
    *((f"category {str(name)[:20]!r}", {"lines": [line(category=name)]}) for name in ("", "x" * 65, "a\tb", 1, ["music"])),
    ("no lines", {"lines": [], "total_minor": 0}),
    ("1,001 lines", {"lines": [line(1)] * 1_001, "total_minor": 1_001}),
    ("lines as an object", {"lines": {"0": line()}}),
    ("a line that is a text", {"lines": ["CD-1"]}),
    ("a line with another field", {"lines": [line(points=5)]}),
    ("a sum that is not the total", {"total_minor": 2_991}),
    ("a discount above the price of its line", {"lines": [line(100, discount_minor=101)]}),
    ("a discount above all lines", {"discount_minor": 2_991, "shipping_minor": 1, "total_minor": 0}),
    ("two ways to name the member", {"card": "A-1", "phone": "+12125550123"}),
    *((f"card {str(card)[:20]!r}", {"card": card}) for card in ("", " ", "A#1", "x" * 65, "A\nB", 5, "\u202e1")),
    *((f"phone {str(number)[:20]!r}", {"phone": number}) for number in ("", "call me", "+1", "12", "0" * 41, "+19005550123", 5)),
    *((f"e-mail {str(email)[:20]!r}", {"email": email}) for email in ("", "noa", "a@b@c.com", "a@b", "a b@c.com", "a" * 300, 5)),
    *((f"member {str(id_)[:20]!r}", {"member_id": id_}) for id_ in ("", "x" * 65, 5, ["M1"])),
]  # fmt: skip


# Each as long as a bus ride would be slow; in groups, so that a failure still names its line.
@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes"])
@pytest.mark.parametrize(("what", "change"), BAD_PURCHASES, ids=[what for what, _ in BAD_PURCHASES])
def test_a_purchase_that_cannot_be_is_refused(main: Storefront, path: str, what: str, change: Json) -> None:
    told = refused(sent(main, path, json.dumps({**purchase(), **change}).encode()), 400, 403, 422)
    if told.get("code") == "invalid":
        assert told["field"]
        assert told["reason"]


@pytest.mark.parametrize("left_out", ["store", "purchase_id", "occurred_at", "currency", "lines", "total_minor"])
def test_a_purchase_that_leaves_something_out_is_refused(main: Storefront, left_out: str) -> None:
    body = purchase()
    del body[left_out]
    told = refused(main.http.post("/v1/purchases", json=body), 422)
    assert (told["field"], told["reason"]) == (left_out, "is missing")


PERSONAL = {
    "email": ["noa.levi.example.com", "noa@levi@example.com", "noa levi@example.com", "noa@example", "@example.com", "noa@",
              "n" * 65 + "@example.com", "noa@" + "e" * 250 + ".com", "noa@example.com\r\nBcc: all@example.com",
              "noa@exa_mple.com", "noa@127.0.0.1", "נועה@example.com", "noa@-example.com"],
    "phone": ["abcdefghij", "12345", "+1234567890123456789", "00972501234567", "+19005550123", "050-CALL-NOA",
              "+1 212 555 01a3", "++12125550123", "+999123456789", "\u202e+12125550123\u202c" * 3],
    "card": ["#1", "a:b", "../1", "A\x00B", "x" * 65, "   ", "💳1234"],
    "id_number": ["1", "123", "x" * 33, "12/34", "12#34", "1234\n"],
    "name": ["", "   ", "n" * 10_000, "<script>alert(1)</script>", "{{7*7}}", "%s", "=HYPERLINK(\"x\")", "12345", "\u202eNoa",
             "Noa\nLevi", "\x00", "\u200b", "…", "N" * 101, "a\\b"],
    "language": ["de", "EN", "english", "", "e", "iw"],
    "source": ["", "Till 1", "TILL", "x" * 33, "till\n"],
    "joined_at": ["2999-01-01T00:00:00Z", "2025-01-01", "yesterday", "1900-01-01T00:00:00Z"],
}  # fmt: skip
BAD_PERSONS: list[tuple[str, Json]] = [
    *((f"{field} {str(value)[:24]!r}", {field: value}) for field, values in PERSONAL.items() for value in values),
    *((f"{field} {value!r}", {field: value}) for field in PERSONAL for value in (7, True, [], {"a": 1})),
    *(
        (f"birthday {birthday!r}", {"birthday": birthday})
        for birthday in (
            {"calendar": "gregorian", "year": 2999, "month": 1, "day": 1},
            {"calendar": "gregorian", "year": 1899, "month": 12, "day": 31},
            {"calendar": "gregorian", "year": 2023, "month": 2, "day": 29},
            {"calendar": "gregorian", "year": 1990, "month": 13, "day": 1},
            {"calendar": "gregorian", "month": 2, "day": 30},
            {"calendar": "gregorian", "month": 0, "day": 1},
            {"calendar": "jalali", "year": 1990, "month": 1, "day": 1},
            {"calendar": "jalali", "month": 12, "day": 31},
            {"calendar": "hebrew", "year": 5750, "month": 2, "day": 30},
            {"calendar": "hebrew", "month": 14, "day": 1},
            {"calendar": "martian", "month": 1, "day": 1},
            {"calendar": "gregorian", "month": "1", "day": 1},
            {"calendar": "gregorian", "month": 1},
            {"calendar": "gregorian", "month": 1, "day": 1, "hour": 1},
            "1990-01-01",
            19_900_101,
        )
    ),
    *(
        (f"attributes {str(attributes)[:40]}", {"attributes": attributes})
        for attributes in (
            {"Shoe size": 42}, {"": 1}, {"x" * 33: 1}, {"size": 1.5}, {"size": 2**53}, {"size": None}, {"size": {"eu": 42}},
            {"size": "x" * 101}, {"size": [1]}, {"size": ["a"] * 21}, {"size": "a\x00b"}, {f"a{n}": n for n in range(21)}, [],
        )
    ),
    *(
        (f"consents {str(consents)[:60]}", {"consents": consents})
        for consents in (
            [{"kind": "everything", "granted": True, "text_version": "1"}],
            [{"kind": "profiling", "granted": "yes", "text_version": "1"}],
            [{"kind": "profiling", "granted": True}],
            [{"kind": "profiling", "granted": True, "text_version": ""}],
            [{"kind": "profiling", "granted": True, "text_version": "1"}] * 2,
            {"kind": "profiling", "granted": True, "text_version": "1"},
        )
    ),
    *((f"{field} in the body", {field: value}) for field, value in (
        ("balance", 1_000), ("tier", "gold"), ("role", "staff"), ("member_id", "M0123456789ABCDEF"), ("time_zone", "Mars/Phobos"),
    )),
    ("nothing to find the person by", {"card": None}),
]  # fmt: skip


@pytest.mark.parametrize(("what", "change"), BAD_PERSONS, ids=[what for what, _ in BAD_PERSONS])
def test_a_person_who_cannot_be_is_refused_and_not_repeated(main: Storefront, what: str, change: Json) -> None:
    answer = main.join(person() | change)
    told = refused(answer, 422)
    assert told["field"]
    for value in change.values():
        if isinstance(value, str) and len(value) > 6:
            assert value not in told["reason"], "a personal value travels back"


@pytest.mark.parametrize("key", ["", " ", "x" * 65, "a b", "#", "../x", "a,b"])
def test_an_idempotency_key_that_is_none_is_refused(main: Storefront, key: str) -> None:
    assert (
        refused(main.http.post("/v1/members", json=person(), headers={"Idempotency-Key": key}), 422)["field"]
        == "Idempotency-Key"
    )


@pytest.mark.parametrize(
    "contact",
    [{}, {"card": "A-1", "phone": "+12125550123"}, {"name": "Noa"}, {"member_id": "M0123456789ABCDEF"}, {"card": None}]
    + [{kind: value} for kind in ("email", "phone", "card", "id_number") for value in PERSONAL[kind]],
    ids=str,
)
def test_a_look_up_that_cannot_find_anybody_is_refused(main: Storefront, contact: Json) -> None:
    refused(main.look_up(**contact), 422)


QUERIES = [
    *(f"limit={value}" for value in ("0", "-1", "1e2", "1000000000", "101", "", "a", "1.0", "+5", "%2010", "５", "1&limit=2")),
    "cursor=", "cursor=abc", "cursor=%00", "cursor=%ff", "cursor=a&cursor=b", "order=up", "Limit=5", "limit=5&from=1",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_statement_asked_for_in_a_wrong_way_is_refused(main: Storefront, query: str) -> None:
    member_id = "M0123456789ABCDEF"
    refused(main.http.get(f"/v1/members/{member_id}/statement?{query}"), 400, 404, 422)


PLACES = [
    "..%2f", "%00", "%0d%0a", "%ff", "%ed%a0%80", "x" * 5_000, "%F0%9F%8E%B5", "%E2%80%AE", "a%20b", "%2e%2e", "'", '"', "%22", "$%7B7*7%7D", "%25s",
    "*", "null", "-1", "#", "%23",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=[place[:20] for place in PLACES])
@pytest.mark.parametrize(
    "path", ["/v1/members/{}", "/v1/members/{}/statement", "/v1/purchases/main/{}", "/v1/purchases/{}/A-1"]
)
def test_an_address_that_leads_nowhere_is_refused(main: Storefront, path: str, place: str) -> None:
    refused(raw(main, path.format(place)), 400, 403, 404, 405, 414, 422)


@pytest.mark.parametrize(
    "path", ["//v1/members/x", "/v1//members/x", "/v2/members/x", "/", "/v1/members/x/../y", "/V1/programme/rules"]
)
def test_a_path_that_is_no_route_is_refused(main: Storefront, path: str) -> None:
    refused(raw(main, path), 400, 403, 404)


def raw(main: Storefront, path: str) -> httpx.Response:
    """A GET whose path leaves exactly as it is written: a client library would tidy it up."""
    base = urlsplit(str(main.http.base_url))
    assert base.hostname
    assert base.port
    request = (
        f"GET {base.path.rstrip('/')}{path.partition('#')[0]} HTTP/1.1\r\nHost: {base.netloc}\r\nConnection: close\r\n"
    )
    with socket.create_connection((base.hostname, base.port), timeout=30) as wire:
        wire.sendall(f"{request}Authorization: {main.http.headers['Authorization']}\r\n\r\n".encode("latin-1"))
        told = b"".join(iter(lambda: wire.recv(65_536), b""))
    head, _, body = told.partition(b"\r\n\r\n")
    status, *headers = head.decode("latin-1").split("\r\n")
    fields = dict(header.split(": ", 1) for header in headers)
    if fields.get("transfer-encoding", "").lower() == "chunked":
        body = b"".join(part for index, part in enumerate(body.split(b"\r\n")) if index % 2)
    return httpx.Response(int(status.split()[1]), headers={"content-type": fields["content-type"]}, content=body)


GOOD_PURCHASES: list[tuple[str, Json]] = [
    ("an amount of zero", {"lines": [line(0)], "total_minor": 0}),
    ("the largest amount", {"lines": [line(10**12)], "total_minor": 10**12}),
    ("a thousand lines", {"lines": [line(1)] * 1_000, "total_minor": 1_000}),
    ("an id of 64 letters", {"purchase_id": "x" * 55}),
    ("a Persian id", {"purchase_id": "خرید"}),
    ("a clock four minutes ahead", {"occurred_at": (datetime.now(UTC) + timedelta(minutes=4)).isoformat()}),
    ("a discount of everything", {"discount_minor": 2_990, "total_minor": 0}),
    ("a name of a product in Hebrew", {"lines": [line(sku='תקליט "ירח"', category="מוזיקה")]}),
]


@pytest.mark.parametrize(("what", "change"), GOOD_PURCHASES, ids=[what for what, _ in GOOD_PURCHASES])
def test_a_purchase_that_only_looks_odd_is_taken(main: Storefront, what: str, change: Json) -> None:
    body = {**purchase(), **change}
    body["purchase_id"] += new_id("")[-8:] if "purchase_id" in change else ""
    answer = main.buy(body)
    assert answer.status_code == 201, answer.text
    assert main.buy(body).content == answer.content


def test_a_person_with_a_name_in_two_scripts_a_tag_and_a_domain_of_her_own_language_joins(main: Storefront) -> None:
    email = f"noa+{new_id('club')}@bücher.example"
    member_id = main.new_member(
        name="נועה O'Neil-לוי", email=email, birthday={"calendar": "hebrew", "month": 13, "day": 5}
    )
    assert main.look_up(email=email.upper()).json()["member_id"] == member_id
    assert main.look_up(email=email.replace("bücher", "xn--bcher-kva")).json()["member_id"] == member_id


@pytest.mark.parametrize(
    "content_type", ["application/json;charset=utf-8", 'Application/JSON; charset="UTF-8"', " application/json "]
)
def test_the_type_of_a_body_may_be_written_in_any_way_that_means_json(main: Storefront, content_type: str) -> None:
    assert sent(main, "/v1/purchases", json.dumps(purchase()).encode(), content_type).status_code == 201
