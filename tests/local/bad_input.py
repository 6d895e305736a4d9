"""What no till should ever send, as tables: the lines of LAWS, "Bad input", of transport, purchase, member and query."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tests.storefront import Json, line, person, purchase


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


UNREADABLE: dict[str, Callable[[str], bytes]] = {
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


AMOUNTS = [-1, 10.5, 10.0, "100", True, None, 10**12 + 1, 2**63, -(2**63), [], {}, ""]
INSTANTS = [
    "2026-11-20T10:00:00", "2026-11-20", "10:00", "1900-01-01T00:00:00Z", "1989-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z",
    "2026-11-20T10:00:00+25:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-20T24:30:00Z",
    "2026-11-20T10:00:61Z", "", "now", 1_795_161_600, "2026-11-20T10:00:00Z\n", "۲۰۲۶-۱۱-۲۰T10:00:00Z", None, True,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
]  # fmt: skip
IDS = [
    "", " ", "x" * 65, "א" * 65, "A" * 100_000, "A\x00B", "A\nB", "A\r\nB", "A-1\u202e", "A\u200b1", "\ufeffA",
    "A 1", " A-1", "A-1 ", "🎵", "A#1",
    "A|1", "../admin", "A/1", "A\\1", "%2e", "-1", ".", "A\u0000", "́A", 1, None, True, ["A"], {"id": "A"},
]  # fmt: skip

BAD_PURCHASES: list[tuple[str, Json]] = [
    *((f"amount {amount!r}", {"lines": [line() | {"amount_minor": amount}]}) for amount in AMOUNTS),
    *((f"line discount {amount!r}", {"lines": [line() | {"discount_minor": amount}]}) for amount in AMOUNTS),
    *((f"{name} {amount!r}", {name: amount}) for amount in AMOUNTS for name in ("discount_minor", "total_minor")),
    *((f"{name} {amount!r}", {name: amount}) for amount in AMOUNTS[:6] for name in ("shipping_minor", "tax_minor")),
    *((f"quantity {count!r}", {"lines": [line(quantity=count)]}) for count in (0, -1, 1.5, "2", None, 89_638, 10**15)),
    *((f"currency {code!r}", {"currency": code}) for code in ("usd", "ILS", "JPY", "KWD", "XXX", "US", "USD4", "", "U$D", 840)),
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

TYPES = (
    None,
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/jsonp",
    "*/*",
    "application/json; charset=utf-16",
    "application/json; charset=iso-8859-8",
    "application/json; boundary=x",
    "multipart/form-data; boundary=x",
    "application/json, text/plain",
)
FIELDS = ("extra", "__proto__", "constructor", "points", "balance", "tier", "role", "Store", "store ", "", "x" * 10_000)

LOOK_UPS: list[Json] = [
    {},
    {"card": "A-1", "phone": "+12125550123"},
    {"name": "Noa"},
    {"member_id": "M0123456789ABCDEF"},
    {"card": None},
    *({kind: value} for kind in ("email", "phone", "card", "id_number") for value in PERSONAL[kind]),
]

LIMITS = ("0", "-1", "1e2", "1000000000", "101", "", "a", "1.0", "+5", "%2010", "%EF%BC%95", "1&limit=2", "%00", "007")
QUERIES = [
    *(f"limit={limit}" for limit in LIMITS),
    *("cursor=", "cursor=abc", "cursor=%00", "cursor=%ff", "cursor=a&cursor=b", f"cursor={'A' * 5_000}"),
    *("order=up", "Limit=5", "limit=5&from=1", "from=2026-02-01&to=2026-01-01", "+12125550123"),
]

# The last part of an address, as it leaves.
PLACES = (
    *(
        "..%2f",
        "%2e%2e",
        "%00",
        "%0d%0a",
        "%ff",
        "%ed%a0%80",
        "%F0%9F%8E%B5",
        "%E2%80%AE",
        "a%20b",
        "%22",
        "%25s",
        "%23",
    ),
    *("$%7B7*7%7D", "'", '"', "*", "null", "-1", "x" * 5_000, "M" + "0" * 5_000, "Cafe%CC%81"),
)
ADDRESSES = (
    *(f"/v1/members/{place}" for place in PLACES),
    *(f"/v1/members/{place}/statement" for place in PLACES),
    *(f"/v1/purchases/main/{place}" for place in PLACES),
    *(f"/v1/purchases/{place}/A-1" for place in PLACES),
    *(
        "//v1/members/x",
        "/v1//members/x",
        "/v2/members/x",
        "/",
        "/v1/members/x/../y",
        "/V1/programme/rules",
        "/v1/members",
    ),
)
