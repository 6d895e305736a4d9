"""P11: whatever a test of the laws did, its clubs are proven whole afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.actions.prove_ledger import Fault, Proving
from shared.domain.decide import ms
from shared.store.rows import account_of
from tests.laws.shop import Shop


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
