"""What became of members who were due for an automation, by arm: sums from which its effect is told with its doubt.

Whoever was due counts, written to or not: members are compared as they were assigned. Each counts once for an automation,
from the first time within a year, with what they bought in the days after it; and with what they had bought in as many days
before it, which takes away much of the chance. The club as a whole is told by those who are held out of all, and has no past
that is none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from shared.domain.history import Bought, History
from shared.domain.owed import Owed

# So many days after the day on which a member was due, that day included; and as many before it.
WINDOW_DAYS = 30
YEAR_DAYS = 365
OUTCOMES = ("visits", "conversion", "spend", "margin")
# Figures by automation, arm, and outcome: `members`, and of each outcome the sums of it, its square, its product with the
# past, and of # the past and its square.
CLUB = "the club"
TREATED, HELD_OUT = "treated", "held_out"


def effects_of(history: History, last_day: date, *, held_out_of_all: bool | None) -> Owed:
    """One member's part, of windows that have ended by `last_day`. `held_out_of_all`: None where the club holds nobody out
    of all."""
    sums: Owed = {}
    seen = set[str]()
    # Who is held out of all misses every other automation as well: the two arms would differ in more than the one.
    for due in () if held_out_of_all else history.dues:
        ends = due.on + timedelta(days=WINDOW_DAYS - 1)
        if due.automation in seen or ends > last_day or ends <= last_day - timedelta(days=YEAR_DAYS):
            continue
        seen.add(due.automation)
        _add(sums, due.automation, due.arm, history.bought, due.on)
    began = last_day - timedelta(days=WINDOW_DAYS - 1)
    if held_out_of_all is not None and history.joined_on < began:
        _add(sums, CLUB, HELD_OUT if held_out_of_all else TREATED, history.bought, began, has_past=False)
    return sums


def _add(
    sums: Owed, automation: str, arm: str, bought: Sequence[Bought], began: date, *, has_past: bool = True
) -> None:  # fmt: skip
    """`has_past`: who is held out of all is so for good, and what such a member bought before is an effect already."""
    after = [one for one in bought if began <= one.on < began + timedelta(days=WINDOW_DAYS)]
    before = [one for one in bought if has_past and began - timedelta(days=WINDOW_DAYS) <= one.on < began]
    named = dict(_outcomes(after))
    past = dict(_outcomes(before))
    sums[automation, arm, "members", ""] = 1
    for outcome, value in named.items():
        known = past.get(outcome, 0)
        for what, more in (("y", value), ("yy", value**2), ("x", known), ("xx", known**2), ("xy", value * known)):
            if more:
                sums[automation, arm, outcome, what] = more
    if "margin" not in named or "margin" not in past:
        sums[automation, arm, "margin", "unknown"] = 1


def _outcomes(bought: Sequence[Bought]) -> Iterator[tuple[str, int]]:
    """Without margin where the cost of some goods is not known."""
    yield "visits", len(bought)
    yield "conversion", int(bool(bought))
    yield "spend", sum(one.kept_minor for one in bought)
    margins = [one.margin_minor for one in bought]
    if None not in margins:
        yield "margin", sum(margin for margin in margins if margin is not None)
