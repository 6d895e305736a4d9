"""What no till should ever send, as tables: the lines of LAWS, "Bad input", of transport, query and access.

Each table goes by LAWS' own words; `BESIDES` holds what nobody wrote down there. Purchases and members have modules of their own.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from tests.local.bad_certificates import CERTIFICATE, CODE, COUPON, PRINT
from tests.local.bad_members import CONTACTS, DEVICE, LOOK_UPS, MEMBER, ZONE
from tests.local.bad_purchases import ENDING, EVENT, PURCHASE, REDEMPTION, RETURN
from tests.local.bad_staff import SPOTS, good_by_hand
from tests.storefront import Json, new_id, person, purchase, yesterday

BESIDES = "besides"
JSON = "application/json"
# What becomes of a redemption that nobody asked for.
ENDINGS = tuple(f"/v1/redemptions/NONE/{how}" for how in ("capture", "void", "reverse"))
# The phones of a member whom nobody knows.
PHONES = tuple(f"/v1/members/M0123456789ABCDEF/{how}" for how in ("devices", "devices/forget"))
MOVED = "/v1/members/M0123456789ABCDEF/zone"
POSTS = (
    "/v1/purchases",
    "/v1/quotes",
    "/v1/events",
    "/v1/returns",
    "/v1/redemptions",
    *ENDINGS,
    "/v1/certificates",
    "/v1/certificates/lookup",
    "/v1/certificates/print",
    "/v1/coupons/validate",
    "/v1/members",
    "/v1/members/lookup",
    *PHONES,
    MOVED,
)

Case = TypeVar("Case")


def cases(table: dict[str, dict[str, Case]], item: str | None = None) -> Iterator[tuple[str, Case]]:
    """Name and case of one item, or of all."""
    for words, named in table.items():
        if item in (None, words):
            for what, case in named.items():
                yield (f"{words}: {what}" if what != words else what), case


def good(path: str, member_id: str | None = None) -> Json:
    """What the endpoint takes, for a member where it names one."""
    if path in SPOTS:
        return good_by_hand(path, member_id)
    if path == "/v1/members":
        return person()
    if path.endswith(("/devices", "/devices/forget")):
        return {"platform": "fcm", "token": "d7Xk2mQyT0uVn5cPz1aB:APA91bF"}
    if path == MOVED:
        return {"zone": "Asia/Tehran"}
    if path == "/v1/members/lookup":
        return {"card": "NOBODYS-CARD"}
    if path == "/v1/certificates":
        return {"store": "main", "certificate_id": new_id("GC"), "amount_minor": 5_000, "currency": "USD"}
    if path in ("/v1/certificates/lookup", "/v1/certificates/print"):
        return {"code": "0000-0000-0000"}
    if path == "/v1/coupons/validate":
        return {"store": "main", "code": "0000-0000-0000", "member_id": member_id or "M0123456789ABCDEF"}
    if path == "/v1/redemptions":
        return {
            "store": "main",
            "redemption_id": new_id("RD"),
            "member_id": member_id or "M0123456789ABCDEF",
            "units": 100,
        }
    if path.endswith(("/capture", "/void", "/reverse")):
        return {"reversal_id": new_id("B")} if path.endswith("reverse") else {}
    if path == "/v1/returns":
        return {"store": "main", "return_id": new_id("R"), "purchase_id": new_id(), "occurred_at": yesterday()}
    if path == "/v1/events":
        return {
            "store": "main", "kind": "review", "source_id": new_id("R"), "member_id": member_id or "M0123456789ABCDEF",
            "occurred_at": yesterday(),
        }  # fmt: skip
    return purchase(member_id=member_id) if member_id else purchase()


def changed(path: str, change: Json, member_id: str | None = None) -> Json | None:
    """A good body with a change made to it; None where the endpoint has no such fields. What names another member replaces
    the one in it."""
    if path == "/v1/events":
        change = {"source_id" if name == "purchase_id" else name: value for name, value in change.items()}
    body = good(path, member_id)
    fields = {*body, "member_id", "card", "phone", "email", "channel"} if path != "/v1/members/lookup" else set(body)
    if path == "/v1/events":
        fields.discard("channel")
    if not set(change) <= fields:
        return None
    if {"card", "phone", "email"} & set(change):
        body.pop("member_id", None)
    return body | change


# A text and, where the endpoint has one, a number of its body, each to be replaced by what JSON does not know.
_SPOTS: dict[str, tuple[Callable[[str], Json], ...]] = {
    "/v1/purchases": (lambda mark: {"store": mark}, lambda mark: {"total_minor": mark}),
    "/v1/quotes": (lambda mark: {"currency": mark}, lambda mark: {"discount_minor": mark}),
    "/v1/events": (lambda mark: {"source_id": mark},),
    "/v1/returns": (lambda mark: {"return_id": mark}, lambda mark: {"amount_minor": mark}),
    "/v1/redemptions": (lambda mark: {"redemption_id": mark}, lambda mark: {"units": mark}),
    **{path: (lambda mark: {"units": mark},) for path in ENDINGS},
    "/v1/certificates": (lambda mark: {"certificate_id": mark}, lambda mark: {"amount_minor": mark}),
    "/v1/certificates/lookup": (lambda mark: {"member_id": mark}, lambda mark: {"code": mark}),
    "/v1/certificates/print": (lambda mark: {"member_id": mark}, lambda mark: {"code": mark}),
    "/v1/coupons/validate": (lambda mark: {"code": mark}, lambda mark: {"store": mark}),
    "/v1/members": (lambda mark: {"name": mark}, lambda mark: {"attributes": {"size": mark}}),
    "/v1/members/lookup": (lambda mark: {"card": mark},),
    **{path: (lambda mark: {"platform": mark}, lambda mark: {"token": mark}) for path in PHONES},
    MOVED: (lambda mark: {"zone": mark},),
    **SPOTS,
}


def spoiled(path: str, raw: str, spot: int = -1) -> bytes:
    """A good body with a raw text in place of a value, unchecked; the last of the endpoint's spots unless told."""
    body = good(path) | _SPOTS[path][spot]("@@")
    return json.dumps(body).replace('"@@"', raw, 1).encode("utf-8", "surrogatepass")


