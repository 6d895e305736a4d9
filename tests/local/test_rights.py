"""Each function may do what it does and no more: a right taken away is missed at once, and what it may not do is refused."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

import boto3
import httpx
import pytest

from club import aws, ministack, staff
from club.up import OpenClub
from infra.rooms import ROOMS
from infra.stage import stage_named
from infra.tables import TABLES
from tests.local.holdings import proven_postings, row_counts
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, line, new_id, person, purchase, yesterday


def root(service: str, club: OpenClub) -> Any:
    """A client of the local AWS with the rights of its root."""
    make = cast(Any, boto3.client)
    return make(service, endpoint_url=club.running.endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)


@contextmanager
def without(club: OpenClub, function: str, action: str, resource: str) -> Iterator[None]:
    """The function's role for a while without one call on one table, or on an index: `ledger/index/by_account`."""
    iam, stage = root("iam", club), stage_named("local")
    role = root("lambda", club).get_function_configuration(FunctionName=stage.function(function))["Role"].split("/")[-1]
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    granted = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = copy.deepcopy(granted)
    table, _, index = resource.partition("/")
    arn = f"table/{stage.table(table)}" + (f"/{index}" if index else "")
    taken = 0
    for statement in less["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        named = statement.get("Resource", [])
        resources = named if isinstance(named, list) else [named]
        if any(one.endswith(arn) for one in resources) and f"dynamodb:{action}" in actions:
            # A statement needs an action: one that opens nothing here stands for none.
            statement["Action"] = [one for one in actions if one != f"dynamodb:{action}"] or ["dynamodb:DescribeLimits"]
            taken += 1
    assert taken == 1, f"{function} has no {action} on {resource} to take away"
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(granted))


def last_error(club: OpenClub, function: str) -> Json:
    """The last line in which a function says that something went wrong."""
    group = f"/aws/lambda/{stage_named('local').function(function)}"
    # Of the last moments: the local CloudWatch gives the oldest 10,000 events, and a session logs more.
    since = int((time.time() - 15) * 1000)
    events = root("logs", club).get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    lines = [event["message"] for page in events for event in page["events"]]
    said: Json = json.loads([text for text in lines if text.startswith('{"level":"error"')][-1])
    return said


class Scene(NamedTuple):
    """Somebody at the counter and somebody at a desk, for whom a right is missed."""

    shop: Storefront
    desk: Storefront
    member_id: str
    card: str


Ask = Callable[[], httpx.Response]


def late(at: Scene) -> Ask:
    """A purchase that happened before another that is there already."""
    told = purchase(member_id=at.member_id)
    assert at.shop.buy(purchase(member_id=at.member_id)).status_code == 201
    return lambda: at.shop.buy(told)


def bring_back(at: Scene, bought: str = "") -> Ask:
    told = {"store": "main", "return_id": new_id("R"), "occurred_at": yesterday()}
    if not bought:
        body = purchase(member_id=at.member_id)
        assert at.shop.buy(body).status_code == 201
        bought = body["purchase_id"]
    return lambda: at.shop.http.post("/v1/returns", json=told | {"purchase_id": bought, "occurred_at": yesterday()})


def bring_back_what_points_paid(at: Scene) -> Ask:
    """A return of a purchase that points paid for."""
    held = {"store": "main", "redemption_id": new_id("RD"), "member_id": at.member_id, "units": 100}
    body = purchase(member_id=at.member_id)
    assert at.shop.http.post("/v1/redemptions", json=held).status_code == 201
    taken = {"purchase_id": body["purchase_id"]}
    assert at.shop.http.post(f"/v1/redemptions/{held['redemption_id']}/capture", json=taken).status_code == 201
    assert at.shop.buy(body).status_code == 201
    return bring_back(at, body["purchase_id"])


def adjusting(at: Scene, units: int) -> Ask:
    told = {"member_id": at.member_id, "units": units, "reason": "The parcel was late"}
    return lambda: at.desk.http.post("/v1/adjustments", json=told | {"adjustment_id": new_id("J")})


def refusing(at: Scene) -> Ask:
    """An adjustment that waits."""
    name = new_id("J")
    told = {"adjustment_id": name, "member_id": at.member_id, "units": 2_000, "reason": "The parcel was late"}
    assert at.desk.http.post("/v1/adjustments", json=told).status_code == 202
    return lambda: at.desk.http.post(f"/v1/adjustments/{name}/refuse", json={})


