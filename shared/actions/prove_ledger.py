"""Proves accounts by their postings, one after the other, then the programme as a whole. Nothing is written.

Little is kept while it runs: sums by wallet, stocks, ids of some accounts that are there, and what came back of purchases that
are in no member's story.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.automations import AUTOMATION_USED
from shared.domain.beside import (
    Shelf,
    came_back,
    captures,
    coupons_used,
    given_back,
    held_of,
    purchase_paid,
    taken_of,
    used_of_what_is_shared,
)
from shared.domain.coupons import coupon_keys
from shared.domain.ledger import Row, legs_of
from shared.domain.offers import OFFER_BUDGET, OFFER_USED
from shared.domain.posting_return import part_in
from shared.domain.proving import Broken, Mend, agreed, chain, made_of, recorded_by
from shared.domain.returned import Returned
from shared.domain.tables import MAIN_WALLET
from shared.store import keys
from shared.store.coupons import uses_of
from shared.store.laws import Laws
from shared.store.rests import Rest, back_of, rest_in, rests_of
from shared.store.rows import account_if_readable
from shared.store.stocks import Stock, stock_in, stock_of
from shared.store.store import Store

_PAGE = 100
# A till may post while an account is read: it is then read again. The last word is had by an account that stands still.
# What offers share is used by guests too, whose purchases are in no account's story: there is no most.
_NO_END = 10**18
_SHARED = (OFFER_USED, OFFER_BUDGET, AUTOMATION_USED)
_ATTEMPTS_MAX = 5
# Ids of accounts that are there, so that a ledger in no order asks for each of them seldom.
_KNOWN_MAX = 100_000

Heard = Callable[[int], None]


class Fault(NamedTuple):
    """Something that is broken: of which member ("" for the programme as a whole), where, what, and what has to be mended."""

    member: str
    where: str
    what: str
    mend: Mend


class Proof(NamedTuple):
    """An account as its postings make it by the instant that was asked for. It is None where they are broken, and where there
    were none by then; `fault` tells these two apart."""

    member: str
    account: Account | None = None
    rows: Sequence[Row] = ()
    fault: Fault | None = None


@dataclass
class Tally:
    """The sums of what was proven, in each wallet's smallest unit: what members have, what some of them owe, both by wallet; and
    what went to each of the club's own accounts, by its name and the wallet."""

    accounts: int = 0
    postings: int = 0
    posted: dict[str, int] = field(default_factory=dict)
    debts: dict[str, int] = field(default_factory=dict)
    club: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, account: Account, rows: Sequence[Row]) -> None:
        self.accounts += 1
        self.postings += len(rows)
        for wallet, units in (
            (MAIN_WALLET, account.posted),
            *((name, one.posted) for name, one in account.purses.items()),
        ):
            self.posted[wallet] = self.posted.get(wallet, 0) + units
            self.debts[wallet] = self.debts.get(wallet, 0) + max(0, -units)
        for row in rows:
            for leg in legs_of(row):
                name, _, wallet = leg.account.partition("/")
                if name != account.id:
                    place = (name, wallet or MAIN_WALLET)
                    self.club[place] = self.club.get(place, 0) + leg.points

    def unbalanced(self) -> dict[str, int]:
        """What all accounts together come to, in each wallet where that is not nothing (L1)."""
        sums = dict(self.posted)
        for (_, wallet), units in self.club.items():
            sums[wallet] = sums.get(wallet, 0) + units
        return {wallet: units for wallet, units in sums.items() if units}


