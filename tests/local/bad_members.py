"""Persons who cannot be: LAWS' line "Member", by its own words. A case is what changes in a good body."""

from __future__ import annotations

from typing import Any

from tests.storefront import Json


def _each(field: str, *values: Any) -> dict[str, Json]:
    return {f"{field} {str(value)[:20]!r}": {field: value} for value in values}


def _born(**birthday: Any) -> Json:
    return {"birthday": {"calendar": "gregorian"} | birthday}


MEMBER: dict[str, dict[str, Json]] = {
    "e-mail without @": _each("email", "noa.levi.example.com", "@example.com", "noa@", "@", ""),
    "e-mail two": _each("email", "noa@levi@example.com", "noa@@example.com", "noa@a.com,dana@b.com"),
    "e-mail 255+": _each("email", "noa@" + "e" * 250 + ".com", "n" * 65 + "@example.com", "n@" + "e." * 126 + "com",
        "a" * 300),
    "e-mail CRLF": _each("email", "noa@example.com\r\nBcc: all@example.com", "noa@example.com\n", "no\ra@example.com",
        "noa%0d%0a@exam ple.com"),
    "phone letters": _each("phone", "abcdefghij", "050-CALL-NOA", "+1 212 555 01a3", "+1-800-FLOWERS",
        "tel:+12125550123"),
    "phone 00": _each("phone", "00972501234567", "00", "0000000000", "++12125550123"),
    "phone premium": _each("phone", "+19005550123", "900-555-0123"),
    "phone 5 and 20 digits": _each("phone", "12345", "+12345678901234567890", "12345678901234567890",
        "+1234567890123456789", "+", ""),
    "birth future": {"2999": _born(year=2999, month=1, day=1)},
    "birth 1899": {"1899": _born(year=1899, month=12, day=31), "121 years": _born(year=1904, month=1, day=1),
        "-1": _born(year=-1, month=1, day=1)},
    "birth 29 Feb 2023": {"29 Feb 2023": _born(year=2023, month=2, day=29), "30 Feb": _born(month=2, day=30),
        "31 Apr": _born(month=4, day=31)},
    "birth month 13": {"month 13": _born(year=1990, month=13, day=1), "month 0": _born(month=0, day=1),
        "day 0": _born(month=1, day=0)},
    "name empty": _each("name", "", "   ", "\u200b", "…", "\u3000", "12345"),
    "name 10,000": _each("name", "n" * 10_000, "N" * 101, "e\u0301" * 5_000),
    "name <script>": _each("name", "<script>alert(1)</script>", "Noa <b>", "Noa>"),
    "name {{7*7}}": _each("name", "{{7*7}}", "${7*7}", "{Noa}"),
    "name %s": _each("name", "%s", "%n%n%n", "Noa %d"),
    "name =HYPERLINK(...)": _each("name", '=HYPERLINK("x")', "=1+1"),
    "zone Mars/Phobos": _each("time_zone", "Mars/Phobos", "Europe/Rome")
        | _each("zone", "Mars/Phobos", "", "Asia", "localtime", "../etc/passwd", "Asia/Tehran\n", "+03:00", 3, True, []),
    "balance, tier or role in the body": {
        field: {field: value}
        for field, value in {"balance": 1_000, "tier": "gold", "role": "staff", "points": 5,
            "member_id": "M0123456789ABCDEF", "status": "active"}.items()
    },
    "besides": {
        **_each("email", "noa levi@example.com", "noa@example", "noa@exa_mple.com", "noa@127.0.0.1",
            "נועה@example.com", "noa@-example.com",
                '"noa levi"@example.com', "noa.@example.com", "no..a@example.com", "noa@[127.0.0.1]",
                    "noa@example..com", "<noa@example.com>", 7),
        **_each("phone", "+999123456789", "\u202e+12125550123\u202c" * 3, "+1 (212", "0" * 41, 12_125_550_123),
        **_each("card", "#1", "a:b", "../1", "A\x00B", "x" * 65, "   ", "💳1234", "", 7, "A|1", "\u202eA1", "A\u200b1"),
        **_each("id_number", "1", "123", "x" * 33, "12/34", "12#34", "1234\n", "", 12_345, "१२३"),
        **_each("name", "\u202eNoa", "Noa\u2066Levi", "Noa\nLevi", "\x00", "a\\b", "Noa\x1b[31m", "\ue000\ue000", 7,
            None, ["Noa"], {"first": "Noa"}),
        **_each("language", "de", "EN", "english", "", "e", "iw", 7, None, ["en"], "en\n"),
        **_each("source", "", "Till 1", "TILL", "x" * 33, "till\n", 7, None),
        **_each("joined_at", "2999-01-01T00:00:00Z", "2025-01-01", "yesterday", "1900-01-01T00:00:00Z",
            "2025-01-05T10:00:00", 7, True),
        **{f"{field} {value!r}": {field: value} for field in ("email", "phone", "card", "id_number",
            "birthday") for value in (True, [], {"a": 1})},
        "a Jalali year of the West": {"birthday": {"calendar": "jalali", "year": 1990, "month": 1, "day": 1}},
        "a Jalali month too long": {"birthday": {"calendar": "jalali", "month": 12, "day": 31}},
        "a Hebrew month too long": {"birthday": {"calendar": "hebrew", "year": 5750, "month": 2, "day": 30}},
        "a Hebrew month that is none": {"birthday": {"calendar": "hebrew", "month": 14, "day": 1}},
        "a calendar of Mars": {"birthday": {"calendar": "martian", "month": 1, "day": 1}},
        "a month as a text": _born(month="1", day=1),
        "no day": _born(month=1),
        "an hour": _born(month=1, day=1, hour=1),
        "a month of 10^17": _born(month=10**17, day=1),
        "a birthday as a text": {"birthday": "1990-01-01"},
        "a birthday as a number": {"birthday": 19_900_101},
        **{f"attributes {str(told)[:40]}": {"attributes": told} for told in (
            {"Shoe size": 42}, {"": 1}, {"x" * 33: 1}, {"size": 1.5}, {"size": 2**53}, {"size": None},
                {"size": {"eu": 42}}, {"size": "x" * 101},
            {"size": [1]}, {"size": ["a"] * 21}, {"size": "a\x00b"}, {f"a{n}": n for n in range(21)}, [],
                {"__proto__": 1}, {"size": ["\u202e"]}, "size",
        )},
        **{f"consents {str(told)[:60]}": {"consents": told} for told in (
            [{"kind": "everything", "granted": True, "text_version": "1"}], [{"kind": "profiling", "granted": "yes",
                "text_version": "1"}],
            [{"kind": "profiling", "granted": True}], [{"kind": "profiling", "granted": True, "text_version": ""}],
            [{"kind": "profiling", "granted": True, "text_version": "1"}] * 2, {"kind": "profiling", "granted": True,
                "text_version": "1"},
            [{"kind": "profiling", "granted": 1, "text_version": "1"}], ["profiling"], [None], "profiling",
        )},
        "nothing to find the person by": {"card": None},
        **{f"no {field}": {field: None} for field in ("name", "language", "source")},
    },
}  # fmt: skip

