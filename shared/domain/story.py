"""A member's story told again: what comes late lands on its own date, and what came after it is decided anew.

All purchases, events and returns are decided in the sequence of their own times, each under its own law. What then differs from
what was posted is corrected by one posting, `difference`: nothing that was posted is rewritten. What was redeemed, adjusted or
lapsed meanwhile stays as it was. So the account at the end does not depend on the sequence in which things arrived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.domain.account import NOWHERE, Account, Place, Purse, Standing
from shared.domain.changes import Change, Figure, PurseChange, applied, waited
from shared.domain.decide import (
    COMPLETED,
    ISSUED,
    Step,
    earning_posting,
    event_row,
    event_step,
    frame,
    linked,
    lot_of,
    merging_day,
    place,
    purchase_row,
    purchase_step,
    with_lapses,
    with_more,
)
from shared.domain.event import Event
from shared.domain.goals import dropped_of, ended
from shared.domain.goals import negative as not_waiting
from shared.domain.lapsing import EXPIRED
from shared.domain.ledger import Leg, Posting, Row, legs_of, legs_text, packed, unpacked
from shared.domain.lots import Lot, difference, lapsed, moved, negative, taken, to_take_back, together, total, without
from shared.domain.packing import change_out, lots_in
from shared.domain.posting_return import Facts, back_in, part_in, return_row, undoing_posting
from shared.domain.purchase import Purchase
from shared.domain.rebuilding import advanced, change_of, figures_of, instant, number, posted_by
from shared.domain.returned import Returned
from shared.domain.returning import CLAWED_BACK, LOST, Given, Undone, undone, undone_by_amount
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


class _Told(NamedTuple):
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
        wallets = {MAIN_WALLET: self.change.posted} | {name: one.posted for name, one in self.change.purses.items()}
        return any(wallets.get(name, 0) != posted.get(name, 0) for name in wallets.keys() | posted.keys())


def tell_again(account: Account, rows: Sequence[Row], news: Sequence[News], book_of: Books, now: datetime) -> Posting:
    """The posting that records news which are not the newest, or whose purchase was corrected before.

    `rows` are all postings of the account in their sequence. The first of the news is the one that is answered.
    """
    book = news[0].book
    before, lapses = with_lapses(account, book, now)
    telling = _Telling(before, rows)
    for entry in sorted([*_entries(rows, book_of), *_of_news(news, before)]):
        telling.tell(entry)
    at, postings = before, list[Posting]()
    for one in news:
        postings.append(_recorded(one, telling.told[one.key], at, now))
        at = _after(postings[-1])
    written = [posting.row for posting in postings]
    correction = _difference(
        telling, at, [*rows, *(one.row for one in lapses), *written], book, book_of, now, news[0].key
    )
    postings += [correction] if correction is not None else []
    first = postings[0]
    whole = first._replace(after=_after(postings[-1]), more=tuple(one.row for one in postings[1:]))
    return with_more(whole, lapses)


def still_lapsed(
    expiry: Row, account: Account, rows: Sequence[Row], book_of: Books, book: Rulebook, now: datetime
) -> dict[str, int]:
    """What of the units that a posting booked as lapsed has not come back since, by wallet: a return of their purchase takes
    them, a purchase told late may say that they never lapsed. `rows` are all postings of the account."""
    telling = _Telling(account, rows)
    for entry in sorted(_entries(rows, book_of)):
        telling.tell(entry)
    telling.lapse(now.astimezone(book.zone).date())
    lapsed_then = ((wallet, total(telling.lapsed_by(expiry, wallet))) for wallet in posted_by(expiry))
    return {wallet: units for wallet, units in lapsed_then if units}


def _after(posting: Posting) -> Account:
    assert posting.after is not None
    return posting.after


class _Entry(NamedTuple):
    """Where something stands in time, then what it is: a row that was posted, or something new."""

    where: Place
    sequence: int
    row: Row | None
    news: News | None
    book: Rulebook
    status: str

    def __lt__(self, other: tuple[object, ...]) -> bool:
        assert isinstance(other, _Entry)
        return (self.where, self.sequence) < (other.where, other.sequence)


def _entries(rows: Sequence[Row], book_of: Books) -> list[_Entry]:
    entries = []
    for row in rows:
        if row["c"] in ("join", "difference", "expiry", "hold", "void"):
            # What lapses is worked out at the end; what was held and given back was never away.
            continue
        happened = row["c"] in _HAPPENED
        where = place(occurred_at(row), str(row["k"])) if happened else (number(row, "t"), True, 0, "")
        entries.append(_Entry(where, number(row, "n"), row, None, book_of(number(row, "v")), str(row.get("q", ""))))
    return entries


def _of_news(news: Sequence[News], account: Account) -> list[_Entry]:
    return [_Entry(place(one.at, one.key), 0, None, one, one.book, account.status) for one in news]


class _Telling:
    """Tells a story from its beginning. `told` is what each purchase, event and return comes to, by its key."""

    def __init__(self, account: Account, rows: Sequence[Row]) -> None:
        self.account = Account(
            account.id, account.joined_on, language=account.language, birthday=account.birthday, attributes=account.attributes,
            standings={name: Standing("", account.joined_on, account.joined_on, manual=one.manual)
                       for name, one in account.standings.items() if one.manual},
        )  # fmt: skip
        self.begun = self.account
        self.told: dict[str, _Told] = {}
        self.given: dict[str, Given] = {}
        self.returned: dict[str, Returned] = {}
        # What became rewards, by wallet, less what returns took back of that.
        self.completed: dict[str, int] = {}
        # And what of it lapsed with the end of its card.
        self.ended: dict[str, int] = {}
        # What each purchase and event still counts, for tiers that remember where a member stood.
        self.counted: dict[str, tuple[date, Rulebook, Figure]] = {}
        # What lapsed so far, by wallet: it is in no lot and in no balance any more, as if each day had been booked.
        self.gone: dict[str, tuple[Lot, ...]] = {}
        self.lapses = {str(row["k"]): row for row in rows if row["c"] == "expiry"}

    def tell(self, entry: _Entry) -> None:
        row, book = entry.row, entry.book
        key = str(row["k"]) if row is not None else entry.news.key if entry.news is not None else ""
        kind = str(row["c"]) if row is not None else ""
        self.account = self.account._replace(status=entry.status)
        on = datetime.fromtimestamp(entry.where[0] // 1000, book.zone).date()
        self.lapse(on)
        what = entry.news.what if entry.news is not None else None
        if isinstance(what, Purchase) or kind == "purchase":
            bought = what if isinstance(what, Purchase) else purchase_of(row or {}, book)
            self._earned(key, purchase_step(bought, self.account, book, key), bought, book, row)
        elif isinstance(what, Event) or kind == "event":
            happened = what if isinstance(what, Event) else event_of(row or {})
            self._earned(key, event_step(happened, self.account, book, key), None, book, row)
        elif isinstance(what, Facts):
            self._returned(key, what.purchase_key, what.part, what, book, entry.where)
        elif kind == "return" and row is not None:
            purchase_key = str(row["pk"]) if "pk" in row else None
            part = part_in(row) if purchase_key is not None else Returned()
            self._returned(key, purchase_key, part, row, book, entry.where)
        elif kind == "end" and row is not None:
            self._ends(book, instant(row, "t").astimezone(book.zone).date())
        elif row is not None:
            expiry = self.lapses.get(_lapse_of(key)) if kind == "reinstate" else None
            if expiry is None:
                self._stays(row, book, on)
            else:
                self._comes_back(row, expiry, book, on)

    def _earned(self, key: str, step: Step, purchase: Purchase | None, book: Rulebook, row: Row | None) -> None:
        figure = step.change.figures[0]
        self.account = step.after
        if row is not None and book.stocked:
            step = self._with_rewards_given(step, row, book)
        for wallet, one in step.change.purses.items():
            self._took(wallet, step.earned.others.get(wallet, 0) - one.posted)
        self.told[key] = _Told(key, figure.on, book, step, None)
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
            gone = negative(taken(_purse(self.account, wallet).lots, cost))
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
        for wallet, own in given.lots.items() if given is not None else ():
            # It is taken from even when it has lapsed: what comes back never lapsed.
            self._recall(wallet, to_take_back(self.gone.get(wallet, ()), own, on, "earliest_expiry_first"))
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
        for wallet, units in _booked(what.legs, COMPLETED).items():
            self._took(wallet, units)
        self.lapse(on)
        if book.remembering:
            self.account = self.account._replace(standings=self._as_if(on, book))
        self.told[key] = _Told(key, on, book, None, what)

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
        change = change_of(row, book, self.account)
        moves = {MAIN_WALLET: change.moves} | {name: one.moves for name, one in change.purses.items()}
        fitting = {name: self._fitting(name, some) for name, some in moves.items()}
        if row["c"] == "capture":
            # What it takes was held, and stands in no lot of its change; what a conversion gives does.
            wallet, lots = unpacked(row["pt"])
            held = lots_in(lots)
            self.keep(wallet, held)
            fitting[wallet] = self._fitting(wallet, negative(held))
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
                back[wallet] = PurseChange(total(lots), (lot._replace(points=total(lots)),))
        main = back.pop(MAIN_WALLET, PurseChange())
        self.account = applied(self.account, Change(change.day, main.posted, main.moves, back, newest=NOWHERE))
        self.lapse(on)

    def books_lapses(self, row: Row) -> bool:
        """Whether what a row says of lapsed points is of points of this account."""
        return row["c"] in ("expiry", "difference", "end") or (
            row["c"] == "reinstate" and _lapse_of(str(row["k"])) in self.lapses
        )

    def lapsed_by(self, expiry: Row, wallet: str) -> list[Lot]:
        """What a posting booked as lapsed, as far as it has not come back."""
        left, found = self.gone.get(wallet, ()), list[Lot]()
        for days in lots_in(unpacked(expiry["x"]).get("l", {}).get(wallet, [])):
            twins = [lot for lot in left if lot.expires_on == days.expires_on]
            parts = taken(sorted(twins, key=lambda lot: lot.usable_on != days.usable_on), -days.points)
            left, found = together(left, negative(parts)), [*found, *parts]
        return found

    def _fitting(self, wallet: str, moves: Sequence[Lot]) -> tuple[Lot, ...]:
        return fitting(_purse(self.account, wallet).lots, moves)

    def lapse(self, today: date) -> None:
        """What lapsed by a day is there no more."""
        for wallet in (MAIN_WALLET, *self.account.purses):
            purse = _purse(self.account, wallet)
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
            purse = _purse(self.account, wallet)
            self.gone[wallet] = together(self.gone[wallet], negative(lots))
            self._put(wallet, purse.posted + total(lots), together(purse.lots, lots))

    def _put(self, wallet: str, posted: int, lots: tuple[Lot, ...]) -> None:
        if wallet == MAIN_WALLET:
            self.account = self.account._replace(posted=posted, lots=lots)
        else:
            purse = _purse(self.account, wallet)._replace(posted=posted, lots=lots)
            self.account = self.account._replace(purses={**self.account.purses, wallet: purse})


def _lapse_of(key: str) -> str:
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


def _recorded(one: News, told: _Told, at: Account, now: datetime) -> Posting:
    """The row of something new: what it comes to in its turn, put into the account as it is now."""
    if isinstance(one.what, Facts):
        assert told.undone is not None
        row = return_row(one.what, one.book, now, one.key, one.fingerprint)
        return undoing_posting(row, _against(told.undone, at, one.book, now), at, one.book, now)
    assert told.step is not None
    if isinstance(one.what, Purchase):
        row = purchase_row(one.what, one.book, now, one.key, one.fingerprint)
    else:
        row = event_row(one.what, one.book, now, one.key, one.fingerprint)
    # Other wallets are given their lots alone: which goals they reach is the whole story's, and stands in the difference.
    purses = {
        wallet: PurseChange(units, (lot_of(told.on, units, one.book.wallet(wallet), one.book),))
        for wallet, units in told.step.earned.others.items()
        if units
    }
    # So are the days that points live to, where a purchase moves them: its row has its own lot alone.
    own = told.step.change.moves[: 1 if told.step.earned.points else 0]
    change = told.step.change._replace(moves=own, purses=purses)
    row_alone = earning_posting(
        dict(row), at, told.step._replace(change=change, after=_with_purses(at, purses)), one.book, now
    )
    after = advanced(at, row_alone.row, one.book)
    return earning_posting(row, at, told.step._replace(change=change, after=after), one.book, now)


def _with_purses(at: Account, purses: Mapping[str, PurseChange]) -> Account:
    return at._replace(purses={**{name: Purse() for name in purses}, **at.purses})


def _against(ideal: Undone, at: Account, book: Rulebook, now: datetime) -> Undone:
    """What the story says that a return undoes, taken from the lots that are there now.

    Of rewards that wait it says nothing: which there are is the whole story's, and stands in the difference.
    """
    cards = {name for name, one in ideal.change.purses.items() if one.completed or one.waiting}
    ideal = ideal._replace(
        change=ideal.change._replace(
            purses={name: one for name, one in ideal.change.purses.items() if name not in cards}
        ),
        legs=tuple([leg for leg in ideal.legs if leg.account.partition("/")[2] not in cards]),
    )
    today = now.astimezone(book.zone).date()
    moves: dict[str, tuple[Lot, ...]] = {}
    of_wallets = {MAIN_WALLET: ideal.change.moves} | {name: one.moves for name, one in ideal.change.purses.items()}
    for wallet, wanted in of_wallets.items():
        put = tuple([move for move in wanted if move.points > 0])
        lots = together(_purse(at, wallet).lots, put)
        moves[wallet] = (*put, *_nearest(lots, [move for move in wanted if move.points < 0], book, today))
    short = {wallet: total(moves[wallet]) - total(wanted) for wallet, wanted in of_wallets.items()}
    if book.programme.policies.clawback_when_spent == "negative" or not any(short.values()):
        short = {}
    change = ideal.change._replace(
        posted=ideal.change.posted + short.get(MAIN_WALLET, 0),
        moves=moves[MAIN_WALLET],
        purses={
            name: one._replace(posted=one.posted + short.get(name, 0), moves=moves[name])
            for name, one in ideal.change.purses.items()
        },
    )
    legs = [Leg(_name(at.id, wallet), units) for wallet, units in short.items() if units]
    legs += [Leg(_name(CLAWED_BACK, wallet), -units) for wallet, units in short.items() if units]
    less = {wallet: units - short.get(wallet, 0) for wallet, units in ideal.taken.items()}
    return ideal._replace(change=change, legs=(*ideal.legs, *legs), taken=less)


def _name(account: str, wallet: str) -> str:
    return account if wallet == MAIN_WALLET else f"{account}/{wallet}"


def _nearest(there: Sequence[Lot], wanted: Sequence[Lot], book: Rulebook, today: date) -> tuple[Lot, ...]:
    """Moves that take what is wanted from the lots there are: from those with the wanted days, then from any."""
    lots = list(there)
    used = book.programme.policies.lots_used
    found: list[Lot] = []
    for move in wanted:
        left = [lot for lot in lots if lot.points]
        parts = taken(to_take_back(left, move, today, used), -move.points)
        found += parts
        for part in parts:
            at_place = next(n for n, lot in enumerate(lots) if lot[:2] == part[:2])
            lots[at_place] = lots[at_place]._replace(points=lots[at_place].points - part.points)
    return negative(found)


def _difference(
    telling: _Telling, at: Account, rows: Sequence[Row], book: Rulebook, book_of: Books, now: datetime, late_key: str
) -> Posting | None:
    """The posting that makes the account what the story says; None when it is so already."""
    earlier: dict[int, int] = {}
    for row in rows:
        if row["c"] == "difference":
            for sequence, more in unpacked(row["z"]):
                earlier[sequence] = earlier.get(sequence, 0) + more
    named: list[list[int]] = []
    figures: list[tuple[Figure, ...]] = []
    retold = at.retold
    for row in rows:
        told_now = telling.told.get(str(row["k"]))
        if row["c"] == "difference" or told_now is not None:
            figures.append(figures_of(row, book_of(number(row, "v"))))
        if told_now is not None:
            posted = posted_by(row)
            if more := told_now.change.posted - posted.get(MAIN_WALLET, 0) - earlier.get(number(row, "n"), 0):
                named.append([number(row, "n"), more])
            retold = retold or told_now.posts_otherwise(posted)
    correcting = _Correcting(telling, at, book, now, rows)
    used = {
        rule: telling.account.used.get(rule, {})
        for rule in sorted({*telling.account.used, *at.used})
        if telling.account.used.get(rule, {}) != at.used.get(rule, {}) and not rule.startswith("reward:")
    }
    retold = retold or any(one.completed for one in correcting.changes.values())
    main = correcting.changes.pop(MAIN_WALLET, PurseChange())
    change = Change(
        now.astimezone(book.zone).date(), main.posted, main.moves, correcting.changes, _figures(telling, figures), used=used,
        standings=telling.account.standings if telling.account.standings != at.standings else None,
        retold=retold and not at.retold,
    )  # fmt: skip
    told = change_out(change)
    if not told and not correcting.legs:
        return None
    key = f"difference#{late_key}"
    row = frame("difference", book, now, key, b"") | {
        "a": at.id,
        "n": at.sequence + 1,
        "g": legs_text(correcting.legs),
        "x": packed(told),
        "z": packed(named),
    }
    if back := _put_back(correcting.changes, at, book):
        row["sh"] = packed(back)
    after = applied(at, change_of(row, book, at))
    row["d"] = packed([main.posted, after.posted])
    if at.language and at.language != book.programme.club.languages[0]:
        row["la"] = at.language
    return linked(key, row, at, after)


def _put_back(changes: Mapping[str, PurseChange], at: Account, book: Rulebook) -> dict[str, list[object]]:
    """What comes back of rewards that may run out: as many as wait no more, and the places of those that waited in line."""
    moved: dict[str, list[object]] = {}
    for wallet in book.stocked:
        waiting = changes[wallet].waiting if wallet in changes else ()
        back = -sum(one.rewards for one in waiting if not one.turn)
        ends = {one.turn: one.turn + one.rewards for one in _purse(at, wallet).waiting}
        freed = [
            ends[one.turn] + place for one in waiting if one.turn and one.rewards < 0 for place in range(one.rewards, 0)
        ]
        if back > 0 or freed:
            moved[wallet] = [0, max(0, back), sorted(freed)]
    return moved


class _Correcting:
    """What has to be added to each wallet of an account so that it is what the story says, and the legs of it."""

    def __init__(self, telling: _Telling, at: Account, book: Rulebook, now: datetime, rows: Sequence[Row]) -> None:
        telling.lapse(now.astimezone(book.zone).date())
        self.held = {wallet: [lot for hold in at.holds.values() if hold.wallet == wallet for lot in hold.kept]
                     for wallet in {hold.wallet for hold in at.holds.values()}}  # fmt: skip
        for wallet, held in self.held.items():
            telling.keep(wallet, held)
        self.telling, self.told, self.at, self.book = telling, telling.account, at, book
        self.completed = _booked_by(rows, COMPLETED)
        self.changes: dict[str, PurseChange] = {}
        self.legs: list[Leg] = []
        booked = _booked_by([row for row in rows if telling.books_lapses(row)], EXPIRED)
        for wallet in dict.fromkeys([MAIN_WALLET, *self.told.purses, *at.purses]):
            self._wallet(wallet, total(telling.gone.get(wallet, ())), booked.get(wallet, 0))

    def _wallet(self, wallet: str, gone: int, booked: int) -> None:
        told, is_now = _purse(self.told, wallet), _purse(self.at, wallet)
        held = self.held.get(wallet, [])
        lots = moved(told.lots, fitting(told.lots, negative(held)), date.min)
        short = max(0, total(held) - told.posted)
        how = self.book.programme.policies.clawback_when_spent
        short = short if how != "negative" else 0
        units = told.posted + short - is_now.posted
        moves = difference(is_now.lots, lots)
        times = told.completed - is_now.completed
        waiting = waited(told.waiting, tuple(map(not_waiting, is_now.waiting)), whole=False)
        done = self.telling.completed.get(wallet, 0) - self.completed.get(wallet, 0)
        lapse = gone + self.telling.ended.get(wallet, 0) - booked
        if not (units or moves or times or done or lapse or waiting):
            return
        self.changes[wallet] = PurseChange(units, moves, times, waiting)
        lost = short if how == "record_loss" else 0
        sides = {ISSUED: -units - done - lapse, COMPLETED: done, EXPIRED: lapse, LOST: -lost, CLAWED_BACK: lost}
        self.legs += [
            Leg(_name(self.at.id, wallet), units),
            *(Leg(_name(club, wallet), some) for club, some in sides.items()),
        ]


def _backed(lots: tuple[Lot, ...], posted: int) -> tuple[Lot, ...]:
    """Lots as far as a balance has them."""
    return without(lots, excess) if (excess := total(lots) - max(0, posted)) > 0 else lots


def _purse(account: Account, wallet: str) -> Purse:
    return Purse(account.posted, account.lots) if wallet == MAIN_WALLET else account.purses.get(wallet, Purse())


def _booked_by(rows: Sequence[Row], club: str) -> dict[str, int]:
    """What was booked on one of the club's own accounts so far, by wallet."""
    return _booked([leg for row in rows for leg in legs_of(row)], club)


def _booked(legs: Sequence[Leg], club: str) -> dict[str, int]:
    booked: dict[str, int] = {}
    for leg in legs:
        name, _, wallet = leg.account.partition("/")
        if name == club:
            booked[wallet or MAIN_WALLET] = booked.get(wallet or MAIN_WALLET, 0) + leg.points
    return booked


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


def _figures(telling: _Telling, booked: Sequence[tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """What the figures of each day have to be corrected by: points alone, since what was bought is what was reported."""
    sums: dict[date, Figure] = {}
    told = [(one.change.figures, 1) for one in telling.told.values()] + [(figures, -1) for figures in booked]
    for figures, sign in told:
        for on, _, _, points, by_day in figures:
            old = sums.get(on, Figure(on))
            sums[on] = old._replace(points=old.points + sign * points, by_day=old.by_day + sign * by_day)
    return tuple([sums[on] for on in sorted(sums) if any(sums[on][1:])])


def _sum(some: Figure, more: Figure) -> Figure:
    return Figure(some.on, *(one + other for one, other in zip(some[1:], more[1:], strict=True)))
