"""A report as a mail to whoever answers for the sums: its sections as tables, its notes below. It names no member,
and loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from markupsafe import Markup

from shared.domain.letters import HTML_BYTES_MAX, Letter
from shared.domain.money import rounded
from shared.domain.reports import IN_FILES, Column, Report, Section, Value
from shared.domain.voice import Voice

# A mail is read on a phone: whoever wants all of a section opens the file.
ROWS_MAX = 40
_HUNDREDTHS = 100
_CELL = Markup('<{tag} style="padding:4px 10px;border-bottom:1px solid #e4ddd9;text-align:start">{cell}</{tag}>')
_FONT = "font-family:'Segoe UI','Noto Sans','Noto Sans Hebrew','Noto Sans Arabic',Tahoma,Arial,sans-serif"
_PAGE = Markup(
    '<!DOCTYPE html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="margin:0;padding:20px;color:#26211f;{font}"><h1 style="font-size:22px">{title}</h1>{body}</body></html>'
)
_TABLE = Markup(
    '<h2 style="font-size:16px;margin:20px 0 6px">{name}</h2><table dir="{direction}" cellspacing="0" '
    'style="border-collapse:collapse;font-size:14px">{rows}</table>'
)


def letter_of_reports(reports: Sequence[Report], title: str, language: str, sender: str) -> Letter:
    """Sections that have no row are left out, and those that a mail program would not show any more."""
    voice = Voice(language, reports[0].currency)
    pieces: list[Markup] = []
    lines = [title]
    room = HTML_BYTES_MAX - len(_page(title, Markup(""), voice).encode())
    for report in reports:
        for piece, text in _pieces(report, voice):
            room -= len(piece.encode())
            if room < 0:
                continue
            pieces.append(piece)
            lines += ["", *text]
    return Letter(title, "\n".join(lines), str(_page(title, Markup("").join(pieces), voice)), sender)


def _page(title: str, body: Markup, voice: Voice) -> Markup:
    return _PAGE.format(language=voice.language, direction=_direction(voice), title=title, font=_FONT, body=body)


def _pieces(report: Report, voice: Voice) -> list[tuple[Markup, list[str]]]:
    """Each section and the notes, for HTML and as lines of text."""
    told = [_section(section, voice) for section in report.sections if section.rows and section.name != IN_FILES]
    if report.notes:
        notes = Markup("").join(Markup("<p>{}</p>").format(note) for note in report.notes)
        told.append((notes, list(report.notes)))
    return told


def _section(section: Section, voice: Voice) -> tuple[Markup, list[str]]:
    headings = [column.name for column in section.columns]
    rows = [
        [shown(column, value, voice) for column, value in zip(section.columns_of(row), row, strict=True)]
        for row in section.rows[:ROWS_MAX]
    ]
    if len(section.rows) > ROWS_MAX:
        rows.append(["…", *[""] * (len(headings) - 1)])
    marked = [_row(headings, "th"), *(_row(row, "td") for row in rows)]
    table = _TABLE.format(name=section.name, direction=_direction(voice), rows=Markup("").join(marked))
    return table, [section.name, " | ".join(headings), *(" | ".join(row) for row in rows)]


def _row(cells: Sequence[str], tag: str) -> Markup:
    marked = Markup("").join(_CELL.format(tag=tag, cell=cell) for cell in cells)
    return Markup("<tr>{}</tr>").format(marked)


def _direction(voice: Voice) -> str:
    return "rtl" if voice.right_to_left else "ltr"


def shown(column: Column, value: Value, voice: Voice) -> str:
    """A value as people read it: money with its currency, a share in percent, what nobody knows in words."""
    if value is None:
        return voice.say("report.no_data")
    if isinstance(value, date):
        return voice.day(value)
    if isinstance(value, str):
        return value
    if column.unit == "minor" and 0 < abs(value) < 1:
        # Much of what a club costs for a member is less than a cent: 0 would be no answer.
        return voice.part_of_money(Fraction(value))
    if column.unit == "minor":
        return voice.money(rounded(value.numerator, value.denominator, "half_up"))
    if column.unit == "share":
        percent = Fraction(rounded(value.numerator * 1_000, value.denominator, "half_up"), 10)
        return f"{voice.number(percent)}%"
    if column.unit == "number" and abs(value) >= 1 and Fraction(value * _HUNDREDTHS).denominator > 1:
        return voice.number(Fraction(rounded(value.numerator * _HUNDREDTHS, value.denominator, "half_up"), _HUNDREDTHS))
    return voice.number(Fraction(value) * Fraction(1, 10**column.decimals))
