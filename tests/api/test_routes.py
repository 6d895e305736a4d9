"""The table of routes: each opens by a scope, is served by a function, and is bounded."""

from __future__ import annotations

import re

from infra.rooms import ROOMS
from shared.api.routes import EVERY_ROUTE, GROUPS, PUBLIC_ROUTES, ROUTES, SCOPE_OF_ROUTE, SCOPES, STAFF_ROUTES


def test_no_route_stands_twice() -> None:
    assert len({route.key for route in ROUTES}) == len(ROUTES) == len(SCOPE_OF_ROUTE)


def test_every_route_is_versioned_opened_by_a_scope_and_bounded() -> None:
    for route in ROUTES:
        assert route.path.startswith("/v1/"), route.key
        assert re.fullmatch(r"[a-z]+:[a-z]+", route.scope), route.key
        assert 0 < route.rate_per_s <= route.burst, route.key
        assert route.summary, route.key


def test_every_route_of_staff_is_versioned_opened_by_known_groups_and_slower_than_a_till() -> None:
    assert len({route.key for route in STAFF_ROUTES}) == len(STAFF_ROUTES)
    for route in STAFF_ROUTES:
        assert route.path.startswith("/v1/"), route.key
        assert route.groups, route.key
        assert set(route.groups) <= set(GROUPS), route.key
        # Who answers for the club is shut out of nothing that others may do.
        assert "owner" in route.groups, route.key
        assert 0 < route.rate_per_s <= route.burst <= min(till.burst for till in ROUTES), route.key
        assert route.key not in SCOPE_OF_ROUTE, "no key of a store opens what staff do"


def test_what_opens_without_a_key_says_why_touches_next_to_nothing_and_is_slow() -> None:
    rooms = {room.name: room for room in ROOMS}
    # The page's link names one member, and is signed; both write what they used themselves, and docs does nothing else.
    touched = {"docs": {"club"}, "page": {"people", "club"}}
    assert len({route.key for route in EVERY_ROUTE}) == len(EVERY_ROUTE)
    for public in PUBLIC_ROUTES:
        assert len(public.reason.split()) > 8, public.key
        assert public.path.startswith("/v1/") == ("{token}" in public.path), public.key
        assert public.key not in SCOPE_OF_ROUTE
        assert set(rooms[public.function].tables) == touched[public.function]
        assert rooms[public.function].reads_peppers == ("{token}" in public.path)
        assert public.burst <= min(route.burst for route in ROUTES), public.key


def test_no_personal_value_can_stand_in_a_path() -> None:
    named = {name for route in EVERY_ROUTE for name in re.findall(r"{(\w+)}", route.path)}
    expected = {"store", "purchase_id", "return_id", "redemption_id", "member_id", "adjustment_id", "token", "coupon"}
    assert named == expected | {"automation_id", "report"}


def test_asking_whose_a_contact_is_needs_a_scope_of_its_own_and_is_the_slowest() -> None:
    lookups = [route for route in ROUTES if route.path.endswith("lookup")]
    assert [route.path for route in lookups] == ["/v1/certificates/lookup", "/v1/members/lookup"]
    for lookup in lookups:
        assert lookup.method == "POST"
        # Who may ask what is on a certificate may print it.
        same = [route.path for route in ROUTES if route.scope == lookup.scope and route.path != lookup.path]
        assert same == (["/v1/certificates/print"] if "certificates" in lookup.path else [])
        assert lookup.rate_per_s == min(route.rate_per_s for route in ROUTES)


def test_whoever_may_read_may_not_write() -> None:
    for route in ROUTES:
        plain = (
            "POST /v1/purchases",
            "POST /v1/members",
            "POST /v1/members/{member_id}/zone",
            "POST /v1/members/{member_id}/devices",
            "POST /v1/members/{member_id}/devices/forget",
            "POST /v1/events",
            "POST /v1/returns",
            "POST /v1/certificates",
        )
        writes = route.key in plain or route.path.startswith("/v1/redemptions")
        assert route.scope.endswith(":write") is (writes or route.path == "/v1/quotes"), route.key
    assert tuple(sorted(set(SCOPE_OF_ROUTE.values()))) == SCOPES
