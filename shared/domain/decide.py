"""Decide: an event and the account as read become one posting. Committed it is true; not committed it is a quote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction

from shared.domain.account import Account, Bought, Lot, Purse, merged, without
from shared.domain.earning import points_earned
from shared.domain.event import Event
from shared.domain.expiry import lasts_until
from shared.domain.explanation import stored
from shared.domain.facts import facts_of
from shared.domain.ledger import RENDERER, Leg, Posting, RowValue, chained, legs_text, packed
from shared.domain.limits import counted as counted_limits
from shared.domain.limits import period
from shared.domain.purchase import Line, Purchase
from shared.domain.reasons import ACHIEVEMENT_RULE, Earned, Fired
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.tiers import standings_on, tiers_on
from shared.domain.vocabulary import Scene
from shared.domain.wallet_tables import Points, Wallet

ISSUED = "issued"
# Where a full punch card goes.
COMPLETED = "completed"
NOTHING = Earned(0, Fraction(0), ())
# The words for which the tiers have to be worked out.
_TIERS = frozenset({"member.tier", "member.tiers"})


def post_purchase(
    purchase: Purchase, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """A member's purchase: points by the rules of its own time, one lot, the figures of its own civil day."""
    at = purchase.occurred_at.astimezone(book.zone)
    walked, bought = _walked(account, at.date(), book), (purchase.total_minor, purchase.store)
    crossing = book.programme.policies.crossing_purchase == "at_once"
    held = tiers_on(walked.after(at.date(), at.date(), bought=bought) if crossing else account, at.date(), book)
    earned = NOTHING
    if not account.status:
        earned = points_earned(Scene(at, account, held, purchase=purchase), book)
    row = _purchase_row(purchase, book, now, key, fingerprint)
    if account.status:
        row["q"] = account.status
    if any(held.values()):
        row["ti"] = packed({name: tier for name, tier in held.items() if tier})
    return _earning_posting(earned, row, at, account, walked, bought, book, now)


def post_event(
    event: Event, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes
) -> Posting:
    """A member's activity: points by the rules for such an event."""
    at = event.occurred_at.astimezone(book.zone)
    earned = NOTHING
    if not account.status:
        earned = points_earned(Scene(at, account, tiers_on(account, at.date(), book), event=event), book)
    row = _frame("event", book, now, key, fingerprint) | {"o": _ms(event.occurred_at), "ev": event.kind}
    if account.status:
        row["q"] = account.status
    return _earning_posting(earned, row, at, account, _walked(account, at.date(), book), None, book, now)


def _walked(account: Account, day: date, book: Rulebook) -> Account:
    """The account with its tiers as time alone made them up to the eve of a day.

    A review that lies before a posting must not see it: it is kept by its month or year, and its days may push older ones out.
    """
    if not book.remembering:
        return account
    standings = standings_on(account, day - timedelta(days=1), book)
    return account if standings == account.standings else account._replace(standings=standings)


def _earning_posting(
    earned: Earned,
    row: dict[str, RowValue],
    at: datetime,
    before: Account,
    walked: Account,
    bought: Bought | None,
    book: Rulebook,
    now: datetime,
) -> Posting:
    """The points of a purchase or an event put into lots and counters, and the row that tells of them."""
    today = now.astimezone(book.zone).date()
    lot = _lot(at.date(), earned.points, book.programme.points, book) if earned.points else None
    by_day = book.counts_points_by_day
    after = walked.after(at.date(), today, earned.points, lot, bought=bought, by_day=by_day)
    after = _with_purses(_with_limits(after, earned, at.date(), book), earned.others, at.date(), today, book)
    if not before.status and book.achievements:
        after, earned = _with_achievements(after, earned, at, today, book)
    day = max(today, at.date())
    standings = standings_on(after, day, book)
    if standings != after.standings:
        after = after._replace(standings=standings)
    tier = tiers_on(after, day, book).get("", "")
    points = after.points_on(today)
    legs = [Leg(before.id, earned.points), Leg(ISSUED, -earned.points)]
    for wallet, units in earned.others.items():
        legs += [Leg(f"{before.id}/{wallet}", units), Leg(f"{ISSUED}/{wallet}", -units)]
    moved = {name: purse for name, purse in after.purses.items() if purse != before.purses.get(name)}
    for wallet, purse in moved.items():
        done = (purse.completed - before.purses.get(wallet, Purse()).completed) * _goal(book, wallet)
        legs += [Leg(f"{before.id}/{wallet}", -done), Leg(f"{COMPLETED}/{wallet}", done)] if done else []
    row |= {
        "a": before.id,
        "n": before.sequence + 1,
        "e": packed(stored(earned.reasons)),
        "g": legs_text(legs),
        "d": packed([earned.points, after.posted]),
        "b": packed([points.available, points.pending, tier]),
    }
    if lot is not None:
        row["u"] = packed([lot.usable_on.isoformat(), lot.expires_on and lot.expires_on.isoformat()])
    if moved:
        row["w"] = packed(
            {name: [earned.others.get(name, 0), one.posted, one.completed] for name, one in moved.items()}
        )
    if before.language and before.language != book.programme.club.languages[0]:
        row["la"] = before.language
    return _linked(str(row["k"]), row, before, after, tier)


def _with_limits(account: Account, earned: Earned, on: date, book: Rulebook) -> Account:
    if not earned.given:
        return account
    used = account.used
    for rule_id, units in earned.given.items():
        used = counted_limits(used, book.rule(rule_id).earn, on, units)
    return account._replace(used=used)


