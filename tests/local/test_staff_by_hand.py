"""What staff do by hand at the running club: who may, what is refused, and that each thing happens once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from club import staff
from club.home import Home
from club.up import OpenClub
from tests.local.bad_input import BOMBS, FILLINGS, NAMES, SIZES_BYTES, TRANSPORT, TYPES, cases
from tests.local.bad_staff import LATER, STAFF_POSTS, bad_by_hand, good_by_hand
from tests.local.holdings import proven_postings, row_counts
from tests.local.refusals import Ask, Regular, all_refused, posting, sent
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, new_id, purchase

Office = Callable[[str], Storefront]


@pytest.fixture(scope="module")
def office(club: OpenClub, club_home: Home) -> Iterator[Office]:
    """A desk for each group."""
    desks: dict[str, Storefront] = {}

    def opened(group: str) -> Storefront:
        if group not in desks:
            desks[group] = Storefront(club.url, staff.token(staff.demo_email(group), club_home))
        return desks[group]

    yield opened
    for desk in desks.values():
        desk.http.close()


def by_hand(desk: Storefront, path: str, body: Json) -> Json:
    answer = desk.http.post(path, json=body)
    assert answer.status_code in (201, 202), answer.text
    told: Json = answer.json()
    return told


def test_much_is_done_by_two_people_and_shown_to_the_member(main: Storefront, office: Office) -> None:
    member_id = main.new_member()
    body = good_by_hand("/v1/adjustments", member_id) | {"units": 2_000}
    waits = by_hand(office("manager"), "/v1/adjustments", body)
    assert (waits["done"]["state"], "entry" in waits) == ("waiting", False)
    name = body["adjustment_id"]
    listed = office("manager").http.get("/v1/adjustments").json()["adjustments"]
    assert name in [one["id"] for one in listed]
    problem(office("manager").http.post(f"/v1/adjustments/{name}/approve", json={}), 403, "group_not_allowed")
    done = by_hand(office("finance"), f"/v1/adjustments/{name}/approve", {})
    again = office("owner").http.post(f"/v1/adjustments/{name}/approve", json={})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (done, "true")
    people = {person.email: person.actor for person in staff.people(staff.pool_of())}
    assert done["done"]["actor"] == people[staff.demo_email("manager")]
    assert done["done"]["approver"] == people[staff.demo_email("finance")]
    entry = main.statement(member_id).json()["entries"][0]
    assert (entry["kind"], entry["points"], entry["balance"]) == ("adjust", 2_000, 2_000)
    assert "The parcel was late" in entry["reason"]
    problem(office("finance").http.post(f"/v1/adjustments/{name}/refuse", json={}), 422, "adjustment_ended")
    proven_postings(member_id)


def test_nobody_approves_what_they_asked_for(main: Storefront, office: Office) -> None:
    body = good_by_hand("/v1/adjustments", main.new_member()) | {"units": 2_000}
    by_hand(office("finance"), "/v1/adjustments", body)
    path = f"/v1/adjustments/{body['adjustment_id']}"
    before = row_counts()
    problem(office("finance").http.post(f"{path}/approve", json={}), 403, "second_person_needed")
    assert row_counts() == before
    assert by_hand(office("owner"), f"{path}/refuse", {})["done"]["state"] == "refused"
    problem(office("owner").http.post(f"{path}/approve", json={}), 422, "adjustment_ended")


def test_two_memberships_become_one_and_both_cards_lead_to_it(main: Storefront, office: Office) -> None:
    cards = [new_id("CARD") for _ in range(2)]
    left, into = (main.new_member(card=card) for card in cards)
    for member_id in (left, into):
        assert main.buy(purchase(member_id=member_id)).status_code == 201
    merged = by_hand(
        office("finance"), "/v1/merges",
        {"merge_id": new_id("M"), "from_member_id": left, "into_member_id": into, "reason": "One person"},
    )  # fmt: skip
    assert (merged["done"]["units"], merged["account"]["balance"]) == (29, 58)
    for card in cards:
        assert main.buy(purchase(card=card)).json()["purchase"]["member_id"] == into
    assert main.look_up(card=cards[0]).json()["member_id"] == into
    assert main.member(left).json() == main.member(into).json()
    assert [row["c"] for row in proven_postings(left)][-1] == "merge"
    assert [row["c"] for row in proven_postings(into)][-3:] == ["merge", "purchase", "purchase"]


def test_a_balance_is_brought_along_and_made_to_live_longer(main: Storefront, office: Office) -> None:
    member_id, desk = main.new_member(), office("owner")
    until = (datetime.now(UTC).date() + timedelta(days=300)).isoformat()
    body = good_by_hand("/v1/adjustments", member_id) | {"kind": "opening", "units": 700, "expires_on": until}
    assert by_hand(desk, "/v1/adjustments", body) == by_hand(desk, "/v1/adjustments", body)
    told = by_hand(desk, "/v1/extensions", good_by_hand("/v1/extensions", member_id))
    assert (told["done"]["units"], told["done"]["expires_on"]) == (700, LATER)
    assert main.member(member_id).json()["points"]["next_expiry"]["expires_on"] == LATER
    kinds = [row["c"] for row in proven_postings(member_id)]
    assert kinds == ["join", "opening", "extend"]


# -- bad input ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STAFF_POSTS)
def test_a_body_that_staff_could_not_mean_is_refused(office: Office, regular: Regular, path: str) -> None:
    desk, asks = office("owner"), dict[str, Ask]()
    for what, make in cases(TRANSPORT):
        asks[what] = lambda make=make: sent(desk, path, make(path))
    asks |= {what: posting(desk, path, body) for what, body in bad_by_hand(path, regular.id).items()}
    for what, name in cases(NAMES):
        asks[f"a field {what}"] = posting(desk, path, good_by_hand(path, regular.id) | {name: 1})
    assert len(asks) >= 60
    all_refused(asks, 400, 404, 413, 422, regular=regular)


@pytest.mark.parametrize("path", STAFF_POSTS)
def test_a_body_of_staff_that_is_too_large_or_of_another_type_is_refused(
    office: Office, regular: Regular, path: str
) -> None:
    desk, whole = office("owner"), json.dumps(good_by_hand(path, regular.id)).encode()
    asks: dict[str, Ask] = {}
    for what, kind in cases(TYPES):
        asks[f"type {what}"] = lambda kind=kind: sent(desk, path, whole, kind)
    for size in (size for sizes in SIZES_BYTES.values() for size in sizes):
        for what, filled in FILLINGS.items():
            asks[f"{size} of {what}"] = lambda size=size, filled=filled: sent(desk, path, filled(size))
    for what, bomb in cases(BOMBS):
        asks[what] = lambda bomb=bomb: sent(desk, path, bomb, **{"Content-Encoding": "gzip"})
    all_refused(asks, 400, 413, 415, regular=regular)
