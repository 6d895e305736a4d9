"""Coupons of one member: their codes, which of them were given at a till, and the rows that say where they were used.

A code is drawn from the key of the posting that gave the coupon, with a pepper: it is told again to whoever may ask, and stands
nowhere until it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from shared.actions.club import Club
from shared.domain.account import Account
from shared.domain.codes import code_canonical, code_of
from shared.domain.coupons import Coupon, coupon_keys, coupons_on, due_key_of, first_of_each
from shared.domain.ledger import Row
from shared.store import keys
from shared.store.backend import Put
from shared.store.coupons import Use, put_use, uses_of
from shared.store.keys import Mode


def code_of_coupon(club: Club, mode: Mode, account: Account, coupon: Coupon) -> str | None:
    """The canonical code, None where its pepper was retired: then nobody can use it any more. Raises Busy where the pepper is
    newer than what is known here."""
    if club.peppers.is_retired(coupon.pepper):
        return None
    key = keys.in_realm(mode, due_key_of(coupon.id, account.id))
    return code_of(club.peppers.drawn(bytes([coupon.pepper]), f"coupon#{key}"))


def coupons_coded(club: Club, mode: Mode, account: Account, codes: Iterable[str], day: date) -> list[Coupon]:
    """The account's own coupons that have one of these codes and whose last day is not over on a day."""
    typed = {code_canonical(code) for code in codes}
    return [one for one in coupons_on(account, day) if code_of_coupon(club, mode, account, one) in typed]


def uses(club: Club, mode: Mode, account: Account, coupons: Sequence[Coupon]) -> list[Use]:
    """What is known of the use of each."""
    due_keys = [keys.in_realm(mode, due_key_of(one.id, account.id)) for one in coupons]
    return uses_of(club.store.backend, due_keys)


class Given:
    """The coupons that a buyer gave with a purchase and that can be used in it, one of each offer."""

    def __init__(self, club: Club, mode: Mode, account: Account, codes: Iterable[str], day: date) -> None:
        coded = coupons_coded(club, mode, account, codes, day)
        known = zip(coded, uses(club, mode, account, coded), strict=True)
        unused = {one: use for one, use in known if not use.purchase_key}
        first = first_of_each(unused)
        self.by_offer = {one.offer: one.id for one in first}
        self._uses = {one.offer: unused[one] for one in first}

    def used(self, offers: Iterable[str], purchase_key: str) -> list[Put]:
        """The writes that use up the coupons of the offers that a purchase took."""
        taken = [self._uses[name] for name in offers if name in self._uses]
        return [put_use(use._replace(purchase_key=purchase_key)) for use in taken]


def given_back(club: Club, bought: Row) -> list[Put]:
    """The writes that give back the coupons which a purchase used up, with their own last day."""
    known = uses_of(club.store.backend, coupon_keys(bought))
    return [put_use(use._replace(purchase_key="")) for use in known if use.purchase_key == bought["k"]]
