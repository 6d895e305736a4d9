"""The office's own doors: route by group, who asks, and that staff see what a till sees and nothing of test keys."""

from __future__ import annotations

from typing import Any

import pytest

from shared.actions.staff import groups_of
from shared.api.routes import GROUPS, STAFF_ROUTES, StaffRoute
from tests.api.conftest import Doors
from tests.api.gateway import Heard
from tests.documented import operations_of_staff, request_of

SUB = "0b8e6f1a-2f43-4bb1-8f0d-0f2f4d5a6b7c"


def claims(*groups: str) -> dict[str, Any]:
    told = {"sub": SUB, "username": SUB, "token_use": "access"}
    return told | ({"cognito:groups": f"[{' '.join(groups)}]"} if groups else {})


def asked(doors: Doors, route: StaffRoute, member_id: str = "M0000000000000001", **more: Any) -> Heard:
    """A route of staff as the document shows it, of this member."""
    told = next(one for one in operations_of_staff() if one.name == route.operation)
    request = request_of(told)
    path = route.path.format(member_id=member_id, adjustment_id="J-1", automation_id="birthday", report="days")
    body = request.get("json")
    if body is not None and "member_id" in body:
        body = body | {"member_id": member_id}
    return doors.ask(route.method, path, body, **({"query": request["params"]} | more))


ROUTES = pytest.mark.parametrize("route", STAFF_ROUTES, ids=lambda route: route.operation)


@ROUTES
@pytest.mark.parametrize("group", GROUPS)
def test_a_route_opens_for_its_groups_and_for_no_other(doors: Doors, route: StaffRoute, group: str) -> None:
    member_id = doors.join()
    rows = doors.rows()
    answer = asked(doors, route, member_id, claims=claims(group))
    if group not in route.groups:
        assert (answer.status, answer.code, answer.json["allowed"]) == (403, "group_not_allowed", list(route.groups))
        assert doors.rows() == rows
    elif route.method == "GET":
        assert answer.status == 200, answer.text
        assert doors.rows() == rows
    else:
        assert answer.status in (200, 201, 202, 404, 422), answer.text


@ROUTES
@pytest.mark.parametrize("groups", [(), ("clerks",), ("CLERK",), ("clerk,manager",), ("admin", "till")])
def test_who_is_in_none_of_the_groups_is_told_which_may(
    doors: Doors, route: StaffRoute, groups: tuple[str, ...]
) -> None:
    answer = asked(doors, route, claims=claims(*groups))
    assert (answer.status, answer.code) == (403, "group_not_allowed")
    assert answer.json["allowed"] == list(route.groups)


def test_one_fitting_group_among_several_is_enough(doors: Doors) -> None:
    answer = doors.ask("GET", "/v1/staff/me", claims=claims("visitors", "finance"))
    assert (answer.status, answer.json["groups"]) == (200, ["finance", "visitors"])


def test_somebody_hears_who_they_are_by_the_pools_id_and_what_they_may(doors: Doors) -> None:
    answer = doors.ask("GET", "/v1/staff/me", claims=claims("manager", "clerk"))
    assert answer.json == {
        "actor": SUB,
        "groups": ["clerk", "manager"],
        "operations": [route.operation for route in STAFF_ROUTES if {"clerk", "manager"} & set(route.groups)],
    }


def test_staff_see_what_a_till_sees_of_a_member(doors: Doors) -> None:
    member_id = doors.join()
    for path in (f"members/{member_id}", f"members/{member_id}/statement"):
        assert doors.ask("GET", f"/v1/staff/{path}").text == doors.ask("GET", f"/v1/{path}").text


def test_staff_work_on_the_clubs_own_members_and_not_on_those_of_test_keys(doors: Doors) -> None:
    trying = {"store": "main", "mode": "test", "key": "k2"}
    body = {"name": "Dana", "card": "T-1", "language": "en", "source": "till"}
    tried = doors.ask("POST", "/v1/members", body, headers={"idempotency-key": "t-1"}, caller=trying).json["member_id"]
    for path in (f"/v1/staff/members/{tried}", f"/v1/staff/members/{tried}/statement"):
        answer = doors.ask("GET", path)
        assert (answer.status, answer.code) == (404, "member_unknown")


@ROUTES
def test_what_a_route_of_staff_does_not_know_is_refused(doors: Doors, route: StaffRoute) -> None:
    answer = asked(doors, route, query={"as": "owner"}, claims=claims("owner"))
    assert (answer.status, answer.code, answer.json["field"]) == (422, "invalid", "as")


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("[manager clerk]", ("clerk", "manager")),
        ("[owner]", ("owner",)),
        ("owner", ("owner",)),
        (["manager", "clerk"], ("clerk", "manager")),
        ("[]", ()),
        ("", ()),
        (None, ()),
        ({"owner": True}, ()),
    ],
)
def test_groups_are_read_as_one_text_and_as_a_list(claim: object, groups: tuple[str, ...]) -> None:
    assert groups_of(claim) == groups