def _bytes(path: str) -> bytes:
    return json.dumps(good(path)).encode()


def _free_text(path: str, raw: bytes) -> bytes:
    """A good body with raw bytes within a text that people write, where the endpoint has one."""
    return spoiled(path, '"Noa @@"', 0).replace(b"@@", raw)


# By path: what is sent. All of it is JSON as its label says, or as nobody's label could.
TRANSPORT: dict[str, dict[str, Callable[[str], bytes]]] = {
    "empty": {"empty": lambda path: b"", "blank": lambda path: b"  \n"},
    "null": {"null": lambda path: b"null", "true": lambda path: b"true"},
    "[]": {"[]": lambda path: b"[]", "a good one in a list": lambda path: b"[" + _bytes(path) + b"]"},
    '"x"': {'"x"': lambda path: b'"x"', "a number": lambda path: b"1"},
    "truncated": {
        "truncated": lambda path: _bytes(path)[:-7],
        "by its last brace": lambda path: _bytes(path)[:-1],
        "one brace": lambda path: b"{",
        "within an escape": lambda path: b'{"store": "\\u12',
    },
    "BOM": {"BOM": lambda path: b"\xef\xbb\xbf" + _bytes(path)},
    "UTF-16": {
        "with its mark": lambda path: json.dumps(good(path)).encode("utf-16"),
        "without a mark": lambda path: json.dumps(good(path)).encode("utf-16-le"),
        "UTF-32": lambda path: json.dumps(good(path)).encode("utf-32"),
    },
    "invalid UTF-8": {
        "two bytes that begin nothing": lambda path: _free_text(path, b"\xff\xfe"),
        "an overlong letter": lambda path: _free_text(path, b"\xc0\xaf"),
        "a letter cut off": lambda path: _free_text(path, b"\xd7"),
        "beyond the last letter": lambda path: _free_text(path, b"\xf5\x80\x80\x80"),
        "Hebrew of 1987": lambda path: _free_text(path, "נועה".encode("cp1255")),
        "as a name": lambda path: b'{"\xff": 1}',
    },
    "NaN": {"NaN": lambda path: spoiled(path, "NaN"), "for a text": lambda path: spoiled(path, "NaN", 0)},
    "Infinity": {"Infinity": lambda path: spoiled(path, "Infinity"), "-Infinity": lambda path: spoiled(path,
        "-Infinity")},
    "1e400": {"1e400": lambda path: spoiled(path, "1e400"), "1e2": lambda path: spoiled(path, "1e2"),
              "-1e-400": lambda path: spoiled(path, "-1e-400")},
    "5,000 digits": {
        "5,000 digits": lambda path: spoiled(path, "9" * 5_000),
        "below zero": lambda path: spoiled(path, "-" + "9" * 5_000),
        "after the point": lambda path: spoiled(path, "0." + "9" * 5_000),
    },
    "2^63": {str(number): lambda path, number=number: spoiled(path, str(number)) for number in (2**63, -(2**63), 2**64,
        2**53 * 1000)},  # type: ignore[misc]
    "duplicate keys": {
        "the same": lambda path: _bytes(path)[:-1] + b', "store": "main", "store": "main"}',
        "other values": lambda path: b'{"card": "A-1", "card": "A-2"}',
        "deep": lambda path: b'{"lines": [{"sku": "A", "sku": "B"}]}',
        "one of them escaped": lambda path: b'{"card": "A-1", "c\\u0061rd": "A-2"}',
    },
    "nesting 2,000 and 100,000": {
        "2,000": lambda path: b'{"lines": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
        "100,000": lambda path: b"[" * 100_000,
        "100,000, closed": lambda path: b"[" * 100_000 + b"]" * 100_000,
        "100,000 objects": lambda path: b'{"a":' * 50_000,
        "17": lambda path: b'{"lines": ' + b"[" * 17 + b"]" * 17 + b"}",
        "behind a text that does not end": lambda path: b'{"a": "[[[[' + b"[" * 2_000,
    },
    "lone surrogate": {
        "escaped": lambda path: spoiled(path, r'"\ud800"', 0),
        "the second half": lambda path: spoiled(path, r'"a\udc00b"', 0),
        "the halves swapped": lambda path: spoiled(path, r'"\udc00\ud800"', 0),
        "in bytes": lambda path: _free_text(path, b"\xed\xa0\x80"),
        "as a name": lambda path: b'{"\\udfff": 1}',
    },
    BESIDES: {
        "two documents": lambda path: _bytes(path) * 2,
        "a leading zero": lambda path: spoiled(path, "007"),
        "a plus": lambda path: spoiled(path, "+1"),
        "hexadecimal": lambda path: spoiled(path, "0x10"),
        "a comment": lambda path: b"{} // nothing",
        "a comma too many": lambda path: _bytes(path)[:-1] + b",}",
        "single quotes": lambda path: b"{'card': 'A-1'}",
        "undefined": lambda path: spoiled(path, "undefined"),
        "a line break within a text": lambda path: spoiled(path, '"a\nb"', 0),
        "a NUL": lambda path: b"\x00",
        "a NUL behind it": lambda path: _bytes(path) + b"\x00",
        "a form": lambda path: b"card=A-1&store=main",
        "XML": lambda path: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "a list that says it is an object": lambda path: b'{"lines": {"length": 1}}',
    },
}  # fmt: skip