def stopping(at: Scene) -> Ask:
    """All marketing, and letting it go again: it goes in the end."""
    told = {"reason": "The letter was wrong"}
    assert at.desk.http.post("/v1/marketing", json=told | {"stopped": True}).status_code == 200
    return lambda: at.desk.http.post("/v1/marketing", json=told | {"stopped": False})


def awaited(at: Scene) -> Ask:
    """A purchase for which a return waits."""
    told = purchase(member_id=at.member_id)
    assert bring_back(at, told["purchase_id"])().status_code == 202
    return lambda: at.shop.buy(told)


def certified(at: Scene) -> Ask:
    """A gift certificate, which is found by its code."""
    told = {"store": "main", "certificate_id": new_id("GC"), "amount_minor": 500, "currency": "USD"}
    return lambda: at.shop.http.post("/v1/certificates", json=told)


# What is asked of each function that needs each of its rights, and of no other table; what has to be there before is made first.
NEEDS: dict[tuple[str, str, str], Callable[[Scene], Ask]] = {
    ("purchase", "GetItem", "accounts"): lambda at: lambda: at.shop.buy(purchase(member_id=at.member_id)),
    ("purchase", "PutItem", "accounts"): lambda at: lambda: at.shop.buy(purchase(member_id=at.member_id)),
    ("purchase", "PutItem", "ledger"): lambda at: lambda: at.shop.buy(purchase(member_id=at.member_id)),
    ("purchase", "GetItem", "ledger"): lambda at: lambda: at.shop.bought("A-1"),
    ("purchase", "GetItem", "aliases"): lambda at: lambda: at.shop.buy(purchase(card=at.card)),
    ("purchase", "PutItem", "aliases"): certified,
    ("purchase", "UpdateItem", "limits"): lambda at: lambda: at.shop.quote(purchase(card="NOBODYS-CARD")),
    ("purchase", "Query", "ledger/index/by_account"): late,
    ("purchase", "BatchGetItem", "ledger"): late,
    ("purchase", "GetItem", "limits"): bring_back,
    ("purchase", "PutItem", "limits"): bring_back,
    ("purchase", "BatchGetItem", "limits"): bring_back_what_points_paid,
    ("purchase", "Query", "limits"): lambda at: lambda: at.shop.http.get("/v1/returns?state=parked"),
    ("purchase", "DeleteItem", "limits"): awaited,
    ("purchase", "GetItem", "club"): lambda at: lambda: at.shop.quote(purchase()),
    ("member", "GetItem", "accounts"): lambda at: lambda: at.shop.member(at.member_id),
    ("member", "PutItem", "accounts"): lambda at: lambda: at.shop.join(person()),
    ("member", "PutItem", "ledger"): lambda at: lambda: at.shop.join(person()),
    ("member", "PutItem", "aliases"): lambda at: lambda: at.shop.join(person()),
    ("member", "PutItem", "people"): lambda at: lambda: at.shop.join(person()),
    ("member", "Query", "ledger/index/by_account"): lambda at: lambda: at.shop.statement(at.member_id),
    ("member", "BatchGetItem", "ledger"): lambda at: lambda: at.shop.statement(at.member_id),
    ("member", "GetItem", "aliases"): lambda at: lambda: at.shop.look_up(card=at.card),
    ("member", "GetItem", "limits"): lambda at: lambda: at.shop.http.get(f"/v1/members/{at.member_id}/rewards"),
    ("member", "UpdateItem", "limits"): lambda at: lambda: at.shop.look_up(card=at.card),
    ("member", "DeleteItem", "people"): lambda at: (
        lambda: at.shop.http.post(
            f"/v1/members/{at.member_id}/devices/forget", json={"platform": "fcm", "token": "d7Xk2mQyT0uVn5cPz1aB"}
        )
    ),
    ("member", "Query", "people"): lambda at: (
        lambda: at.shop.http.post(
            f"/v1/members/{at.member_id}/devices", json={"platform": "fcm", "token": "d7Xk2mQyT0uVn5cPz1aB"}
        )
    ),
    ("member", "Query", "post"): lambda at: lambda: at.shop.http.get(f"/v1/members/{at.member_id}/messages"),
    ("member", "GetItem", "club"): lambda at: lambda: at.shop.rules(),
    ("office", "GetItem", "accounts"): lambda at: lambda: at.desk.http.get(f"/v1/staff/members/{at.member_id}"),
    ("office", "Query", "ledger/index/by_account"): lambda at: (
        lambda: at.desk.http.get(f"/v1/staff/members/{at.member_id}/statement")
    ),
    ("office", "BatchGetItem", "ledger"): lambda at: (
        lambda: at.desk.http.get(f"/v1/staff/members/{at.member_id}/statement")
    ),
    ("office", "PutItem", "accounts"): lambda at: adjusting(at, 1),
    ("office", "PutItem", "ledger"): lambda at: adjusting(at, 1),
    ("office", "GetItem", "limits"): lambda at: adjusting(at, 1),
    ("office", "PutItem", "limits"): lambda at: adjusting(at, 1),
    ("office", "GetItem", "ledger"): lambda at: lambda: at.desk.http.post("/v1/adjustments/J-NONE/refuse", json={}),
    ("office", "Query", "limits"): lambda at: lambda: at.desk.http.get("/v1/adjustments"),
    ("office", "DeleteItem", "limits"): lambda at: refusing(at),
    ("office", "Query", "post"): lambda at: lambda: at.desk.http.get(f"/v1/staff/members/{at.member_id}/messages"),
    ("office", "Scan", "accounts"): lambda at: lambda: at.desk.http.get("/v1/reports/dormant"),
    ("office", "GetItem", "post"): lambda at: lambda: at.desk.http.get("/v1/marketing"),
    ("office", "Query", "club"): lambda at: lambda: at.desk.http.get("/v1/automations"),
    ("office", "PutItem", "post"): stopping,
    ("office", "GetItem", "club"): lambda at: lambda: at.desk.http.get(f"/v1/staff/members/{at.member_id}"),
}
# Asked for in moments that cannot be called up over HTTP; tests of the actions count these calls.
MOMENTS = {
    ("purchase", "BatchGetItem", "aliases"): "while a pepper is rotated",
    ("member", "BatchGetItem", "aliases"): "while a pepper is rotated",
    ("member", "BatchGetItem", "limits"): "while a member has coupons, which the clock gives",
    ("notices", "BatchGetItem", "aliases"): "while a pepper is rotated",
    ("member", "GetItem", "ledger"): "while the index is behind, and after a joining that nobody answered",
}
# Of a function that nobody calls: `test_tallies.py` takes each of them away while the stream goes on.
FOLLOWED = {("relay", action, "club") for action in ("GetItem", "Query", "PutItem", "UpdateItem")}
# Of the scheduler, whom nobody calls either: `test_clock.py` takes each of these away.
CLOCKED = {
    ("scheduler", action, table)
    for table, actions in {
        "accounts": ("GetItem", "PutItem", "Scan"),
        "ledger": ("PutItem",),
        "post": ("GetItem",),
        "club": ("GetItem", "PutItem"),
    }.items()
    for action in actions
}
# And these it needs in moments: an answer that got lost, a budget, an automation that asks what was bought, the nightly proof of
# what came back, tallies that a recount made silent, a playbook that switches an automation (`test_playbooks.py` of the laws).
CLOCKED_MOMENTS = {
    ("scheduler", "DeleteItem", "club"),
    ("scheduler", "GetItem", "ledger"),
    ("scheduler", "BatchGetItem", "ledger"),
    ("scheduler", "Query", "ledger/index/by_account"),
    ("scheduler", "BatchGetItem", "limits"),
    ("scheduler", "GetItem", "limits"),
    ("scheduler", "PutItem", "limits"),
    ("scheduler", "PutItem", "post"),
    # A day is closed whether or not its tables could be weighed.
    *(
        ("scheduler", action, table.name)
        for action in ("DescribeContinuousBackups", "DescribeTable")
        for table in TABLES
    ),
}
# Of who fits models, whom the clock calls: `test_estimates.py` takes each of these away.
ANALYSED = {
    *(("analyst", action, "club") for action in ("GetItem", "Query", "PutItem")),
    *(("analyst", action, "post") for action in ("GetItem", "PutItem")),
}
# Of the page behind a message's link, and of who is told what became of mail: `test_post_wires.py` takes these away.
PAGED = {("page", "Query", "people"), ("page", "PutItem", "people"), ("page", "GetItem", "club")}
NOTICED = {
    ("notices", "GetItem", "aliases"),
    *(("notices", action, "post") for action in ("GetItem", "PutItem", "Query", "UpdateItem")),
}
# Of what waited and goes on its way, and of who delivers: `test_post.py` takes these away.
WOKEN = {("scheduler", "Query", "post"), ("scheduler", "DeleteItem", "post"), ("scheduler", "Query", "club")}
DELIVERED = {
    *(("notify", action, "post") for action in ("BatchGetItem", "PutItem", "Query", "UpdateItem")),
    ("notify", "Query", "people"),
    ("notify", "GetItem", "accounts"),
    ("notify", "GetItem", "club"),
}
# Whether marketing is stopped is read every 15 s at most.
DELIVERED_MOMENTS = {("notify", "GetItem", "post")}
# What each used is told now and then; what could not be told is told with what comes next, and nothing else fails.
TELLING = {
    (room, "PutItem", "club")
    for room in ("purchase", "member", "office", "gate", "outbox", "notify", "notices", "page", "docs")
}
LAW_IS_KEPT_S = 2.1


