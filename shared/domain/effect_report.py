"""The chapter of a month on effects: by automation and arm, how many members, and what they bought on average. The doubt of
it is told by `club effect`, which reads the sums here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from shared.domain.effects import CLUB, HELD_OUT, OUTCOMES, TREATED, WINDOW_DAYS
from shared.domain.owed import Owed
from shared.domain.reports import Column, Report, Section, Unit, Value

UNITS: dict[str, Unit] = {"visits": "number", "conversion": "share", "spend": "minor", "margin": "minor"}
_SUMS = ("y", "yy", "x", "xx", "xy")


class Sums(NamedTuple):
    """An arm's sums of one outcome `y` and of the past `x`."""

    members: int
    y: int
    yy: int
    x: int
    xx: int
    xy: int


def sums_of(effects: Mapping[tuple[str, ...], int], automation: str, arm: str, outcome: str) -> Sums | None:
    """None where nobody knows: of margin, where the cost of some goods is not known."""
    members = effects.get((automation, arm, "members", ""), 0)
    if not members or (outcome == "margin" and effects.get((automation, arm, "margin", "unknown"))):
        return None
    return Sums(members, *(effects.get((automation, arm, outcome, what), 0) for what in _SUMS))


def automations_in(effects: Owed) -> list[str]:
    """The club as a whole first."""
    return sorted({name[0] for name in effects}, key=lambda one: (one != CLUB, one))


def report_of_effects(effects: Owed, currency: str, first: date, last: date) -> Report:
    rows: list[tuple[Value, ...]] = []
    for automation in automations_in(effects):
        for outcome in OUTCOMES:
            arms = {arm: sums_of(effects, automation, arm, outcome) for arm in (TREATED, HELD_OUT)}
            means = {arm: Fraction(sums.y, sums.members) if sums is not None else None for arm, sums in arms.items()}
            treated, held_out = means[TREATED], means[HELD_OUT]
            more = treated - held_out if treated is not None and held_out is not None else None
            many = [effects.get((automation, arm, "members", ""), 0) for arm in (TREATED, HELD_OUT)]
            rows.append((automation, outcome, UNITS[outcome], *many, treated, held_out, more))
    columns = (
        Column("automation", "text"), Column("outcome", "text"), Column("unit", "text"), Column("treated", "number"),
        Column("held_out", "number"), Column("mean_treated", "by_row"), Column("mean_held_out", "by_row"),
        Column("difference", "by_row"),
    )  # fmt: skip
    stored: list[tuple[Value, ...]] = []
    for name, value in sorted(effects.items()):
        stored.append((*name, value))
    kept = (
        Column("automation", "text"),
        Column("arm", "text"),
        Column("of", "text"),
        Column("sum", "text"),
        Column("value", "number"),
    )
    sections = (Section("means", columns, tuple(rows)), Section("sums", kept, tuple(stored)))
    return Report("effect", currency, first, last, sections, tuple(_notes(effects)))


def effects_in(report: Report) -> Owed:
    """The sums of a closed month, for whoever tells the doubt."""
    section = next(one for one in report.sections if one.name == "sums")
    return {tuple(map(str, row[:-1])): int(str(row[-1])) for row in section.rows}


def _notes(effects: Owed) -> Iterator[str]:
    yield f"Of members as they were assigned, within {WINDOW_DAYS} days. `club effect` says whether a difference is an effect."
    if not any(name[0] == CLUB for name in effects):
        yield "What the club as a whole did is unknown: nobody is held out of all ([club] holdout)."
