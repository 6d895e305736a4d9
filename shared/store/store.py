"""The club's store: commits postings and reads accounts, whatever backend keeps the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared.domain.account import Account
from shared.domain.contacts import ContactKind
from shared.domain.ledger import USED, Posting, Row
from shared.store import keys
from shared.store.backend import Backend, Drop, Item, Put
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
    """Another posting came first; here is the account after it, where it is that account alone. Decide again."""

    account: Account | None


@dataclass(frozen=True, slots=True)
class Taken:
    """An alias that the newcomer wants belongs to another member."""

    kind: str


Outcome = Committed | Seen | Stale
NO_STUBS: Mapping[str, int] = MappingProxyType({})
_STORY_PAGE = 100


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

    def commit(
        self, posting: Posting, besides: Sequence[Put | Drop] = (), stubs: Mapping[str, int] = NO_STUBS
    ) -> Outcome:
        """Makes a posting true: its rows if the business key is new, and each account if it is still as it was read. What is
        written `besides` is true with it. `stubs` are keys at which something waits, with its count: it is replaced.

        The posting's own row comes first: a refusal of it is a replay, whatever became of the account since.
        """

        meter = self.backend.meter

        def entry(row: Row) -> Put:
            waits = stubs.get(str(row["k"]))
            if meter is not None and row is posting.row:
                row = {**row, USED: meter.used()}
            return Put("ledger", row, absent=waits is None, where=None if waits is None else ("m", waits))

        puts: list[Put | Drop] = [entry(posting.row)]
        for part in (posting, *posting.others):
            if part is not posting:
                puts.append(entry(part.row))
            if part.after is not None:
                where = ("n", part.before.sequence) if part.before is not None else None
                puts.append(Put("accounts", account_row(part.after), absent=where is None, where=where))
            puts += [entry(row) for row in part.more]
        refused = self.backend.write([*puts, *besides])
        if 0 in refused:
            return Seen(refused[0])
        if refused:
            own = refused.get(1) if posting.after is not None else None
            return Stale(account_of(own) if own and len(refused) == 1 else None)
        if meter is not None:
            meter.carried()
        return Committed()

    def enrol(
        self, posting: Posting, aliases: Sequence[tuple[ContactKind, str]], people: Sequence[Item]
    ) -> Committed | Seen | Taken:
        """Makes a joining true: posting, account, a row for each alias (kind and key) and the person, all or none."""
        assert posting.after is not None
        account = posting.after
        meter = self.backend.meter
        row = {**posting.row, USED: meter.used()} if meter is not None else posting.row
        puts = [Put("ledger", row, absent=True), Put("accounts", account_row(account), absent=True)]
        puts += [Put("aliases", {"k": key, "a": account.id}, absent=True) for _, key in aliases]
        puts += [Put("people", row, absent=True) for row in people]
        refused = self.backend.write(puts)
        if 0 in refused:
            return Seen(refused[0])
        for position, (kind, _) in enumerate(aliases, start=2):
            if position in refused:
                return Taken(kind)
        assert not refused, f"a new account id was there before: {refused}"
        if meter is not None:
            meter.carried()
        return Committed()

    def entries(self, account_id: str, before: int | None, limit: int) -> list[Row]:
        """A page of whole postings of an account below a sequence, newest first.

        Two round trips: the index for the order, then one strong read of the bodies.
        """
        index = self.backend.entries(account_id, before, limit)
        bodies = {row["k"]: row for row in self.backend.get_many("ledger", [{"k": row["k"]} for row in index])}
        return [bodies[row["k"]] for row in index]

    def lately(self, account: Account, kinds: Collection[str], since_ms: int, limit: int) -> list[Row]:
        """Whole postings of some kinds that were recorded since an instant, of the newest `limit` of the account, newest first.

        Two round trips, and one for each posting that the index does not show yet.
        """
        index = self.backend.entries(account.id, None, limit)
        newer = self.postings_down_to(account, int(index[0]["n"]) if index else 0)[:limit]
        asked = [row for row in index if row["c"] in kinds and row["t"] >= since_ms]
        bodies = self.backend.get_many("ledger", [{"k": row["k"]} for row in asked]) if asked else []
        return [*(row for row in newer if row["c"] in kinds), *bodies]

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

    def story(self, account: Account) -> list[Row]:
        """All postings of an account as it was read, oldest first: by the index, and along the chain where it is behind.

        A round trip for each hundred postings, twice.
        """
        rows: dict[int, Row] = {}
        before: int | None = account.sequence + 1
        while before is not None and before > 1:
            page = self.entries(account.id, before, _STORY_PAGE)
            for row in page:
                rows[_sequence(row)] = row
            before = _sequence(page[-1]) if page else None
        told: list[Row] = []
        key = account.last_key
        for sequence in range(account.sequence, 0, -1):
            found = rows.get(sequence) or self.posting(key)
            assert found is not None, f"the chain of {account.id} names {key!r} as a posting, and there is none"
            told.append(found)
            key = str(found.get("p", ""))
        told.reverse()
        return told

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


def _sequence(row: Row) -> int:
    sequence = row["n"]
    assert isinstance(sequence, int)
    return sequence
