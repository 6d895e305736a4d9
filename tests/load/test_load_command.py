"""`club load` as an operator types it: what it prints and with which code it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from club.home import Home, write_env
from club.load import app
from tests.load.loopback_club import KEY, LoopbackClub

File = Callable[..., Path]
HEADER = "purchase_id,occurred_at,amount,currency,card"


@pytest.fixture
def run(club: LoopbackClub, home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    for name in ("CLUB_URL", "CLUB_KEY", "CLUB_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLUB_HOME", str(home.folder))
    write_env(home.made(), {"CLUB_URL": club.url, "CLUB_KEY": KEY, "CLUB_STORE": "main"})

    def typed(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, words)
        return result.exit_code, result.output

    return typed


def test_a_load_prints_its_counts_money_and_points(run: Callable[..., tuple[int, str]]) -> None:
    code, said = run("cdnow", "--customers", "12")
    assert code == 0
    for words in ("CDNOW, the published sample", "accepted", "points issued", "money, USD", "report.csv"):
        assert words in said


def test_refused_rows_are_shown_and_the_command_fails(run: Callable[..., tuple[int, str]], file: File) -> None:
    code, said = run(str(file(HEADER, "A-1,2026-11-01,5,USD,[bold]", "A-2,soon,5,USD,C1")), "--join")
    assert code == 1
    assert "cell_unreadable" in said
    assert "occurred_at must be ISO 8601" in said.replace("\n", " ")


def test_an_unusable_file_ends_with_one_sentence(run: Callable[..., tuple[int, str]], file: File) -> None:
    code, said = run(str(file("a,b")))
    assert code == 2
    assert said.startswith("Line 1 is not the header of a purchases file: unknown column 'a', 'b'")


def test_a_load_that_was_cut_off_says_how_to_go_on(
    run: Callable[..., tuple[int, str]], file: File, club: LoopbackClub
) -> None:
    club.faults["A-2"] = ["503"] * 20
    code, said = run(str(file(HEADER, "A-1,2026-11-01,5,USD,C1", "A-2,2026-11-02,5,USD,C1")), "--join")
    assert code == 3
    assert "1 of 2 purchases were answered and are kept: run it again to go on." in said


def test_without_a_club_the_command_says_what_to_do(
    run: Callable[..., tuple[int, str]], file: File, home: Home
) -> None:
    home.env.unlink()
    code, said = run(str(file(HEADER)))
    assert (code, said) == (2, "Which club? Start one with `make up`, or set CLUB_URL and CLUB_KEY.\n")


def test_an_address_from_here_never_gets_the_key_from_there(
    run: Callable[..., tuple[int, str]], file: File, monkeypatch: pytest.MonkeyPatch, club: LoopbackClub
) -> None:
    monkeypatch.setenv("CLUB_URL", club.url)
    code, _ = run(str(file(HEADER, "A-1,2026-11-01,5,USD,")))
    assert code == 2
    assert club.posts == []


@pytest.mark.parametrize(
    "words",
    [("x.csv", "--all"), ("x.csv", "--as-dated"), ("cdnow", "--join"), ("cdnow", "--time-zone", "Mars/Phobos"), ()],
)
def test_options_that_do_not_fit_are_refused(run: Callable[..., tuple[int, str]], words: tuple[str, ...]) -> None:
    assert run(*words)[0] == 2


def test_the_help_describes_every_column(run: Callable[..., tuple[int, str]]) -> None:
    code, said = run("--help")
    assert code == 0
    for column in ("purchase_id", "occurred_at", "amount_minor", "member_id", "channel", "sku", "category", "quantity"):
        assert column in said