def _with_purses(account: Account, others: Mapping[str, int], on: date, today: date, book: Rulebook) -> Account:
    """What other wallets were given. A balance that reaches its goal is completed, and the rest stays."""
    if not others:
        return account
    purses = dict(account.purses)
    for wallet, units in others.items():
        old = purses.get(wallet, Purse())
        rules, goal = book.wallet(wallet), _goal(book, wallet)
        lots = merged((*old.lots, _lot(on, units, rules, book)), today) if units else old.lots
        lapsed = tuple(lot for lot in lots if lot.expires_on is not None and lot.expires_on < today)
        living = tuple(lot for lot in lots if lot not in lapsed)
        # What has lapsed completes no card, though the entry that books it may not be there yet.
        times = sum(lot.points for lot in living) // goal if goal else 0
        if times:
            lots = merged((*lapsed, *without(living, times * goal)), today)
        purses[wallet] = Purse(old.posted + units - times * goal, lots, old.completed + times)
    return account._replace(purses=purses)


def _goal(book: Rulebook, wallet: str) -> int:
    rules = book.wallet(wallet)
    return int(rules.goal * 10**rules.decimals) if isinstance(rules, Wallet) and rules.goal is not None else 0


def _with_achievements(
    account: Account, earned: Earned, at: datetime, today: date, book: Rulebook
) -> tuple[Account, Earned]:
    """What the member reached by this posting: points for each, once or once in its period."""
    reasons, points, others = list(earned.reasons), 0, dict(earned.others)
    held: dict[str, str] | None = None
    for achievement, condition in book.achievements:
        key = ACHIEVEMENT_RULE + achievement.id
        times = period({"never": "member", "month": "month", "year": "year"}[achievement.repeat], at.date())
        if times in account.used.get(key, {}):
            continue
        if held is None and not _TIERS.isdisjoint(condition.names):
            held = tiers_on(account, max(today, at.date()), book)
        scene = Scene(at, account, held or {})
        if condition.failing(facts_of(scene, book)) is not None:
            continue
        held = None
        units = int(achievement.points * 10 ** book.decimals(achievement.wallet))
        account = account._replace(used={**account.used, key: {**account.used.get(key, {}), times: (1, units)}})
        reasons.append(Fired(key, 1, Fraction(achievement.points)))
        if achievement.wallet == MAIN_WALLET:
            points += units
            lot = _lot(at.date(), units, book.programme.points, book)
            account = account.after(at.date(), today, units, lot, by_day=book.counts_points_by_day)
        else:
            others[achievement.wallet] = others.get(achievement.wallet, 0) + units
            account = _with_purses(account, {achievement.wallet: units}, at.date(), today, book)
    if len(reasons) == len(earned.reasons):
        return account, earned
    exact = earned.exact + Fraction(points, 10**book.programme.points.decimals)
    return account, earned._replace(points=earned.points + points, exact=exact, reasons=tuple(reasons), others=others)


def post_guest_purchase(purchase: Purchase, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """A guest's purchase: recorded once like any other, touching no account and earning nothing."""
    return Posting(key, _purchase_row(purchase, book, now, key, fingerprint), None, None)


def post_join(
    account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes, joined_at: datetime | None = None
) -> Posting:
    """The first posting of an account: a person joins, now or, brought along from elsewhere, earlier. No points move."""
    row: dict[str, RowValue] = _frame("join", book, now, key, fingerprint) | {
        "a": account.id,
        "n": 1,
        "o": _ms(joined_at or now),
        "g": legs_text(()),
        "d": packed([0, 0]),
    }
    return _linked(key, row, account, account, account.tier)


def _linked(key: str, row: dict[str, RowValue], before: Account, after: Account, tier: str) -> Posting:
    """The posting as the next link of the account's chain."""
    if before.last_key:
        row["p"] = before.last_key
    row["h"] = digest = chained(row, before.last_hash)
    return Posting(
        key, row, before, after._replace(sequence=before.sequence + 1, last_key=key, last_hash=digest, tier=tier)
    )


def _frame(kind: str, book: Rulebook, now: datetime, key: str, fingerprint: bytes) -> dict[str, RowValue]:
    return {"k": key, "c": kind, "t": _ms(now), "v": book.version, "r": RENDERER, "f": fingerprint}


def _purchase_row(
    purchase: Purchase, book: Rulebook, now: datetime, key: str, fingerprint: bytes
) -> dict[str, RowValue]:
    row = _frame("purchase", book, now, key, fingerprint) | {
        "o": _ms(purchase.occurred_at),
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
    return row


def _line(line: Line) -> list[object]:
    """SKU, category, quantity, price; the discount where there is one; what else is known of it, by one letter each."""
    row: list[object] = [line.sku, line.category or "", line.quantity, line.amount_minor]
    kind = line.kind if line.kind != "goods" else None
    rest: dict[str, object] = {}
    if line.brand or line.labels or line.tax_minor or kind:
        more = (("b", line.brand), ("g", dict(line.labels)), ("k", kind), ("t", line.tax_minor))
        rest = {name: value for name, value in more if value}
    if line.discount_minor or rest:
        row.append(line.discount_minor)
    return [*row, rest] if rest else row


def _trimmed(sums: list[int]) -> list[int]:
    """Without the zeros at the end: the reader fills them in."""
    while len(sums) > 1 and not sums[-1]:
        sums.pop()
    return sums


def _lot(on: date, points: int, rules: Points | Wallet, book: Rulebook) -> Lot:
    return Lot(on + timedelta(days=rules.pending_days), lasts_until(on, rules.expiry, book), points)


def _ms(instant: datetime) -> int:
    """Milliseconds since 1970, exactly: a float would round."""
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000
