"""A report is one value: what is kept of it, what a mail shows of it, and what nobody knows in it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from shared.domain.letters import HTML_BYTES_MAX
from shared.domain.report_letters import ROWS_MAX, letter_of_reports, shown
from shared.domain.reports import Column, Report, Section, report_in
from shared.domain.voice import Voice

DAY = date(2026, 10, 1)
COLUMNS = (
    Column("tier", "text"), Column("since", "day"), Column("members", "number"), Column("spend_minor", "minor"),
    Column("share", "share"), Column("points", "units", 2),
)  # fmt: skip
ROWS = (
    ("gold <b>", DAY, 3, 123_456, Fraction(1, 3), 150),
    ("2026-10-01", None, None, Fraction(7, 2), Fraction(2), -3),
)


def report(rows=ROWS, notes=("The month is open still.",)):
    return Report("month", "ILS", DAY, date(2026, 10, 31), (Section("tiers", COLUMNS, rows),), notes)


def test_a_report_is_read_as_it_was_kept():
    assert report_in(report().text) == report()


def test_a_mail_shows_money_with_its_currency_and_shares_in_percent():
    letter = letter_of_reports([report()], "October", "en", "Rimon <club@rimon.example.com>")
    assert letter.text.splitlines() == [
        "October", "", "tiers", "tier | since | members | spend_minor | share | points",
        "gold <b> | October 1, 2026 | 3 | ₪1,234.56 | 33.3% | 1.5",
        "2026-10-01 | No data | No data | ₪0.04 | 200% | -0.03",
        "", "The month is open still.",
    ]  # fmt: skip
    assert "gold &lt;b&gt;" in letter.html
    assert "<b>" not in letter.html


def test_a_mail_in_hebrew_runs_from_the_right():
    letter = letter_of_reports([report()], "אוקטובר", "he", "")
    assert 'lang="he" dir="rtl"' in letter.html
    assert '<table dir="rtl"' in letter.html
    assert "אין נתונים" in letter.text


def test_a_mail_shows_the_first_rows_of_a_long_section_and_says_that_there_are_more():
    long = letter_of_reports([report((ROWS[0],) * (ROWS_MAX + 1))], "October", "en", "").text
    assert long.count("gold") == ROWS_MAX
    assert "\n… |" in long


def test_a_mail_is_never_cut_by_whoever_shows_it():
    whole = [report(((("g" * 1_000), *ROWS[0][1:]),) * ROWS_MAX)] * 5
    assert len(letter_of_reports(whole, "October", "en", "").html.encode()) <= HTML_BYTES_MAX


def test_a_section_without_rows_is_left_out_of_a_mail():
    assert "tiers" not in letter_of_reports([report(())], "October", "en", "").text


@pytest.mark.parametrize(
    ("unit", "value", "told"),
    [
        ("minor", Fraction(446, 1_000), "$0.0045"),
        ("minor", Fraction(1, 3_000), "$0.0000033"),
        ("minor", Fraction(-1, 4), "-$0.0025"),
        ("minor", Fraction(1, 10**9), "$0.00"),
        ("minor", Fraction(0), "$0.00"),
        ("minor", Fraction(3, 2), "$0.02"),
        ("number", Fraction(29, 27), "1.07"),
        ("number", Fraction(5, 2), "2.5"),
        ("share", Fraction(1, 3), "33.3%"),
    ],
)
def test_what_is_less_than_a_cent_is_told_and_a_mean_has_two_decimals(unit: Any, value: Fraction, told: str) -> None:
    assert shown(Column("x", unit), value, Voice("en", "USD")) == told
