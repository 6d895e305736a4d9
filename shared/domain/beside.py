"""What stands beside the ledger, as an account's postings make it: what came back of purchases and of redemptions, what paid for
purchases, and what of rewards with a stock was taken and is held.

These rows are conditions of the transactions that change them. The ledger can make them again, and proves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.domain.account import Account
from shared.domain.automations import AUTOMATION_USED
from shared.domain.coupons import coupon_keys
from shared.domain.ledger import Row, legs_of, unpacked
from shared.domain.offers import OFFER_BUDGET, OFFER_USED
from shared.domain.posting_return import part_in
from shared.domain.rebuilding import Books, number
from shared.domain.returned import Returned
from shared.domain.returning import REDEEMED
from shared.domain.tables import MAIN_WALLET

# A reward of a realm: `test!` or nothing, then its id.
Shelf = tuple[str, str]


class Came(NamedTuple):
    """What came back of a purchase, and the captures that paid for it."""

    returned: Returned = Returned()
    payments: tuple[str, ...] = ()


class Capture(NamedTuple):
    """Units of a wallet that a redemption took."""

    key: str
    wallet: str
    units: int


def came_back(rows: Iterable[Row]) -> dict[str, Came]:
    """By the key of the purchase."""
    came: dict[str, Came] = {}
    for row in rows:
        if row["c"] == "return" and "pk" in row:
            key = str(row["pk"])
            old = came.get(key, Came())
            came[key] = old._replace(returned=old.returned.more(part_in(row)))
        elif row["c"] == "capture" and (key := purchase_paid(row)):
            old = came.get(key, Came())
            came[key] = old._replace(payments=(*old.payments, str(row["k"])))
    return came


def purchase_paid(capture: Row) -> str:
    """The key of the purchase that a captured redemption paid for; "" where it paid for none that is known."""
    key: str = unpacked(capture["rd"])[3]
    return key


def captures(rows: Iterable[Row]) -> list[Capture]:
    made = []
    for row in rows:
        if row["c"] == "capture":
            wallet, lots = unpacked(row["pt"])
            made.append(Capture(str(row["k"]), wallet, sum(units for _, _, units in lots)))
    return made


def given_back(rows: Iterable[Row]) -> dict[str, int]:
    """What was given back of all that was captured, by wallet: by hand, and by returns of what it had paid for."""
    back: dict[str, int] = {}
    for row in rows:
        for leg in legs_of(row) if row["c"] in ("reversal", "return") else ():
            club, _, wallet = leg.account.partition("/")
            if club == REDEEMED:
                back[wallet or MAIN_WALLET] = back.get(wallet or MAIN_WALLET, 0) - leg.points
    return back


def taken_of(rows: Sequence[Row], book_of: Books) -> dict[Shelf, tuple[int, int]]:
    """How often each reward with a stock was taken, at least and at most: one that was given back whole stands on its shelf
    again, and the postings of one that was captured in parts do not say of which part something was given back."""
    by_hand: dict[str, list[int]] = {}
    for row in rows:
        if row["c"] == "reversal" and "@" not in str(row["k"]):
            by_hand.setdefault(_redemption(row), []).append(unpacked(row["rd"])[1])
    taken: dict[Shelf, dict[str, list[int]]] = {}
    for row in rows:
        if row["c"] == "capture" and (shelf := _shelf(row, book_of)) is not None:
            taken.setdefault(shelf, {}).setdefault(_redemption(row), []).append(unpacked(row["rd"])[1])
    found = {}
    for shelf, redemptions in taken.items():
        least = most = 0
        for name, units in redemptions.items():
            back = by_hand.get(name, [])
            least += max(0, len(units) - len(back))
            most += len(units) - (len(units) == 1 and sum(back) == units[0])
        found[shelf] = (least, most)
    return found


def used_of_what_is_shared(rows: Sequence[Row], book_of: Books) -> dict[Shelf, int]:
    """How much of the stocks and budgets of offers and automations an account still uses, at least: what guests used, and members
    who were merged, stands in no story."""
    if any(row["c"] == "merge" for row in rows):
        return {}
    gone = {key for key, came in came_back(rows).items() if came.returned.whole}
    used: dict[Shelf, int] = {}
    for row in rows:
        if ("of" not in row and "au" not in row) or row["k"] in gone:
            continue
        book, realm = book_of(number(row, "v")), "test!" if str(row["k"]).startswith("test!") else ""
        if "au" in row:
            name, _, _, _, units = unpacked(row["au"])
            giver = book.giver(name)
            if giver is not None and giver.budget is not None:
                used[realm, AUTOMATION_USED + name] = used.get((realm, AUTOMATION_USED + name), 0) + units
            continue
        for name, minor, *_ in unpacked(row["of"]):
            rule = book.offer(name)
            if rule is not None and rule.offer.stock is not None:
                used[realm, OFFER_USED + name] = used.get((realm, OFFER_USED + name), 0) + 1
            if rule is not None and rule.offer.budget_minor is not None:
                used[realm, OFFER_BUDGET + name] = used.get((realm, OFFER_BUDGET + name), 0) + minor
    return used


def coupons_used(rows: Sequence[Row]) -> dict[str, str]:
    """By the key of what gave it, the purchase in which each coupon of an account is used up. Of who was merged nothing is said:
    what came back of a purchase may stand in another story."""
    if any(row["c"] == "merge" for row in rows):
        return {}
    gone = {key for key, came in came_back(rows).items() if came.returned.whole}
    return {key: str(row["k"]) for row in rows if "of" in row and row["k"] not in gone for key in coupon_keys(row)}


def held_of(account: Account, rows: Sequence[Row], book_of: Books) -> dict[Shelf, dict[str, int]]:
    """Until when, in ms, rewards with a stock are held: by reward, then by the redemption's key."""
    held: dict[Shelf, dict[str, int]] = {}
    for row in rows:
        hold = account.holds.get(str(row["k"]).rpartition("redemption#")[2]) if row["c"] == "hold" else None
        if hold is not None and (shelf := _shelf(row, book_of)) is not None:
            held.setdefault(shelf, {})[str(row["k"])] = hold.until_ms
    return held


def _redemption(row: Row) -> str:
    """Store and id of the redemption that a capture or a reversal is of: ids hold no `#`."""
    return "#".join(str(row["k"]).split("#")[1:3])


def _shelf(row: Row, book_of: Books) -> Shelf | None:
    reward_id = unpacked(row["rd"])[0]
    rule = book_of(number(row, "v")).reward(reward_id) if reward_id else None
    if rule is None or rule.reward.stock is None:
        return None
    return ("test!" if str(row["k"]).startswith("test!") else "", reward_id)
