"""Full cards: how many rewards a balance becomes, which of them wait, and what a return takes of those that do.

A reward that was reached is out of the balance. It waits for the end of the time in which a return takes it back, and, where
the club has so many and no more, for its turn. Both are read off the account, the day and the law: nothing books that it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.account import Account, Purse, Waiting
from shared.domain.changes import Change, PurseChange
from shared.domain.lots import total
from shared.domain.rulebook import Rulebook
from shared.domain.wallet_tables import Points, Wallet, pays

# Places in line that came free and are remembered one by one. Beyond them one is forgotten: somebody is served a reward later,
# and nobody is promised one that is not there.
FREED_MAX = 500


class Shelf(NamedTuple):
    """The rewards of one card for all members: `stock` by the law, how often a place in line was given out, how many rewards came
    back, and the places beyond the stock that came free."""

    stock: int
    taken: int = 0
    back: int = 0
    freed: tuple[int, ...] = ()

    @property
    def left(self) -> int:
        """Below zero where rewards are owed."""
        return self.stock - self.taken + self.back + len(self.freed)

    def served(self, turn: int, count: int) -> int:
        """How many of so many places in line, from `turn` on, the stock reaches."""
        return sum(self.rank(place) <= self.stock for place in range(turn, turn + count))

    def rank(self, place: int) -> int:
        """The how many-th reward of the stock a place in line waits for."""
        return place - self.back - sum(one < place for one in self.freed)

    def after(self, moved: ShelfMove) -> Shelf:
        """The shelf after a posting. Places that the stock has reached by now are rewards that came back."""
        places = tuple(sorted({*self.freed, *moved.freed}))
        shelf = Shelf(self.stock, self.taken + moved.taken, self.back + moved.back, places)
        reached = sum(shelf.rank(place) <= self.stock for place in places)
        return shelf._replace(back=shelf.back + reached, freed=places[reached:][:FREED_MAX])


class ShelfMove(NamedTuple):
    """What a posting takes of a shelf and puts back. Where the story gives again what had come back, `back` is below zero."""

    taken: int = 0
    back: int = 0
    freed: tuple[int, ...] = ()


class Reached(NamedTuple):
    """Rewards that a balance becomes: how many, what they take, whether all of that is what came in, and which of them wait."""

    times: int = 0
    cost: int = 0
    is_of_own: bool = False
    waiting: tuple[Waiting, ...] = ()


def reached(there: int, units: int, wallet: Wallet, on: date, book: Rulebook, shelf: Shelf | None) -> Reached:
    """What a balance of `there` becomes, after `units` came in on a day. `shelf` is asked where rewards may run out; where it is
    not told, none is given of them: what is told again gives no more of them than was given."""
    goal = goal_units(wallet)
    policies = book.programme.policies
    most = wallet.rewards_per_purchase
    left = None
    if wallet.reward_stock is not None:
        left = max(0, shelf.left) if shelf is not None else 0
    may_owe = shelf is not None and policies.reward_out_of_stock == "owe"
    is_open = left is None or may_owe or (most is not None and left >= most)
    if most is not None and units >= most * goal and policies.excess_above_reward_cap == "dropped" and is_open:
        times, cost = most, units
    else:
        times = there // goal if most is None else min(there // goal, most)
        times = times if left is None or may_owe else min(times, left)
        cost = times * goal
    if times <= 0:
        return Reached()
    waiting = []
    within = times if left is None else min(times, left)
    due_on, end = on + timedelta(days=wallet.reward_pending_days), wallet.after_end or ""
    slush = cost - times * goal
    if wallet.reward_pending_days and within:
        waiting.append(Waiting(due_on, within, goal, within * goal + slush, 0, book.version, end))
        slush = 0
    if within < times:
        assert shelf is not None
        slush = slush if wallet.reward_pending_days else 0
        owed = times - within
        turn = shelf.taken + within + 1
        waiting.append(Waiting(due_on, owed, goal, owed * goal + slush, turn, book.version, end))
    return Reached(times, cost, cost == units and times == most, tuple(waiting))


def goal_units(wallet: Points | Wallet) -> int:
    """What fills a card of a wallet, in its smallest unit; 0, where nothing does."""
    return int(wallet.goal * 10**wallet.decimals) if isinstance(wallet, Wallet) and wallet.goal is not None else 0


def dropped_of(cost: int, times: int, wallet: Points | Wallet) -> int:
    """What of the units that were taken for so many rewards is lost: where rewards wait, a return finds it with them."""
    waits = isinstance(wallet, Wallet) and wallet.reward_pending_days
    return 0 if waits else cost - times * goal_units(wallet)


def over(waiting: Iterable[Waiting], on: date, shelf: Shelf | None) -> tuple[Waiting, ...]:
    """The moves that take out of those that wait what waits no more on a day: the members have it."""
    gone = []
    for one in waiting:
        if one.due_on > on:
            continue
        if not one.turn or (shelf is not None and shelf.served(one.turn, one.rewards) == one.rewards):
            gone.append(negative(one))
    return tuple(gone)


def negative(one: Waiting) -> Waiting:
    return one._replace(rewards=-one.rewards, cost=-one.cost)


class Held(NamedTuple):
    """A card's rewards as they stand on a day: the member's own, those that wait for their day (until the last of it) and those
    that the club owes."""

    issued: int
    waiting: int
    owed: int
    until: date | None


def rewards_on(purse: Purse, today: date, shelf: Shelf | None) -> Held:
    """`shelf` is asked of rewards that wait for their turn; where it is not told, they wait."""
    waiting = [one for one in purse.waiting if one.due_on > today]
    due = [one for one in purse.waiting if one.due_on <= today and one.turn]
    owed = sum(one.rewards - (shelf.served(one.turn, one.rewards) if shelf is not None else 0) for one in due)
    count = sum(one.rewards for one in waiting)
    until = max((one.due_on for one in waiting), default=None)
    return Held(purse.completed - count - owed, count, owed, until)


class Recovered(NamedTuple):
    """What a return takes of rewards that wait: the moves of them, what they gave, how many they were, what of a reward is too
    much and goes into the balance, and the `rest` that is to be taken from there."""

    moves: tuple[Waiting, ...]
    units: int
    rewards: int
    change: int
    rest: int
    shelf: ShelfMove


def recovered(purse: Purse, units: int, on: date) -> Recovered:
    """A return of so many units takes what rewards took beyond their worth, then whole rewards, then the balance where it has the
    rest, then one more reward. What waits longest goes first."""
    rest, cuts = units, dict[Waiting, tuple[int, int]]()
    open_ones = [one for one in reversed(purse.waiting) if one.due_on > on]
    for one in open_ones:
        part = min(rest, one.slush)
        cuts[one], rest = (0, part), rest - part
    for one in open_ones:
        count = min(one.rewards, rest // one.value)
        cuts[one], rest = (count, cuts[one][1] + count * one.value), rest - count * one.value
    change = 0
    if rest > total(purse.lots):
        more = next((one for one in open_ones if cuts[one][0] < one.rewards), None)
        if more is not None:
            count, part = cuts[more]
            cuts[more], change, rest = (count + 1, part + more.value), more.value - rest, 0
    moves = tuple([one._replace(rewards=-count, cost=-part) for one, (count, part) in cuts.items() if part])
    back = sum(-one.rewards for one in moves if not one.turn)
    freed = [
        place for one, (count, _) in cuts.items() if one.turn
        for place in range(one.turn + one.rewards - count, one.turn + one.rewards)
    ]  # fmt: skip
    gone = sum(count for count, _ in cuts.values())
    shelf = ShelfMove(0, back, tuple(sorted(freed)))
    return Recovered(moves, sum(part for _, part in cuts.values()), gone, change, rest, shelf)


def are_stamps(rules: Points | Wallet) -> bool:
    """Whether a wallet is one that `policies.stamps_on_return` speaks of: it fills a card, or pays for nothing."""
    return isinstance(rules, Wallet) and (rules.goal is not None or not pays(rules))


class Ended(NamedTuple):
    """What becomes of the rewards of cards that are in the programme no more."""

    change: Change
    lapsed: Mapping[str, int]
    rewards: int


def ended(account: Account, book: Rulebook, today: date) -> Ended | None:
    """What is to be booked of cards that a later version took out; None when there is nothing. Rewards that wait are given at
    once or lapse, as their card said, or else as the programme says now."""
    purses: dict[str, PurseChange] = {}
    lapsed, count = dict[str, int](), 0
    for name, purse in account.purses.items():
        gone = [one for one in purse.waiting if one.version < book.version and (one.due_on > today or one.turn)]
        if not gone or name in book.goals:
            continue
        deleted = [one for one in gone if (one.after_end or book.programme.policies.pending_at_end) == "delete"]
        times = sum(one.rewards for one in deleted)
        purses[name] = PurseChange(completed=-times, waiting=tuple(map(negative, gone)))
        lapsed[name], count = sum(one.cost for one in deleted), count + sum(one.rewards for one in gone)
    return Ended(Change(today, purses=purses), lapsed, count) if purses else None
