"""Who may do what: keys, scopes, stores and the two realms, at the running club's own gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import httpx
import pytest

from club.store import tables
from club.up import OpenClub
from shared.actions.keys_of_stores import revoke_key
from shared.api.routes import ROUTES, SCOPES
from tests.documented import Told, operations_of_keys, request_of
from tests.local.conftest import Opening
from tests.local.holdings import proven_postings, row_counts
from tests.local.test_purchases import problem
from tests.storefront import Storefront, new_id, person, purchase


def asked(told: Told, shop: Storefront) -> httpx.Response:
    """The request that the document shows, sent with this storefront's key."""
    return shop.http.request(**request_of(told))


OPERATIONS = pytest.mark.parametrize("told", operations_of_keys(), ids=lambda told: told.name)
ASK: dict[str, Callable[[Storefront], httpx.Response]] = {
    f"{told.method} {told.path}": partial(asked, told) for told in operations_of_keys()
}


def opens(answer: httpx.Response) -> bool:
    """Whether the gate let it through; it says no with a message of the gateway's, not with a problem."""
    if answer.status_code in (401, 403) and list(answer.json()) == ["message"]:
        return False
    assert answer.status_code < 500, answer.text
    return True


def key_of(shop: Storefront) -> str:
    return shop.http.headers["Authorization"].removeprefix("Bearer ")


def revoke(shop: Storefront) -> None:
    revoke_key(tables(), key_of(shop).split("_")[2], datetime.now(UTC))


def test_every_route_has_its_question() -> None:
    assert set(ASK) == {route.key for route in ROUTES}


def test_without_a_key_no_route_opens(club: OpenClub) -> None:
    before = row_counts()
    with Storefront(club.url, None) as stranger:
        assert {route: ask(stranger).status_code for route, ask in ASK.items()} == dict.fromkeys(ASK, 401)
    assert row_counts() == before


def test_what_is_no_key_opens_nothing(club: OpenClub, main: Storefront) -> None:
    # Let in just now, so that the gate's memory holds the genuine key.
    assert opens(main.rules())
    other = club.key[:-1] + ("0" if club.key[-1] != "0" else "1")
    before = row_counts()
    for authorization in (
        "",
        "Bearer",
        club.key,
        f"Basic {club.key}",
        f"bearer {club.key}",
        f"Bearer  {club.key}",
        f"Bearer {club.key}x",
        f"Bearer {club.key[:-1]}",
        f"Bearer {club.key}, Bearer {club.key}",
        f"Bearer {other}",
        f"Bearer {club.key.replace('ck_live_', 'ck_test_')}",
        "Bearer ck_live_000000000000_" + "0" * 40,
        "Bearer " + "x" * 5_000,
    ):
        with Storefront(club.url, None) as stranger:
            stranger.http.headers["Authorization"] = authorization
            for route in ("GET /v1/programme/rules", "POST /v1/purchases"):
                assert not opens(ASK[route](stranger)), (authorization[:40], route)
    assert row_counts() == before


@OPERATIONS
def test_an_operation_opens_for_a_key_with_its_scope_alone_and_not_for_one_with_all_others(
    opened: Opening, told: Told
) -> None:
    assert opens(asked(told, opened(told.scope)))
    others = opened(*(scope for scope in SCOPES if scope != told.scope))
    before = row_counts()
    assert asked(told, others).status_code == 403
    assert not opens(asked(told, others))
    assert row_counts() == before


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_operations_of_its_scope_and_no_other(opened: Opening, scope: str) -> None:
    shop = opened(scope)
    assert {told.name for told in operations_of_keys() if opens(asked(told, shop))} == {
        told.name for told in operations_of_keys() if told.scope == scope
    }