class Proving:
    """One run over a club. `until_ms`: as of an instant that has passed; of that time no account is stored to compare with."""

    def __init__(self, store: Store, laws: Laws, now_ms: int, until_ms: int | None = None) -> None:
        self.store, self.laws, self.now_ms, self.until_ms = store, laws, now_ms, until_ms
        self.tally = Tally()
        # Of purchases that are not in the story of the account that their return is in: guests', and those of merged accounts.
        self._apart: dict[str, Returned] = {}
        self._rests_met = 0
        self._taken: dict[Shelf, tuple[int, int]] = {}
        self._stocks: dict[Shelf, Stock] = {}
        if until_ms is None:
            listed = (stock_in(row) for row in store.backend.scanned("limits") if keys.is_stock(row["k"]))
            self._stocks = {_shelf_of(stock): stock for stock in listed}

    def account(self, stored: Account) -> Proof:
        """The proof of one account. It is read again as long as it changes meanwhile. Raises Busy."""
        at, proof = stored, Proof(stored.id)
        for attempt in range(_ATTEMPTS_MAX):
            proof = self._attempted(at)
            if proof.fault is None:
                break
            newer = self._stored(stored.id)
            if newer is None or (newer == at and attempt):
                break
            at = newer
        if proof.account is not None:
            self.tally.add(proof.account, proof.rows)
        return proof

    def whole(self, heard: Heard = lambda _: None) -> Iterator[Fault]:
        """What is broken in the programme as a whole, once every account was proven. `heard` is told how many rows were read."""
        for wallet, units in self.tally.unbalanced().items():
            yield Fault(
                "", wallet, f"sums to {units} over all accounts of members and of the club, and not to 0", "ledger"
            )
        yield from self._strays(heard)
        if self.until_ms is None:
            yield from self._rests()
            yield from self._shelves()
            yield from self._uses()

    def _stored(self, account_id: str) -> Account | None:
        """The account, None where there is none that can be read."""
        row = self.store.backend.get("accounts", {"a": account_id})
        return account_if_readable(row) if row is not None else None

    def _attempted(self, stored: Account) -> Proof:
        try:
            rows, newest = postings_of(self.store, stored), stored.sequence
            if self.until_ms is not None:
                rows, newest = recorded_by(rows, newest, self.until_ms)
            rows = chain(rows, newest)
            if not rows and self.until_ms is not None:
                return Proof(stored.id)
            if not rows:
                raise Broken("account", "has no postings", "ledger")
            made = made_of(rows, self.laws.version, stored)
            if self.until_ms is None:
                agreed(stored, made, rows)
                self._beside(made, rows)
        except Broken as broken:
            return Proof(stored.id, fault=Fault(stored.id, broken.where, broken.what, broken.mend))
        return Proof(stored.id, made, rows)

    def _beside(self, account: Account, rows: Sequence[Row]) -> None:
        """Compares what stands beside the ledger with the postings of an account, and remembers what others have to settle.

        Raises Broken.
        """
        came, own = came_back(rows), {str(row["k"]): row for row in rows}
        is_merged = _is_merged(rows)
        rests = self._rests_at(came)
        apart = {}
        for key, one in came.items():
            if missing := [payment for payment in one.payments if payment not in rests[key].payments]:
                raise Broken(keys.rest(key), f"does not name {missing[0]!r}, which paid for the purchase", "beside")
            self._paid_by(rests[key], own)
            if key in own and not is_merged:
                _same(rests[key], one.returned)
            elif one.returned != Returned():
                apart[key] = one.returned
        backs = {} if is_merged else self._given_back(rows)
        for shelf, held in held_of(account, rows, self.laws.version).items():
            self._on_shelf(shelf, held)
        self._used_up(coupons_used(rows))
        # From here on nothing is broken: an account that is read again is counted once.
        for shelf, (least, most) in taken_of(rows, self.laws.version).items():
            low, high = self._taken.get(shelf, (0, 0))
            self._taken[shelf] = (low + least, high + most)
        for shelf, used in used_of_what_is_shared(rows, self.laws.version).items():
            self._taken[shelf] = (self._taken.get(shelf, (0, 0))[0] + used, _NO_END)
        for key, returned in apart.items():
            self._apart[key] = self._apart.get(key, Returned()).more(returned)
        self._rests_met += sum(1 for rest in (*rests.values(), *backs.values()) if rest.version)

    def _paid_by(self, rest: Rest, own: Mapping[str, Row]) -> None:
        """Raises Broken where a rest names a payment that is none of its purchase."""
        for payment in rest.payments:
            row = own.get(payment) or self.store.posting(payment)
            if row is None or row["c"] != "capture" or purchase_paid(row) != rest.purchase_key:
                raise Broken(
                    keys.rest(rest.purchase_key), f"names {payment!r}, which did not pay for the purchase", "beside"
                )

    def _given_back(self, rows: Sequence[Row]) -> dict[str, Rest]:
        """The rests of an account's captures, after they were compared with what was given back. Raises Broken."""
        taken = captures(rows)
        rests = self._rests_at([one.key for one in taken])
        back = given_back(rows)
        for one in taken:
            units = back_of(rests[one.key])
            if not 0 <= units <= one.units:
                raise Broken(
                    keys.rest(one.key), f"says that {units} of the {one.units} captured were given back", "beside"
                )
        for wallet in dict.fromkeys([*back, *(one.wallet for one in taken)]):
            said = {one.key: back_of(rests[one.key]) for one in taken if one.wallet == wallet}
            if sum(said.values()) != back.get(wallet, 0):
                where = next((key for key, units in said.items() if units), next(iter(said), wallet))
                what = f"and those beside it say that {sum(said.values())} were given back; postings say {back.get(wallet, 0)}"
                raise Broken(keys.rest(where), what, "beside")
        return rests

    def _used_up(self, coupons: Mapping[str, str]) -> None:
        """Raises Broken where the row of a coupon does not name the purchase that used it."""
        for use in uses_of(self.store.backend, list(coupons)):
            bought = coupons[use.due_key]
            if use.purchase_key != bought:
                raise Broken(keys.coupon(use.due_key), f"does not name {bought!r}, which used it", "beside")

    def _on_shelf(self, shelf: Shelf, held: Mapping[str, int]) -> None:
        """Raises Broken where a stock does not keep what is held for an account."""
        mode = _mode(shelf)
        for attempt in range(2):
            stock = self._stocks.get(shelf) if not attempt else stock_of(self.store.backend, mode, shelf[1])
            kept = dict(stock.held) if stock is not None else {}
            short = [key for key, until in held.items() if until > self.now_ms and kept.get(key) != until]
            if not short:
                return
        raise Broken(keys.stock(mode, shelf[1]), f"does not keep what is held by {short[0]!r}", "beside")

    def _rests_at(self, of: Iterable[str]) -> dict[str, Rest]:
        rests: dict[str, Rest] = {}
        asked = iter(of)
        while page := list(islice(asked, _PAGE)):
            rests |= {rest.purchase_key: rest for rest in rests_of(self.store.backend, page)}
        return rests

    def _strays(self, heard: Heard) -> Iterator[Fault]:
        """Rows of the ledger that name an account which is not there; what came back of guests' purchases is noted on the way."""
        known, missing = set[str](), set[str]()
        rows = self.store.backend.scanned("ledger")
        read = 0
        while page := list(islice(rows, _PAGE)):
            read += len(page)
            heard(read)
            page = [row for row in page if self.until_ms is None or row.get("t", 0) <= self.until_ms]
            asked = {str(row["a"]) for row in page if "a" in row} - known - missing
            found = {row["a"] for row in self.store.backend.get_many("accounts", [{"a": one} for one in sorted(asked)])}
            for row in page:
                if "a" in row and row["a"] in asked - found - missing:
                    missing.add(row["a"])
                    yield Fault(row["a"], row["k"], "names an account that is not there", "account")
                if row.get("c") == "return" and "a" not in row and "pk" in row:
                    self._apart[row["pk"]] = self._apart.get(row["pk"], Returned()).more(part_in(row))
            known = found if len(known) > _KNOWN_MAX else known | found

    def _rests(self) -> Iterator[Fault]:
        """Settles what came back of purchases apart, then looks for rests that no posting made."""
        broken = set[str]()
        for key, rest in self._rests_at(self._apart).items():
            self._rests_met += bool(rest.version)
            try:
                _same(rest, self._apart[key])
            except Broken as fault:
                broken.add(key)
                yield Fault("", fault.where, fault.what, fault.mend)
        if self._rests_met != sum(1 for _ in self._all_rests()):
            for rest in self._all_rests():
                if rest.purchase_key not in broken and (found := self._unfounded(rest)) is not None:
                    yield Fault("", found.where, found.what, found.mend)

    def _all_rests(self) -> Iterator[Rest]:
        return (rest_in(row) for row in self.store.backend.scanned("limits") if keys.is_rest(row["k"]))

    def _unfounded(self, rest: Rest) -> Broken | None:
        """Whether a rest says something that no posting does: dear, as a whole story is read for one row."""
        of = self.store.posting(rest.purchase_key)
        account = self._stored(str(of["a"])) if of is not None and "a" in of else None
        try:
            rows = chain(postings_of(self.store, account), account.sequence) if account is not None else []
            if of is not None and of["c"] == "capture":
                if not _is_merged(rows):
                    self._given_back(rows)
                return None
            self._paid_by(rest, {})
            if rest.purchase_key not in self._apart:
                # What is not the whole of a merged account's is settled apart.
                came = came_back(rows).get(rest.purchase_key)
                _same(rest, came.returned if came is not None else Returned())
        except Broken as broken:
            return broken if broken.mend == "beside" else None
        return None

    def _shelves(self) -> Iterator[Fault]:
        """Stocks that say another count than captures do, or keep what nobody holds. What is taken meanwhile breaks nothing."""
        for shelf in dict.fromkeys([*self._stocks, *self._taken]):
            mode = _mode(shelf)
            now = stock_of(self.store.backend, mode, shelf[1])
            before = self._stocks.get(shelf, now)
            least, most = self._taken.get(shelf, (0, _NO_END if shelf[1].startswith(_SHARED) else 0))
            where = keys.stock(mode, shelf[1])
            told = str(most) if most != _NO_END else f"at least {least}"
            if now.version == before.version and not least <= now.taken <= most:
                yield Fault(
                    "",
                    where,
                    f"says that {now.taken} were taken; postings say {told}",
                    "beside",
                )
            for key, until in now.held:
                if until > self.now_ms and not self._is_held(key):
                    yield Fault("", where, f"keeps one for {key!r}, which holds none", "beside")

    def _uses(self) -> Iterator[Fault]:
        """Coupons that are said to be used in what did not use them. One that was given back names nothing."""
        for row in self.store.backend.scanned("limits"):
            if keys.is_coupon(row["k"]) and row["u"]:
                bought = self.store.posting(row["u"])
                used = coupon_keys(bought) if bought is not None and "of" in bought else []
                if row["k"] not in map(keys.coupon, used):
                    yield Fault("", row["k"], f"says that it was used in {row['u']!r}, which did not", "beside")

    def _is_held(self, key: str) -> bool:
        hold = self.store.posting(key)
        account = self._stored(str(hold["a"])) if hold is not None and "a" in hold else None
        return account is not None and key.rpartition("redemption#")[2] in account.holds


