"""Breakage: the share of points that is given and never used, learned from the club's own points. Of each age, what share of the
points that were still open then was used or lapsed within that month; multiplied up, that is how points of any age will end.

The method is that of competing risks by age (Kaplan and Meier 1958, Aalen and Johansen 1978), over all cohorts together, exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from shared.domain.owed import BACK, EXPIRED, GIVEN, USED, Owed, those

# Fewer members behind a curve than this, and one who never comes back decides it.
MEMBERS_MIN = 100
# So much of the points may still be open at the oldest age that is known.
OPEN_SHARE_MAX = Fraction(1, 20)


class Risks(NamedTuple):
    """Of points of an age in months: how many were open as it began, and how many ended within it, by how."""

    open: int
    used: int
    expired: int
    back: int


class Curve(NamedTuple):
    """How points end. `used_from[k]`: the share of points open at age k that will be used. `members`: whose points it was learned
    from; `left`: the share that is open still at the oldest age."""

    used_from: tuple[Fraction, ...]
    members: int
    left: Fraction

    @property
    def expected(self) -> Fraction:
        """Of points as they are given, the share that will be used."""
        return self.used_from[0] if self.used_from else Fraction(1)

    def share_at(self, age: int) -> Fraction:
        """Of points open at an age; older ones than any known end as the oldest do."""
        return self.used_from[min(age, len(self.used_from) - 1)] if self.used_from else Fraction(1)


class Unlearned(NamedTuple):
    """Why nothing was learned, in a sentence for whoever asked."""

    why: str


def risks_of(owed: Owed, month: int) -> list[Risks]:
    """By age. Each cohort is known until the age that it has at the end of `month`, and each age of it is whole but the last."""
    ages: dict[int, list[int]] = {}
    curve = those(owed, "curve")
    for (given,), units in those(owed, "given").items():
        left = units
        for age in range(month - int(given) + 1):
            ends = [curve.get((given, str(age), how), 0) for how in (USED, EXPIRED, BACK)]
            sums = ages.setdefault(age, [0, 0, 0, 0])
            for place, many in enumerate((left, *ends)):
                sums[place] += many
            left -= sum(ends)
    return [Risks(*ages[age]) for age in sorted(ages)]


def learned(owed: Owed, month: int, members_min: int = MEMBERS_MIN) -> Curve | Unlearned:
    """The curve at the end of a month, or why there is none."""
    risks = risks_of(owed, month)
    ended = [age for age, one in enumerate(risks) if one.used or one.expired]
    members = max(those(owed, "members").values(), default=0)
    if members < members_min:
        return Unlearned(
            f"not enough data: points of {members} members at most in one month, and it takes {members_min}"
        )
    if not ended:
        return Unlearned("not enough data: no point has been used or has lapsed yet")
    left = Fraction(1)
    for one in risks:
        left *= 1 - _share(one.used + one.expired + one.back, one.open)
    if left > OPEN_SHARE_MAX:
        percent = left * 100
        return Unlearned(
            f"not enough data: {percent.numerator // percent.denominator}% of points are still open at the oldest age"
        )
    return Curve(tuple(_used_from(risks)), members, left)


def _used_from(risks: list[Risks]) -> list[Fraction]:
    """From the oldest age down. What is open beyond it counts as never used; what came back with goods was never a promise."""
    shares = [Fraction(0)]
    for one in reversed(risks):
        kept = one.open - one.back
        used, expired = _share(one.used, kept), _share(one.expired, kept)
        shares.append(_rounded(used + (1 - used - expired) * shares[-1]))
    return list(reversed(shares))[:-1]


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole > 0 else Fraction(0)


# Of many cohorts exact fractions grow without end; a billionth of a point is none.
_PARTS = 10**12


def _rounded(share: Fraction) -> Fraction:
    return Fraction(share.numerator * _PARTS // share.denominator, _PARTS)


def counts_by_month(owed: Owed) -> Mapping[int, tuple[int, int, int, int]]:
    """Of each month in which points were booked: how many were given, and how many of them were used, lapsed, came back."""
    cohorts = those(owed, "cohort")
    months = {month for month, _ in cohorts}
    return {
        int(month): (
            cohorts.get((month, GIVEN), 0), cohorts.get((month, USED), 0), cohorts.get((month, EXPIRED), 0),
            cohorts.get((month, BACK), 0),
        )
        for month in months
    }  # fmt: skip
