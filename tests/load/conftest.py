"""A club on loopback and a home of its own for every test of the loader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from club.home import Home
from club.load import client
from tests.load.loopback_club import LoopbackClub, loopback_club


@pytest.fixture
def club(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackClub]:
    # The same bounded retries, a thousand times as fast.
    monkeypatch.setattr(client, "BACKOFF_S", 0.0002)
    with loopback_club() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a purchases file; lines are given without their ends."""

    def write(*lines: str, encoding: str = "utf-8", name: str = "purchases.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\n".join([*lines, ""]).encode(encoding))
        return path

    return write
