"""Purchases and activities that cannot be: LAWS' line "Purchase", by its own words. A case is what changes in a good body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.storefront import Json, line

AMOUNTS: dict[str, Any] = {
    "amount -1": -1, "amount 10.5": 10.5, "amount 10.0": 10.0, 'amount "100"': "100", "amount true": True,
        "amount null": None,
    "amount 10^12+1": 10**12 + 1,
}  # fmt: skip
OTHER_AMOUNTS: tuple[Any, ...] = (2**63, -(2**63), [], {}, "", [1], {"minor": 1}, "１００")


def _amounts(amount: Any) -> dict[str, Json]:
    """An amount at every place that takes one."""
    told = repr(amount)[:24]
    totals = ("total", "discount", "shipping", "tax", "shipping_tax", "points_payment", "stored_value_payment")
    of_a_line = ("amount", "discount", "tax")
    return {f"{name} {told}": {f"{name}_minor": amount} for name in totals} | {
        f"{name} of a line {told}": {"lines": [line() | {f"{name}_minor": amount}]} for name in of_a_line
    }


def _ids(*ids: Any) -> dict[str, Json]:
    return {f"id {str(id_)[:16]!r}": {"purchase_id": id_} for id_ in ids}


def _times(*instants: Any) -> dict[str, Json]:
    return {f"occurred {at!r}": {"occurred_at": at} for at in instants}


def _currencies(*codes: Any) -> dict[str, Json]:
    return {f"currency {code!r}": {"currency": code} for code in codes}


PURCHASE: dict[str, dict[str, Json]] = {
    **{item: _amounts(amount) for item, amount in AMOUNTS.items()},
    # A bare -0, which Python's integers do not know, has a test of its own.
    "amount -0": {"-0.0": {"total_minor": -0.0}, "-0.0 of a line": {"lines": [line() | {"amount_minor": -0.0}]}},
    "currency lower case": _currencies("usd", "Usd"),
    "currency unknown": _currencies("XXX", "US", "USD4", "", "U$D", 840, None, "ＵＳＤ"),
    "currency not the programme's": _currencies("ILS", "EUR"),
    "currency zero- and three-decimal": _currencies("JPY", "KWD"),
    "id empty": _ids(""),
    "id blank": _ids(" ", "\u00a0", "\u3000"),
    "id 65 characters": _ids("x" * 65, "א" * 65, "A" * 100_000, "e\u0301" * 129),
    "id NUL": _ids("A\x00B", "\x00", "A-1\x00"),
    "id newline": _ids("A\nB", "A\r\nB", "A-1\n", "A\u2028B", "A\tB"),
    "id right-to-left override": _ids("A-1\u202e", "\u202e1-A", "A\u2066B"),
    "id zero-width": _ids("A\u200b1", "\ufeffA", "A\u200d1", "A\u2060", "A\u00ad1"),
    "id emoji": _ids("🎵", "A🎵", "1\ufe0f\u20e3"),
    "id #": _ids("A#1", "#", "purchase#main#A-1"),
    "id |": _ids("A|1", "|"),
    "id ../admin": _ids("../admin", "A/1", "A\\1", "..", ".", "%2e", "-1", "~"),
    "time naive": _times("2026-11-20T10:00:00", "2026-11-20", "10:00"),
    "time in the future": {
        "in an hour": {"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
        **_times("2099-01-01T00:00:00Z", "2038-01-19T03:14:08Z"),
    },
    "time before joining": _times("2024-12-31T23:59:59Z", "2020-02-29T00:00:00+00:00"),
    "time 1900": _times("1900-01-01T00:00:00Z", "1989-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
        "0000-01-01T00:00:00Z"),
    "time 9999": _times("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "99999-12-31T23:59:59Z"),
    "time +25:00": _times("2026-11-20T10:00:00+25:00", "2026-11-20T10:00:00-25:00", "2026-11-20T10:00:00+24:00"),
    "lines 0": {"no lines": {"lines": [], "total_minor": 0}, "null": {"lines": None}},
    "lines 1,001": {"1,001": {"lines": [line(1)] * 1_001, "total_minor": 1_001}},
    "lines negative quantity": {f"quantity {count!r}": {"lines": [line(quantity=count)]} for count in (-1, 0, 1.5, 1.0,
        "2", None, True)},
    "lines 89,638 units": {f"quantity {count:,}": {"lines": [line(quantity=count)]} for count in (89_638, 85_001,
        10**15, 2**63)},
    "lines sum not the total": {
        f"total {total}": {"total_minor": total} for total in (2_991, 2_989, 0)
    } | {"shipping left out": {"shipping_minor": 500, "total_minor": 2_990}},
    "lines discount above price": {
        "of a line": {"lines": [line(100, discount_minor=101)], "total_minor": 0},
        "of all lines": {"discount_minor": 2_991, "shipping_minor": 1, "total_minor": 0},
    },
    "member unknown": {
        **{f"member {str(id_)[:20]!r}": {"member_id": id_} for id_ in ("M0123456789ABCDEF", "me", "../admin", "M", "",
            "x" * 65, 5, ["M1"])},
        "nobody's card": {"card": "NOBODYS-CARD"},
        "nobody's e-mail": {"email": "nobody@example.com"},
        "nobody's phone": {"phone": "+12025550199"},
    },
    # A test key's member has another initial; a store that is not the key's has no purchases to report.
    "member another store's": {"of the other realm": {"member_id": "T0123456789ABCDEF"},
        "store annex": {"store": "annex"}},
    "besides": {
        **{name: change for amount in OTHER_AMOUNTS for name, change in _amounts(amount).items()},
        **_ids("A 1", " A-1", "A-1 ", "\u0301A", 1, None, True, ["A"], {"id": "A"}, 1.5, "A\ufffd", "\ue000A"),
        **_times("2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-20T24:30:00Z", "2026-11-20T10:00:61Z", "",
            "now", 1_795_161_600, None,
                 True, "2026-11-20T10:00:00Z\n", "۲۰۲۶-۱۱-۲۰T10:00:00Z", " 2026-11-20T10:00:00Z", [],
                     "2026-11-20T10:00:00Z" + "0" * 50),
        **{f"store {store!r}"[:40]: {"store": store} for store in ("", "Main", "ma in", "main\n", "../main", "x" * 33,
            "חנות", 1, None, ["main"])},
        **{f"channel {name!r}": {"channel": name} for name in ("", "Web", "web store", "x" * 17, "web\n", 1, [])},
        **{f"sku {str(sku)[:16]!r}": {"lines": [line(sku=sku)]} for sku in ("", " ", "x" * 65, "A\nB", "A\x00",
            "\u202eA", "\u200b", 1, None, "a\ue000")},
        **{f"category {str(name)[:16]!r}": {"lines": [line(category=name)]} for name in ("", "x" * 65, "a\tb", 1,
            ["music"])},
        **{f"brand {str(name)[:16]!r}": {"lines": [line(brand=name)]} for name in ("", "x" * 65, "a\x00b", 1)},
        **{f"kind {kind!r}": {"lines": [line(kind=kind)]} for kind in ("", "Goods", "service", None, 1)},
        **{f"labels {str(labels)[:30]}": {"lines": [line(labels=labels)]}
           for labels in ({"": "a"}, {"A": "a"}, {"a": ""}, {"a": 1}, {"a": None}, {"a b": "x"}, {"__proto__": {}}, [],
               "a", {f"a{n}": "b" for n in range(9)})},
        **{f"codes {str(codes)[:30]}": {"codes": codes} for codes in ("SAVE", [""], [1], ["a"] * 11, ["x" * 65],
            {"0": "a"}, ["a\x00b"])},
        **{f"offers {str(offers)[:40]}": {"offers": offers} for offers in ("spring", {}, [1], [{}], [None], ["spring"],
            [{"offer": "spring"}], [{"offer": "spring", "discount_minor": 5}], [{"offer": "", "discount_minor": 0}],
            [{"offer": "Spring", "discount_minor": 0}], [{"offer": "spring", "discount_minor": -1}],
            [{"offer": "spring", "discount_minor": 0, "free_units": -1}], [{"offer": "nobody-s", "discount_minor": 0}],
            [{"offer": "spring", "discount_minor": 0}] * 21, [{"offer": "a#b", "discount_minor": 0}])},
        "an offer on a line that no offer names": {"lines": [line(discount_minor=5, offer_minor=5)], "total_minor": 2_985},
        "more of an offer than of a discount": {"lines": [line(offer_minor=5)]},
        **{f"prices_include_tax {told!r}": {"prices_include_tax": told} for told in ("yes", 1, None, 0)},
        "lines as an object": {"lines": {"0": line()}},
        "a line that is a text": {"lines": ["CD-1"]},
        "a line that is null": {"lines": [None]},
        "a line with another field": {"lines": [line(points=5)]},
        "a good line and a bad one": {"lines": [line(), line() | {"sku": ""}], "total_minor": 5_980},
        "lines of a hundred kilobytes": {"lines": [line(100, sku=f"{n:04d}" + "x" * 60) for n in range(1_000)],
            "total_minor": 100_000},
        "tax that is not the lines'": {"tax_minor": 5, "lines": [line(100, tax_minor=4)], "total_minor": 105},
        "tax above the prices that include it": {"tax_minor": 2_991, "prices_include_tax": True, "total_minor": 2_990},
        "more points paid than due": {"points_payment_minor": 2_000, "stored_value_payment_minor": 1_000,
            "total_minor": 2_990},
        "two ways to name the member": {"card": "A-1", "phone": "+12125550123"},
        **{f"card {str(card)[:16]!r}": {"card": card} for card in ("", " ", "A#1", "x" * 65, "A\nB", 5, "\u202e1",
            "a:b", "💳1234")},
        **{f"phone {str(number)[:16]!r}": {"phone": number} for number in ("", "call me", "+1", "12", "0" * 41,
            "+19005550123", 5)},
        **{f"e-mail {str(email)[:16]!r}": {"email": email} for email in ("", "noa", "a@b@c.com", "a@b", "a b@c.com",
            "a" * 300, 5, "a@b.com\r\nBcc: c@d.com")},
    },
}  # fmt: skip

# The cases that say something about an activity too are found by their fields; these are an activity's own.
EVENT: dict[str, dict[str, Json]] = {
    "besides": {
        **{f"kind {str(kind)[:16]!r}": {"kind": kind} for kind in ("levitate", "Review", "", "re view", "x" * 41, None,
            1, "review\n", "סקירה", "../review", ["review"])},
        **{f"member {str(id_)[:16]!r} missing": {"member_id": id_} for id_ in (None, False, {})},
        "two ways to name the member": {"member_id": "M0123456789ABCDEF", "card": "A-1"},
        **{f"{name} is no field of an activity": {name: 1} for name in ("amount_minor", "total_minor", "lines",
            "purchase_id", "currency")},
    }
}  # fmt: skip

# Of a purchase that was never reported: what is refused is the return itself, and nothing waits.
RETURN: dict[str, dict[str, Json]] = {
    "0": {"an amount of nothing": {"amount_minor": 0}, "no lines at all": {"lines": []},
          "no units of a line": {"lines": [{"sku": "CD-1", "quantity": 0}]}},
    "other currency": {f"currency {str(one)[:12]!r}": {"currency": one} for one in ("ILS", "usd", "", "US", 1, "USDD")},
    "besides": {
        **{f"amount {str(one)[:16]!r}": {"amount_minor": one} for one in (-1, True, "100", 10.5, [], {}, 10**13, "")},
        **{f"lines {str(one)[:24]!r}": {"lines": one} for one in ("CD-1", 5, {}, [5], ["CD-1"], [{}], [{"sku": ""}],
            [{"sku": "CD-1", "quantity": -1}], [{"sku": "CD-1", "quantity": "1"}], [{"sku": "CD-1", "quantity": 1.5}],
            [{"sku": "CD-1", "amount_minor": 5}], [{"quantity": 1}], [{"sku": "CD-1"}] * 1_001)},
        **{f"id {str(one)[:16]!r}": {"return_id": one} for one in ("", " ", "x" * 65, None, 5, [], "a\x00b", "a\nb")},
        **{f"purchase {str(one)[:16]!r}": {"purchase_id": one} for one in ("", " ", "x" * 65, 5, [], "a\x00b", "a\nb")},
        **{f"time {str(one)[:24]!r}": {"occurred_at": one} for one in ("", "today", None, 5, "2026-11-22T10:00:00",
            "2099-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-22T10:00:00+25:00")},
        **{f"store {str(one)[:16]!r}": {"store": one} for one in ("", "Main", "x" * 33, None, 5, "../admin",
            "another")},
        "a member beside the purchase": {"member_id": "M0123456789ABCDEF"},
        "neither purchase nor member": {"purchase_id": None},
        "a member and no amount": {"purchase_id": None, "card": "C-1"},
        "lines and no purchase": {"purchase_id": None, "card": "C-1", "amount_minor": 5, "lines": [{"sku": "CD-1"}]},
        **{f"{name} is no field of a return": {name: 1} for name in ("points", "total_minor", "balance", "refund", "tier")},
    },
}  # fmt: skip

REDEMPTION: dict[str, dict[str, Json]] = {
    "0": {"no units": {"units": 0}},
    "negative": {"fewer than none": {"units": -1}},
    "fraction": {f"units {one!r}": {"units": one} for one in (10.5, "100", True, [], {}, None)},
    "besides": {
        "more than there can be": {"units": 10**13},
        "a reward and units": {"reward": "five-off"},
        "a reward that is none": {"units": None, "reward": "Not A Reward"},
        "a wallet that is none": {"wallet": "Gold Bars"},
        "a wallet that nobody has": {"wallet": "gold"},
        "two ways to name the member": {"card": "C-1"},
        "no member at all": {"member_id": None},
        "a code and a reward": {"code": "0000-0000-0000", "units": None, "reward": "five-off"},
        "a code and a wallet": {"code": "0000-0000-0000", "wallet": "gold"},
        "a code that nobody has": {"code": "0000-0000-0000"},
        "an empty code": {"code": ""},
        **{f"id {str(one)[:16]!r}": {"redemption_id": one} for one in ("", " ", "x" * 65, None, 5, [], "a\x00b", "a\nb")},
        **{f"total {str(one)[:16]!r}": {"total_minor": one} for one in (-1, "5", 1.5, [], True)},
        **{f"currency {str(one)[:12]!r}": {"currency": one} for one in ("ILS", "usd", "", 1)},
        **{f"store {str(one)[:16]!r}": {"store": one} for one in ("", "Main", "x" * 33, None, 5, "../admin")},
        **{f"{name} is no field of a redemption": {name: 1} for name in ("points", "worth_minor", "balance", "price")},
    },
}  # fmt: skip
ENDING: dict[str, dict[str, Json]] = {
    "besides": {
        f"{name} is no field of it": {name: 1} for name in ("points", "store", "redemption_id", "balance", "all")
    }
}

GOOD_PURCHASES: dict[str, Json] = {
    # A free line is a line: what is given away is part of what happened, and earns nothing by itself.
    "an amount of zero": {"lines": [line(0)], "total_minor": 0},
    "the largest amount": {"lines": [line(10**12)], "total_minor": 10**12},
    "a thousand lines": {"lines": [line(1)] * 1_000, "total_minor": 1_000},
    "an id of 64 letters": {"purchase_id": "x" * 55},
    "a Persian id": {"purchase_id": "خرید"},
    "a clock four minutes ahead": {"occurred_at": (datetime.now(UTC) + timedelta(minutes=4)).isoformat()},
    "a discount of everything": {"discount_minor": 2_990, "total_minor": 0},
    "a name of a product in Hebrew": {"lines": [line(sku='תקליט "ירח"', category="מוזיקה")]},
}
