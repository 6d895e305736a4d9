"""Coupons: each is one member's, of a personal offer, until its last day. The account remembers those that were given.

A coupon is found in the account that it was given to and nowhere else: what a buyer types is compared with the codes of that
account's own coupons. So a code that is unknown and one that is another member's are the same thing to the club (R4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from shared.domain.account import Account, Used
from shared.domain.ledger import Row, unpacked
from shared.domain.offer_tables import Offer

# Where an account remembers its coupons: by offer, then by automation and period; their last day, and the pepper of their code.
COUPONS = "coupon:"
# So many stand in a row that is read with every purchase; who has as many is due for no more of them.
COUPONS_MAX = 8
# A purchase that is reported a month late still finds the coupon that was used in it.
_KEPT_DAYS = 31
_PART, _OF = ".", "@"


class Coupon(NamedTuple):
    """One coupon. `given` names what gave it: automation and period, and behind `@` the membership that had it before a merge."""

    offer: str
    given: str
    last_day: date
    pepper: int

    @property
    def id(self) -> str:
        """What the API calls it, of one member."""
        return f"{self.offer}{_PART}{self.given}"


def coupons_of(account: Account) -> list[Coupon]:
    """Those that an account remembers, used or not, the one that ends first first."""
    found = [
        Coupon(name.removeprefix(COUPONS), given, date.fromordinal(last), pepper)
        for name, some in account.used.items()
        if name.startswith(COUPONS)
        for given, (last, pepper) in some.items()
    ]
    return sorted(found, key=lambda one: (one.last_day, one.id))


def coupons_on(account: Account, day: date) -> list[Coupon]:
    """Those whose last day is not over."""
    return [one for one in coupons_of(account) if one.last_day >= day]


def giver_of(coupon_id: str) -> str:
    """The automation or campaign that gave a coupon."""
    _, giver, _ = coupon_id.split(_PART, 2)
    return giver


def due_key_of(coupon_id: str, account_id: str) -> str:
    """The key, without its realm, of the posting that gave an account a coupon."""
    given, _, before = coupon_id.partition(_OF)
    _, automation, period = given.split(_PART)
    return f"due#{automation}#{before or account_id}#{period}"


def coupons_in(bought: Row) -> tuple[str, ...]:
    """The coupons that a purchase used, of its row."""
    return tuple(coupon for _, _, _, *coupons in unpacked(bought["of"]) for coupon in coupons)


def coupon_keys(bought: Row) -> list[str]:
    """The keys of what gave the coupons that a purchase used."""
    realm = "test!" if str(bought["k"]).startswith("test!") else ""
    return [realm + due_key_of(name, str(bought["a"])) for name in coupons_in(bought)]


def has_room(account: Account, today: date) -> bool:
    """Whether an account may have one more."""
    return len(_kept(account, today)) < COUPONS_MAX


def last_day_of(offer: Offer, today: date) -> date:
    """Until when a coupon that is given today can be used: not longer than its offer."""
    assert offer.valid_days is not None, "a personal offer has valid_days"
    last = today + timedelta(days=offer.valid_days)
    until = offer.until
    return last if until is None else min(last, date(until.year, until.month, until.day))


def used_with(
    account: Account, offer: Offer, automation: str, period: str, today: date, pepper: int
) -> dict[str, Mapping[str, Used]]:
    """The counters of an account after it was given one more. What ended long ago is forgotten."""
    new = Coupon(offer.id, f"{automation}{_PART}{period}", last_day_of(offer, today), pepper)
    used: dict[str, dict[str, Used]] = {name: {} for name in account.used if name.startswith(COUPONS)}
    for one in (*_kept(account, today), new):
        used.setdefault(COUPONS + one.offer, {})[one.given] = (one.last_day.toordinal(), one.pepper)
    return dict(used)


def brought(used: Mapping[str, Used], account_id: str) -> dict[str, Used]:
    """The coupons of a membership that another one takes over: they name whose they were, for their codes are of that."""
    return {given if _OF in given else f"{given}{_OF}{account_id}": value for given, value in used.items()}


def first_of_each(coupons: Iterable[Coupon]) -> list[Coupon]:
    """One of each offer, the first."""
    found: dict[str, Coupon] = {}
    for one in coupons:
        found.setdefault(one.offer, one)
    return list(found.values())


def _kept(account: Account, today: date) -> list[Coupon]:
    return coupons_on(account, today - timedelta(days=_KEPT_DAYS))
