"""The chapter of a month on what is owed: units that moved and are open, how points end, what of revenue waits for them, and the
entries of it for the books."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from shared.domain.breakage import Curve, Unlearned, counts_by_month, learned
from shared.domain.civil_months import month_in, month_of, month_text
from shared.domain.deferred_revenue import allocated_minor, recognised_minor, standalone_minor
from shared.domain.liability_tables import Liability
from shared.domain.money import ratio, rounded
from shared.domain.owed import Owed, said_uncounted, those
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.rulebook import Rulebook
from shared.domain.tables import CERTIFICATE, MAIN_WALLET

# What a month says of cohorts that are long over is nothing new: they are summed in the first row.
COHORTS_MAX = 120


class Cohort(NamedTuple):
    """Points given in a month, and the revenue that was set aside for them: `recognised_minor` of it is earned by now."""

    month: int
    allocated_minor: int
    recognised_minor: int


class Told(NamedTuple):
    """What a month's liability is counted from. `before`: the cohorts as the month before was closed with them."""

    owed: Owed
    last_day: date
    before: Mapping[int, Cohort]


def report_of_liability(told: Told, book: Rulebook) -> Report:
    month, law = month_of(told.last_day), book.programme.liability
    curve = expected_of(told.owed, month, law)
    cohorts = list(_cohorts(told, book, curve))
    sections = (
        _outstanding(told.owed, book, month, curve),
        _moved(told.owed),
        _breakage(told.owed, month, curve),
        _revenue(cohorts, told.before, month),
        _journal(cohorts, told, law),
    )
    first = told.last_day.replace(day=1)
    return Report(
        "liability",
        book.programme.club.currency,
        first,
        told.last_day,
        sections,
        (*_notes(curve, told, law), *said_uncounted(told.owed)),
    )


def expected_of(owed: Owed, month: int, law: Liability) -> Curve | Unlearned:
    """The share that will be used: as the programme declares it, else as it is learned."""
    if law.expected_percent is not None:
        return Curve((Fraction(*ratio(law.expected_percent)) * Fraction(1, 100),), 0, Fraction(0))
    return learned(owed, month, law.members_min)


def share_at(curve: Curve | Unlearned, age: int) -> Fraction:
    """Of what is not known, everything is owed."""
    return curve.share_at(age) if isinstance(curve, Curve) else Fraction(1)


def _value(book: Rulebook, wallet: str) -> Fraction:
    """What one smallest unit of a wallet is worth, in minor units."""
    if wallet == CERTIFICATE:
        return Fraction(1)
    known = book.wallet(wallet)
    return Fraction(*ratio(known.value_minor)) * Fraction(1, 10**known.decimals)


def _minor(worth: Fraction) -> int:
    return rounded(worth.numerator, worth.denominator, "half_up")


def _outstanding(owed: Owed, book: Rulebook, month: int, curve: Curve | Unlearned) -> Section:
    """What is open, by wallet and month of the last day: at its full value, and for the share that is expected to be used,
    which of all but the points is all. What lapsed has no value."""
    open_units, used = _open_and_expected(owed, month, curve)
    share = Fraction(used, open_units) if open_units > 0 else Fraction(1)
    rows: list[tuple[Value, ...]] = []
    for (wallet, kind, last), units in sorted(those(owed, "outstanding").items()):
        value = Fraction(0) if kind == "lapsed" else units * _value(book, wallet)
        expected = value * share if wallet == MAIN_WALLET else value
        rows.append((wallet, kind, last or "never", units, _minor(value), _minor(expected)))
    rows += [(wallet, "debt", "never", -units, 0, 0) for (wallet,), units in sorted(those(owed, "debts").items())]
    columns = (
        Column("wallet", "text"), Column("kind", "text"), Column("last_month", "text"), Column("units", "number"),
        Column("value_minor", "minor"), Column("expected_minor", "minor"),
    )  # fmt: skip
    return Section("outstanding", columns, tuple(rows))


def owed_minor(report: Report) -> int:
    """What all wallets together are worth at their full value, as a chapter of the month tells it."""
    (outstanding,) = (section for section in report.sections if section.name == "outstanding")
    place = [column.name for column in outstanding.columns].index("value_minor")
    return sum(value for row in outstanding.rows if isinstance(value := row[place], int))


def _open_and_expected(owed: Owed, month: int, curve: Curve | Unlearned) -> tuple[int, int]:
    """Of the points: how many are open, and how many of these are expected to be used."""
    left = {
        given: units - used - expired - back for given, (units, used, expired, back) in counts_by_month(owed).items()
    }
    return sum(left.values()), sum(_minor(units * share_at(curve, month - given)) for given, units in left.items())


def _moved(owed: Owed) -> Section:
    """By wallet: what there was, what came and went by each of the club's accounts, what is there. `late`: of these, what
    happened in an earlier month and was told in this one."""
    rows: list[tuple[Value, ...]] = []
    moved = those(owed, "moved")
    for wallet in sorted({name[0] for name in moved}):
        by = {(account, when): units for (name, account, when), units in moved.items() if name == wallet}
        opening = sum(units for (_, when), units in by.items() if when == "before")
        rows.append((wallet, "opening", opening, 0))
        closing = opening
        for account in sorted({account for account, when in by if when != "before"}):
            late = by.get((account, "late"), 0)
            units = by.get((account, "within"), 0) + late
            closing += units
            rows.append((wallet, account, units, late))
        rows.append((wallet, "closing", closing, 0))
    columns = (Column("wallet", "text"), Column("what", "text"), Column("units", "number"), Column("late", "number"))
    return Section("roll_forward", columns, tuple(rows))


