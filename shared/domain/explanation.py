"""The reasons of a posting in their stored form: one list in the order of the programme's rules, read under the same version.

A rule that fired is `[id, basis, points]` or `[id, basis, points, uncapped]`; one that did not is a word (`"dates"`, `"lines"`,
…) or `[clause, observed …]`. Exact points that are not whole are written `"1999/10"`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

from shared.domain.reasons import ACHIEVEMENT_RULE, CAP_RULE, TIER_RULE, Fired, NotFired, Why
from shared.domain.rulebook import Rulebook

Stored = list[object]


def stored(reasons: tuple[Fired | NotFired, ...]) -> Stored:
    rows: Stored = []
    for reason in reasons:
        if isinstance(reason, NotFired):
            rows.append([reason.clause, *reason.observed] if reason.why == "when" else reason.why)
        else:
            points = (
                [_number(reason.points)]
                if reason.uncapped is None
                else [_number(reason.points), _number(reason.uncapped)]
            )
            rows.append([reason.rule, reason.basis, *points])
    return rows


def reasons_of(rows: Stored, book: Rulebook, event_kind: str | None = None) -> tuple[Fired | NotFired, ...]:
    """The reverse of `stored`, under the version of the programme that decided; of an event, where a kind is given."""
    ids = [rule.earn.id for rule in (book.rules if event_kind is None else book.rules_for(event_kind))]
    reasons: list[Fired | NotFired] = []
    for index, row in enumerate(rows):
        if isinstance(row, str):
            reasons.append(NotFired(ids[index], cast(Why, row)))
            continue
        assert isinstance(row, list)
        if isinstance(row[0], str):
            points = [Fraction(value) for value in row[2:]]
            reasons.append(Fired(row[0], row[1], points[0], points[1] if len(points) > 1 else None))
        else:
            reasons.append(NotFired(ids[index], "when", row[0], tuple(row[1:])))
    # A member who is not active is given nothing, by no rule.
    assert not rows or len(rows) >= len(ids), "a rule without its reason"
    assert all(isinstance(row, list) and is_added(str(row[0])) for row in rows[len(ids) :]), (
        "a reason that no rule gave"
    )
    return tuple(reasons)


def is_added(rule_id: str) -> bool:
    """A reason that is no rule of the file: a tier's multiplier, a cap after multipliers, an achievement."""
    return rule_id.startswith((TIER_RULE, CAP_RULE, ACHIEVEMENT_RULE))


def is_tier(rule_id: str) -> bool:
    return rule_id.startswith(TIER_RULE)


def _number(points: Fraction) -> int | str:
    return points.numerator if points.denominator == 1 else str(points)