SIZES_BYTES = {"1 MB and 10 MB (413 before parsing)": (300_000, 1_000_000, 10_000_000)}
FILLINGS: dict[str, Callable[[int], bytes]] = {
    "spaces": lambda size: b" " * size + b"{}",
    "a text": lambda size: b'{"card": "' + b"9" * size + b'"}',
    "brackets": lambda size: b"[" * size,
    "no UTF-8": lambda size: b"\xff" * size,
}

TYPES: dict[str, dict[str, str | None]] = {
    "text/plain": {"text/plain": "text/plain", "text/json": "text/json", "a form": "application/x-www-form-urlencoded",
                   "XML": "application/xml", "several parts": "multipart/form-data; boundary=x", "any": "*/*",
                   "jsonp": "application/jsonp", "a problem": "application/problem+json",
                       "two": "application/json, text/plain"},
    "no type": {"no type": None, "an empty one": ""},
    "charset label": {"UTF-16": "application/json; charset=utf-16", "Hebrew": "application/json; charset=iso-8859-8",
                      "Latin": "application/json;charset=latin1", "empty": "application/json; charset=",
                      "another parameter": "application/json; boundary=x",
                          "two": "application/json; charset=utf-8; charset=utf-16"},
}  # fmt: skip

BOMBS: dict[str, dict[str, bytes]] = {
    "gzip bomb": {
        "of spaces": gzip.compress(b" " * 10_000_000),
        "of a text": gzip.compress(b'{"card": "' + b"9" * 50_000_000 + b'"}'),
        "of a bomb": gzip.compress(gzip.compress(b"\x00" * 50_000_000)),
    }
}

