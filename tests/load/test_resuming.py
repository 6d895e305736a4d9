"""A load that was cut off goes on where it was, and never believes its own notes more than the club."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from club.home import ROOT, Home
from club.load import cdnow, load_cdnow
from club.load.notebook import Notebook
from club.load.problems import LoadRunning
from tests.load.loopback_club import KEY, LoopbackClub

CUSTOMERS = 150
TODAY = date(2026, 11, 22)
PATIENCE_S = 30


def environment(club: LoopbackClub, home: Home) -> dict[str, str]:
    return {**os.environ, "CLUB_URL": club.url, "CLUB_KEY": KEY, "CLUB_STORE": "main", "CLUB_HOME": str(home.folder)}


def cut_off_in_the_middle(club: LoopbackClub, home: Home, how: signal.Signals = signal.SIGKILL) -> tuple[int, str]:
    """Start a real load in a process of its own and end it when a good part is done; how it ended and what it said."""
    club.pause_s, club.holds_after = 0.03, 200
    loader = subprocess.Popen(
        [sys.executable, "-c", "from club.load import app; app()", "cdnow", "--customers", str(CUSTOMERS)],
        cwd=ROOT,
        env=environment(club, home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that put these tests into the background made them deaf to interrupts; an operator's terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )
    try:
        until = time.monotonic() + PATIENCE_S
        while len(club.recorded) < 200 and time.monotonic() < until:
            time.sleep(0.005)
    finally:
        loader.send_signal(how)
        club.let_go.set()
        _, said = loader.communicate(timeout=PATIENCE_S)
    club.pause_s, club.holds_after = 0.0, None
    return loader.returncode, said


def test_after_kill_9_the_load_goes_on_and_nothing_is_lost_or_doubled(club: LoopbackClub, home: Home) -> None:
    rows = cdnow.rows(cdnow.folder(), "sample", CUSTOMERS)
    code, _ = cut_off_in_the_middle(club, home)
    assert code == -signal.SIGKILL
    assert 200 <= len(club.recorded) < len(rows)
    club.posts.clear()
    report = load_cdnow(club.url, KEY, "main", home=home, customers_max=CUSTOMERS)
    assert report.clean
    assert report.accepted + report.repeated == len(rows) == len(club.recorded)
    assert report.points == club.points == sum(row.amount_minor // 100 for row in rows)
    # What was answered in the last quarter of a second before the kill may be sent once more; the rest is not.
    assert len(club.posts) == len(set(club.posts)) <= len(rows) - 100
    assert report.accepted >= 100


def test_an_operator_who_interrupts_a_load_loses_nothing(club: LoopbackClub, home: Home) -> None:
    assert cut_off_in_the_middle(club, home, signal.SIGINT) == (
        130,
        "Stopped. What was answered is kept: run it again to go on.\n",
    )
    club.posts.clear()
    sent = len(club.recorded)
    report = load_cdnow(club.url, KEY, "main", home=home, customers_max=CUSTOMERS)
    assert report.accepted + report.repeated == len(club.recorded)
    # All running requests are waited for and written down, but for one answer that may have been in hand just then.
    assert report.repeated <= 1
    assert len(club.posts) == len(club.recorded) - sent + report.repeated


def test_a_load_that_was_cut_off_before_the_club_was_emptied_is_sent_whole(club: LoopbackClub, home: Home) -> None:
    cut_off_in_the_middle(club, home)
    club.forget_everything()
    club.posts.clear()
    report = load_cdnow(club.url, KEY, "main", home=home, customers_max=CUSTOMERS)
    rows = cdnow.rows(cdnow.folder(), "sample", CUSTOMERS)
    assert (report.accepted, report.repeated, report.refused) == (len(rows), 0, 0)
    assert len(club.posts) == len(rows)


def test_a_club_put_back_to_an_earlier_state_gets_every_row_again(club: LoopbackClub, home: Home) -> None:
    first = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY)
    kept = list(club.recorded)[: len(club.recorded) // 2]
    club.recorded = {each: club.recorded[each] for each in kept}
    again = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY, once=True)
    assert (again.accepted, again.repeated) == (first.accepted - len(kept), len(kept))
    assert again.points == club.points == first.points


def test_once_sends_nothing_when_all_is_in_the_club_already(club: LoopbackClub, home: Home) -> None:
    first = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY)
    club.posts.clear()
    again = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=date(2026, 12, 1), once=True)
    assert club.posts == []
    assert (again.accepted, again.points) == (first.accepted, first.points)


def test_a_refused_row_is_tried_again_by_the_next_load(club: LoopbackClub, home: Home) -> None:
    late = cdnow.rows(cdnow.folder(), "sample", 20)[-1]
    club.faults[str(late.number)] = ["500"] * 9
    first = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY)
    assert (first.refused, first.clean) == (1, False)
    club.posts.clear()
    again = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY, once=True)
    assert club.posts == [str(late.number)]
    assert again.clean


def test_two_loads_of_one_file_do_not_run_at_once(club: LoopbackClub, home: Home) -> None:
    with (
        Notebook(home.made().progress / "cdnow-sample-5", {}),
        pytest.raises(LoadRunning, match="Another load"),
    ):
        load_cdnow(club.url, KEY, "main", home=home, customers_max=5, today=TODAY)
    assert club.posts == []


def test_a_lost_notebook_costs_a_second_sending_and_nothing_else(
    club: LoopbackClub, home: Home, tmp_path: Path
) -> None:
    first = load_cdnow(club.url, KEY, "main", home=home, customers_max=20, today=TODAY)
    again = load_cdnow(club.url, KEY, "main", home=Home(tmp_path / "new"), customers_max=20, today=date(2027, 1, 1))
    assert (again.repeated, again.refused, again.points) == (first.accepted, 0, first.points)