def test_every_right_of_every_function_is_asked_for() -> None:
    granted = {
        (room.name, action, grant.table + (f"/index/{grant.on_index}" if grant.on_index else ""))
        for room in ROOMS
        for grant in room.grants
        for action in grant.actions
    }
    assert granted - {("gate", "GetItem", "club")} == {
        *NEEDS,
        *MOMENTS,
        *FOLLOWED,
        *CLOCKED,
        *CLOCKED_MOMENTS,
        *PAGED,
        *WOKEN,
        *DELIVERED,
        *DELIVERED_MOMENTS,
        *TELLING,
        *NOTICED,
        *ANALYSED,
    }


@pytest.fixture(scope="module")
def at(club: OpenClub, main: Storefront) -> Iterator[Scene]:
    card = new_id("CARD")
    with Storefront(club.url, staff.token(staff.demo_email("owner"))) as desk:
        scene = Scene(main, desk, main.new_member(card=card), card)
        # Long enough ago that points can be used.
        ago = (datetime.now(UTC) - timedelta(days=30)).isoformat(timespec="seconds")
        bought = purchase(line(400_000), member_id=scene.member_id, occurred_at=ago)
        for body in (bought, purchase(member_id=scene.member_id)):
            assert main.buy(body).status_code == 201
        yield scene


