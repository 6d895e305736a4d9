"""Each function may do what it does and no more: a right taken away is missed at once, and what it may not do is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import boto3
import pytest

from club import aws, ministack
from club.up import OpenClub
from infra.stage import stage_named
from tests.local.holdings import row_counts
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, new_id, person, purchase


def root(service: str, club: OpenClub) -> Any:
    """A client of the local AWS with the rights of its root."""
    make = cast(Any, boto3.client)
    return make(service, endpoint_url=club.running.endpoint, region_name=ministack.REGION, **aws.LOCAL_KEYS)


@contextmanager
def without(club: OpenClub, function: str, action: str, table: str) -> Iterator[None]:
    """The function's role for a while without one call on one table."""
    iam, stage = root("iam", club), stage_named("local")
    role = root("lambda", club).get_function_configuration(FunctionName=stage.function(function))["Role"].split("/")[-1]
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    granted = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = copy.deepcopy(granted)
    taken = 0
    for statement in less["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if statement["Resource"].endswith(f"table/{stage.table(table)}") and action in actions:
            statement["Action"] = [one for one in actions if one != action] or ["dynamodb:DescribeLimits"]
            taken += 1
    assert taken == 1, f"{function} has no {action} on {table} to take away"
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(granted))


def last_error(club: OpenClub, function: str) -> Json:
    """The last line in which a function says that something went wrong."""
    group = f"/aws/lambda/{stage_named('local').function(function)}"
    events = root("logs", club).get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [event["message"] for page in events for event in page["events"]]
    said: Json = json.loads([text for text in lines if text.startswith('{"level":"error"')][-1])
    return said


@pytest.mark.parametrize(
    ("action", "table"),
    [
        ("dynamodb:PutItem", "ledger"),
        ("dynamodb:PutItem", "accounts"),
        ("dynamodb:GetItem", "accounts"),
    ],
)
def test_without_a_right_a_purchase_fails_as_a_whole_and_with_it_again_it_goes_through(
    club: OpenClub, main: Storefront, action: str, table: str
) -> None:
    member_id = main.new_member()
    main.buy(purchase(member_id=member_id))
    body, before = purchase(member_id=member_id), row_counts()
    balance = main.member(member_id).content
    with without(club, "purchase", action, table):
        told = problem(main.buy(body), 500, "internal")
    assert last_error(club, "purchase")["request"] == told["request_id"]
    assert last_error(club, "purchase")["error"] in ("ClientError", "AccessDeniedException")
    assert not {"AccessDenied", action, stage_named("local").table(table), member_id} & set(json.dumps(told).split('"'))
    assert (row_counts(), main.member(member_id).content) == (before, balance)
    again = main.buy(body)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, None)
    assert again.json()["entry"]["sequence"] == 3


@pytest.mark.parametrize("table", ["people", "aliases", "accounts", "ledger"])
def test_without_a_right_nobody_joins_by_halves(club: OpenClub, main: Storefront, table: str) -> None:
    body, key, before = person(), new_id("join"), row_counts()
    with without(club, "member", "dynamodb:PutItem", table):
        problem(main.join(body, key), 500, "internal")
    assert row_counts() == before
    assert main.join(body, key).status_code == 201


def test_without_its_right_the_gate_lets_nobody_in(club: OpenClub, main: Storefront) -> None:
    key_never_used_here = main.http.headers["Authorization"]
    before = row_counts()
    with without(club, "gate", "dynamodb:GetItem", "club"), Storefront(club.url, None) as stranger:
        # Not the very same text: what the gateway remembers of a genuine key is its own affair.
        stranger.http.headers["Authorization"] = key_never_used_here[:-4] + "0000"
        answer = stranger.buy(purchase())
    assert answer.status_code in (401, 403, 500)
    assert list(answer.json()) == ["message"]
    assert row_counts() == before


def test_a_till_may_not_read_who_a_member_is(club: OpenClub, main: Storefront) -> None:
    iam, stage = root("iam", club), stage_named("local")
    role = (
        root("lambda", club).get_function_configuration(FunctionName=stage.function("purchase"))["Role"].split("/")[-1]
    )
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    granted = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
    assert stage.table("people") not in granted
    assert "*" not in granted.replace(f"/aws/lambda/{stage.function('purchase')}:*", "")
