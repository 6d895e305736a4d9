"""Tells what happened to a member in the sequence of its own times: each thing decided anew, under its own law."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.domain.account import NOWHERE, Account, Place, Purse, Standing
from shared.domain.changes import Change, Figure, PurseChange, applied
from shared.domain.decide import (
    COMPLETED,
    Step,
    event_step,
    lot_of,
    merging_day,
    place,
    purchase_step,
)
from shared.domain.event import Event
from shared.domain.goals import dropped_of, ended
from shared.domain.ledger import Leg, Row, legs_of, unpacked
from shared.domain.lots import Lot, lapsed, moved, negative, taken, to_take_back, together, total, without
from shared.domain.packing import lots_in
from shared.domain.posting_return import Facts, back_in, part_in
from shared.domain.purchase import Purchase
from shared.domain.rebuilding import change_of, number
from shared.domain.returned import Returned
from shared.domain.returning import LOST, Given, Undone, undone, undone_by_amount
from shared.domain.rulebook import Rulebook
from shared.domain.stored import event_of, occurred_at, purchase_of
from shared.domain.tables import MAIN_WALLET
from shared.domain.tiers import standings_on
from shared.domain.top_ups import without_top_ups

Books = Callable[[int], Rulebook]
_HAPPENED = ("purchase", "event", "return")


class News(NamedTuple):
    """Something that is being recorded: a purchase, an event or a return, with its key and the law that decides it."""

    what: Purchase | Event | Facts
    key: str
    fingerprint: bytes
    book: Rulebook

    @property
    def at(self) -> datetime:
        return self.what.told.occurred_at if isinstance(self.what, Facts) else self.what.occurred_at


class Told(NamedTuple):
    """One thing in the story, and what it comes to when it is decided in its turn."""

    key: str
    on: date
    book: Rulebook
    step: Step | None
    undone: Undone | None

    @property
    def change(self) -> Change:
        made = self.step.change if self.step is not None else self.undone.change if self.undone is not None else None
        assert made is not None
        return made

    def posts_otherwise(self, posted: Mapping[str, int]) -> bool:
        """Whether a row of it posted something else, in any wallet."""
        told = {MAIN_WALLET: self.change.posted} | {name: one.posted for name, one in self.change.purses.items()}
        return {name: units for name, units in told.items() if units} != {
            name: units for name, units in posted.items() if units
        }


class Entry(NamedTuple):
    """Where something stands in time, then what it is: a row that was posted, or something new."""

    where: Place
    sequence: int
    told: Row | News
    book: Rulebook
    status: str

    def __lt__(self, other: tuple[object, ...]) -> bool:
        assert isinstance(other, Entry)
        return self[:2] < other[:2]


# What lapses is worked out at the end; what was held and given back was never away.
_NOT_TOLD = ("join", "difference", "expiry", "hold", "void")


def entries_in(rows: Sequence[Row], book_of: Books) -> list[Entry]:
    entries = []
    for row in rows:
        if row["c"] in _NOT_TOLD:
            continue
        happened = row["c"] in _HAPPENED
        where = place(occurred_at(row), str(row["k"])) if happened else (number(row, "t"), True, 0, "")
        entries.append(Entry(where, number(row, "n"), row, book_of(number(row, "v")), str(row.get("q", ""))))
    return entries


def entries_of_news(news: Sequence[News], account: Account) -> list[Entry]:
    return [Entry(place(one.at, one.key), 0, one, one.book, account.status) for one in news]


class Telling:
    """Tells a story from its beginning. `told` is what each purchase, event and return comes to, by its key."""

    def __init__(self, account: Account, rows: Sequence[Row]) -> None:
        self.account = Account(
            account.id, account.joined_on, language=account.language, birthday=account.birthday, attributes=account.attributes,
            standings={name: Standing("", account.joined_on, account.joined_on, manual=one.manual)
                       for name, one in account.standings.items() if one.manual},
        )  # fmt: skip
        self.begun = self.account
        self.told: dict[str, Told] = {}
        self.given: dict[str, Given] = {}
        self.returned: dict[str, Returned] = {}
        # What became rewards, by wallet, less what returns took back of that.
        self.completed: dict[str, int] = {}
        # What returns could not take and the club has lost, by wallet: below zero.
        self.lost: dict[str, int] = {}
        # What of the rewards lapsed with the end of their card.
        self.ended: dict[str, int] = {}
        # What each purchase and event still counts, for tiers that remember where a member stood.
        self.counted: dict[str, tuple[date, Rulebook, Figure]] = {}
        # What lapsed so far, by wallet: it is in no lot and in no balance any more, as if each day had been booked.
        self.gone: dict[str, tuple[Lot, ...]] = {}
        # The last days that staff gave to lots, by wallet and the last day that they had.
        self.given_days: dict[tuple[str, date | None], set[date | None]] = {}
        self.lapses = {str(row["k"]): row for row in rows if row["c"] == "expiry"}

    def tell(self, entry: Entry) -> None:
        told, book = entry.told, entry.book
        self.account = self.account._replace(status=entry.status)
        on = datetime.fromtimestamp(entry.where[0] // 1000, book.zone).date()
        self.lapse(on)
        if isinstance(told, News):
            if isinstance(told.what, Purchase):
                self._bought(told.key, told.what, book, None)
            elif isinstance(told.what, Event):
                self._earned(told.key, event_step(told.what, self.account, book, told.key), None, book, None)
            else:
                self._returned(told.key, told.what.purchase_key, told.what.part, told.what, book, entry.where)
        else:
            self._row(told, book, on, entry.where)

    def _row(self, row: Row, book: Rulebook, on: date, where: Place) -> None:
        """What was posted, told in its turn."""
        key = str(row["k"])
        match row["c"]:
            case "purchase":
                self._bought(key, purchase_of(row, book), book, row)
            case "event":
                self._earned(key, event_step(event_of(row), self.account, book, key), None, book, row)
            case "return":
                purchase_key = str(row["pk"]) if "pk" in row else None
                part = part_in(row) if purchase_key is not None else Returned()
                self._returned(key, purchase_key, part, row, book, where)
            case "end":
                self._ends(book, on)
            case "reinstate" if (expiry := self.lapses.get(lapse_of(key))) is not None:
                self._comes_back(row, expiry, book, on)
            case _:
                self._stays(row, book, on)

    def _bought(self, key: str, purchase: Purchase, book: Rulebook, row: Row | None) -> None:
        self._earned(key, purchase_step(purchase, self.account, book, key), purchase, book, row)

    def _earned(self, key: str, step: Step, purchase: Purchase | None, book: Rulebook, row: Row | None) -> None:
        figure = step.change.figures[0]
        self.account = step.after
        if row is not None and book.stocked:
            step = self._with_rewards_given(step, row, book)
        for wallet, one in step.change.purses.items():
            self._took(wallet, step.earned.others.get(wallet, 0) - one.posted)
        self.told[key] = Told(key, figure.on, book, step, None)
        self.counted[key] = (figure.on, book, figure)
        if purchase is not None:
            self.given[key] = _given(purchase, step, book)

    def _with_rewards_given(self, step: Step, row: Row, book: Rulebook) -> Step:
        """What was given of rewards that may run out stays given, as far as the story has the units for it."""
        purses = dict(step.change.purses)
        for wallet, was in change_of(row, book, self.account).purses.items():
            cost = purses[wallet].posted - was.posted if wallet in purses else 0
            if wallet not in book.stocked or not was.completed or cost <= 0:
                continue
            gone = negative(taken(purse_of(self.account, wallet).lots, cost))
            more = PurseChange(-cost, gone, was.completed, was.waiting)
            self.account = applied(self.account, Change(step.change.day, purses={wallet: more}))
            purses[wallet] = PurseChange(was.posted, (*purses[wallet].moves, *gone), was.completed, was.waiting)
        return step._replace(change=step.change._replace(purses=purses))

    def _ends(self, book: Rulebook, today: date) -> None:
        over = ended(self.account, book, today)
        if over is not None:
            self.account = applied(self.account, over.change)
            for wallet, units in over.lapsed.items():
                self._took(wallet, -units)
                self.ended[wallet] = self.ended.get(wallet, 0) + units

    def _took(self, wallet: str, units: int) -> None:
        self.completed[wallet] = self.completed.get(wallet, 0) + units

    def _undid(self, legs: Sequence[Leg]) -> None:
        for wallet, units in booked_in(legs, COMPLETED).items():
            self._took(wallet, units)
        for wallet, units in booked_in(legs, LOST).items():
            self.lost[wallet] = self.lost.get(wallet, 0) + units

    def _returned(
        self,
        key: str,
        purchase_key: str | None,
        part: Returned,
        told: Facts | Row,
        book: Rulebook,
        where: Place,
    ) -> None:
        at = told.told.occurred_at if isinstance(told, Facts) else occurred_at(told)
        on = at.astimezone(book.zone).date()
        merging = merging_day(self.account, on, book)
        given = self.given.get(purchase_key or "")
        if given is not None:
            given = given._replace(later={name: self._later(name, own.expires_on) for name, own in given.lots.items()})
            for wallet, own in given.lots.items():
                # It is taken from even when it has lapsed: what comes back never lapsed.
                gone, later = self.gone.get(wallet, ()), given.later[wallet]
                self._recall(wallet, to_take_back(gone, own, on, "earliest_expiry_first", later))
        if purchase_key is None:
            amount = told.amount_minor if isinstance(told, Facts) else unpacked(told["s"])[1]
            what = undone_by_amount(amount, at, self.account, book, on, merging=merging)
        elif given is None:
            # It is of a purchase of another account, which was merged into this one: it stays as it was posted.
            assert not isinstance(told, Facts), "a return of another account's purchase is not told again"
            self._stays(told, book, on)
            return
        else:
            so_far = self.returned.get(purchase_key, Returned())
            back = told.back_to(self.account.id) if isinstance(told, Facts) else back_in(told)
            what = undone(given, so_far, part, back, self.account, on, on=on, merging=merging)
            self.returned[purchase_key] = so_far.more(part)
            day, law, figure = self.counted[purchase_key]
            less = what.change.figures[0] if what.change.figures else Figure(day)
            self.counted[purchase_key] = (day, law, _sum(figure, less))
        if purchase_key is None:
            self.counted[key] = (on, book, what.change.figures[0])
        self.account = applied(self.account, what.change._replace(newest=where))
        self._undid(what.legs)
        self.lapse(on)
        if book.remembering:
            self.account = self.account._replace(standings=self._as_if(on, book))
        self.told[key] = Told(key, on, book, None, what)

    def _as_if(self, day: date, book: Rulebook) -> Mapping[str, Standing]:
        """Where the member stands as if what came back had never been bought."""
        at = self.begun
        for on, law, figure in sorted(self.counted.values(), key=lambda one: one[0]):
            at = at._replace(standings=standings_on(at, on - timedelta(days=1), law))
            at = applied(at, Change(on, figures=(figure,)))
            at = at._replace(standings=standings_on(at, on, law))
        return standings_on(at, day, book)

    def _stays(self, row: Row, book: Rulebook, on: date) -> None:
        """What was redeemed, adjusted or brought along stays as it was posted, as far as the story has the lots for it."""
        self._undid(legs_of(row))
        change = change_of(row, book, self.account)
        moves = {MAIN_WALLET: change.moves} | {name: one.moves for name, one in change.purses.items()}
        fitting = {name: self._fitting(name, some) for name, some in moves.items()}
        if row["c"] == "capture":
            # What it takes was held, and stands in no lot of its change; what a conversion gives does.
            wallet, lots = unpacked(row["pt"])
            held = lots_in(lots)
            self.keep(wallet, held)
            fitting[wallet] = self._fitting(wallet, negative(held))
        if row["c"] == "extend":
            for wallet, some in fitting.items():
                for longer in some[-1:]:
                    self._lives_to(wallet, [lot for lot in some if lot.points < 0], longer)
        purses = {name: one._replace(moves=fitting.get(name, ())) for name, one in change.purses.items()}
        after = applied(
            self.account, change._replace(moves=fitting.get(MAIN_WALLET, ()), purses=purses, holds={}, newest=NOWHERE)
        )
        self.account = after
        self.lapse(on)
        # What was taken below zero then may find lots here.
        after = self.account
        self.account = after._replace(
            lots=_backed(after.lots, after.posted),
            purses={name: one._replace(lots=_backed(one.lots, one.posted)) for name, one in after.purses.items()},
        )

    def _comes_back(self, row: Row, expiry: Row, book: Rulebook, on: date) -> None:
        """What staff brought back of a lapse comes back as far as the story says that it lapsed."""
        change, back = change_of(row, book, self.account), dict[str, PurseChange]()
        put = {MAIN_WALLET: change.moves} | {name: one.moves for name, one in change.purses.items()}
        for wallet, (lot, *_) in ((name, some) for name, some in put.items() if some):
            lots = taken(self.lapsed_by(expiry, wallet), lot.points)
            if lots:
                self.gone[wallet] = together(self.gone[wallet], negative(lots))
                self._lives_to(wallet, lots, lot)
                back[wallet] = PurseChange(total(lots), (lot._replace(points=total(lots)),))
        main = back.pop(MAIN_WALLET, PurseChange())
        self.account = applied(self.account, Change(change.day, main.posted, main.moves, back, newest=NOWHERE))
        self.lapse(on)

    def books_lapses(self, row: Row) -> bool:
        """Whether what a row says of lapsed points is of points of this account."""
        return row["c"] in ("expiry", "difference", "end") or (
            row["c"] == "reinstate" and lapse_of(str(row["k"])) in self.lapses
        )

    def lapsed_by(self, expiry: Row, wallet: str) -> list[Lot]:
        """What a posting booked as lapsed, as far as it has not come back."""
        left, found = self.gone.get(wallet, ()), list[Lot]()
        for days in lots_in(unpacked(expiry["x"]).get("l", {}).get(wallet, [])):
            twins = [lot for lot in left if lot.expires_on == days.expires_on]
            parts = taken(sorted(twins, key=lambda lot: lot.usable_on != days.usable_on), -days.points)
            left, found = together(left, negative(parts)), [*found, *parts]
        return found

    def _lives_to(self, wallet: str, lots: Sequence[Lot], longer: Lot) -> None:
        for lot in lots:
            self.given_days.setdefault((wallet, lot.expires_on), set()).add(longer.expires_on)

    def _later(self, wallet: str, last_day: date | None) -> frozenset[date | None]:
        """The last days that lots with this one were given by staff, and the lots with those."""
        found, new = set[date | None](), {last_day}
        while new:
            new = set[date | None]().union(*(self.given_days.get((wallet, day), ()) for day in new)) - found
            found |= new
        return frozenset(found)

    def _fitting(self, wallet: str, moves: Sequence[Lot]) -> tuple[Lot, ...]:
        return fitting(purse_of(self.account, wallet).lots, moves)

    def lapse(self, today: date) -> None:
        """What lapsed by a day is there no more."""
        for wallet in (MAIN_WALLET, *self.account.purses):
            purse = purse_of(self.account, wallet)
            if gone := lapsed(purse.lots, today):
                self.gone[wallet] = together(self.gone.get(wallet, ()), gone)
                self._put(wallet, purse.posted - total(gone), together(purse.lots, negative(gone)))

    def keep(self, wallet: str, held: Sequence[Lot]) -> None:
        """What is held does not lapse."""
        for lot in held:
            twins = [one for one in self.gone.get(wallet, ()) if one.expires_on == lot.expires_on]
            self._recall(wallet, taken(twins, lot.points))

    def _recall(self, wallet: str, lots: Sequence[Lot]) -> None:
        """What had lapsed by then is there again, for what takes from it."""
        if lots:
            purse = purse_of(self.account, wallet)
            self.gone[wallet] = together(self.gone[wallet], negative(lots))
            self._put(wallet, purse.posted + total(lots), together(purse.lots, lots))

    def _put(self, wallet: str, posted: int, lots: tuple[Lot, ...]) -> None:
        if wallet == MAIN_WALLET:
            self.account = self.account._replace(posted=posted, lots=lots)
        else:
            purse = purse_of(self.account, wallet)._replace(posted=posted, lots=lots)
            self.account = self.account._replace(purses={**self.account.purses, wallet: purse})


def fitting(lots: Sequence[Lot], moves: Sequence[Lot]) -> tuple[Lot, ...]:
    """Moves that take from the lots with the days that are told, or else from any; what is put in is put in."""
    there, found = list(lots), list[Lot]()
    for move in moves:
        if move.points < 0:
            likely = sorted(there, key=lambda lot: (lot.expires_on != move.expires_on, lot.usable_on > move.usable_on))
            parts = taken(likely, -move.points)
            found += parts
            there = list(moved(tuple(there), negative(parts), date.min))
    return (*negative(found), *(move for move in moves if move.points > 0))


def purse_of(account: Account, wallet: str) -> Purse:
    return Purse(account.posted, account.lots) if wallet == MAIN_WALLET else account.purses.get(wallet, Purse())


def name_of(account: str, wallet: str) -> str:
    return account if wallet == MAIN_WALLET else f"{account}/{wallet}"


def booked_by(rows: Sequence[Row], club: str) -> dict[str, int]:
    """What was booked on one of the club's own accounts so far, by wallet."""
    return booked_in([leg for row in rows for leg in legs_of(row)], club)


