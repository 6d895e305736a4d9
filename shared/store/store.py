"""The club's store: commits postings and reads accounts, whatever backend keeps the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.account import Account
from shared.domain.contacts import ContactKind
from shared.domain.ledger import Posting, Row
from shared.store import keys
from shared.store.backend import Backend, Item, Put
from shared.store.rows import account_of, account_row


@dataclass(frozen=True, slots=True)
class Committed:
    """The posting is true from now on."""


@dataclass(frozen=True, slots=True)
class Seen:
    """This business key was committed before; here is the posting that was."""

    row: Row


@dataclass(frozen=True, slots=True)
class Stale:
    """Another posting came first; here is the account after it. Decide again."""

    account: Account


@dataclass(frozen=True, slots=True)
class Taken:
    """An alias that the newcomer wants belongs to another member."""

    kind: str


Outcome = Committed | Seen | Stale


class Store:
    """One club's rows. A method is one round trip unless it says otherwise; all may raise one of the kinds of `Busy`."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        # Keys that have used a minute up, as far as this process has seen: the minute, by key id.
        self._used_up: dict[str, int] = {}

    def account(self, account_id: str) -> Account | None:
        row = self.backend.get("accounts", {"a": account_id})
        return account_of(row) if row else None

    def account_id_of(self, aliases: Sequence[str]) -> str | None:
        """Whose contact this is; the same contact is asked under each living pepper, newest first."""
        if len(aliases) == 1:
            found = self.backend.get("aliases", {"k": aliases[0]})
            return found["a"] if found else None
        owners = {row["k"]: row["a"] for row in self.backend.get_many("aliases", [{"k": alias} for alias in aliases])}
        return next((owners[alias] for alias in aliases if alias in owners), None)

    def posting(self, key: str) -> Row | None:
        return self.backend.get("ledger", {"k": key})

    def commit(self, posting: Posting) -> Outcome:
        """Makes a posting true: its row if the business key is new, and the account if it is still as it was read.

        The ledger row comes first: a refusal of it is a replay, whatever became of the account since.
        """
        puts = [Put("ledger", posting.row, absent=True)]
        if posting.before is not None and posting.after is not None:
            puts.append(Put("accounts", account_row(posting.after), where=("n", posting.before.sequence)))
        refused = self.backend.write(puts)
        if 0 in refused:
            return Seen(refused[0])
        if 1 in refused:
            return Stale(account_of(refused[1]))
        return Committed()

    def enrol(
        self, posting: Posting, aliases: Sequence[tuple[ContactKind, str]], people: Sequence[Item]
    ) -> Committed | Seen | Taken:
        """Makes a joining true: posting, account, a row for each alias (kind and key) and the person, all or none."""
        assert posting.after is not None
        account = posting.after
        puts = [Put("ledger", posting.row, absent=True), Put("accounts", account_row(account), absent=True)]
        puts += [Put("aliases", {"k": key, "a": account.id}, absent=True) for _, key in aliases]
        puts += [Put("people", row, absent=True) for row in people]
        refused = self.backend.write(puts)
        if 0 in refused:
            return Seen(refused[0])
        for position, (kind, _) in enumerate(aliases, start=2):
            if position in refused:
                return Taken(kind)
        assert not refused, f"a new account id was there before: {refused}"
        return Committed()

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Row]:
        """A page of whole postings of an account below a sequence, newest first.

        Two round trips: the index for the order, then one strong read of the bodies.
        """
        index = self.backend.entries(account_id, before, limit)
        bodies = {row["k"]: row for row in self.backend.get_many("ledger", [{"k": row["k"]} for row in index])}
        return [bodies[row["k"]] for row in index]

    def postings_down_to(self, account: Account, sequence: int) -> list[Row]:
        """Postings newer than a sequence, newest first, by the chain of keys: what the index does not show yet.

        One round trip for each; there are none when the index is up to date.
        """
        rows: list[Row] = []
        key, left = account.last_key, account.sequence - sequence
        while left > 0:
            row = self.posting(key)
            assert row is not None, f"the account names {key!r} as a posting, and there is none"
            rows.append(row)
            key, left = str(row.get("p", "")), left - 1
        return rows

    def looked_up(self, key_id: str, minute: int, limit: int) -> bool:
        """Counts one look-up of a key in this minute; False when the limit is reached, from then on without a round trip."""
        if self.used_up(key_id, minute):
            return False
        counted = self.backend.counted(keys.lookups(key_id, minute), limit, expires_at=(minute + 60) * 60)
        if not counted:
            self._used_up[key_id] = minute
        return counted

    def used_up(self, key_id: str, minute: int) -> bool:
        """Whether this process has seen the key reach its limit in this minute. No round trip."""
        return self._used_up.get(key_id) == minute
