"""The night of one account: what the clock does to it on a day, step after step, in the sequence that the programme names.

Each step sees what the ones before it did. Most of it is a function of time, and nothing has to be booked: what is booked is
what lapsed, what became of cards that are no more, and rewards that the night takes for a member.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.changes import Change, PurseChange
from shared.domain.changing import changing_posting
from shared.domain.decide import ISSUED, frame, lot_of, with_more
from shared.domain.lapsing import lapsing
from shared.domain.ledger import Leg, Posting, packed
from shared.domain.lots import Lot, in_turn, negative, taken, total
from shared.domain.packing import lots_out
from shared.domain.returning import REDEEMED
from shared.domain.reward_tables import Reward
from shared.domain.rewards import REWARD_USED, gives_units, price_of, refusal_of, with_reward_taken, worth_minor
from shared.domain.rulebook import RewardRule, Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene


class Night(NamedTuple):
    """The account after its night, what is to be committed of it, and the tiers as the steps that review them saw them: those
    reached by the balance at one, all others at another."""

    account: Account
    postings: tuple[Posting, ...]
    tiers: Mapping[str, str]

    @property
    def posting(self) -> Posting | None:
        """All of it as one to commit; None when there is nothing."""
        return with_more(self.postings[-1], self.postings[:-1]) if self.postings else None


def night(account: Account, book: Rulebook, now: datetime) -> Night:
    """What the night does to an account whose day has begun by `now`."""
    today = now.astimezone(book.zone).date()
    eve = today - timedelta(days=1)
    usable_by, lapsed_by = eve, eve
    postings: list[Posting] = []
    tiers: dict[str, str] = {}
    for step in book.programme.policies.nightly_steps:
        match step:
            case "activation":
                usable_by = today
            case "redemption":
                for rule in book.rewards:
                    posting = _taken_for(rule, account, book, now, usable_by, lapsed_by)
                    if posting is not None:
                        postings.append(posting)
                        account = _after(posting)
            case "expiry":
                lapsed_by = today
                account, more = lapsing(account, book, now)
                postings += more
            case _:
                on_balance = step == "tier_balance"
                tiers |= {
                    name: tier
                    for name, tier in tiers_on(account, today, book).items()
                    if (book.tier_sets[name].basis == "balance") == on_balance
                }
    return Night(account, tuple(postings), tiers)


def _after(posting: Posting) -> Account:
    assert posting.after is not None
    return posting.after


def _taken_for(
    rule: RewardRule, account: Account, book: Rulebook, now: datetime, usable_by: date, lapsed_by: date
) -> Posting | None:
    """A reward that the night takes for a member whose balance has reached what it asks for; None when it has not."""
    reward = rule.reward
    if reward.auto_redeem_at is None or account.status:
        return None
    at = now.astimezone(book.zone)
    tiers = tiers_on(account, at.date(), book)
    scene = Scene(at, account, tiers)
    refusal = refusal_of(rule, scene, book, None)
    if refusal is not None and refusal.why != "points":
        return None
    price, unit = price_of(reward, tiers, book), 10 ** book.decimals(reward.wallet)
    lots = account.lots if reward.wallet == MAIN_WALLET else _lots_of(account, reward.wallet)
    there = [
        lot for lot in lots if lot.usable_on <= usable_by and (lot.expires_on is None or lot.expires_on >= lapsed_by)
    ]
    if total(there) < max(price, int(reward.auto_redeem_at * unit)):
        return None
    used = taken(in_turn(there, book.programme.policies.lots_used), price)
    return _capture(reward, used, account, book, now, worth_minor(reward, book, 0) or 0)


def _lots_of(account: Account, wallet: str) -> tuple[Lot, ...]:
    return account.purses[wallet].lots if wallet in account.purses else ()


def _capture(
    reward: Reward, used: tuple[Lot, ...], account: Account, book: Rulebook, now: datetime, worth: int
) -> Posting:
    """A redemption that nobody had to hold: it is taken at once."""
    today, units, wallet = now.astimezone(book.zone).date(), total(used), reward.wallet
    moves: dict[str, tuple[Lot, ...]] = {wallet: negative(used)}
    posted = {wallet: -units}
    legs = [Leg(_name(account.id, wallet), -units), Leg(_name(REDEEMED, wallet), units)]
    key = f"capture#night#{account.id}-{today.isoformat()}-{reward.id}"
    row = frame("capture", book, now, key, b"") | {
        "rd": packed([reward.id, units, worth, "", wallet]),
        "pt": packed([wallet, lots_out(used)]),
    }
    if reward.into is not None:
        given = gives_units(reward, book)
        lot = lot_of(today, given, book.wallet(reward.into), book)
        moves[reward.into] = (*moves.get(reward.into, ()), lot)
        posted[reward.into] = posted.get(reward.into, 0) + given
        legs += [Leg(_name(account.id, reward.into), given), Leg(_name(ISSUED, reward.into), -given)]
        row["gi"] = packed([reward.into, *lots_out([lot])])
    change = Change(
        today,
        posted.get(MAIN_WALLET, 0),
        moves.get(MAIN_WALLET, ()),
        {name: PurseChange(posted[name], moves[name]) for name in moves if name != MAIN_WALLET},
    )
    counted = with_reward_taken(account, reward, today, units).used.get(REWARD_USED + reward.id)
    if counted is not None:
        change = change._replace(used={REWARD_USED + reward.id: counted})
    return changing_posting(row, legs, change, account, book, today)


def _name(account: str, wallet: str) -> str:
    return account if wallet == MAIN_WALLET else f"{account}/{wallet}"
