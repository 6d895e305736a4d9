"""`club assess`: would a club pay for a shop that has none yet? Answered from its purchases, with what is assumed beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.table import Table
from rich.text import Text

from club.assess_report import report_of
from club.console import Trouble, say, show_whole, step
from club.imports.cells import Dates
from club.imports.columns import said_in
from club.shop_file import ShopFile, shop_file
from shared.api.report_answers import report_sheets
from shared.api.sheets import xlsx_of_sheets
from shared.domain.assessing import Shop, shop_of
from shared.domain.models import BUYERS_MIN, DAYS_MIN, KNOWN_SHARE_MIN, Assessment, Assumed, assessment
from shared.domain.money import decimals
from shared.domain.report_letters import shown
from shared.domain.reports import Report, Section
from shared.domain.voice import Voice

# In dollars, from the price list of us-east-1 of 2026-11 and units that this club was measured to use: a purchase of 5 write
# units, relay and log included; a night's reading of each account; mail at 0.16 a thousand.
_PURCHASE_DOLLARS = Fraction(52, 10_000_000)
_NIGHTS_OF_MEMBER_DOLLARS = Fraction(73, 10_000_000)
_IDLE_YEAR_DOLLARS = Fraction(12)
_MAIL_DOLLARS = Fraction(16, 100_000)
_MAILS_A_YEAR = 24
_STAFF_HOURS_A_YEAR, _STAFF_HOUR_DOLLARS = 48, 25

NO_PROMISE = "Nothing of this is a promise. Only a club with a group held out tells what it brought."
# In two lines, so that sums of many digits stand beside each other in a terminal.
_HEADINGS = {
    "a_year_of": "a year of", "running_it": "running\nit", "rise_needed": "rise\nneeded",
    "left_at_the_rise_assumed": "left at the\nrise assumed",
}  # fmt: skip
_REASONS = {
    "too_short": f"the file covers fewer than {DAYS_MIN} days: one season would decide",
    "buyers_few": f"fewer than {BUYERS_MIN} buyers are known: a few people would decide",
    "buyers_unknown": f"the buyer of fewer than {float(KNOWN_SHARE_MIN):.0%} of purchases is known",
    "margin_unknown": "nobody told what is left of a price: say --margin-percent, or add a column of cost",
    "nobody_returns": "nobody bought on a second day: a club rewards coming back, and nobody does",
    "no_margin_is_enough": "each model would need more of a rise than is assumed even if the goods cost nothing",
    "none_pays": "each model would need more of a rise than is assumed",
    "too_small": "it is what the club costs whoever joins (staff above all) that so few purchases do not carry: see --fixed",
    "pays": "at least one model is paid back by less of a rise than is assumed",
}


def assess(
    purchases: Annotated[
        Path, typer.Argument(help="A CSV file or an Excel workbook: buyer, date, amount; purchase id, cost.")
    ],
    margin_percent: Annotated[
        float | None, typer.Option(help="What is left of a price after tax and the goods' cost, in percent.")
    ] = None,
    rise_percent: Annotated[
        float, typer.Option(min=0, max=1_000, help="How much more members may buy again: an assumption, not a promise.")
    ] = 10,
    enrolled_percent: Annotated[
        float, typer.Option(min=1, max=100, help="Of known buyers, those who would join.")
    ] = 50,
    currency: Annotated[str, typer.Option(help="The currency of the file, as USD.")] = "USD",
    dollar: Annotated[float | None, typer.Option(help="What one US dollar costs in that currency.")] = None,
    fixed: Annotated[float | None, typer.Option(min=0, help="Staff and agency a year, in the file's currency.")] = None,
    map_: Annotated[
        str, typer.Option("--map", help="Columns that have other names: Invoice=purchase_id,Client=buyer.")
    ] = "",
    dates: Annotated[str, typer.Option(help="How days are written: ymd, dmy or mdy; the file tells, mostly.")] = "",
    encoding: Annotated[str, typer.Option(help="Such as cp1255; the file tells, mostly.")] = "",
    xlsx: Annotated[Path | None, typer.Option(help="Also write the answer into this workbook.")] = None,
) -> None:
    """Tell whether a club would pay, from a shop's purchases: yes, no or not enough data, with figures and reasons."""
    currency = currency.upper()
    if len(currency) != len("USD") or not currency.isalpha():
        raise Trouble(f"{currency!r} is not a currency, such as USD.")
    if currency != "USD" and dollar is None:
        raise Trouble(f"Prices of AWS are in dollars: say what one costs in {currency} with --dollar.")
    if dollar is not None and dollar <= 0:
        raise Trouble("A dollar costs more than nothing.")
    if dates and dates not in get_args(Dates):
        raise Trouble(f"--dates {dates}: days are written ymd, dmy or mdy.")
    if margin_percent is not None and not 0 < margin_percent <= 100:
        raise Trouble("A margin is above 0 and at most 100 percent.")
    with step(f"Reading {purchases.name}") as progress:
        way = cast(Dates, dates) if dates else None
        file = shop_file(purchases, currency, said_in(map_), way, progress, encoding)
    shop = shop_of(file.sales)
    if shop is None:
        raise Trouble(f"There is not one purchase in {purchases}.")
    margin = shop.margin if margin_percent is None else _exact(margin_percent) * Fraction(1, 100)
    assumed = _assumed(margin, rise_percent, enrolled_percent, currency, _exact(dollar or 1), fixed)
    answer = assessment(shop, assumed)
    voice = Voice("en", currency)
    said = list(verdict(assumed, answer)), list(assumptions(shop, assumed, answer, voice))
    report = report_of(shop, file, answer, currency, *said)
    _unread(file)
    for section in report.sections[1:3]:
        show_whole(_table(section, voice))
    for line in ("", *said[0], "Assumed, and not read from the file:", *(f"- {line}" for line in said[1]), NO_PROMISE):
        say(line)
    if xlsx is not None:
        _keep(xlsx, report)


