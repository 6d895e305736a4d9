"""What the proofs stand on: a DynamoDB whose transactions are real, started for the session unless the environment names one.

And P11: whatever a test of the laws did, its clubs are proven whole afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from club import ministack
from club.home import Home
from shared.actions.prove_ledger import Fault, Proving
from shared.domain.decide import ms
from shared.store.rows import account_of
from tests.club.ports import free_port
from tests.laws.endpoint import Endpoint, fresh_tables, local_endpoint, named_endpoint
from tests.laws.shop import Shop


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/laws/" in item.path.as_posix():
            item.add_marker(pytest.mark.laws)


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


@pytest.fixture(autouse=True)
def every_club_is_proven(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """But for those that a test breaks on purpose: it says so by `broken`."""
    opened: list[Shop] = []
    begin = Shop.__post_init__

    def remembered(shop: Shop) -> None:
        begin(shop)
        opened.append(shop)

    monkeypatch.setattr(Shop, "__post_init__", remembered)
    yield
    for shop in opened:
        if shop.broken:
            continue
        faults = _faults(shop)
        assert not faults, faults


def _faults(shop: Shop) -> list[Fault]:
    proving = Proving(shop.club.store, shop.club.laws, ms(shop.now))
    proofs = [proving.account(account_of(row)) for row in shop.memory.scanned("accounts")]
    return [*(proof.fault for proof in proofs if proof.fault is not None), *proving.whole()]
