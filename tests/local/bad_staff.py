"""What staff may do by hand, as a good body for each endpoint, and what nobody should ever send to one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.storefront import Json, new_id

NOBODY = "M0123456789ABCDEF"
# As long as staff let points live, nearly.
LATER = (datetime.now(UTC).date() + timedelta(days=700)).isoformat()
DECISIONS = ("/v1/adjustments/NONE/approve", "/v1/adjustments/NONE/refuse")


def good_by_hand(path: str, member_id: str | None = None) -> Json:
    """What an endpoint of staff takes."""
    whose, why = {"member_id": member_id or NOBODY}, {"reason": "The parcel was late"}
    bodies: dict[str, Json] = {
        "/v1/adjustments": {"adjustment_id": new_id("J"), **whose, "units": 5, **why},
        "/v1/extensions": {"extension_id": new_id("E"), **whose, "expires_on": LATER, **why},
        "/v1/reinstatements": {**whose, "sequence": 1, "expires_on": LATER, **why},
        "/v1/merges": {"merge_id": new_id("M"), "from_member_id": NOBODY, "into_member_id": NOBODY, **why},
        "/v1/automations/birthday": {"enabled": True, "reason": "All is well"},
        "/v1/marketing": {"stopped": False, "reason": "All is well"},
    }
    return bodies.get(path, {})


# A text and, where the endpoint has one, a number of its body.
SPOTS: dict[str, tuple[Callable[[str], Json], ...]] = {
    "/v1/adjustments": (lambda mark: {"reason": mark}, lambda mark: {"units": mark}),
    "/v1/extensions": (lambda mark: {"reason": mark}, lambda mark: {"extension_id": mark}),
    "/v1/reinstatements": (lambda mark: {"reason": mark}, lambda mark: {"sequence": mark}),
    "/v1/merges": (lambda mark: {"reason": mark}, lambda mark: {"merge_id": mark}),
    "/v1/automations/birthday": (lambda mark: {"reason": mark}, lambda mark: {"enabled": mark}),
    "/v1/marketing": (lambda mark: {"reason": mark}, lambda mark: {"stopped": mark}),
    **{path: (lambda mark: {"reason": mark},) for path in DECISIONS},
}
STAFF_POSTS = tuple(SPOTS)

_NO_TEXTS: tuple[Any, ...] = ("", "  ", None, 7, True, [], {}, "\u0000", "a\u0000b", "x" * 5_000, "\u202e", "\u200b")
_NO_IDS = (*_NO_TEXTS, "x" * 65, "a\nb", "a#b\u0007")
_NO_DAYS = (
    "",
    "2026-13-01",
    "2026-02-30",
    "31.12.2027",
    "2027-12-31T00:00:00Z",
    20271231,
    True,
    [],
    "tomorrow",
    "1999-12-31",
)
_NO_UNITS = (0, 10.5, "100", True, None, 10**13, -(10**13), [], {})
_NO_MEMBERS = (
    "",
    None,
    7,
    [],
    "M" * 65,
    "T0000000000000001",
    NOBODY,
    "../admin",
    "M000000000000000\u0661",
    "G000000000000000A",
)

# By the name of a field: what no endpoint takes in it.
FIELDS: dict[str, tuple[Any, ...]] = {
    "adjustment_id": _NO_IDS,
    "extension_id": _NO_IDS,
    "merge_id": _NO_IDS,
    "member_id": _NO_MEMBERS,
    "from_member_id": _NO_MEMBERS,
    "into_member_id": _NO_MEMBERS,
    "reason": (*_NO_TEXTS, "x" * 201),
    "units": _NO_UNITS,
    "sequence": (*_NO_UNITS, -1, 10**10),
    "expires_on": _NO_DAYS,
    "enabled": ("", "true", 0, 1, None, [], {}),
    "stopped": ("", "true", 0, 1, None, [], {}),
    "kind": ("", "Opening", "extend", None, 1, []),
    "wallet": ("", "no-such", None, 7, "Points", "certificate", "../x", "x" * 41),
}
READ_ONLY = ("balance", "tier", "role", "actor", "approver", "posted", "n", "__proto__", "a")


def bad_by_hand(path: str, member_id: str) -> dict[str, Json]:
    """Every body that an endpoint of staff cannot take, by name. The member is there unless the case is about who it is."""
    whole = good_by_hand(path, member_id)
    fields = [*whole, *(("expires_on", "wallet") if path == "/v1/adjustments" else ())]
    told = {
        f"{name}: {value!r:.30} {number}": whole | {name: value}
        for name in dict.fromkeys(fields)
        for number, value in enumerate(FIELDS[name])
        # Where a field may be left out, null is no fault of it.
        if not (value is None and name == "expires_on")
    }
    if path == "/v1/adjustments":
        told["an opening that takes"] = whole | {"kind": "opening", "units": -5}
        told |= {f"kind: {value!r}": whole | {"kind": value} for value in FIELDS["kind"]}
    if path == "/v1/extensions":
        told["a day too far"] = whole | {"expires_on": "9999-12-31"}
    told |= {f"without {name}": {key: value for key, value in whole.items() if key != name} for name in whole}
    return told | {f"besides {name}": whole | {name: 1} for name in READ_ONLY}
