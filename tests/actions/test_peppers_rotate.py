"""The secret that keys cards and contents is replaced while the club is open: nobody is forgotten, nobody is doubled."""

from __future__ import annotations

import json
import secrets

import pytest

from shared.actions.certificates import code_of_row, find_certificate, issue_certificate
from shared.actions.club import Club
from shared.actions.enrol_member import enrol_member
from shared.actions.find_member import find_member
from shared.domain.certificates import Certificate, CodeAsked
from shared.domain.errors import ContactTaken, JoinDiffers, PurchaseDiffers
from shared.domain.member import Lookup
from tests.actions.tills import MAIN, answer, club_on, new_member, person, plenty, postings, purchase, record
from tests.storefront import line, new_id
from tests.wire import Wire

OLD, NEW = ({"version": version, "secret": secrets.token_hex(32)} for version in (1, 2))


@pytest.fixture
def before(wire: Wire) -> Club:
    return club_on(wire, json.dumps([OLD]))


@pytest.fixture
def after(wire: Wire) -> Club:
    return club_on(wire, json.dumps([OLD, NEW]))


def test_a_member_of_before_is_known_by_card_after(before: Club, after: Club, wire: Wire) -> None:
    card = new_id("CARD")
    member_id = new_member(before, card=card)
    after.laws.at(after.now())
    wire.forget()
    assert record(after, purchase(card=card)).row["a"] == member_id
    assert wire.attempts == ["BatchGetItem", "GetItem", "TransactWriteItems"]
    assert find_member(after, MAIN, Lookup(card=card)).id == member_id


def test_a_card_of_before_is_taken_after(before: Club, after: Club) -> None:
    theirs = person()
    enrol_member(before, MAIN, new_id("join"), theirs, plenty)
    with pytest.raises(ContactTaken):
        enrol_member(after, MAIN, new_id("join"), theirs, plenty)


def test_functions_of_before_and_after_side_by_side_know_the_same_newcomer(before: Club, after: Club) -> None:
    card = new_id("CARD")
    member_id = new_member(after, card=card)
    assert find_member(before, MAIN, Lookup(card=card)).id == member_id
    with pytest.raises(ContactTaken):
        new_member(before, card=card)


def test_a_certificate_of_before_has_its_code_after_and_tells_it_again(before: Club, after: Club) -> None:
    told = Certificate(store="main", certificate_id=new_id("GC"), amount_minor=500, currency="ILS")
    told = told.model_copy(update={"currency": before.laws.latest().programme.club.currency})
    row = issue_certificate(before, MAIN, told, plenty).row
    code = code_of_row(before, row)
    again = issue_certificate(after, MAIN, told, plenty)
    assert (again.replayed, code_of_row(after, again.row)) == (True, code)
    assert find_certificate(after, MAIN, CodeAsked(code=code)).account.id == row["a"]
    newer = issue_certificate(after, MAIN, told.model_copy(update={"certificate_id": new_id("GC")}), plenty).row
    assert find_certificate(before, MAIN, CodeAsked(code=code_of_row(after, newer))).account.id == newer["a"]


def test_what_was_sent_before_is_a_repeat_after(before: Club, after: Club) -> None:
    bought = purchase(member_id=new_member(before))
    first = record(before, bought)
    again = record(after, bought)
    assert again.replayed
    assert answer(after, again.row, bought) == answer(before, first.row, bought)
    other = purchase(line(1), member_id=bought.member_id, purchase_id=bought.purchase_id)
    with pytest.raises(PurchaseDiffers):
        record(after, other)
    assert len(postings(after, str(bought.member_id))) == 2


def test_a_joining_of_before_is_a_repeat_after(before: Club, after: Club) -> None:
    joining, key = person(), new_id("join")
    first = enrol_member(before, MAIN, key, joining, plenty)
    assert enrol_member(after, MAIN, key, joining, plenty).row == first.row
    with pytest.raises(JoinDiffers):
        enrol_member(after, MAIN, key, person(), plenty)
