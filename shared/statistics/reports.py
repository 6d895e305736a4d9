"""Estimates as chapters of a month, which a row keeps for good: numbers as fractions, cut to a millionth. No member is named."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from shared.domain.effect_report import UNITS
from shared.domain.effects import CLUB, WINDOW_DAYS
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.voice import Voice
from shared.statistics.expectations import Expectations
from shared.statistics.told_effects import CLUB_UNKNOWN, Told, sentence

UPLIFT, EXPECTED = "uplift", "expected"
WORTHS = "worths"
_PARTS = 10**6
_ARMS = (
    Column("automation", "text"), Column("outcome", "text"), Column("unit", "text"), Column("treated", "number"),
    Column("held_out", "number"),
)  # fmt: skip
_DOUBT = tuple(Column(name, "by_row") for name in ("difference", "low", "high"))
_EVER = tuple(Column(name, "by_row") for name in ("ever_low", "ever_high", "smallest_seen"))
# `split_p`: how rare so uneven a split of the arms is by chance.
_COMPARED = (*_ARMS, *_DOUBT, Column("p", "number"), *_EVER, Column("split_p", "number"))


def millionths(value: float | None) -> Fraction | None:
    """None of what is no number: a model may have no mean.

    >>> millionths(0.25), millionths(float("inf"))
    (Fraction(1, 4), None)
    """
    return Fraction(round(value * _PARTS), _PARTS) if value is not None and math.isfinite(value) else None


def report_of_uplift(
    found: Sequence[Told], worths: Mapping[str, int], currency: str, first: date, last: date
) -> Report:
    """What chance decided stands in the section `uplift`; what it did not is a difference between arms, and no more than that."""
    trials = [_compared(one) for one in found if one.effect is not None and one.is_trial]
    others = [_compared(one) for one in found if one.effect is not None and not one.is_trial]
    untold = [(one.automation, one.outcome, one.treated, one.held_out, one.why) for one in found if one.effect is None]
    without_unit = (*_ARMS[:2], *_ARMS[3:], Column("why", "text"))
    sections = (
        Section(UPLIFT, _COMPARED, tuple(trials)),
        Section("differences", _COMPARED, tuple(others)),
        Section("untold", without_unit, tuple(untold)),
        Section(WORTHS, (Column("automation", "text"), Column("worth", "minor")), tuple(sorted(worths.items()))),
    )
    return Report(UPLIFT, currency, first, last, sections, tuple(_notes(found, Voice("en", currency))))


def worths_in(report: Report) -> dict[str, int]:
    """What messages are worth as a closed month measured it."""
    rows = next(one.rows for one in report.sections if one.name == WORTHS)
    return {str(name): int(str(worth)) for name, worth in rows}


def _compared(one: Told) -> tuple[Value, ...]:
    assert one.effect is not None
    it = one.effect
    told = map(millionths, (it.difference, it.low, it.high, it.p, it.ever_low, it.ever_high, it.smallest, one.ratio))
    return one.automation, one.outcome, UNITS[one.outcome], one.treated, one.held_out, *told


def _notes(found: Sequence[Told], voice: Voice) -> Iterator[str]:
    yield f"Within {WINDOW_DAYS} days after each member was due, once a year. `low` to `high` holds when it is read once."
    for one in found:
        if one.outcome == "spend":
            yield sentence(one, voice)
    if not any(one.automation == CLUB for one in found):
        yield CLUB_UNKNOWN


def report_of_expectations(known: Expectations, currency: str, first: date, last: date) -> Report:
    """Members by how likely they are to buy again, the models behind it, and how many members these were learned from."""
    bands = tuple(
        (
            millionths(one.least), one.members, millionths(one.alive), millionths(one.purchases),
            millionths(one.minor),
        )
        for one in known.bands
    )  # fmt: skip
    models = (("BG/NBD", known.buying), ("Gamma-Gamma", known.spending))
    parameters = tuple(
        (name, parameter, millionths(value))
        for name, model in models
        if model is not None
        for parameter, value in model._asdict().items()
    )
    learned = (("members", known.members), ("on_two_days_or_more", known.repeating), ("days_ahead", known.days))
    sections = (
        Section(
            "bands",
            (
                Column("alive_from", "share"), Column("members", "number"), Column("alive", "number"),
                Column("purchases", "number"), Column("spend", "minor"),
            ),
            bands,
        ),
        Section(
            "parameters", (Column("model", "text"), Column("parameter", "text"), Column("value", "number")), parameters
        ),
        Section("learned_from", (Column("what", "text"), Column("value", "number")), learned),
    )  # fmt: skip
    about = f"Expected within {known.days} days after {last}. BG/NBD in weeks, Gamma-Gamma in minor units."
    return Report(EXPECTED, currency, first, last, sections, (about, *known.why))
