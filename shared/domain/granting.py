"""What an automation or campaign makes of an account that is due for it: one posting, also of who is held out.

It is grant, message and record in one, under the key of automation, member and period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from shared.domain.account import TAG, Account, Used
from shared.domain.automation_tables import Giver
from shared.domain.automations import AUTOMATION_USED, LAST, Due
from shared.domain.changes import Change, PurseChange
from shared.domain.changing import changing_posting
from shared.domain.coupons import last_day_of, used_with
from shared.domain.decide import ISSUED, frame, lot_of, with_lapses, with_more
from shared.domain.ledger import Leg, Posting, packed
from shared.domain.lots import Lot
from shared.domain.messages import Fact, messages_text
from shared.domain.rulebook import Rulebook
from shared.domain.tables import MAIN_WALLET


def due_key(due: Due, account_id: str) -> str:
    return f"due#{due.rule.automation.id}#{account_id}#{due.period}"


def post_due(due: Due, account: Account, book: Rulebook, now: datetime, *, key: str, fingerprint: bytes) -> Posting:
    """What an automation gives a member, or that it was due and the member is held out. Units and coupon live from today."""
    account, lapses = with_lapses(account, book, now)
    one, today = due.rule.automation, now.astimezone(book.zone).date()
    units = due.units if due.arm == "treated" else 0
    moves = (_lot(one, today, units, book),) if units else ()
    name = AUTOMATION_USED + one.id
    times = account.used.get(name, {}).get("", (0, 0))[0]
    used: dict[str, Mapping[str, Used]] = {name: {"": (times + 1, 0), LAST: (due.day.toordinal(), 0)}}
    behind = "" if one.wallet == MAIN_WALLET else f"/{one.wallet}"
    main = one.wallet == MAIN_WALLET
    purses = {} if main or not units else {one.wallet: PurseChange(units, moves)}
    row = frame("due", book, now, key, fingerprint) | {
        "au": packed([one.id, due.period, due.day.isoformat(), due.arm, units])
    }
    if due.cause:
        row["ca"] = due.cause
    facts: dict[str, Fact] = {"points": units} if units and main else {}
    if moves and moves[0].expires_on is not None:
        facts["ends_on"] = moves[0].expires_on.isoformat()
    if due.offer and due.arm == "treated":
        offer = next(offer for offer in book.programme.offer if offer.id == due.offer)
        used |= used_with(account, offer, one.id, due.period, today, fingerprint[0])
        facts |= {"offer": offer.id, "ends_on": last_day_of(offer, today).isoformat()}
        row["cp"] = packed([offer.id, facts["ends_on"]])
    if due.arm == "treated" and (said := messages_text(one, today, facts)) is not None:
        row["ms"] = said
    if due.arm == "treated":
        used |= {TAG + tag: {"": (1, 0)} for tag in one.tags} | {TAG + tag: {} for tag in one.untags}
    change = Change(today, units if main else 0, moves if main else (), purses, used=used)
    legs = (Leg(account.id + behind, units), Leg(ISSUED + behind, -units))
    return with_more(changing_posting(row, legs, change, account, book, today), lapses)


def _lot(one: Giver, today: date, units: int, book: Rulebook) -> Lot:
    if one.valid_days is not None:
        return Lot(today, today + timedelta(days=one.valid_days), units)
    return lot_of(today, units, book.wallet(one.wallet), book)._replace(usable_on=today)