def booked_in(legs: Sequence[Leg], club: str) -> dict[str, int]:
    booked: dict[str, int] = {}
    for leg in legs:
        name, _, wallet = leg.account.partition("/")
        if name == club:
            booked[wallet or MAIN_WALLET] = booked.get(wallet or MAIN_WALLET, 0) + leg.points
    return booked


def lapse_of(key: str) -> str:
    """The key of the posting whose lapse a reinstatement brought back."""
    return key.partition("#")[2]


def _given(purchase: Purchase, step: Step, book: Rulebook) -> Given:
    """What a purchase gives when it is decided in its turn."""
    earned, on = step.earned, step.change.figures[0].on
    units = {MAIN_WALLET: earned.points, **earned.others}
    lots = {wallet: lot_of(on, some, book.wallet(wallet), book) for wallet, some in units.items() if some}
    dropped = {
        wallet: dropped_of(units.get(wallet, 0) - one.posted, one.completed, book.wallet(wallet))
        for wallet, one in step.change.purses.items()
        if one.completed
    }
    alone = without_top_ups(units, earned.sold)
    return Given(purchase, on, book, earned.reasons, alone, lots, dropped, earned.given, earned.sold)


def _backed(lots: tuple[Lot, ...], posted: int) -> tuple[Lot, ...]:
    """Lots as far as a balance has them."""
    return without(lots, excess) if (excess := total(lots) - max(0, posted)) > 0 else lots


def _sum(some: Figure, more: Figure) -> Figure:
    return Figure(some.on, *(one + other for one, other in zip(some[1:], more[1:], strict=True)))