@pytest.mark.parametrize("right", NEEDS, ids=" ".join)
def test_a_right_taken_away_is_missed_as_a_whole_and_given_back_it_serves_again(
    club: OpenClub, at: Scene, right: tuple[str, str, str]
) -> None:
    ask = NEEDS[right](at)
    before = row_counts()
    with without(club, *right):
        if right[2] == "club":
            time.sleep(LAW_IS_KEPT_S)
        answer = ask()
        told = problem(answer, 500, "internal")
    logged = last_error(club, right[0])
    assert (logged["request"], logged["error"]) == (told["request_id"], "AccessDeniedException")
    assert set(told) == {"type", "title", "status", "code", "request_id"}
    assert row_counts() == before
    assert ask().status_code in (200, 201, 202, 404)


def test_a_purchase_refused_for_want_of_a_right_is_made_later_as_if_for_the_first_time(
    club: OpenClub, main: Storefront
) -> None:
    member_id = main.new_member()
    body = purchase(member_id=member_id)
    for table in ("ledger", "accounts"):
        with without(club, "purchase", "PutItem", table):
            problem(main.buy(body), 500, "internal")
    made = main.buy(body)
    assert (made.status_code, made.headers.get("Idempotency-Replayed")) == (201, None)
    assert made.json()["entry"]["sequence"] == 2
    assert len(proven_postings(member_id)) == 2


def test_without_its_right_the_gate_lets_nobody_in(club: OpenClub, main: Storefront) -> None:
    key_never_used_here = main.http.headers["Authorization"]
    before = row_counts()
    with without(club, "gate", "GetItem", "club"), Storefront(club.url, None) as stranger:
        # Not the very same text: what the gateway remembers of a genuine key is its own affair.
        stranger.http.headers["Authorization"] = key_never_used_here[:-4] + "0000"
        answer = stranger.buy(purchase())
    assert answer.status_code in (401, 403, 500)
    assert list(answer.json()) == ["message"]
    assert row_counts() == before
