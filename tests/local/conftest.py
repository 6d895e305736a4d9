"""Storefronts that call the running club over HTTP, and what it holds meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from club import key as keys
from club.up import STORE, OpenClub
from shared.api.routes import SCOPES
from shared.store.keys import Mode
from tests.local.refusals import Regular, a_regular
from tests.storefront import Storefront, new_id


@pytest.fixture(scope="session")
def main(club: OpenClub) -> Iterator[Storefront]:
    """The first store, with a key to everything."""
    with Storefront(club.url, club.key, STORE) as storefront:
        yield storefront


@pytest.fixture(scope="session")
def regular(main: Storefront) -> Regular:
    """A member in whose name bad requests are sent."""
    return a_regular(main)


Opening = Callable[..., Storefront]


@pytest.fixture(scope="session")
def opened(club: OpenClub) -> Iterator[Opening]:
    """Opens a storefront with a key of its own, for all scopes or those given, in a store of its own or a given one."""
    made: list[Storefront] = []

    def open_store(*scopes: str, mode: Mode = "live", store: str | None = None) -> Storefront:
        name = store or new_id("shop")
        key = keys.create(name, mode=mode, scopes=scopes or SCOPES)
        made.append(Storefront(club.url, key, name))
        return made[-1]

    yield open_store
    for storefront in made:
        storefront.http.close()
