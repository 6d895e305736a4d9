"""The answer of `club assess` as a report: the same sections in the terminal and in a workbook, each figure from one place."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from club.shop_file import ShopFile
from shared.domain.assessing import COMES_BACK_WITHIN_DAYS, Shop
from shared.domain.models import Assessment, Cost
from shared.domain.reports import Column, Report, Section, Value

NEVER_ENOUGH = "none is enough"
_FIGURES = (Column("figure", "text"), Column("unit", "text"), Column("value", "by_row"))
_MODELS = (
    Column("a_year_of", "text"), Column("members", "number"), Column("rewards", "minor"), Column("fees", "minor"),
    Column("running_it", "minor"), Column("rise_needed", "share"), Column("left_at_the_rise_assumed", "minor"),
    Column("what_it_is", "text"),
)  # fmt: skip


def report_of(
    shop: Shop, file: ShopFile, answer: Assessment, currency: str, verdict: Sequence[str], assumed: Sequence[str]
) -> Report:
    """`verdict`: the answer and its reasons, `assumed`: everything that was not read from the file; both as sentences."""
    sections = (
        Section("answer", (Column("answer", "text"),), tuple((line,) for line in verdict)),
        figures_of(shop, file),
        Section("models", _MODELS, tuple(_model(one) for one in answer.costs)),
        Section("assumed", (Column("assumed_and_not_read", "text"),), tuple((line,) for line in assumed)),
        Section("columns", (Column("what", "text"), Column("column", "text")), tuple(file.columns.items())),
        _rows_unread(file),
    )
    return Report("assess", currency, shop.first, shop.last, tuple(one for one in sections if one.rows))


def figures_of(shop: Shop, file: ShopFile) -> Section:
    rows: tuple[tuple[str, str, Value], ...] = (
        ("rows", "number", file.rows),
        ("rows that could not be read", "number", file.unread),
        ("purchases", "number", shop.purchases),
        ("returns", "number", shop.returns),
        ("first day", "day", shop.first),
        ("last day", "day", shop.last),
        ("days", "number", shop.days),
        ("sold", "minor", shop.gross_minor),
        ("came back", "minor", shop.returned_minor),
        ("purchases whose buyer is known", "share", shop.known_share),
        ("known buyers", "number", shop.buyers),
        ("of these, bought on a second day", "number", shop.buyers_again),
        ("of these, bought on a second day, share", "share", shop.repeat_rate),
        (f"had the time to come back within {COMES_BACK_WITHIN_DAYS} days", "number", shop.could_come_back),
        ("of these, came back", "share", shop.came_back),
        ("of known buyers' money, from those who bought again", "share", shop.repeat_share_of_money),
        ("of it, from the fifth who buy most", "share", shop.top_share),
        ("how unevenly it is spread (Gini: 0 even, 1 one buyer)", "number", _rounded(shop.gini, 3)),
        ("days between two purchases, median", "number", _rounded(shop.gap_days, 1)),
        ("basket", "minor", _rounded(shop.basket_minor, 0)),
        ("margin by the column of cost", "share", shop.margin),
    )
    return Section("figures", _FIGURES, rows)


def _model(one: Cost) -> tuple[Value, ...]:
    needed = NEVER_ENOUGH if one.needed is None and one.left_minor is not None else one.needed
    money = (one.rewards_minor, one.income_minor, one.running_minor)
    return (
        one.model.id, round(one.members), *(round(value) for value in money), needed, _rounded(one.left_minor, 0),
        one.model.what,
    )  # fmt: skip


def _rows_unread(file: ShopFile) -> Section:
    """A row of 0 is none of the file's."""
    rows = tuple((one.line or "", one.why) for one in file.named)
    more = file.unread - len(rows)
    rows = (*rows, ("", f"and {more:,} more")) if more > 0 else rows
    return Section("rows_not_read", (Column("row", "text"), Column("why", "text")), rows)


def _rounded(value: Fraction | None, places: int) -> Fraction | None:
    return None if value is None else Fraction(round(value * 10**places), 10**places)