def _breakage(owed: Owed, month: int, curve: Curve | Unlearned) -> Section:
    rows = []
    for given, (units, used, expired, back) in sorted(counts_by_month(owed).items())[-COHORTS_MAX:]:
        left = units - used - expired - back
        share = share_at(curve, month - given)
        expected = share if isinstance(curve, Curve) else None
        rows.append((month_text(given), units, used, expired, back, left, expected))
    columns = (
        Column("booked_in", "text"), Column("given", "number"), Column("used", "number"),
        Column("expired", "number"), Column("came_back", "number"), Column("open", "number"), Column("of_open_expected", "share"),
    )  # fmt: skip
    return Section("breakage", columns, tuple(rows))


def _cohorts(told: Told, book: Rulebook, curve: Curve | Unlearned) -> Iterator[Cohort]:
    """What was set aside for each month's points and what of it is earned by now. What was set aside stays as it was; what
    is expected of the points is estimated anew."""
    month, law = month_of(told.last_day), book.programme.liability
    counts = counts_by_month(told.owed)
    for given in sorted({*counts, *told.before}):
        units, used, expired, back = counts.get(given, (0, 0, 0, 0))
        known = told.before.get(given)
        allocated = known.allocated_minor if known is not None else 0
        if given == month and known is None:
            allocated = _allocated(told.owed.get(("sales",), 0), units - back, law, book, share_at(curve, 0))
        left = units - used - expired - back
        expected = used + _minor(left * share_at(curve, month - given))
        yield Cohort(given, allocated, recognised_minor(allocated, used, expected))


def _allocated(sales_minor: int, units: int, law: Liability, book: Rulebook, expected: Fraction) -> int:
    price = _value(book, MAIN_WALLET)
    if law.standalone_minor is not None:
        price = Fraction(*ratio(law.standalone_minor)) * Fraction(1, 10**book.programme.points.decimals)
    return allocated_minor(max(0, sales_minor), standalone_minor(max(0, units), price, expected), law.round_to_minor)


def _revenue(cohorts: Sequence[Cohort], before: Mapping[int, Cohort], month: int) -> Section:
    """By month of the points: what was set aside, what is earned of it, and what of that within this month."""
    rows = []
    for one in cohorts:
        earned_before = before[one.month].recognised_minor if one.month in before else 0
        left = one.allocated_minor - one.recognised_minor
        if one.allocated_minor and (left or earned_before != one.recognised_minor or one.month == month):
            now = one.recognised_minor - earned_before
            rows.append((month_text(one.month), one.allocated_minor, one.recognised_minor, now, left))
    columns = (
        Column("booked_in", "text"), Column("allocated_minor", "minor"), Column("recognised_minor", "minor"),
        Column("recognised_within_minor", "minor"), Column("deferred_minor", "minor"),
    )  # fmt: skip
    return Section("deferred_revenue", columns, tuple(rows))


def _journal(cohorts: Sequence[Cohort], told: Told, law: Liability) -> Section:
    """Two entries, each of which balances: what is set aside of the month's sales, and what of earlier ones is earned. An entry
    below 0 goes the other way."""
    month = month_of(told.last_day)
    aside = sum(one.allocated_minor for one in cohorts if one.month == month and one.month not in told.before)
    earned = sum(
        one.recognised_minor - (told.before[one.month].recognised_minor if one.month in told.before else 0)
        for one in cohorts
    )
    rows: list[tuple[Value, ...]] = []
    for memo, debit, credit, minor in (
        ("points given with the month's sales", law.revenue_account, law.liability_account, aside),
        ("points used, and estimated anew", law.liability_account, law.revenue_account, earned),
    ):
        debit, credit = (debit, credit) if minor >= 0 else (credit, debit)
        if minor:
            rows += [(told.last_day, debit, abs(minor), 0, memo), (told.last_day, credit, 0, abs(minor), memo)]
    columns = (
        Column("date", "day"), Column("account", "text"), Column("debit_minor", "minor"), Column("credit_minor", "minor"),
        Column("memo", "text"),
    )  # fmt: skip
    return Section("journal", columns, tuple(rows))


def _notes(curve: Curve | Unlearned, told: Told, law: Liability) -> Iterator[str]:
    if isinstance(curve, Unlearned):
        yield f"Breakage: {curve.why}. Until it is known, all points count as to be used."
    elif law.expected_because is not None:
        yield (
            f"Breakage is declared, not learned: {law.expected_percent}% of points are expected to be used, since "
            f"{law.expected_because}."
        )
    else:
        percent = curve.expected * 100
        yield (
            f"Breakage is learned from points of up to {curve.members} members a month: of what is given, "
            f"{percent.numerator // percent.denominator}% will be used."
        )
    if not told.before:
        yield "No month was closed before: revenue is set aside from this month on, and for none of the points given earlier."
    if law.standalone_minor is None:
        yield "A point alone costs what it pays: [liability] standalone_minor says otherwise."


def cohorts_in(report: Report) -> dict[int, Cohort]:
    """The cohorts of a closed month, for the one after it."""
    section = next(one for one in report.sections if one.name == "deferred_revenue")
    found = {}
    for given, allocated, recognised, *_ in section.rows:
        month = month_in(str(given))
        assert isinstance(allocated, int)
        assert isinstance(recognised, int)
        found[month] = Cohort(month, allocated, recognised)
    return found
