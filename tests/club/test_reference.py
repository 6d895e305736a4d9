"""Whoever has only docs/programme.md can write a programme: every key is told, and every example is one that the club takes."""

from __future__ import annotations

import re

import pytest

from club.home import ROOT
from club.reference import tables_of_the_file
from shared.domain.rulebook import ProgrammeFaulty, rulebook

PAGE = (ROOT / "docs" / "programme.md").read_text("utf-8")
FIRST, *REST = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
TITLES = re.findall(r"^\*\*([^*]+)\*\*", PAGE.partition("## Recipes")[2], re.MULTILINE)
EXAMPLES = list(zip(TITLES, REST, strict=True))
OWN_TABLE = FIRST.partition("[points]")[0]
RULE = '[[earn]]\nid = "any"\npoints = 1\nper = "purchase"\n'


def test_every_key_of_a_programme_says_what_it_means_and_what_it_takes() -> None:
    tables = list(tables_of_the_file())
    assert len(tables) >= 15
    silent = [f"{heading} {key.name}" for heading, _, rows in tables for key in rows if not key.meaning or not key.kind]
    assert not silent
    assert all(meaning for _, meaning, _ in tables)


def test_the_first_programme_of_the_page_is_taken_as_it_stands() -> None:
    assert [rule.earn.id for rule in rulebook(FIRST).rules] == ["base"]


@pytest.mark.parametrize(("title", "tables"), EXAMPLES, ids=[title for title, _ in EXAMPLES])
def test_every_example_is_taken_below_the_club_s_own_table(title: str, tables: str) -> None:
    whole = "\n".join((OWN_TABLE, tables, "" if "[[earn]]" in tables else RULE))
    assert rulebook(whole).programme.club.name == "Rimon"
    with pytest.raises(ProgrammeFaulty):
        rulebook(whole + 'unknown_key = "x"')


def test_every_table_has_an_example() -> None:
    shown = "\n".join((FIRST, *REST))
    tables = [heading for heading, _, _ in tables_of_the_file() if heading.startswith("[")]
    assert [heading for heading in tables if f"\n{heading}" not in f"\n{shown}"] == []
