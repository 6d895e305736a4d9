"""Addresses, queries and keys that no till should ever send: LAWS' lines "Query" and "Access"."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from club.up import OpenClub
from shared.api.routes import ROUTES
from tests.local.bad_input import (
    ADDRESSES,
    AUTHORIZATIONS,
    JSON,
    LANGUAGES,
    PLACES,
    STATEMENT_QUERIES,
    TRANSPORT,
    cases,
    foreign_queries,
)
from tests.local.conftest import Opening
from tests.local.holdings import row_counts
from tests.local.refusals import (
    Ask,
    Regular,
    account_row,
    all_refused,
    asked_raw,
    asked_with,
    read_raw,
    reading,
)
from tests.local.test_keys import revoke
from tests.local.test_members import forged
from tests.storefront import Storefront, purchase

# -- query and address ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "at",
    [
        "/v1/members/{}",
        "/v1/members/{}/statement",
        "/v1/members/{}/messages",
        "/v1/members/{}/offers",
        "/v1/members/M0123456789ABCDEF/offers/{}/certificate",
        "/v1/purchases/main/{}",
        "/v1/purchases/{}/A-1",
    ],
)
def test_an_id_that_can_be_none_is_not_looked_for(main: Storefront, regular: Regular, at: str) -> None:
    places = {f"{at.format('…')} {what}": at.format(place) for what, place in cases(PLACES)}
    all_refused(reading(main, places.items()), 400, 403, 404, 422, regular=regular, by_gateway=True)


def test_an_address_that_leads_nowhere_is_refused(main: Storefront, regular: Regular) -> None:
    all_refused(reading(main, cases(ADDRESSES)), 400, 403, 404, 422, regular=regular, by_gateway=True)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_no_address_answers_to_a_method_that_it_does_not_have(main: Storefront, regular: Regular, method: str) -> None:
    addresses = {route.key: route.path.format(**regular.places) for route in ROUTES}
    all_refused(
        {what: lambda address=address: read_raw(main, address, method) for what, address in addresses.items()},
        regular=regular,
        by_gateway=True,
    )


@pytest.mark.parametrize("pages", ["statement", "messages"])
def test_pages_asked_for_in_a_wrong_way_are_refused(main: Storefront, regular: Regular, pages: str) -> None:
    addresses = ((what, f"/v1/members/{regular.id}/{pages}?{query}") for what, query in cases(STATEMENT_QUERIES))
    told = all_refused(reading(main, addresses), 400, 422, regular=regular)
    assert {one["field"] for what, one in told.items() if what.startswith("limit")} == {"limit"}
    assert {one["code"] for what, one in told.items() if what.startswith("cursor")} == {"cursor_invalid"}


def test_a_cursor_that_was_not_given_out_for_this_member_opens_nothing(main: Storefront, regular: Regular) -> None:
    other_id = main.new_member()
    for _ in range(3):
        main.buy(purchase(member_id=other_id))
    cursor, other = (main.statement(member_id, limit=2).json()["next_cursor"] for member_id in (regular.id, other_id))
    spoiled = forged(cursor, other)
    assert {"another member's", "byte 0 changed", "random"} <= set(spoiled)
    questions: dict[str, Ask] = {
        how: lambda text=text: main.statement(regular.id, limit=2, cursor=text) for how, text in spoiled.items()
    }
    all_refused(questions, 400, regular=regular)


@pytest.mark.parametrize("at", ["/v1/members/{member}", "/v1/purchases/main/{purchase}", "/v1/programme/rules"])
def test_a_parameter_that_nobody_knows_is_refused(main: Storefront, regular: Regular, at: str) -> None:
    address = at.format(member=regular.id, purchase=regular.purchase_id)
    told = all_refused(
        reading(main, ((query, f"{address}?{query}") for query in foreign_queries())), 422, regular=regular
    )
    assert {one["reason"] for one in told.values()} == {"is not a parameter of this request"}


@pytest.mark.parametrize("route", [route.key for route in ROUTES if route.method == "GET"])
def test_a_body_that_comes_with_a_reading_request_is_not_looked_at(
    main: Storefront, regular: Regular, route: str
) -> None:
    path = route.split()[1]
    address = path.format(**regular.places) + ("?state=parked" if path == "/v1/returns" else "")
    plain = read_raw(main, address)
    headers = [("Authorization", main.http.headers["Authorization"]), ("Content-Type", JSON)]
    account = account_row(regular.id)
    with ThreadPoolExecutor(4) as tills:
        told = tills.map(
            lambda make: asked_raw(str(main.http.base_url), "GET", address, headers, make("/v1/purchases")),
            dict(cases(TRANSPORT)).values(),
        )
        seen = {(answer.status_code, _without_request(answer)) for answer in told}
    # Nobody gave her a coupon to print; all else is there.
    assert plain.status_code == (404 if path.endswith("/certificate") else 200)
    assert seen == {(plain.status_code, _without_request(plain))}
    assert account_row(regular.id) == account


def _without_request(answer: httpx.Response) -> str:
    """What was answered, without what tells one request from the next."""
    return re.sub(r'"request_id":"[^"]*"', "", answer.text)


def test_a_language_that_the_programme_does_not_speak_is_refused(main: Storefront, regular: Regular) -> None:
    addresses = ((language, f"/v1/programme/rules?language={language}") for language in LANGUAGES)
    told = all_refused(reading(main, addresses), 404, regular=regular)
    assert {tuple(one["languages"]) for one in told.values()} == {("en", "he", "fa")}


# -- access --------------------------------------------------------------------------------------------------


def _no_entry(answer: httpx.Response) -> bool:
    """The gateway's own no, told to whoever is not let in: nothing of the club's is in it."""
    return answer.status_code in (400, 401, 403, 431) and (not answer.content or list(answer.json()) == ["message"])


@pytest.mark.parametrize("route", [route.key for route in ROUTES])
def test_who_has_no_key_is_not_let_in(
    club: OpenClub, main: Storefront, opened: Opening, regular: Regular, route: str
) -> None:
    # Let in just now, so that the gateway remembers the genuine key for this route.
    assert asked_with(club.url, [f"Bearer {club.key}"], route, regular).status_code in (200, 201, 202, 404, 422)
    gone = opened()
    revoke(gone)
    tried = {what: make(club.key) for what, make in cases(AUTHORIZATIONS)} | {
        "revoked": [gone.http.headers["Authorization"]]
    }
    before, account = row_counts(), account_row(regular.id)
    with ThreadPoolExecutor(4) as strangers:
        asked = strangers.map(lambda given: asked_with(club.url, given, route, regular), tried.values())
        answers = dict(zip(tried, asked, strict=True))
    assert {what: (told.status_code, told.text[:200]) for what, told in answers.items() if not _no_entry(told)} == {}
    assert (row_counts(), account_row(regular.id)) == (before, account)
