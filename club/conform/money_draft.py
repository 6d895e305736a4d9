"""Stored value of a case in the words of a programme: the wallet of money, who may use a card, how long a hold lasts."""

from __future__ import annotations

from club.conform.cases import Untranslatable
from club.conform.draft import Draft, only
from club.conform.words import Table
from shared.domain.tables import HOLD_MINUTES_MAX

WALLET = "wallet"
TOP_UP, GIFT_CARD = "WALLET_TOPUP", "GIFT_CARD"
# What a case gives of money, and how a purchase or a checkout is paid with it.
GIVEN = ("wallet_minor", "credit_minor", "authorized_minor", "used_minor", "gift_card_minor", "gift_cards_minor", "gift_currency",
         "gift_member")  # fmt: skip
PAYS = ("pay_with_wallet_minor", "pay_with_gift_card_minor", "gift_cards_minor", "apply_gift_card", "apply_gift_cards",
        "apply_gift_card_minor", "gift_card_minor")  # fmt: skip
_OF_THE_WALLET = {"wallet_minor", "credit_minor", "authorized_minor", "used_minor", "pay_with_wallet_minor"}


def stored_value(draft: Draft) -> None:
    """The wallet of money, where a case speaks of one; and holds that last for as long as a case goes on."""
    if any(_OF_THE_WALLET & set(event) or _tops_up(event) for event in draft.case.events):
        row: Table = {"id": WALLET, "decimals": draft.exponent, "value_minor": 10**draft.exponent, "top_up": True}
        draft.once("wallet", row)
    if any(event["type"] == "authorize" or "authorized_minor" in event for event in draft.case.events):
        draft.put("club", hold_minutes=HOLD_MINUTES_MAX)


def gift_card(draft: Draft, value: Table) -> None:
    only("gift_card", value, ("assigned_member_only",))
    answer = "member_only" if value["assigned_member_only"] else "bearer"
    draft.put("policies", assigned_certificate=answer)


def hold(draft: Draft, value: Table) -> None:
    only("hold", value, ("after_partial_capture",))
    if value["after_partial_capture"] != "stay_held":
        raise Untranslatable(f"after_partial_capture {value['after_partial_capture']!r} has no feature here yet")
    draft.put("policies", capture_rest="stays_held")


def _tops_up(event: Table) -> bool:
    return any(line.get("sku") == TOP_UP for line in event.get("lines", ()) if isinstance(line, dict))
