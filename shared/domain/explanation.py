"""The reasons of a posting in their stored form: one list in the order of the programme's rules, read under the same version.

A rule that fired is `[id, basis, points]` or `[id, basis, points, uncapped]`; one that did not is `"dates"`, `"lines"` or
`[clause, observed …]`. Exact points that are not whole are written `"1999/10"`.
"""

from __future__ import annotations

from fractions import Fraction

from shared.domain.earning import TIER_RULE, Fired, NotFired
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


def reasons_of(rows: Stored, book: Rulebook) -> tuple[Fired | NotFired, ...]:
    """The reverse of `stored`, under the version of the programme that decided."""
    ids = [rule.earn.id for rule in book.rules]
    reasons: list[Fired | NotFired] = []
    for index, row in enumerate(rows):
        if isinstance(row, str):
            reasons.append(NotFired(ids[index], "dates" if row == "dates" else "lines"))
            continue
        assert isinstance(row, list)
        if isinstance(row[0], str):
            points = [Fraction(value) for value in row[2:]]
            reasons.append(Fired(row[0], row[1], points[0], points[1] if len(points) > 1 else None))
        else:
            reasons.append(NotFired(ids[index], "when", row[0], tuple(row[1:])))
    assert len(rows) - len(ids) in (0, 1), "a tier's multiplier is the only reason that is not a rule of the file"
    return tuple(reasons)


def is_tier(rule_id: str) -> bool:
    return rule_id.startswith(TIER_RULE)


def _number(points: Fraction) -> int | str:
    return points.numerator if points.denominator == 1 else str(points)