# What a look-up by one contact, a purchase, a quote and an activity are told as well.
CONTACTS: dict[str, Json] = {
    what: change
    for named in MEMBER.values()
    for what, change in named.items()
    if set(change) <= {"email", "phone", "card", "id_number"} and change != {"card": None}
}

LOOK_UPS: dict[str, Json] = {
    "nothing": {},
    "two contacts": {"card": "A-1", "phone": "+12125550123"},
    "four": {"card": "A-1", "phone": "+12125550123", "email": "noa@example.com", "id_number": "12345"},
    "a name": {"name": "Noa"},
    "a member's id": {"member_id": "M0123456789ABCDEF"},
    "null": {"card": None},
    "an operator": {"card": {"$gt": ""}},
    "several cards": {"card": ["A-1", "A-2"]},
}

# What is the clock of no place.
ZONE: dict[str, dict[str, Json]] = {
    "besides": {
        **{f"zone {str(one)[:20]!r}": {"zone": one}
           for one in ("", "Mars/Phobos", "Asia", "asia/tehran", "localtime", "right/Asia/Tehran", "../../etc/passwd",
               "Asia/../UTC", "Asia/Tehran ", "Asia/Tehran\n", "Asia/Tehran\x00", "+03:00", "x" * 5_000, None, 3, True, [], {})},
        **{f"{name} is no field of it": {name: 1} for name in ("time_zone", "member_id", "card", "language", "at", "store")},
    },
}  # fmt: skip

# What no phone is called by its maker.
DEVICE: dict[str, dict[str, Json]] = {
    "besides": {
        **{f"platform {str(one)[:12]!r}": {"platform": one}
           for one in ("", "FCM", "fax", "fcm ", "apns\n", None, 1, True, [], {}, "x" * 5_000)},
        **{f"token {str(one)[:12]!r} of {len(str(one))}": {"token": one}
           for one in ("", " " * 20, "short", "x" * 1_025, "x" * 20 + "\n", "x" * 20 + "\x00", "<" * 20, "נ" * 20,
               "x" * 10 + "/../" + "x" * 10, None, 10**20, True, [], {}, ["x" * 20])},
        **{f"{name} is no field of it": {name: 1} for name in ("endpoint", "member_id", "card", "device", "at", "store")},
    },
}  # fmt: skip