NAMES: dict[str, dict[str, str]] = {
    "extra field": {name[:20]: name for name in ("extra", "points", "tier", "role", "Store", "store ", "",
        "x" * 10_000, "a.b", "$where", "שם")},
    "__proto__": {name: name for name in ("__proto__", "constructor", "prototype", "__class__")},
}  # fmt: skip

# The last part of an address, as it leaves.
PLACES: dict[str, dict[str, str]] = {
    "id ..%2f": {"..%2f": "..%2f", "%2e%2e": "%2e%2e", "%2e%2e%2fadmin": "%2e%2e%2fadmin", "..%5c": "..%5c",
        "%252e%252e": "%252e%252e"},
    "id %00": {"%00": "%00", "A%00B": "A%00B", "%01": "%01", "%7f": "%7f"},
    "id %0d%0a": {"%0d%0a": "%0d%0a", "a header": "A%0d%0aSet-Cookie:%20a=b", "%0a": "A-1%0a"},
    "id %ff": {"%ff": "%ff", "half a pair": "%ed%a0%80", "overlong": "%c0%ae", "a letter cut off": "%d7",
        "no escape": "%zz"},
    "id 5,000 characters": {"x": "x" * 5_000, "M": "M" + "0" * 5_000, "65": "x" * 65, "Hebrew": "%D7%90" * 800},
    BESIDES: {place: place for place in (
        "%F0%9F%8E%B5", "%E2%80%AE", "%E2%80%8B", "a%20b", "%20", "%22", "%25s", "%23", "%7C", "$%7B7*7%7D",
            "%7B%7B7*7%7D", "'", '"', "*",
        "null", "undefined", "-1", "A#1", "A%231", "A|1", "Cafe%CC%81", "'%20OR%201=1--", "%3Cscript%3E",
    )},
}  # fmt: skip

STATEMENT_QUERIES: dict[str, dict[str, str]] = {
    "limit 0": {"0": "limit=0", "00": "limit=00", "007": "limit=007"},
    "limit -1": {"-1": "limit=-1", "+5": "limit=%2B5", "a space": "limit=%2010"},
    "limit 1e2": {"1e2": "limit=1e2", "1.0": "limit=1.0", "0x10": "limit=0x10", "empty": "limit=", "a": "limit=a",
        "full width": "limit=%EF%BC%95",
                  "Persian": "limit=%DB%B5", "NUL": "limit=%00", "1_0": "limit=1_0"},
    "limit 10^9": {"10^9": "limit=1000000000", "101": "limit=101", "5,000 digits": f"limit={'9' * 5_000}"},
    "limit repeated": {"other": "limit=1&limit=2", "the same": "limit=5&limit=5", "with a comma": "limit=1,2"},
    "cursor random": {"abc": "cursor=abc", "empty": "cursor=", "letters": "cursor=bm90LWEtY3Vyc29y",
        "NUL": "cursor=%00", "no UTF-8": "cursor=%ff",
                      "5,000": f"cursor={'A' * 5_000}", "Hebrew": "cursor=%D7%A2%D7%98", "twice": "cursor=a&cursor=b",
                      "a number": "cursor=1", "a dot": "cursor=Lg",
                          "huge number": "cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OS4"},
    "from after to": {"from after to": "from=2026-02-01&to=2026-01-01", "from": "limit=5&from=2026-01-01"},
    BESIDES: {query: query for query in (
        "order=up", "limit[]=5", "Limit=5", "LIMIT=5", "%6cimit%00=5", "+12125550123", "limit=5&debug=1",
            "__proto__=1", "a[b]=1", "%FF=1", "=5", "&%20=1",
    )},
}  # fmt: skip
# What the other reading endpoints are asked, which know no parameter but the language.
FOREIGN_QUERIES = (
    "limit=5",
    "store=annex",
    "debug=1",
    "cursor=abc",
    "from=2026-02-01&to=2026-01-01",
    "lang=he",
    "Language=he",
    "__proto__=1",
    "%00=1",
)
LANGUAGES = (
    "",
    "de",
    "EN",
    "english",
    "e",
    "en,he",
    "en%00",
    "../en",
    "%D7%A2",
    "x" * 5_000,
    "null",
    "en-US",
    "en&language=he",
    "%ff",
    "%0d%0a",
)

IDEMPOTENCY_KEYS = ("", "x" * 65, "a b", "#", "../x", "a,b", "a/b", "é" * 300, "|", "%00", "-1", "\"a\"", "{}",
    "x" * 5_000)  # fmt: skip

