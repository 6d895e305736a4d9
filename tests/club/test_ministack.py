"""The local AWS keeps what it holds over a clean stop, says when it could not, and takes nobody else's port."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from club import ministack, notes, peppers, processes
from club.aws import client
from club.console import Trouble
from club.home import Home
from infra.stage import STAGES
from tests.club.ports import free_port


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "club").made()
    yield home
    ministack.stop(home)


@pytest.fixture
def port() -> int:
    return free_port()


def kill(home: Home) -> None:
    """What a power cut does to it."""
    running = ministack.running(home)
    assert running is not None
    os.kill(running.pid, signal.SIGKILL)
    while processes.born(running.pid):
        processes.reap(running.pid)
        time.sleep(0.01)


def secret(home: Home) -> str:
    answer = client("ssm", home=home).get_parameter(Name=STAGES["local"].peppers, WithDecryption=True)
    return answer["Parameter"]["Value"]


def test_what_it_holds_is_there_again_after_a_clean_stop_also_on_another_port(home: Home, port: int) -> None:
    first = ministack.start(home, port)
    assert peppers.ensure(home)
    pepper = secret(home)
    notes.write(home, "club", "open")
    assert ministack.stop(home)
    assert ministack.running(home) is None
    other_port = free_port()
    second = ministack.start(home, other_port)
    assert (second.port, second.state_lost) == (other_port, False)
    assert second.pid != first.pid
    assert notes.read(home, "club") == "open"
    assert not peppers.ensure(home)
    assert secret(home) == pepper


def test_a_second_start_finds_the_first_one_and_another_port_moves_it(home: Home, port: int) -> None:
    first = ministack.start(home, port)
    notes.write(home, "club", "open")
    assert ministack.start(home, port) == first == ministack.running(home)
    other_port = free_port()
    moved = ministack.start(home, other_port)
    assert processes.born(first.pid) is None
    assert notes.read(home, "club") == "open"
    assert ministack.running(home) == moved


def test_after_a_kill_the_loss_is_said_and_what_was_kept_before_is_there(home: Home, port: int) -> None:
    ministack.start(home, port)
    notes.write(home, "kept", "yes")
    ministack.stop(home)
    ministack.start(home, port)
    notes.write(home, "lost", "yes")
    kill(home)
    assert ministack.start(home, port).state_lost
    assert notes.read(home, "kept") == "yes"
    assert notes.read(home, "lost") is None


def test_a_clean_end_by_other_hands_is_no_loss(home: Home, port: int) -> None:
    running = ministack.start(home, port)
    notes.write(home, "kept", "yes")
    os.kill(running.pid, signal.SIGTERM)
    while processes.born(running.pid):
        processes.reap(running.pid)
        time.sleep(0.01)
    assert not ministack.start(home, port).state_lost
    assert notes.read(home, "kept") == "yes"


def test_a_club_that_runs_goes_on_when_the_port_it_should_move_to_is_taken(home: Home, port: int) -> None:
    running = ministack.start(home, port)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        with pytest.raises(Trouble, match="is in use by another program"):
            ministack.start(home, int(stranger.getsockname()[1]))
    assert ministack.running(home) == running


def test_a_port_in_use_is_named_and_nothing_is_started(home: Home) -> None:
    with socket.socket() as stranger:
        stranger.bind((ministack.HOST, 0))
        stranger.listen()
        taken = int(stranger.getsockname()[1])
        with pytest.raises(Trouble, match=f"Port {taken} is in use by another program"):
            ministack.start(home, taken)
        assert ministack.running(home) is None


def test_it_listens_on_loopback_and_nowhere_else(home: Home, port: int) -> None:
    ministack.start(home, port)
    with socket.socket() as door:
        # Another address of this machine, which a server on every interface would have taken too.
        door.bind(("127.0.0.2", port))
    with socket.socket() as door, pytest.raises(OSError, match="in use"):
        door.bind((ministack.HOST, port))


def test_one_that_cannot_start_says_its_last_words(home: Home, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = home.folder / "python"
    broken.write_text("#!/bin/sh\necho 'no such module: ministack' >&2\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr(ministack, "interpreter", lambda: broken)
    with pytest.raises(Trouble, match="no such module: ministack"):
        ministack.start(home, port)


def test_what_workers_unpacked_does_not_pile_up(home: Home, port: int) -> None:
    ministack.start(home, port)
    (home.scratch / "layer").mkdir()
    (home.scratch / "layer" / "module.py").touch()
    ministack.stop(home)
    assert list(home.scratch.iterdir()) == []
    deadline = time.monotonic() + 30
    while list(home.folder.glob("old-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(home.folder.glob("old-*")) == []


def test_a_command_that_needs_it_says_how_to_start_it(home: Home) -> None:
    with pytest.raises(Trouble, match="make up"):
        client("ssm", home=home)
