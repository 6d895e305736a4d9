"""Decide: an event and the account as read become one posting. Committed it is true; not committed it is a quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from shared.domain.account import Account, Place, Purse, Used, place_of
from shared.domain.changes import Change, Figure, PurseChange, applied
from shared.domain.earn_tables import Achievement
from shared.domain.earning import points_earned
from shared.domain.event import Event
from shared.domain.expiry import lasts_until, slid
from shared.domain.explanation import stored
from shared.domain.facts import facts_of
from shared.domain.ledger import RENDERER, Leg, Posting, RowValue, chained, legs_text, packed
from shared.domain.limits import counted as counted_limits
from shared.domain.limits import period
from shared.domain.lots import Lot, difference, lapsed, merged, total, without
from shared.domain.packing import lots_out, standings_out, waiting_out
from shared.domain.purchase import Line, Purchase
from shared.domain.reasons import ACHIEVEMENT_RULE, Earned, Fired
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.tiers import standings_on, tiers_on
from shared.domain.vocabulary import Scene
from shared.domain.wallet_tables import Points, Wallet

if TYPE_CHECKING:
    from shared.domain.goals import Shelf

ISSUED = "issued"
# Where money comes from that members pay for: top-ups and gift certificates.
SOLD = "sold"
# A member with more postings than this does not have them told again, which takes seconds: what is late is refused.
POSTINGS_MAX = 5_000
# Where a full punch card goes.
COMPLETED = "completed"
NOTHING = Earned(0, Fraction(0), ())
# What is left for all members of the rewards of cards, by wallet: `goals.Shelf`.
Shelves = Mapping[str, "Shelf"]
NO_SHELVES: Shelves = MappingProxyType({})
# The words for which the tiers have to be worked out.
_TIERS = frozenset({"member.tier", "member.tiers"})


class Step(NamedTuple):
    """What one purchase or event does to an account at its own time: points and reasons, the tiers it was decided under, the
    change, and the account after it."""

    earned: Earned
    held: Mapping[str, str]
    change: Change
    after: Account


def post_purchase(
    purchase: Purchase,
    account: Account,
    book: Rulebook,
    now: datetime,
    *,
    key: str,
    fingerprint: bytes,
    shelves: Shelves = NO_SHELVES,
) -> Posting:
    """A member's purchase, not older than the newest one: points by the rules of its own time, one lot, the figures of its own
    civil day. `shelves` tell of the rewards of full cards that may run out."""
    row = purchase_row(purchase, book, now, key, fingerprint)
    account, lapses = with_lapses(account, book, now)
    return with_more(
        earning_posting(row, account, purchase_step(purchase, account, book, key, shelves), book, now), lapses
    )


def post_event(
    event: Event,
    account: Account,
    book: Rulebook,
    now: datetime,
    *,
    key: str,
    fingerprint: bytes,
    shelves: Shelves = NO_SHELVES,
) -> Posting:
    """A member's activity: points by the rules for such an event."""
    row = event_row(event, book, now, key, fingerprint)
    account, lapses = with_lapses(account, book, now)
    return with_more(earning_posting(row, account, event_step(event, account, book, key, shelves), book, now), lapses)


def is_late(account: Account, occurred_at: datetime, key: str) -> bool:
    """Whether something newer was posted before this. It is then decided as of its own time, and what came after it again."""
    return place(occurred_at, key) < account.newest


def is_behind(account: Account, occurred_at: datetime, key: str, book: Rulebook, now: datetime) -> bool:
    """Whether something has to be decided as of its own time: something newer was posted before, or what has lapsed since then
    would have counted for it."""
    if is_late(account, occurred_at, key):
        return True
    if not book.heeds_lapses or account.sequence > POSTINGS_MAX:
        return False
    return occurred_at.astimezone(book.zone).date() < now.astimezone(book.zone).date()


def place(occurred_at: datetime, key: str) -> Place:
    """Where a purchase, an event or a return stands in time."""
    return place_of(ms(occurred_at), key)


