"""Gift cards, store credit and wallets of money in a case: certificates and a wallet of ours, used as a till uses them."""

from __future__ import annotations

from datetime import datetime

from club.conform.cases import Untranslatable
from club.conform.machine import Machine
from club.conform.money_draft import GIFT_CARD, WALLET
from club.conform.purchases import SECONDS, STORE, purchase
from club.conform.words import Table, exponent_of, minor
from shared.actions.adjust_balance import adjust_balance
from shared.actions.caller import Caller
from shared.actions.certificates import code_of_row, issue_certificate
from shared.actions.redemptions import capture_redemption, hold_redemption, reverse_redemption
from shared.domain.certificates import Certificate, state_of
from shared.domain.ledger import Row, unpacked
from shared.domain.redeeming import available
from shared.domain.redemption import Capturing, Redemption, Reversing
from shared.domain.staffing import Adjusting
from shared.domain.tables import CERTIFICATE

CALLER = Caller(STORE)
_STATES = {"unused": "active", "partly_used": "partially_redeemed", "used_up": "redeemed", "lapsed": "expired"}


def given_money(machine: Machine, event: Table, event_id: str) -> None:
    """Cards are issued; wallet and credit are filled by staff, and held and used as far as the case says."""
    cards = event.get("gift_cards_minor", [event["gift_card_minor"]] if "gift_card_minor" in event else [])
    whose = {"member_id": machine.accounts[str(event["gift_member"])]} if "gift_member" in event else {}
    for place, value in enumerate(cards):
        _issue(machine, f"{event_id}-{place}", value, **whose)
    held, used = (_minor(machine, event.get(key, 0)) for key in ("authorized_minor", "used_minor"))
    filled = [_minor(machine, event[key]) for key in ("wallet_minor", "credit_minor") if key in event]
    units = sum(filled) or held + used
    if units:
        what = Adjusting(WALLET, units, "given", "staff", has_own_day=True)
        adjust_balance(machine.club, CALLER, _member(machine, event), f"money-{event_id}", what, lambda: SECONDS)
    if used:
        _captured(machine, _held(machine, event, f"{event_id}-used", units=used))
    if held:
        machine.open_hold = _held(machine, event, f"{event_id}-held", units=held)


def buy_gift_card(machine: Machine, event: Table, at: datetime, event_id: str) -> None:
    """Bought like anything else; then one card for each unit."""
    quantity = int(event.get("qty", 1))
    line = {"sku": GIFT_CARD, "qty": quantity, "unit_minor": event["value_minor"]}
    purchase(machine, {"type": "purchase", "lines": [line]}, at, event_id)
    for copy in range(quantity):
        _issue(machine, f"{event_id}-{copy}", event["value_minor"])
        machine.cards_created += 1