@OPERATIONS
def test_a_key_of_another_store_is_refused_wherever_a_store_is_named(opened: Opening, told: Told) -> None:
    request = request_of(told)
    names_a_store = "store" in request.get("json", {}) or "{store}" in told.path
    refusals = told.facts["responses"]["403"]["content"].get("application/problem+json", {"examples": {}})["examples"]
    assert ("store_not_allowed" in refusals) is names_a_store
    before = row_counts()
    answer = asked(told, annex := opened())
    if names_a_store:
        refused = problem(answer, 403, "store_not_allowed")
        assert (refused["field"], refused["allowed"]) == ("store", annex.store)
        assert row_counts() == before
    else:
        # Members and rules are the club's, whichever of its stores asks.
        assert answer.status_code != 403


def test_the_gates_memory_lends_no_keys_rights_to_another_key_or_route(main: Storefront, opened: Opening) -> None:
    narrow = opened("programme:read")
    for _ in range(2):
        assert opens(main.quote(purchase()))
        assert opens(narrow.rules())
        assert not opens(narrow.quote(purchase()))
        assert not opens(narrow.member("M0123456789ABCDEF"))
        assert opens(main.member("M0123456789ABCDEF"))


def test_two_keys_of_one_store_are_told_apart(opened: Opening) -> None:
    wide = opened()
    narrow = opened("programme:read", store=wide.store)
    body = purchase()
    assert wide.buy(body).status_code == 201
    assert not opens(narrow.buy(body))
    assert opens(narrow.rules())
    assert wide.buy(body).headers["Idempotency-Replayed"] == "true"


def test_a_store_rotates_its_key_without_an_hour_of_closed_tills(opened: Opening) -> None:
    old = opened()
    body = purchase()
    assert old.buy(body).status_code == 201
    new = opened(store=old.store)
    assert new.buy(body).headers["Idempotency-Replayed"] == "true"
    revoke(old)
    # Within a minute the gateway may remember the old key for the routes that it took; for no other.
    assert not opens(old.quote(purchase()))
    assert opens(new.quote(purchase()))


def test_a_revoked_key_opens_nothing(opened: Opening) -> None:
    shop = opened()
    revoke(shop)
    assert not [route for route, ask in ASK.items() if opens(ask(shop))]


def test_a_key_is_bound_to_its_store(main: Storefront, opened: Opening) -> None:
    annex = opened()
    body = purchase()
    main.buy(body)
    before = row_counts()
    for answer in (
        annex.http.post("/v1/purchases", json=body),
        annex.http.post("/v1/quotes", json=body),
        annex.http.get(f"/v1/purchases/main/{body['purchase_id']}"),
    ):
        told = problem(answer, 403, "store_not_allowed")
        assert (told["field"], told["allowed"]) == ("store", annex.store)
    assert row_counts() == before


def test_what_test_keys_write_is_apart_from_the_clubs_own(opened: Opening) -> None:
    main = opened()
    trying = opened(mode="test", store=main.store)
    body, who, join_key = purchase(), person(), new_id("join")
    live, test = (shop.join(who, join_key).json()["member_id"] for shop in (main, trying))
    assert (live[0], test[0]) == ("M", "T")
    for shop, own, foreign in ((main, live, test), (trying, test, live)):
        bought = shop.buy(body | {"card": who["card"]})
        assert (bought.status_code, bought.json()["purchase"]["member_id"]) == (201, own)
        assert "Idempotency-Replayed" not in bought.headers
        assert shop.look_up(card=who["card"]).json()["member_id"] == own
        assert shop.bought(body["purchase_id"]).content == bought.content
        problem(shop.member(foreign), 404, "member_unknown")
        problem(shop.statement(foreign), 404, "member_unknown")
        problem(shop.buy(purchase(member_id=foreign)), 404, "member_unknown")
        problem(shop.quote(purchase(member_id=foreign)), 404, "member_unknown")
        assert len(shop.whole_statement(own)) == 2
        assert len(proven_postings(own)) == 2


def test_a_purchase_of_a_test_key_alone_is_not_the_clubs(opened: Opening) -> None:
    main = opened()
    trying = opened(mode="test", store=main.store)
    body = purchase()
    trying.buy(body)
    problem(main.bought(body["purchase_id"]), 404, "purchase_unknown")
