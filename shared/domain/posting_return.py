"""A return as a posting: read what the purchase gave, undo the returned part of it, and say so in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.changes import applied
from shared.domain.decide import frame, linked, lot_of, merging_day, ms, with_lapses, with_more
from shared.domain.goals import dropped_of
from shared.domain.ledger import Leg, Posting, Row, RowValue, legs_text, packed, unpacked
from shared.domain.lots import Lot, total
from shared.domain.packing import change_out, lots_in, lots_out
from shared.domain.purchase_return import Return
from shared.domain.rebuilding import change_of, posted_by
from shared.domain.returned import Returned
from shared.domain.returning import Given, GivenBack, PaidBack, Undone, undone, undone_by_amount
from shared.domain.rulebook import Rulebook
from shared.domain.stored import occurred_at, purchase_of, reasons
from shared.domain.tables import CERTIFICATE, MAIN_WALLET
from shared.domain.tiers import tiers_on
from shared.domain.top_ups import without_top_ups


class Facts(NamedTuple):
    """What a return's row says of the return itself: of which purchase, which part of it, or so much money of none; and what of
    that goes back which had paid for the purchase, whosever points it was. `coupons` can be used again, since nothing of the
    purchase is left."""

    told: Return
    purchase_key: str | None
    part: Returned
    amount_minor: int = 0
    back: tuple[PaidBack, ...] = ()
    coupons: tuple[str, ...] = ()

    def back_to(self, account_id: str) -> GivenBack:
        """What goes back to one account, by wallet."""
        back: dict[str, tuple[Lot, ...]] = {}
        for payment, lots in self.back:
            if payment.account == account_id:
                back[payment.wallet] = (*back.get(payment.wallet, ()), *lots)
        return back


def given_of(row: Row, book: Rulebook) -> Given:
    """What a purchase's row says that it gave, as long as nothing corrected it."""
    purchase = purchase_of(row, book)
    on = purchase.occurred_at.astimezone(book.zone).date()
    if "a" not in row:
        return Given(purchase, on, book)
    earned = unpacked(row["d"])[0]
    units, lots, dropped = {MAIN_WALLET: earned}, dict[str, Lot](), dict[str, int]()
    if "u" in row:
        first, last = unpacked(row["u"])
        lots[MAIN_WALLET] = Lot(date.fromisoformat(first), date.fromisoformat(last) if last else None, earned)
    for wallet, (given, _balance, _completed, *moves) in (unpacked(row["w"]) if "w" in row else {}).items():
        units[wallet] = given
        own = [lot for lot in lots_in(moves[0]) if lot.points > 0] if moves else []
        if own:
            lots[wallet] = own[0]
        elif wallet in book.goals and given:
            lots[wallet] = lot_of(on, given, book.wallet(wallet), book)
        if len(moves) > 1:
            spent = given - posted_by(row).get(wallet, 0)
            dropped[wallet] = dropped_of(spent, moves[1], book.wallet(wallet))
    limited = unpacked(row["y"]) if "y" in row else {}
    sold = unpacked(row["tu"]) if "tu" in row else {}
    alone = without_top_ups(units, sold)
    return Given(purchase, on, book, reasons(row, book), alone, lots, dropped, limited, sold)


def post_return(
    facts: Facts, given: Given | None, so_far: Returned, account: Account, book: Rulebook, now: datetime, *, key: str,
    fingerprint: bytes,
) -> Posting:  # fmt: skip
    """A member's return, not older than the newest that is known of the member. `given` None: it names no purchase.

    `book` is the law that decides: the purchase's own, or that of the return's day where it names none.
    """
    account, lapses = with_lapses(account, book, now)
    on = facts.told.occurred_at.astimezone(book.zone).date()
    merging = merging_day(account, on, book)
    today = now.astimezone(book.zone).date()
    if given is None:
        what = undone_by_amount(facts.amount_minor, facts.told.occurred_at, account, book, today, merging=merging)
    else:
        what = undone(given, so_far, facts.part, facts.back_to(account.id), account, today, on=on, merging=merging)
    row = return_row(facts, book, now, key, fingerprint)
    return with_more(undoing_posting(row, what, account, book, now), lapses)


