"""Bugs as they are really made, each a small patch of the product: the machine has to find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from shared.actions import record_purchase, recording, redemptions
from shared.domain import changes, lapsing, lots, posting_return, redeeming, returning
from shared.domain.errors import Busy
from shared.domain.purchase import Purchase
from shared.store import backend, store, table
from shared.store.peppers import Peppers
from tests.laws import shop

Bug = Callable[[pytest.MonkeyPatch], None]


def a_new_id_on_every_retry(patch: pytest.MonkeyPatch) -> None:
    """What was not answered is sent again under another id."""
    honest = record_purchase.record_purchase

    def recorded(club: Any, caller: Any, told: Purchase, seconds_left: Any) -> recording.Recorded:
        try:
            return honest(club, caller, told, seconds_left)
        except Busy:
            again = told.model_copy(update={"purchase_id": f"{told.purchase_id}-2"})
            return honest(club, caller, again, seconds_left)

    patch.setattr(shop, "record_purchase", recorded)


def what_comes_back_lives_anew(patch: pytest.MonkeyPatch) -> None:
    """Restored points are given a fresh expiry."""
    honest = returning.Payment.given_back

    def fresh(self: returning.Payment, units: int) -> tuple[lots.Lot, ...]:
        return tuple(
            lot._replace(expires_on=lot.expires_on and lot.expires_on + timedelta(days=1))
            for lot in honest(self, units)
        )

    patch.setattr(returning.Payment, "given_back", fresh)


def clawback_is_rounded_twice(patch: pytest.MonkeyPatch) -> None:
    """The share to a whole percent, and then the points."""
    honest = returning.kept

    def twice(units: int, share: Fraction, mode: Any) -> int:
        return honest(units, Fraction(round(share * 100), 100), mode)

    patch.setattr(returning, "kept", twice)


def _puts_without(patch: pytest.MonkeyPatch, of: str, **dropped: Any) -> None:
    def put(name: Any, row: Any, absent: bool = False, where: Any = None) -> backend.Put:
        made = backend.Put(name, row, absent, where)
        return made._replace(**dropped) if name == of else made

    patch.setattr(store, "Put", put)


def the_sequence_is_not_demanded(patch: pytest.MonkeyPatch) -> None:
    _puts_without(patch, "accounts", where=None)


def a_known_key_is_written_again(patch: pytest.MonkeyPatch) -> None:
    """`attribute_not_exists` is left out of the transaction."""
    _puts_without(patch, "ledger", absent=False)


def what_is_held_can_be_used_still(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(redeeming, "negative", lambda parts: ())


def the_rest_of_a_hold_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(redeeming, "between", lambda some, first, last: ())


def what_was_given_back_is_not_counted(patch: pytest.MonkeyPatch) -> None:
    honest = redemptions.put_back
    patch.setattr(redemptions, "put_back", lambda rest, units: honest(rest, 0))


def a_lapse_is_booked_at_every_touch(patch: pytest.MonkeyPatch) -> None:
    """What lapsed is booked and stays in its lot."""
    patch.setattr(lapsing, "negative", lambda gone: ())


def a_replay_is_answered_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Peppers, "same", lambda self, known, content: True)


def a_debt_is_never_repaid(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(changes, "_repaying", lambda some, posted, holds, wallet: (some, holds))


def the_law_of_today_decides_what_came_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(record_purchase, "law_of", lambda club, caller, report: club.laws.latest())


def a_hold_never_ends(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lapsing, "released", lambda account, today, until_ms: account)


def a_page_is_taken_for_all(patch: pytest.MonkeyPatch) -> None:
    """What DynamoDB left over is not asked for again."""

    def once(self: table.Tables, name: Any, wanted: Sequence[Any]) -> list[Any]:
        page = {"Keys": [table._out_item(key) for key in wanted], "ConsistentRead": True}
        found = self._call("BatchGetItem", RequestItems={self._names[name]: page})
        return [table._in_item(item) for item in found["Responses"].get(self._names[name], [])]

    patch.setattr(table.Tables, "get_many", once)


def a_return_takes_what_it_took_before(patch: pytest.MonkeyPatch) -> None:
    """Each partial return is worked out as if it were the first."""
    honest = posting_return.undone

    def forgetful(given: Any, so_far: Any, *rest: Any, **more: Any) -> Any:
        return honest(given, returning.Returned(), *rest, **more)

    patch.setattr(posting_return, "undone", forgetful)


BUGS: tuple[Bug, ...] = (
    a_new_id_on_every_retry, what_comes_back_lives_anew, clawback_is_rounded_twice, the_sequence_is_not_demanded,
    a_known_key_is_written_again, what_is_held_can_be_used_still, the_rest_of_a_hold_is_lost,
    what_was_given_back_is_not_counted, a_lapse_is_booked_at_every_touch, a_replay_is_answered_unread, a_debt_is_never_repaid,
    the_law_of_today_decides_what_came_late, a_hold_never_ends, a_page_is_taken_for_all,
    a_return_takes_what_it_took_before,
)  # fmt: skip