ADDRESSES: dict[str, dict[str, str]] = {
    # Locally the first of two slashes ends the API's own address, so three are sent for two.
    "//v1": {"//v1/programme/rules": "///v1/programme/rules", "//v1/members/x": "///v1/members/x",
        "/v1//members/x": "/v1//members/x",
             "/v1/members//statement": "/v1/members//statement", "/v1/purchases//A-1": "/v1/purchases//A-1"},
    BESIDES: {address: address for address in (
        "/", "/v2/members/x", "/V1/programme/rules", "/v1/programme/rules/", "/v1/members", "/v1/members/",
            "/v1/members/x/../y", "/v1/./members/x",
        "/v1/purchases", "/v1/purchases/main", "/v1/purchases/main/A-1/lines", "/v1/events", "/v1/admin", "/.env",
            "/v1/members/x/statement/",
        "/v1/programme/rules;a=b", "/v1/members/M0123456789ABCDEF%2fstatement", "/v1/programme/rules%00", "/v1",
            "/v1/members/x/balance",
    )},
}  # fmt: skip

# What is sent for a key, made from a genuine one.
AUTHORIZATIONS: dict[str, dict[str, Callable[[str], list[str]]]] = {
    "no": {"no": lambda key: []},
    "empty": {"empty": lambda key: [""], "the scheme alone": lambda key: ["Bearer"],
        "nothing behind it": lambda key: ["Bearer "]},
    "wrong scheme": {
        "Basic": lambda key: [f"Basic {key}"], "lower case": lambda key: [f"bearer {key}"], "none": lambda key: [key],
        "Token": lambda key: [f"Token {key}"], "a comma": lambda key: [f"Bearer,{key}"],
            "two spaces": lambda key: [f"Bearer  {key}"],
        "twice": lambda key: [f"Bearer Bearer {key}"], "a tab": lambda key: [f"Bearer\t{key}"],
    },
    BESIDES: {
        "a letter more": lambda key: [f"Bearer {key}x"],
        "a letter less": lambda key: [f"Bearer {key[:-1]}"],
        "capitals": lambda key: [f"Bearer {key.upper()}"],
        "the last letter changed": lambda key: [f"Bearer {key[:-1]}{'0' if key[-1] != '0' else '1'}"],
        "of the other mode": lambda key: [f"Bearer {key.replace('ck_live_', 'ck_test_')}"],
        "its id alone": lambda key: [f"Bearer {'_'.join(key.split('_')[:3])}"],
        "another's secret": lambda key: ["Bearer " + "_".join([*key.split("_")[:3], "0" * 40])],
        "an id nobody has": lambda key: ["Bearer ck_live_000000000000_" + key.split("_")[3]],
        "two in one": lambda key: [f"Bearer {key}, Bearer {key}"],
        "10,000 characters": lambda key: ["Bearer " + "x" * 9_993],
        "a key and 10,000 characters": lambda key: [f"Bearer {key}{'x' * 9_900}"],
        "a wildcard": lambda key: ["Bearer *"],
        "a pattern": lambda key: ["Bearer ck_live_%_%"],
        "a token without a signature": lambda key: ["Bearer eyJhbGciOiJub25lIn0.eyJzdG9yZSI6Im1haW4ifQ."],
        "no ASCII": lambda key: ["Bearer נועה"],
    },
}  # fmt: skip


# How the list of returns that wait is asked for wrongly.
RETURN_QUERIES = [
    "", "state=", "state=applied", "state=PARKED", "state=parked&limit=0", "state=parked&limit=-1", "state=parked&limit=1e2",
    "state=parked&limit=1000000000", "state=parked&limit=x", "state=parked&limit=%00", "state=parked&store=main",
    "state=parked&cursor=x", "limit=5", "state=%FF", "state=parked%0d%0a",
]  # fmt: skip


