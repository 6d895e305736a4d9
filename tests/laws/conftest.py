"""What the proofs stand on: a DynamoDB whose transactions are real, started for the session unless the environment names one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from club import ministack
from club.home import Home
from tests.club.ports import free_port
from tests.laws.endpoint import Endpoint, fresh_tables, local_endpoint, named_endpoint


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """Nothing is deployed there: the proofs make their own tables."""
    named = named_endpoint()
    if named is not None:
        yield named
        return
    home = Home(tmp_path_factory.mktemp("laws")).made()
    try:
        yield local_endpoint(ministack.start(home, free_port()))
    finally:
        ministack.stop(home)


@pytest.fixture
def names(endpoint: Endpoint) -> Iterator[dict[str, str]]:
    """Empty tables: their names."""
    with fresh_tables(endpoint) as made:
        yield made
