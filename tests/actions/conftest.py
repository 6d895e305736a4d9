"""The club's own actions on the deployed tables of the local AWS, over a wire that counts and can be broken."""

from __future__ import annotations

import pytest

from shared.actions.club import Club
from tests.actions.tills import club_on
from tests.wire import Wire


@pytest.fixture
def tills(wire: Wire) -> Club:
    """The club as a function finds it after its first request: the law is read."""
    opened = club_on(wire)
    opened.laws.at(opened.now())
    wire.forget()
    return opened


@pytest.fixture
def pauses(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the sender would have waited before it tries again; nobody waits them."""
    waited: list[float] = []
    monkeypatch.setattr(wire.client, "sleep", waited.append)
    return waited
