"""A report as the API tells it to staff: JSON, or a file that a spreadsheet opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from shared.api.sheets import Cell
from shared.domain.errors import Invalid
from shared.domain.money import DECIMALS_SHOWN_MAX, decimals, exact_text
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.voice import Voice

if TYPE_CHECKING:
    from shared.api import shapes

FORMATS = ("json", "csv", "xlsx")
_EXACT = 10**DECIMALS_SHOWN_MAX


def format_asked(query: Mapping[str, str]) -> str:
    """Raises Invalid."""
    known = query.get("format", "json")
    if known not in FORMATS:
        raise Invalid("format", f"is none of {', '.join(FORMATS)}")
    return known


def report_answer(report: Report) -> shapes.ReportAnswer:
    return {
        "report": report.name,
        "currency": report.currency,
        "from": report.first.isoformat(),
        "until": report.last.isoformat(),
        "sections": [
            {
                "section": section.name,
                "columns": [{**column._asdict()} for column in section.columns],  # type: ignore[typeddict-item]
                "rows": [[_told(value) for value in row] for row in section.rows],
            }
            for section in report.sections
        ],
        "notes": list(report.notes),
    }


def report_sheets(report: Report, language: str) -> dict[str, list[list[Cell]]]:
    """The rows of each section by its name: a heading, then the values. Money and units as people read them: in the currency's
    own units, with the wallet's decimals."""
    voice = Voice(language, report.currency)
    sheets = {section.name: _rows(section, voice) for section in report.sections}
    if report.notes:
        sheets["notes"] = [[text] for text in (voice.say("report.note"), *report.notes)]
    return sheets


def _rows(section: Section, voice: Voice) -> list[list[Cell]]:
    headings: list[Cell] = [_heading(column, voice) for column in section.columns]
    return [
        headings,
        *([_cell(*pair, voice) for pair in zip(section.columns_of(row), row, strict=True)] for row in section.rows),
    ]


def _heading(column: Column, voice: Voice) -> str:
    return f"{column.name} ({voice.currency})" if column.unit == "minor" else column.name


def _told(value: Value) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return exact_text(value.numerator, value.denominator) if isinstance(value, Fraction) else value


def _cell(column: Column, value: Value, voice: Voice) -> Cell:
    if value is None:
        return voice.say("report.no_data")
    # Beside money that is told in the currency's own units its unit is the currency.
    if column.name == "unit" and value == "minor":
        return voice.currency
    if isinstance(value, str | date):
        return value
    places = decimals(voice.currency) if column.unit == "minor" else column.decimals
    if isinstance(value, int) and not places:
        return value
    exact = Fraction(value)
    told = Decimal(exact.numerator * _EXACT // exact.denominator).scaleb(-DECIMALS_SHOWN_MAX - places).normalize()
    # Without its zeros forty would be written as 4E+1.
    return told.quantize(Decimal(1)) if told == told.to_integral_value() else told
