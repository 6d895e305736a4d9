"""Gift certificates that cannot be, and codes that are none, as tables of changes to a good body."""

from __future__ import annotations

from tests.storefront import Json, purchase

_IDS = ("", " ", "x" * 65, None, 5, [], "a\x00b", "a\nb", "#", "../admin")
_STORES = ("", "Main", "x" * 33, None, 5, "../admin", "annex")
# Who is named by several ways, or by what can be none.
_WHOM: dict[str, Json] = {
    "two ways to name the member": {"card": "C-1", "member_id": "M0123456789ABCDEF"},
    "a card that can be none": {"card": "C:1"},
    "a phone that can be none": {"phone": "abc"},
    "an e-mail that can be none": {"email": "nobody"},
    "a member who is a number": {"member_id": 7},
}
CERTIFICATE: dict[str, dict[str, Json]] = {
    "besides": {
        **{f"amount {str(one)[:16]!r}": {"amount_minor": one}
           for one in (0, -1, 10.5, "100", True, None, [], {}, 10**12 + 1)},
        **{f"currency {str(one)[:12]!r}": {"currency": one} for one in ("ILS", "usd", "", 1, None)},
        **{f"id {str(one)[:16]!r}": {"certificate_id": one} for one in _IDS},
        **{f"store {str(one)[:16]!r}": {"store": one} for one in _STORES},
        **{f"{name} is no field of a certificate": {name: 1} for name in ("code", "balance", "expires_on", "points")},
        **_WHOM,
    },
}  # fmt: skip
# LAWS, "Bad input": codes. One that could be a code is answered as one that nobody has.
CODE: dict[str, dict[str, Json]] = {
    "codes empty": {"no code": {"code": ""}},
    "codes 1 MB": {"longer than any": {"code": "0" * 65}, "as long as a body may be": {"code": "0" * 100_000}},
    "codes look-alikes": {"one that nobody has": {"code": "IL0O-UUUU-0000"}},
    "codes spaces": {"spaces alone, which nobody has": {"code": "   "}},
    "codes lower case": {"one that nobody has": {"code": "abcd-efgh-jkmn"}},
    "besides": {
        **{f"{one!r}": {"code": one} for one in (None, 5, True, [], {}, ["0000-0000-0000"])},
        **{f"{name} is no field of it": {name: 1} for name in ("store", "certificate_id", "balance", "amount_minor")},
        **_WHOM,
    },
}
PRINT: dict[str, dict[str, Json]] = {
    **{what: some for what, some in CODE.items() if what != "besides"},
    "besides": {
        **CODE["besides"],
        **{f"language {str(one)[:16]!r}": {"language": one} for one in ("", "HE", "xx", "he-IL", "../he", 5, [], True)},
        **{f"format {str(one)[:16]!r}": {"format": one} for one in ("", "pdf", "HTML", "html\x00", 5, None, ["html"])},
    },
}
# The code of a coupon, and the purchase that it is asked for with.
_OF_A_STRANGER = {"card": "C-1"}
COUPON: dict[str, dict[str, Json]] = {
    **{what: some for what, some in CODE.items() if what != "besides"},
    "besides": {
        **{f"{one!r}": {"code": one} for one in (None, 5, True, [], {}, ["0000-0000-0000"])},
        **{f"store {str(one)[:16]!r}": {"store": one} for one in _STORES},
        **{f"{name} is no field of it": {name: 1} for name in ("codes", "offer", "offers", "discount_minor", "coupon")},
        "nobody is named": {"member_id": None},
        **{f"a purchase that is {one!r}": {"purchase": one} for one in (1, "A-1", [], {}, True)},
        "a purchase of another store": {"purchase": purchase() | {"store": "annex"}},
        "a purchase of another member": {"purchase": purchase() | _OF_A_STRANGER},
        "a purchase whose sum is wrong": {"purchase": purchase() | {"total_minor": 1}},
        "a purchase of another currency": {"purchase": purchase() | {"currency": "EUR"}},
        "a purchase in the future": {"purchase": purchase() | {"occurred_at": "2099-01-01T00:00:00Z"}},
        **_WHOM,
    },
}