def redeem_gift(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    machine.entries.append(None)
    hold_id = _held(machine, event, event_id, code=_card(machine), units=_minor(machine, event["amount_minor"]))
    _captured(machine, hold_id)
    machine.used_of_cards.append(hold_id)


def return_to_gift(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Money goes back to the card, of the use that the case names or of the last one."""
    machine.entries.append(None)
    hold_id = _named(str(event["ref"])) if "ref" in event else machine.used_of_cards[-1]
    units = _minor(machine, event["amount_minor"]) if "amount_minor" in event else None
    told = Reversing(reversal_id=event_id, units=units)
    machine.captures.append(reverse_redemption(machine.club, CALLER, STORE, hold_id, told, lambda: SECONDS).row)


def authorize(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    """Held on the card, or on the credit where no card was given."""
    machine.entries.append(None)
    code = {"code": _card(machine)} if machine.cards else {}
    machine.open_hold = _held(machine, event, event_id, units=_minor(machine, event["amount_minor"]), **code)


def capture(machine: Machine, event: Table, _at: datetime, event_id: str) -> None:
    machine.entries.append(None)
    hold_id = _named(str(event["ref"])) if "ref" in event else machine.open_hold
    assert hold_id is not None, "something was authorised"
    _captured(machine, hold_id, units=_minor(machine, event["amount_minor"]), capture_id=event_id)


def pay_with_money(machine: Machine, event: Table, total_minor: int, event_id: str) -> None:
    """The payments of a purchase before it is rung up, each of what the ones before it left."""
    machine.stored_minor = 0
    wallet = _minor(machine, event.get("pay_with_wallet_minor", 0))
    if wallet:
        held = _held(machine, event, f"{event_id}-wallet", units=wallet, total_minor=total_minor, purchase_id=event_id)
        machine.stored_minor += _captured(machine, held)
    cards_minor = 0
    for place, (code, units) in enumerate(_cards_of(machine, event)):
        left = total_minor - machine.stored_minor
        if not left:
            break
        told: Table = {"code": code, "total_minor": left, "purchase_id": event_id}
        if units is not None:
            told["units"] = units
        told["currency"] = event.get("currency", machine.currency)
        hold_id = _held(machine, event, f"{event_id}-card-{place}", **told)
        used = _captured(machine, hold_id)
        machine.used_of_cards.append(hold_id)
        machine.stored_minor += used
        cards_minor += used
    machine.gift_applied = cards_minor
    machine.gift_applied_sum += cards_minor


def gift_status(machine: Machine) -> str:
    return _STATES[state_of(machine.card(_card(machine)), machine.today())]


def wallet_left(machine: Machine) -> int:
    return available(machine.account(), WALLET, machine.today())


def authorized(machine: Machine) -> int:
    accounts = [machine.account(), *(machine.card(code) for code in machine.cards)]
    return sum(account.held(wallet) for account in accounts for wallet in (WALLET, CERTIFICATE))


def used(machine: Machine) -> int:
    """What was taken and not given back."""
    return sum(unpacked(row["rd"])[1] * (1 if row["c"] == "capture" else -1) for row in machine.captures)


def _cards_of(machine: Machine, event: Table) -> list[tuple[str, int | None]]:
    """The cards that are presented, and how much of each: None for as much as there is."""
    if "gift_cards_minor" in event:
        return [(code, None) for code in list(machine.cards)[: len(event["gift_cards_minor"])]]
    if "apply_gift_cards" in event:
        return [(code, None) for code in list(machine.cards)[: int(event["apply_gift_cards"])]]
    if event.get("apply_gift_card"):
        return [(code, None) for code in machine.cards]
    for key in ("pay_with_gift_card_minor", "apply_gift_card_minor", "gift_card_minor"):
        if key in event:
            return [(_card(machine), None if event[key] == "all" else _minor(machine, event[key]))]
    return []


def _held(machine: Machine, event: Table, ref: str, **what: object) -> str:
    """Holds money and says what the redemption is called."""
    member = machine.member(event)
    told: Table = {"store": STORE, "redemption_id": _named(ref), **what}
    told |= {"member_id": member} if member is not None else {}
    told |= {"wallet": WALLET} if "code" not in told else {}
    hold_redemption(machine.club, CALLER, Redemption.model_validate(told), lambda: SECONDS)
    return _named(ref)


def _captured(machine: Machine, hold_id: str, **what: object) -> int:
    """Takes what is held; how much that was."""
    told = Capturing.model_validate(what)
    recorded = capture_redemption(machine.club, CALLER, STORE, hold_id, told, lambda: SECONDS)
    row: Row = recorded.row
    if not recorded.replayed:
        machine.captures.append(row)
    return int(unpacked(row["rd"])[1])


def _issue(machine: Machine, certificate_id: str, value: object, **whose: str) -> None:
    told = {
        "store": STORE,
        "certificate_id": certificate_id,
        "amount_minor": _minor(machine, value),
        "currency": machine.book.programme.club.currency,
    }
    row = issue_certificate(machine.club, CALLER, Certificate.model_validate(told | whose), lambda: SECONDS).row
    machine.cards[code_of_row(machine.club, row)] = str(row["a"])


def _card(machine: Machine) -> str:
    """The card that a case speaks of: the first one."""
    if not machine.cards:
        raise Untranslatable("there is no gift card")
    return next(iter(machine.cards))


def _member(machine: Machine, event: Table) -> str:
    member = machine.member(event)
    assert member is not None, "a guest has no wallet"
    return member


def _minor(machine: Machine, value: object) -> int:
    return minor(value, exponent_of(machine.programme))


def _named(ref: str) -> str:
    return f"money-{ref}"