def purchase_step(
    purchase: Purchase, account: Account, book: Rulebook, key: str, shelves: Shelves = NO_SHELVES
) -> Step:
    """What a purchase does to the account as it was at the purchase's own time."""
    at = purchase.occurred_at.astimezone(book.zone)
    on = at.date()
    walked, figure = _walked(account, on, book), Figure(on, 1, purchase.total_minor)
    crossing = book.programme.policies.crossing_purchase == "at_once"
    held = tiers_on(applied(walked, Change(on, figures=(figure,))) if crossing else account, on, book)
    earned = NOTHING
    if not account.status:
        earned = points_earned(Scene(at, account, held, purchase=purchase), book)
    if book.topped_up is not None:
        from shared.domain.top_ups import has_top_up, with_top_ups

        # What was paid for is given to whoever it is, active or not.
        earned = with_top_ups(earned, purchase, book) if has_top_up(purchase) else earned
    stores, where = {purchase.store: 1}, place(purchase.occurred_at, key)
    if not purchase.offers:
        return _step(earned, held, at, account, walked, figure, stores, book, where, shelves)
    from shared.domain.offers import used_after_offers

    more = used_after_offers(account, [one.offer for one in purchase.offers], on, book)
    return _step(earned, held, at, account, walked, figure, stores, book, where, shelves, more)


def event_step(event: Event, account: Account, book: Rulebook, key: str, shelves: Shelves = NO_SHELVES) -> Step:
    """What an activity does to the account as it was at its own time."""
    at = event.occurred_at.astimezone(book.zone)
    held, earned = tiers_on(account, at.date(), book), NOTHING
    if not account.status:
        earned = points_earned(Scene(at, account, held, event=event), book)
    walked, where = _walked(account, at.date(), book), place(event.occurred_at, key)
    return _step(earned, held, at, account, walked, Figure(at.date()), NO_STORES, book, where, shelves)


NO_STORES: Mapping[str, int] = MappingProxyType({})
NO_PURSES: Mapping[str, PurseChange] = MappingProxyType({})
NOTHING_USED: Mapping[str, Mapping[str, Used]] = MappingProxyType({})


def _walked(account: Account, day: date, book: Rulebook) -> Account:
    """The account with its tiers as time alone made them up to the eve of a day.

    A review that lies before a posting must not see it: it is kept by its month or year, and its days may push older ones out.
    """
    if not book.remembering:
        return account
    standings = standings_on(account, day - timedelta(days=1), book)
    return account if standings == account.standings else account._replace(standings=standings)


def _step(
    earned: Earned,
    held: Mapping[str, str],
    at: datetime,
    before: Account,
    walked: Account,
    figure: Figure,
    stores: Mapping[str, int],
    book: Rulebook,
    where: Place,
    shelves: Shelves,
    used: Mapping[str, Mapping[str, Used]] = NOTHING_USED,
) -> Step:
    """The points of a purchase or an event put into lots and counters. `used` are counters of offers, after it."""
    on = at.date()
    day = on if before.newest <= where else merging_day(before, on, book)
    points = earned.points
    by_day = points if book.counts_points_by_day else 0
    change = Change(
        day,
        points,
        (lot_of(on, points, book.programme.points, book),) if points else (),
        purse_changes(before, earned.others, on, day, book, shelves) if earned.others else NO_PURSES,
        (Figure(on, figure[1], figure[2], points, by_day),),
        stores,
        {**used_after(before.used, earned.given, on, book), **used} if earned.given or used else NOTHING_USED,
        newest=where,
    )
    if book.sliding and figure.purchases:
        change = _with_slides(change, before, on, book)
    after = applied(walked, change)
    if not before.status and book.achievements:
        change, after, earned = _with_achievements(change, after, walked, earned, at, book, shelves)
    standings = standings_on(after, on, book)
    if standings != after.standings:
        after = after._replace(standings=standings)
    if after.standings != before.standings:
        change = change._replace(standings=after.standings)
    return Step(earned, held, change, after)


def _with_slides(change: Change, before: Account, on: date, book: Rulebook) -> Change:
    """The change with the last days of what the member has moved on, in the wallets where a purchase does that."""
    purses = dict(change.purses)
    for wallet in book.sliding:
        if wallet == MAIN_WALLET:
            moves = difference(before.lots, slid(before.lots, on, book.programme.points.expiry, book))
            change = change._replace(moves=(*change.moves, *moves))
        elif wallet in before.purses and wallet not in purses:
            lots = before.purses[wallet].lots
            moves = difference(lots, slid(lots, on, book.wallet(wallet).expiry, book))
            purses |= {wallet: PurseChange(moves=moves)} if moves else {}
    return change._replace(purses=purses)


