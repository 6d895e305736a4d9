"""The posting `difference`: it makes an account what its story says, and rewrites nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from shared.domain.account import Account
from shared.domain.automations import AUTOMATION_USED
from shared.domain.changes import Change, Figure, PurseChange, applied, waited
from shared.domain.coupons import COUPONS
from shared.domain.decide import (
    COMPLETED,
    ISSUED,
    frame,
    linked,
)
from shared.domain.goals import negative as not_waiting
from shared.domain.lapsing import EXPIRED
from shared.domain.ledger import Leg, Posting, Row, legs_text, packed, unpacked
from shared.domain.lots import difference, moved, negative, total
from shared.domain.packing import change_out
from shared.domain.rebuilding import change_of, figures_of, number, posted_by
from shared.domain.returning import CLAWED_BACK, LOST
from shared.domain.rewards import REWARD_USED
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.telling import Books, Telling, booked_by, fitting, name_of, purse_of

# Counters of what stays as it was posted, whatever is told again: rewards that were taken, automations that were due, coupons.
_STAYS = (REWARD_USED, AUTOMATION_USED, COUPONS)


def difference_posting(
    telling: Telling, at: Account, rows: Sequence[Row], book: Rulebook, book_of: Books, now: datetime, late_key: str
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
        if telling.account.used.get(rule, {}) != at.used.get(rule, {}) and not rule.startswith(_STAYS)
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
    """What comes back of rewards that may run out: as many as are the member's no more, by the places of those that waited in
    line; below zero where the story gives again what had come back."""
    moved: dict[str, list[object]] = {}
    for wallet in book.stocked:
        if wallet not in changes:
            continue
        ends = {one.turn: one.turn + one.rewards for one in purse_of(at, wallet).waiting}
        freed = [
            ends[one.turn] + place
            for one in changes[wallet].waiting
            if one.turn and one.rewards < 0
            for place in range(one.rewards, 0)
        ]
        back = -changes[wallet].completed - len(freed)
        if back or freed:
            moved[wallet] = [0, back, sorted(freed)]
    return moved


class _Correcting:
    """What has to be added to each wallet of an account so that it is what the story says, and the legs of it."""

    def __init__(self, telling: Telling, at: Account, book: Rulebook, now: datetime, rows: Sequence[Row]) -> None:
        telling.lapse(now.astimezone(book.zone).date())
        self.held = {wallet: [lot for hold in at.holds.values() if hold.wallet == wallet for lot in hold.kept]
                     for wallet in {hold.wallet for hold in at.holds.values()}}  # fmt: skip
        for wallet, held in self.held.items():
            telling.keep(wallet, held)
        self.telling, self.told, self.at, self.book = telling, telling.account, at, book
        self.completed, self.lost = booked_by(rows, COMPLETED), booked_by(rows, LOST)
        self.changes: dict[str, PurseChange] = {}
        self.legs: list[Leg] = []
        booked = booked_by([row for row in rows if telling.books_lapses(row)], EXPIRED)
        for wallet in dict.fromkeys([MAIN_WALLET, *self.told.purses, *at.purses]):
            self._wallet(wallet, total(telling.gone.get(wallet, ())), booked.get(wallet, 0))

    def _wallet(self, wallet: str, gone: int, booked: int) -> None:
        told, is_now = purse_of(self.told, wallet), purse_of(self.at, wallet)
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
        lost = self.telling.lost.get(wallet, 0) - self.lost.get(wallet, 0) - (short if how == "record_loss" else 0)
        if not (units or moves or times or done or lapse or lost or waiting):
            return
        self.changes[wallet] = PurseChange(units, moves, times, waiting)
        sides = {ISSUED: -units - done - lapse, COMPLETED: done, EXPIRED: lapse, LOST: lost, CLAWED_BACK: -lost}
        self.legs += [
            Leg(name_of(self.at.id, wallet), units),
            *(Leg(name_of(club, wallet), some) for club, some in sides.items()),
        ]


def _figures(telling: Telling, booked: Sequence[tuple[Figure, ...]]) -> tuple[Figure, ...]:
    """What the figures of each day have to be corrected by: points alone, since what was bought is what was reported."""
    sums: dict[date, Figure] = {}
    told = [(one.change.figures, 1) for one in telling.told.values()] + [(figures, -1) for figures in booked]
    for figures, sign in told:
        for on, _, _, points, by_day in figures:
            old = sums.get(on, Figure(on))
            sums[on] = old._replace(points=old.points + sign * points, by_day=old.by_day + sign * by_day)
    return tuple([sums[on] for on in sorted(sums) if any(sums[on][1:])])
