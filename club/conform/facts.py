"""Rules for what a case's events bring as facts: points that the base rules gave, credits, raw points that are to be rounded."""

from __future__ import annotations

from decimal import Decimal

from club.conform.cases import Case, Untranslatable
from club.conform.draft import Draft
from club.conform.words import Table, kind_of

# Codes that carry what a case says of a purchase: what its rules give, and that it qualifies for base points.
GIVEN_POINTS: dict[str, str] = {"base_points": "base", "issued_points": "issued"}
QUALIFIES = "qualifies"
CREDIT, ACCRUAL = "credit-", "accrual-"


def told_points(draft: Draft) -> None:
    """The points that a purchase's rules give are a fact of the case, carried by a code of the purchase."""
    told = dict.fromkeys(code for event in draft.case.events for code in codes_of(event))
    for number, code in enumerate(told):
        points = Decimal(code.partition("-")[2])
        if points:
            row: Table = {"id": f"told-{number}", "points": points, "per": "purchase"}
            draft.add("earn", row | {"when": f"{code!r} in purchase.codes"})


def codes_of(event: Table) -> list[str]:
    if event.get("type") in ("earn_order", "confirm") and Decimal(str(event["points"])) > 0:
        return [f"{GIVEN_POINTS['issued_points']}-{event['points']}"]
    return [f"{code}-{event[key]}" for key, code in GIVEN_POINTS.items() if key in event]


def qualifying(draft: Draft) -> bool:
    """Whether the case says of its purchases that they qualify for base points."""
    return any("qualifies_for_base" in event for event in draft.case.events)


def activities(draft: Draft) -> None:
    """Kinds of activity that a case tells of, whether a rule rewards them or not."""
    for event in draft.case.events:
        if event["type"] == "event":
            draft.once("event", {"id": kind_of(event["event"])})


def credited(draft: Draft) -> None:
    for number, points in enumerate(_amounts(draft.case)):
        if Decimal(points) <= 0:
            raise Untranslatable("a credit of nothing or less has no feature here yet")
        draft.add("event", {"id": f"{CREDIT}{number}"})
        draft.add("earn", {"id": f"{CREDIT}{number}", "event": f"{CREDIT}{number}", "points": Decimal(points)})


def credit_kind(case: Case, points: object) -> str:
    return f"{CREDIT}{_amounts(case).index(str(points))}"


def _amounts(case: Case) -> list[str]:
    return list(dict.fromkeys(str(event["points"]) for event in case.events if event["type"] == "credit"))


def accruals(draft: Draft) -> None:
    for event in draft.case.events:
        for number, raw in enumerate(event.get("raw_points", ()) if event["type"] == "accruals" else ()):
            if Decimal(raw) <= 0:
                raise Untranslatable("an accrual of nothing or less has no feature here yet")
            draft.add("earn", {"id": f"{ACCRUAL}{number}", "points": Decimal(raw), "per": "purchase"})