def undoing_posting(row: dict[str, RowValue], what: Undone, before: Account, book: Rulebook, now: datetime) -> Posting:
    """The row that tells of what was undone, as the next link of the account's chain."""
    posted = _posted(before.id, what.legs)
    back = {name: total(lots) for name, lots in what.back.items()}
    row |= {
        "a": before.id,
        "n": before.sequence + 1,
        "g": legs_text(what.legs),
        "x": packed(change_out(what.change)),
        "rt": packed(
            [dict(what.due), dict(what.taken), dict(what.lost), back, *([dict(what.kept)] if what.kept else ())]
        ),
    }
    if what.back:
        row["pb"] = packed({name: lots_out(lots) for name, lots in what.back.items()})
    if what.shelves:
        row["sh"] = packed({name: list(moved) for name, moved in what.shelves.items()})
    after = applied(before, change_of(row, book, before))
    day = max(now.astimezone(book.zone).date(), occurred_at(row).astimezone(book.zone).date())
    points = after.points_on(day)
    row |= {
        "d": packed([posted.get(MAIN_WALLET, 0), after.posted]),
        "b": packed([points.available, points.pending, tiers_on(after, day, book).get("", "")]),
    }
    if before.language and before.language != book.programme.club.languages[0]:
        row["la"] = before.language
    return linked(str(row["k"]), row, before, after)


def post_guest_return(facts: Facts, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """A return of a guest's purchase: recorded once, so that nothing comes back twice."""
    return Posting(key, return_row(facts, book, now, key, fingerprint), None, None)


def return_row(facts: Facts, book: Rulebook, now: datetime, key: str, fingerprint: bytes) -> dict[str, RowValue]:
    """What a row says of a return itself. `pk` is the purchase's key, `l` the units that came back by the place of their line,
    `s` what counts by money, what was paid back, and whether nothing is left, `gb` what of it went back to gift certificates,
    `cb` the coupons that can be used again."""
    part = facts.part
    row: dict[str, RowValue] = frame("return", book, now, key, fingerprint) | {"o": ms(facts.told.occurred_at)}
    if facts.purchase_key is None:
        return row | {"s": packed([0, facts.amount_minor, 0])}
    row |= {
        "pk": facts.purchase_key,
        "s": packed([part.money_minor, part.paid_back_minor, int(part.whole)]),
        "l": packed([_pairs(part.units), _pairs(part.uncounted)]),
    }
    on_certificates = sum(total(lots) for payment, lots in facts.back if payment.wallet == CERTIFICATE)
    if on_certificates:
        row["gb"] = on_certificates
    if facts.coupons:
        row["cb"] = packed(list(facts.coupons))
    return row


def part_in(row: Row) -> Returned:
    """What of its purchase a return's row is about."""
    money_minor, paid_back_minor, whole = unpacked(row["s"])
    units, uncounted = unpacked(row["l"])
    return Returned(
        dict(units),
        dict(uncounted),
        money_minor,
        paid_back_minor,
        bool(whole),
    )


def returned_in(rows: Iterable[Row]) -> dict[str, Returned]:
    """What came back of each purchase, by its key, as postings in any sequence tell."""
    found: dict[str, Returned] = {}
    for row in rows:
        if row["c"] == "return" and "pk" in row:
            key = str(row["pk"])
            found[key] = found.get(key, Returned()).more(part_in(row))
    return found


def back_in(row: Row) -> GivenBack:
    """What a return's row gave back of what had paid for the purchase: that stays as it was posted."""
    return {name: lots_in(lots) for name, lots in unpacked(row["pb"]).items()} if "pb" in row else {}


def _pairs(units: Mapping[int, int]) -> list[list[int]]:
    return [[place, count] for place, count in units.items()]


def _posted(account_id: str, legs: Sequence[Leg]) -> dict[str, int]:
    return posted_by({"a": account_id, "g": packed([list(leg) for leg in legs])})
