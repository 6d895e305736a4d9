"""What it costs to name a member: nothing by the club's own id, one read by a known card, one counter more by an unknown one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import LOOKUPS_PER_MINUTE_MAX
from shared.actions.record_purchase import quote_purchase
from shared.domain.errors import LookupsExhausted, MemberUnknown
from shared.store import keys
from shared.store.backend import Put
from tests.actions.tills import new_member, purchase, record
from tests.storefront import new_id
from tests.wire import Wire


def test_a_purchase_for_a_member_who_is_there_counts_nothing(tills: Club, wire: Wire) -> None:
    card = new_id("CARD")
    member_id = new_member(tills, card=card)
    wire.forget()
    record(tills, purchase(member_id=member_id))
    assert wire.attempts == ["GetItem", "TransactWriteItems"]
    wire.forget()
    record(tills, purchase(card=card))
    assert wire.attempts == ["GetItem", "GetItem", "TransactWriteItems"]
    assert {name.rpartition("-")[2] for name in wire.write_units} == {"ledger", "accounts"}


def test_a_purchase_for_a_card_that_nobody_has_is_counted_once(tills: Club, wire: Wire) -> None:
    with pytest.raises(MemberUnknown):
        record(tills, purchase(card=new_id("CARD")))
    assert wire.attempts == ["GetItem", "UpdateItem"]
    assert wire.write_units.total() == 1


def test_a_key_that_has_asked_too_often_costs_nothing_any_more(tills: Club, wire: Wire) -> None:
    now = tills.now()
    tills, caller, minute = (
        replace(tills, now=lambda: now),
        Caller("main", key_id=new_id("k")),
        int(now.timestamp()) // 60,
    )
    row = {"k": keys.lookups(caller.key_id, minute), "s": 0, "c": LOOKUPS_PER_MINUTE_MAX, "x": minute * 60 + 3600}
    tills.store.backend.write([Put("limits", row)])
    wire.forget()
    with pytest.raises(LookupsExhausted):
        quote_purchase(tills, caller, purchase(card=new_id("CARD")))
    assert wire.attempts == ["GetItem", "UpdateItem"]
    wire.forget()
    with pytest.raises(LookupsExhausted):
        quote_purchase(tills, caller, purchase(card=new_id("CARD")))
    assert wire.attempts == []
