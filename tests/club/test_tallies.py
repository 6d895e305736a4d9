"""`club tallies`: what an operator sees of each day, and what could not be counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from club import tallies as command
from club.__main__ import app
from club.console import Trouble
from shared.store.backend import Put
from tests.laws.streamed import Club, fold, relay, rows_of, tallied


@pytest.fixture
def club(monkeypatch: pytest.MonkeyPatch) -> Club:
    """A busy club whose tables the command finds; nothing waits for long."""
    opened = Club()
    opened.busy()
    monkeypatch.setattr(command, "tables", lambda _: opened.memory)
    monkeypatch.setattr(command, "_LOCAL_LEAD_MS", 1)
    monkeypatch.setattr(command, "_LOCAL_SETTLED_MS", 1)
    return opened


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, ["tallies", *map(str, arguments)], catch_exceptions=False)


def test_every_figure_of_each_day_is_told(club: Club) -> None:
    fold(relay(club), club.records())
    done = run("--from", "2025-01-01", "--to", "2025-01-05", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert list(told) == [f"2025-01-0{day}" for day in range(1, 6)]
    assert {("live", day): figures for day, figures in told.items() if figures} == {
        place: figures for place, figures in tallied(club.memory).items() if "2025-01-01" <= place[1] <= "2025-01-05"
    }
    shown = run("--from", "2025-01-01", "--to", "2025-01-05").output
    assert "2025-01-01  " in shown
    assert "guest_purchases 1, guest_spend_minor 1,250" in shown
    assert " spend_minor 34,900" in shown
    assert len(shown.splitlines()) == len([figures for figures in told.values() if figures])


def test_a_recount_fills_the_tallies_of_a_club_that_is_older_than_its_stream(club: Club) -> None:
    assert tallied(club.memory) == {}
    done = run("--recount", "--from", "2025-01-01", "--to", "2025-01-02", "--json")
    assert "postings of" in done.output
    assert len(tallied(club.memory)) == 6


def test_what_was_set_aside_and_what_cannot_be_counted_is_named_with_why(club: Club) -> None:
    club.broken = True
    club.memory.write([Put("ledger", {"k": "raffle#1", "c": "raffle", "t": 1, "v": 1})])
    fold(relay(club), club.records())
    said = run("--recount").output
    assert "raffle#1 is not counted, since it is of a kind that is not known." in said
    assert "raffle#1 was set aside, since" in said
    assert len(rows_of(club.memory, "poison")) == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--mode", "both"), "There is no mode 'both'"),
        (("--from", "2025-01-02", "--to", "2025-01-01"), "there may be 1 to 400"),
        (("--from", "2020-01-01", "--to", "2025-01-01"), "are 1828 days"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(club: Club, arguments: tuple[str, ...], why: str) -> None:
    assert club.memory
    with pytest.raises(Trouble, match=why):
        run(*arguments)
