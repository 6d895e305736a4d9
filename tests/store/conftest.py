"""The store's rows kept in both ways: in dicts, and in tables of the local AWS made like the deployed ones, new for each test."""

from __future__ import annotations

import pytest

from shared.store.backend import Backend
from shared.store.memory import Memory


@pytest.fixture(params=["memory", "tables"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return Memory() if request.param == "memory" else request.getfixturevalue("tables")
