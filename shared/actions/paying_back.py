"""What had paid for a purchase goes back with its return: to the purchase's own account, or beside it to whoever paid."""

from __future__ import annotations

from collections.abc import Sequence

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import any_account_of
from shared.domain.account import Account
from shared.domain.ledger import Posting
from shared.domain.lots import Lot, total
from shared.domain.purchase import Purchase
from shared.domain.redeeming import post_given_back
from shared.domain.returned import Returned
from shared.domain.returning import PaidBack, Payment, paid_back, payment_in
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET
from shared.store import keys
from shared.store.backend import Put
from shared.store.rests import Rest, back_of, put_back, rests_of


class PayingBack:
    """The payments of one purchase while returns of it are decided. `own` is the purchase's account; None for a guest's.

    A unit goes back once, by a return or by hand: each capture has a row that counts it, and both write it.
    """

    def __init__(self, club: Club, caller: Caller, rest: Rest, own: str | None, book: Rulebook) -> None:
        self._club, self._caller, self._own, self._book = club, caller, own, book
        self._rests: dict[str, Rest] = {}
        self._payments: list[Payment] = []
        self._others: dict[str, Posting] = {}
        self._accounts: dict[str, Account] = {}
        if rest.payments:
            self._rests = {one.purchase_key: one for one in rests_of(club.store.backend, rest.payments)}
            rows = {
                row["k"]: row for row in club.store.backend.get_many("ledger", [{"k": key} for key in rest.payments])
            }
            self._payments = [self._of_today(payment_in(rows[key], back_of(self._rests[key]))) for key in rest.payments]

    def of(
        self, key: str, purchase_key: str, purchase: Purchase, so_far: Returned, part: Returned
    ) -> tuple[PaidBack, ...]:
        """What the return of a part gives back, of every payment. `key` is the return's."""
        if not self._payments:
            return ()
        back = paid_back(purchase, self._payments, so_far, part, self._book)
        units = {one.payment.key: total(one.lots) for one in back}
        self._payments = [one._replace(back=one.back + units.get(one.key, 0)) for one in self._payments]
        lots: dict[tuple[str, str], tuple[Lot, ...]] = {}
        for payment, parts in back:
            if payment.account != self._own:
                place = (payment.account, payment.wallet)
                lots[place] = (*lots.get(place, ()), *parts)
        for (account_id, wallet), parts in lots.items():
            self._to_another(key, purchase_key, account_id, wallet, parts)
        return back

    def items_max(self, returns: int) -> int:
        """The most rows that are written beside so many returns."""
        places = {(one.account, one.wallet) for one in self._payments if one.account != self._own}
        accounts = {account for account, _ in places}
        # Each other account is written, with what had lapsed of it; each return has a row in each of them.
        return len(self._rests) + 2 * len(accounts) + returns * len(places)

    @property
    def others(self) -> tuple[Posting, ...]:
        """What is posted in other accounts than the purchase's."""
        return tuple(self._others.values())

    @property
    def besides(self) -> list[Put]:
        """The counts of what was given back."""
        now = {one.key: one.back for one in self._payments}
        return [put_back(rest, more) for key, rest in self._rests.items() if (more := now[key] - back_of(rest))]

    def _of_today(self, payment: Payment) -> Payment:
        """The payment as that of whoever has its account now: a membership may have been merged into another."""
        if payment.account == self._own:
            return payment
        account = any_account_of(self._club, self._caller, payment.account)
        self._accounts[account.id] = account
        return payment._replace(account=account.id)

    def _to_another(self, key: str, purchase_key: str, account_id: str, wallet: str, lots: Sequence[Lot]) -> None:
        before = self._others.get(account_id)
        account = before.after if before is not None else self._accounts[account_id]
        assert account is not None
        own_key = keys.elsewhere(key, account_id, "" if wallet == MAIN_WALLET else wallet)
        posting = post_given_back(lots, wallet, purchase_key, account, self._book, self._club.now(), key=own_key)
        if before is not None:
            more = (*before.more, posting.row, *posting.more)
            posting = before._replace(after=posting.after, more=more)
        self._others[account_id] = posting