def verdict(assumed: Assumed, answer: Assessment) -> Iterator[str]:
    """The answer and its reasons."""
    yield f"Would a club pay here? {answer.answer.capitalize()}: {'; '.join(_REASONS[one] for one in answer.reasons)}."
    paying = [one for one in answer.costs if one.needed is not None]
    if paying and answer.answer != "not enough data":
        best = min(paying, key=lambda one: one.needed or 0)
        yield (
            f"The nearest is {best.model.id}: nothing is lost if members' purchases after the first rise by"
            f" {_percent(best.needed)}; {_percent(assumed.rise)} is assumed."
        )
    if answer.answer == "not enough data" and "margin_unknown" not in answer.reasons:
        yield "The table above is arithmetic on too little: it is shown so that you see what will be asked of more."


def assumptions(shop: Shop, assumed: Assumed, answer: Assessment, voice: Voice) -> Iterator[str]:
    """Everything that was not read from the file."""
    yield f"members buy again {_percent(assumed.rise)} more than now: not a forecast; try others with --rise-percent"
    yield f"{_percent(assumed.enrolled)} of known buyers join, and buy as all known buyers do (those who join usually buy more)"
    for one in answer.costs:
        yield f"{one.model.id}: {one.model.what}"
    yield (
        f"a year costs {_money(assumed.fixed_minor, voice)} whoever joins (staff and idle infrastructure),"
        f" {_MAILS_A_YEAR} mails a member and infrastructure come to"
        f" {_money(assumed.member_minor * 1_000, voice)} for a thousand members; a reward costs what it takes off the price"
    )
    if assumed.margin is not None:
        read = "read from the column of cost" if assumed.margin == shop.margin else "as you said"
        yield f"{_percent(assumed.margin)} of a price is left after tax and the goods' cost: {read}"


def _assumed(
    margin: Fraction | None, rise: float, enrolled: float, currency: str, dollar: Fraction, fixed: float | None
) -> Assumed:
    minor = dollar * 10 ** decimals(currency)
    staff = (
        _exact(fixed) * 10 ** decimals(currency)
        if fixed is not None
        else minor * _STAFF_HOURS_A_YEAR * _STAFF_HOUR_DOLLARS
    )
    hundredth = Fraction(1, 100)
    return Assumed(
        margin, _exact(rise) * hundredth, _exact(enrolled) * hundredth, staff + minor * _IDLE_YEAR_DOLLARS,
        minor * (_NIGHTS_OF_MEMBER_DOLLARS + _MAILS_A_YEAR * _MAIL_DOLLARS), minor * _PURCHASE_DOLLARS,
    )  # fmt: skip


def _unread(file: ShopFile) -> None:
    if file.unread:
        say(f"{file.unread:,} of {file.rows:,} rows could not be read, and are not counted:")
        for one in file.named:
            say(f"  row {one.line}: {one.why}" if one.line else f"  {one.why}")
    columns = ", ".join(f"{what} = {name}" for what, name in file.columns.items())
    say(f"Read as {file.told}. Columns: {columns}; dates {file.dates}.")


def _table(section: Section, voice: Voice) -> Table:
    """Without what the sentences below it say, and each figure's unit, which it bears."""
    places = [place for place, column in enumerate(section.columns) if column.name not in ("unit", "what_it_is")]
    headings = [_HEADINGS.get(name := section.columns[place].name, name) for place in places]
    table = Table(*headings, box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in section.rows:
        kinds = section.columns_of(row)
        table.add_row(*(Text(shown(kinds[place], row[place], voice)) for place in places))
    return table


def _keep(path: Path, report: Report) -> None:
    sheets = report_sheets(report, "en")
    sheets["answer"].append([NO_PROMISE])
    made = xlsx_of_sheets(sheets, datetime.now(UTC), right_to_left=False)
    try:
        path.write_bytes(made)
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror or error}.") from None
    say(f"The answer is in {path}.")


def _exact(value: float) -> Fraction:
    return Fraction(str(value))


def _decimal(value: Fraction | None, places: int) -> str:
    if value is None:
        return "no data"
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,}"


def _percent(value: Fraction | None) -> str:
    return "no data" if value is None else f"{_decimal(value * 100, 1)}%"


def _money(value: Fraction | None, voice: Voice) -> str:
    return "no data" if value is None else voice.money(round(value))