def distinct_inputs() -> dict[str, int]:
    """How many distinct bad inputs there are, by table."""
    tables: dict[str, dict[str, dict[str, Any]]] = {
        "transport": TRANSPORT, "types": TYPES, "bombs": BOMBS, "names of fields": NAMES, "purchase": PURCHASE,
            "member": MEMBER,
        "return": RETURN, "redemption": REDEMPTION, "certificate": CERTIFICATE, "code": CODE, "print": PRINT, "coupon": COUPON,
            "phone": DEVICE, "zone": ZONE,
            "places": PLACES,
            "queries": STATEMENT_QUERIES, "addresses": ADDRESSES, "keys": AUTHORIZATIONS,
    }  # fmt: skip
    counted = {name: sum(1 for _ in cases(table)) for name, table in tables.items()}
    sizes = sum(map(len, SIZES_BYTES.values())) * len(FILLINGS)
    return counted | {
        "sizes": sizes,
        "other queries": len(FOREIGN_QUERIES) + len(LANGUAGES),
        "idempotency keys": len(IDEMPOTENCY_KEYS),
    }


def bodies_of(path: str) -> dict[str, Json]:
    """Every body that cannot be, of those that fit an endpoint, by name; no member is named in it unless by the case."""
    own = {"/v1/members": (MEMBER,), "/v1/members/lookup": (), "/v1/events": (PURCHASE, EVENT)}
    tables = own.get(path, (PURCHASE,))
    own_tables = {"/v1/returns": RETURN, "/v1/redemptions": REDEMPTION} | dict.fromkeys(ENDINGS, ENDING)
    own_tables |= dict.fromkeys(PHONES, DEVICE) | {MOVED: ZONE}
    own_tables |= {"/v1/certificates": CERTIFICATE, "/v1/certificates/lookup": CODE, "/v1/coupons/validate": COUPON}
    own_tables |= {"/v1/certificates/print": PRINT}
    if path in own_tables:
        return {what: good(path) | change for what, change in cases(own_tables[path])}
    told = {what: changed(path, change) for table in tables for what, change in cases(table)}
    found = {what: body for what, body in told.items() if body is not None}
    contacts = {} if path == "/v1/members" else contacts_of(path)
    return found | contacts | (LOOK_UPS if path == "/v1/members/lookup" else {})


def contacts_of(path: str) -> dict[str, Json]:
    """Bodies that name the member by a contact that can be none. An ID number is asked for at the look-up alone."""
    nameless = {name: value for name, value in good(path).items() if name not in ("member_id", "card")}
    known = {what: one for what, one in CONTACTS.items() if "id_number" not in one or path == "/v1/members/lookup"}
    return {what: nameless | change for what, change in known.items()}


def foreign_queries() -> list[str]:
    """What the reading endpoints without parameters are asked for."""
    return [*FOREIGN_QUERIES, *(query for _, query in cases(STATEMENT_QUERIES))]


def _written(path: str) -> str:
    return path.replace("NONE", "{redemption_id}").replace("M0123456789ABCDEF", "{member_id}")


def requests_by_endpoint() -> dict[str, int]:
    """How many bad inputs go to each endpoint."""
    raw = sum(sum(1 for _ in cases(table)) for table in (TRANSPORT, TYPES)) + 4 * sum(1 for _ in cases(BOMBS))
    raw += 3 * sum(1 for _ in cases(NAMES)) + sum(map(len, SIZES_BYTES.values())) * len(FILLINGS)
    keys = sum(1 for _ in cases(AUTHORIZATIONS)) + 1
    places, queries, foreign = (
        sum(1 for _ in cases(PLACES)),
        sum(1 for _ in cases(STATEMENT_QUERIES)),
        len(foreign_queries()),
    )
    # What is no body at all goes with every reading request, too.
    bodies = sum(1 for _ in cases(TRANSPORT))
    sent = {f"POST {_written(path)}": raw + len(bodies_of(path)) + keys for path in POSTS}
    return sent | {
        "GET /v1/purchases/{store}/{purchase_id}": 2 * places + foreign + bodies + keys,
        "GET /v1/returns": foreign + len(RETURN_QUERIES) + bodies + keys,
        "GET /v1/returns/{store}/{return_id}": 2 * places + foreign + bodies + keys,
        "GET /v1/members/{member_id}": places + foreign + bodies + keys,
        "GET /v1/members/{member_id}/offers": places + foreign + bodies + keys,
        "GET /v1/members/{member_id}/messages": places + queries + bodies + keys,
        "GET /v1/members/{member_id}/offers/{coupon}/certificate": 2 * places + foreign + bodies + keys,
        "GET /v1/members/{member_id}/rewards": places + foreign + bodies + keys,
        "GET /v1/members/{member_id}/statement": places + queries + bodies + keys,
        "GET /v1/programme/rules": len(LANGUAGES) + foreign + bodies + keys,
    }
