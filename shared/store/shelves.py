"""The rewards of a card for all members: one row, and a condition of each transaction that takes of them or puts back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.domain.goals import Shelf, ShelfMove
from shared.domain.ledger import Posting, packed, unpacked
from shared.domain.rulebook import Rulebook
from shared.domain.wallet_tables import Wallet
from shared.store import keys
from shared.store.backend import Backend, Put


class Shelves:
    """Those of the cards of one law, as they were read: what a posting moves of them is written on the version that was read."""

    def __init__(self, backend: Backend, mode: keys.Mode, book: Rulebook, wallets: Sequence[str] | None = None) -> None:
        self._mode = mode
        self.read: dict[str, Shelf] = {}
        self._versions: dict[str, int] = {}
        for wallet in book.stocked if wallets is None else wallets:
            rules = book.wallet(wallet)
            assert isinstance(rules, Wallet)
            row = backend.get("limits", {"k": keys.shelf(mode, wallet), "s": 0})
            self.read[wallet] = Shelf(rules.reward_stock or 0)
            self._versions[wallet] = 0
            if row is not None:
                self.read[wallet] = Shelf(rules.reward_stock or 0, row["c"], row["b"], tuple(unpacked(row["h"])))
                self._versions[wallet] = row["n"]

    def after(self, posting: Posting) -> list[Put]:
        """The writes that go with a posting."""
        shelves = dict(self.read)
        for row in (posting.row, *posting.more):
            moved: Mapping[str, list[object]] = unpacked(row["sh"]) if "sh" in row else {}
            for wallet, some in moved.items():
                if wallet in shelves:
                    shelves[wallet] = shelves[wallet].after(ShelfMove(*some))  # type: ignore[arg-type]
        return [self._put(wallet, shelf) for wallet, shelf in shelves.items() if shelf != self.read[wallet]]

    def _put(self, wallet: str, shelf: Shelf) -> Put:
        version = self._versions[wallet]
        row = {
            "k": keys.shelf(self._mode, wallet), "s": 0, "n": version + 1, "c": shelf.taken, "b": shelf.back,
            "h": packed(list(shelf.freed)),
        }  # fmt: skip
        return Put("limits", row, absent=not version, where=("n", version) if version else None)


def put_shelves(backend: Backend, mode: keys.Mode, posting: Posting, book: Rulebook) -> list[Put]:
    """The writes that go with a posting which was decided without asking how many are left. Reads nothing where it moves none."""
    wallets = {wallet for row in (posting.row, *posting.more) if "sh" in row for wallet in unpacked(row["sh"])}
    return Shelves(backend, mode, book, sorted(wallets)).after(posting) if wallets else []