def postings_of(store: Store, account: Account) -> list[Row]:
    """Every row that names an account, in no order: those of the index, and those that it does not show yet along the chain."""
    rows: dict[str, Row] = {}
    before: int | None = None
    while index := store.backend.entries(account.id, before, _PAGE):
        fresh = [{"k": row["k"]} for row in index if row["k"] not in rows]
        rows |= {str(row["k"]): row for row in store.backend.get_many("ledger", fresh)}
        if len(index) < _PAGE:
            break
        # Two rows of one sequence may lie on both sides of a page: the last one is asked for again.
        last = int(index[-1]["n"])
        before = last + 1 if fresh and before != last + 1 else last
    key = account.last_key
    while key and key not in rows and (row := store.posting(key)) is not None and "n" in row:
        rows[key] = row
        key = str(row.get("p", ""))
    return list(rows.values())


def _same(rest: Rest, returned: Returned) -> None:
    """Raises Broken where a rest does not say that this came back."""
    for name, said, made in zip(Returned._fields, rest.returned, returned, strict=True):
        if said != made:
            raise Broken(keys.rest(rest.purchase_key), f"says {name} {said}; its returns make {made}", "beside")


def _is_merged(rows: Sequence[Row]) -> bool:
    """Whether what comes back may be posted in the story of another account than what it undoes."""
    return any(row["c"] == "merge" for row in rows)


def _mode(shelf: Shelf) -> keys.Mode:
    return "test" if shelf[0] else "live"


def _shelf_of(stock: Stock) -> Shelf:
    return ("test!" if stock.mode == "test" else "", stock.reward_id)