def merging_day(account: Account, on: date, book: Rulebook) -> date:
    """Lots that are usable by the newest day an account knows of may become one, whatever the day of recording."""
    newest = account.newest[0]
    return max(on, datetime.fromtimestamp(newest // 1000, book.zone).date()) if newest else on


def _with_points(change: Change, points: int, on: date, book: Rulebook) -> Change:
    """The change with so many points more, earned on a day."""
    if not points:
        return change
    figure = change.figures[0]
    by_day = points if book.counts_points_by_day else 0
    rest = change.moves[1 if change.posted else 0 :]
    return change._replace(
        posted=change.posted + points,
        # The first of the moves is the posting's own lot.
        moves=(lot_of(on, change.posted + points, book.programme.points, book), *rest),
        figures=(figure._replace(points=figure.points + points, by_day=figure.by_day + by_day),),
    )


def earning_posting(row: dict[str, RowValue], before: Account, step: Step, book: Rulebook, now: datetime) -> Posting:
    """The row that tells of what was earned, as the next link of the account's chain."""
    earned, change, after = step.earned, step.change, step.after
    if before.status:
        row["q"] = before.status
    if row["c"] == "purchase" and any(step.held.values()):
        row["ti"] = packed({name: tier for name, tier in step.held.items() if tier})
    legs = [Leg(before.id, earned.points), Leg(ISSUED, -earned.points)]
    for wallet, units in earned.others.items():
        sold = earned.sold.get(wallet, 0)
        legs += [Leg(f"{before.id}/{wallet}", units), Leg(f"{ISSUED}/{wallet}", sold - units)]
        legs += [Leg(f"{SOLD}/{wallet}", -sold)] if sold else []
    for wallet, moved in change.purses.items():
        done = earned.others.get(wallet, 0) - moved.posted
        legs += [Leg(f"{before.id}/{wallet}", -done), Leg(f"{COMPLETED}/{wallet}", done)] if done else []
    day = max(now.astimezone(book.zone).date(), change.figures[0].on)
    points = after.points_on(day)
    row |= {
        "a": before.id,
        "n": before.sequence + 1,
        "e": packed(stored(earned.reasons)),
        "g": legs_text(legs),
        "d": packed([earned.points, after.posted]),
        "b": packed([points.available, points.pending, tiers_on(after, day, book).get("", "")]),
    }
    if earned.points:
        first = change.moves[0]
        row["u"] = packed([first.usable_on.isoformat(), first.expires_on and first.expires_on.isoformat()])
    if change.purses:
        row["w"] = packed(
            {
                name: [
                    earned.others.get(name, 0),
                    after.purses[name].posted,
                    after.purses[name].completed,
                    lots_out(one.moves),
                    *_rewards_out(one),
                ]
                for name, one in change.purses.items()
            }
        )
        if taken := {
            name: [one.completed] for name in book.stocked if (one := change.purses.get(name)) and one.completed
        }:
            row["sh"] = packed(taken)
    if earned.sold:
        row["tu"] = packed(dict(earned.sold))
    if earned.given:
        row["y"] = packed(dict(earned.given))
    told: dict[str, object] = {}
    if change.standings is not None:
        told["s"] = standings_out(change.standings)
    if slides := change.moves[1 if earned.points else 0 :]:
        told["l"] = {MAIN_WALLET: lots_out(slides)}
    if told:
        row["x"] = packed(told)
    if before.language and before.language != book.programme.club.languages[0]:
        row["la"] = before.language
    return linked(str(row["k"]), row, before, after)


def _rewards_out(change: PurseChange) -> list[object]:
    """How many cards were completed, and which rewards wait for it; nothing where the legs say it all."""
    return [change.completed, waiting_out(change.waiting)] if change.completed or change.waiting else []


def used_after(
    used: Mapping[str, Mapping[str, Used]], given: Mapping[str, int], on: date, book: Rulebook
) -> dict[str, Mapping[str, Used]]:
    """The counters of the rules that gave something, after it."""
    return {
        rule_id: counted_limits(used, book.rule(rule_id).earn, on, units)[rule_id] for rule_id, units in given.items()
    }


def purse_changes(
    account: Account, others: Mapping[str, int], on: date, day: date, book: Rulebook, shelves: Shelves
) -> dict[str, PurseChange]:
    """What other wallets were given. A balance that reaches its goal is completed, and the rest stays."""
    changes = {}
    for wallet, units in others.items():
        old = account.purses.get(wallet, Purse())
        rules = book.wallet(wallet)
        kept = slid(old.lots, on, rules.expiry, book) if wallet in book.sliding else old.lots
        lots = merged((*kept, lot_of(on, units, rules, book)), day) if units else kept
        if wallet in book.goals:
            assert isinstance(rules, Wallet)
            debt = total(old.lots) + account.held(wallet) - old.posted
            changes[wallet] = _card(old, units, (kept, lots), debt, rules, on, day, book, shelves.get(wallet))
        else:
            changes[wallet] = PurseChange(units, difference(old.lots, lots))
    return changes


def _card(
    old: Purse,
    units: int,
    lots_by: tuple[tuple[Lot, ...], tuple[Lot, ...]],
    debt: int,
    rules: Wallet,
    on: date,
    day: date,
    book: Rulebook,
    shelf: Shelf | None,
) -> PurseChange:
    """What becomes of a card. `lots_by` are its lots without and with what came in."""
    from shared.domain.goals import over, reached

    kept, lots = lots_by
    gone = lapsed(lots, on)
    living = tuple(lot for lot in lots if lot not in gone)
    # What has lapsed completes no card, though the entry that books it may not be there yet; nor does what repays a debt.
    full = reached(total(living) - debt, units, rules, on, book, shelf)
    if full.is_of_own:
        lots = merged(kept, day)
    elif full.times:
        lots = merged((*gone, *without(living, full.cost)), day)
    waiting = (*over(old.waiting, on, shelf), *full.waiting)
    return PurseChange(units - full.cost, difference(old.lots, lots), full.times, waiting)


def _with_achievements(
    change: Change,
    after: Account,
    walked: Account,
    earned: Earned,
    at: datetime,
    book: Rulebook,
    shelves: Shelves,
) -> tuple[Change, Account, Earned]:
    """What the member reached by this posting: points for each, once or once in its period."""
    reasons, points, others = list(earned.reasons), 0, dict(earned.others)
    on, held = at.date(), dict[str, str]()
    is_known = False
    for achievement, condition in book.achievements:
        key = ACHIEVEMENT_RULE + achievement.id
        times = achievement_period(achievement, on)
        if times in after.used.get(key, {}):
            continue
        if not is_known and not _TIERS.isdisjoint(condition.names):
            held, is_known = tiers_on(after, on, book), True
        if condition.failing(facts_of(Scene(at, after, held), book)) is not None:
            continue
        is_known = False
        units = int(achievement.points * 10 ** book.decimals(achievement.wallet))
        reasons.append(Fired(key, 1, Fraction(achievement.points)))
        change = change._replace(used={**change.used, key: {**after.used.get(key, {}), times: (1, units)}})
        if achievement.wallet == MAIN_WALLET:
            points += units
            change = _with_points(change, units, on, book)
        else:
            others[achievement.wallet] = others.get(achievement.wallet, 0) + units
            change = change._replace(purses=purse_changes(walked, others, on, change.day, book, shelves))
        after = applied(walked, change)
    if len(reasons) == len(earned.reasons):
        return change, after, earned
    exact = earned.exact + Fraction(points, 10**book.programme.points.decimals)
    earned = earned._replace(points=earned.points + points, exact=exact, reasons=tuple(reasons), others=others)
    return change, after, earned


def achievement_period(achievement: Achievement, on: date) -> str:
    """The period in which an achievement is given once."""
    return period({"never": "member", "month": "month", "year": "year"}[achievement.repeat], on)


def post_guest_purchase(purchase: Purchase, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """A guest's purchase: recorded once like any other, touching no account and earning nothing."""
    return Posting(key, purchase_row(purchase, book, now, key, fingerprint), None, None)


def post_join(
    account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes, joined_at: datetime | None = None
) -> Posting:
    """The first posting of an account: a person joins, now or, brought along from elsewhere, earlier. No points move."""
    row: dict[str, RowValue] = frame("join", book, now, key, fingerprint) | {
        "a": account.id,
        "n": 1,
        "o": ms(joined_at or now),
        "g": legs_text(()),
        "d": packed([0, 0]),
    }
    return linked(key, row, account, account)


def linked(key: str, row: dict[str, RowValue], before: Account, after: Account) -> Posting:
    """The posting as the next link of the account's chain."""
    if before.last_key:
        row["p"] = before.last_key
    row["h"] = digest = chained(row, before.last_hash)
    return Posting(key, row, before, after._replace(sequence=before.sequence + 1, last_key=key, last_hash=digest))


def with_lapses(account: Account, book: Rulebook, now: datetime) -> tuple[Account, tuple[Posting, ...]]:
    """The account as time alone made it by now: what lapsed is booked, and holds that were not captured in time are over.

    Nearly always there is nothing to book, and then nothing is loaded to do it.
    """
    # By the day in Greenwich, which no zone is more than a day ahead of: what is exact is asked only where it is near.
    near = now.date()
    is_due = _is_near(account.lots, near) or any(_is_near(purse.lots, near) for purse in account.purses.values())
    if not is_due and not account.holds and not any(purse.waiting for purse in account.purses.values()):
        return account, ()
    from shared.domain.lapsing import lapsing

    return lapsing(account, book, now)


def _is_near(lots: tuple[Lot, ...], day: date) -> bool:
    return bool(lots) and lots[0][1] is not None and lots[0][1] <= day


def with_more(posting: Posting, before: tuple[Posting, ...]) -> Posting:
    """A posting together with those that were made of the same account just before it, as one to commit."""
    if not before:
        return posting
    return posting._replace(before=before[0].before, more=(*(one.row for one in before), *posting.more))


def frame(kind: str, book: Rulebook, now: datetime, key: str, fingerprint: bytes) -> dict[str, RowValue]:
    row: dict[str, RowValue] = {
        "k": key, "c": kind, "t": ms(now), "v": book.version, "r": RENDERER, "f": fingerprint
    }  # fmt: skip
    if kind in book.calling:
        row["tr"] = 1
    return row


def event_row(event: Event, book: Rulebook, now: datetime, key: str, fingerprint: bytes) -> dict[str, RowValue]:
    """What a row says of an activity itself."""
    return frame("event", book, now, key, fingerprint) | {"o": ms(event.occurred_at), "ev": event.kind}


def purchase_row(
    purchase: Purchase, book: Rulebook, now: datetime, key: str, fingerprint: bytes
) -> dict[str, RowValue]:
    """What a row says of a purchase itself."""
    row = frame("purchase", book, now, key, fingerprint) | {
        "o": ms(purchase.occurred_at),
        "l": packed([_line(line) for line in purchase.lines]),
        "s": packed(
            _trimmed(
                [
                    purchase.total_minor,
                    purchase.discount_minor,
                    purchase.shipping_minor,
                    purchase.tax_minor,
                    purchase.shipping_tax_minor,
                    int(purchase.prices_include_tax),
                    purchase.points_payment_minor,
                    purchase.stored_value_payment_minor,
                ]
            )
        ),
    }
    if purchase.channel:
        row["ch"] = purchase.channel
    if purchase.codes:
        row["co"] = packed(list(purchase.codes))
    if purchase.offers:
        row["of"] = packed(
            [
                [one.offer, one.discount_minor, one.free_units, *([one.coupon] if one.coupon else [])]
                for one in purchase.offers
            ]
        )
    return row


def _line(line: Line) -> list[object]:
    """SKU, category, quantity, price; the discount where there is one; what else is known of it, by one letter each."""
    row: list[object] = [line.sku, line.category or "", line.quantity, line.amount_minor]
    kind = line.kind if line.kind != "goods" else None
    rest: dict[str, object] = {}
    if line.brand or line.labels or line.tax_minor or kind or line.offer_minor:
        more = (
            ("b", line.brand),
            ("g", dict(line.labels)),
            ("k", kind),
            ("t", line.tax_minor),
            ("o", line.offer_minor),
        )
        rest = {name: value for name, value in more if value}
    if line.discount_minor or rest:
        row.append(line.discount_minor)
    return [*row, rest] if rest else row


def _trimmed(sums: list[int]) -> list[int]:
    """Without the zeros at the end: the reader fills them in."""
    while len(sums) > 1 and not sums[-1]:
        sums.pop()
    return sums


def lot_of(on: date, points: int, rules: Points | Wallet, book: Rulebook) -> Lot:
    """The lot of points that are earned on a day."""
    return Lot(on + timedelta(days=rules.pending_days), lasts_until(on, rules.expiry, book), points)


def ms(instant: datetime) -> int:
    """Milliseconds since 1970, exactly: a float would round."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000
