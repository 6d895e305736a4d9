"""The clock of the running club: the schedule's own message, through the queue, to the deployed scheduler and into the ledger."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from club import aws
from club.store import tables
from club.up import PROGRAMME, OpenClub
from functions.scheduler.timetable import BY_NAME
from infra.stage import stage_named
from infra.tables import TABLES
from shared.domain.census_parts import counted
from shared.domain.ledger import unpacked
from shared.domain.rulebook import rulebook
from shared.store import keys
from shared.store.backend import Drop
from shared.store.census_parts import parts_in
from shared.store.kpi import closed_on
from shared.store.runs import last_day
from shared.store.usage import used_in
from tests.local.holdings import all_rows, proven_postings
from tests.local.test_rights import CLOCKED, root, without
from tests.local.test_tallies import becomes
from tests.storefront import Json, Storefront, person, purchase

STAGE = stage_named("local")
ZONE = rulebook(PROGRAMME.read_text("utf-8"), 1).zone


def today() -> date:
    return datetime.now(ZONE).date()


def celebrating(main: Storefront, count: int) -> list[str]:
    """New members whose birthday is today."""
    birthday = {"calendar": "gregorian", "month": today().month, "day": today().day}
    joined = [main.join(person() | {"birthday": birthday}) for _ in range(count)]
    return [str(one.json()["member_id"]) for one in joined]


def gifts(members: list[str]) -> dict[str, list[tuple[str, int]]]:
    """Of each member, how often the birthday was due and what it gave: of the joining other automations are asked meanwhile."""
    found = {}
    for member in members:
        told = [unpacked(row["au"]) for row in proven_postings(member) if row["c"] == "due"]
        found[member] = [(name, units) for name, _, _, _, units in told if name == "birthday"]
    return found


def as_if_never_run() -> None:
    tables().write([Drop("club", {"kind": keys.JOB, "id": "sweep"})])


def invoked(club: OpenClub, *bodies: Json) -> list[str]:
    """Hands the deployed scheduler messages as its queue does; the ids of those that failed."""
    records = [{"messageId": str(at), "body": json.dumps(body)} for at, body in enumerate(bodies)]
    answer = root("lambda", club).invoke(
        FunctionName=STAGE.function("scheduler"), Payload=json.dumps({"Records": records}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    return [one["itemIdentifier"] for one in json.loads(answer["Payload"].read())["batchItemFailures"]]


def part(number: int = 0, parts: int = 1) -> Json:
    return {"job": "sweep", "days": [today().isoformat()], "part": number, "parts": parts}


def test_the_schedules_own_message_gives_every_member_the_birthday_gift_once(club: OpenClub, main: Storefront) -> None:
    members = celebrating(main, 12)
    as_if_never_run()
    schedule: Any = aws.client("scheduler").get_schedule(Name=f"club-local-{BY_NAME['sweep'].job}")
    queue = aws.client("sqs").get_queue_url(QueueName=schedule["Target"]["Arn"].rpartition(":")[2])["QueueUrl"]
    for _ in range(2):
        aws.client("sqs").send_message(QueueUrl=queue, MessageBody=schedule["Target"]["Input"])
    becomes(lambda: sum(1 for told in gifts(members).values() if told), lambda: len(members))
    told = gifts(members)
    assert {len(one) for one in told.values()} == {1}
    assert {one for (one,) in told.values()} <= {("birthday", 100), ("birthday", 0)}
    assert ("birthday", 100) in {one for (one,) in told.values()}
    assert last_day(tables(), "sweep") == today()


def test_parts_that_are_handed_over_three_times_and_two_at_once_give_one_gift(club: OpenClub, main: Storefront) -> None:
    members = celebrating(main, 6)
    with ThreadPoolExecutor(2) as clocks:
        failed = list(clocks.map(lambda number: invoked(club, part(number % 2, 2)), range(6)))
    assert failed == [[]] * 6
    assert {len(one) for one in gifts(members).values()} == {1}


def test_a_message_that_is_none_fails_alone(club: OpenClub, main: Storefront) -> None:
    members = celebrating(main, 1)
    assert invoked(club, {"job": "none"}, {"days": []}, part(), part() | {"days": ["soon"]}) == ["0", "1", "3"]
    assert {len(one) for one in gifts(members).values()} == {1}


def test_the_night_proves_the_members_and_closes_the_day_before(club: OpenClub, main: Storefront) -> None:
    celebrating(main, 2)
    yesterday = today() - timedelta(days=1)
    for row in (
        {"kind": keys.JOB, "id": "kpi"},
        {"kind": keys.closed_days("live", yesterday), "id": yesterday.isoformat()},
    ):
        tables().write([Drop("club", row)])
    assert invoked(club, part(), part() | {"job": "verify"}) == []
    with without(club, "scheduler", "Query", "club"):
        assert invoked(club, {"job": "kpi"}) == ["0"]
    assert closed_on(tables(), "live", yesterday) is None
    assert invoked(club, {"job": "kpi"}) == []
    closed = closed_on(tables(), "live", yesterday)
    assert closed is not None
    assert closed.members is not None
    assert last_day(tables(), "kpi") == yesterday
    # The local AWS says how large each table is, which the scheduler may ask of all seven.
    assert {f"stored.{table.name}" for table in TABLES} <= used_in(tables(), yesterday).keys()


def test_a_month_is_counted_part_by_part_and_every_member_is_in_it(club: OpenClub, main: Storefront) -> None:
    members = celebrating(main, 2)
    for member in members:
        assert main.buy(purchase(member_id=member)).status_code == 201
    # As the clock does it in the month to come, of the one that is not over.
    after = (today().replace(day=1) + timedelta(days=32)).replace(day=3)
    last = after.replace(day=1) - timedelta(days=1)
    before = len({str(row["a"]["S"]) for row in all_rows("accounts") if row["a"]["S"].startswith("M")})
    parts = [{"job": "census", "days": [after.isoformat()], "part": number, "parts": 8} for number in range(8)]
    with without(club, "scheduler", "PutItem", "club"):
        assert invoked(club, parts[0]) == ["0"]
    assert parts_in(tables(), "live", f"{last:%Y-%m}", 8).missing == list(range(8))
    for one in (*parts, parts[0]):
        assert invoked(club, one) == []
    stored = parts_in(tables(), "live", f"{last:%Y-%m}", 8)
    assert stored.missing == []
    told = counted(stored)
    assert 2 <= told.figure("buyers") <= told.figure("members") <= before
    assert sum(cell.members for cell in told.scored["12m"].cells.values()) == told.spreads["12m"].many >= 2


@pytest.mark.parametrize("right", sorted(CLOCKED), ids=" ".join)
def test_without_one_of_its_rights_the_scheduler_gives_nothing_and_with_it_what_is_due(
    club: OpenClub, main: Storefront, right: tuple[str, str, str]
) -> None:
    members = celebrating(main, 3)
    as_if_never_run()
    begin = {"job": "sweep"}
    body = begin if right[1:] in {("PutItem", "club"), ("GetItem", "club")} else part()
    with without(club, *right):
        assert invoked(club, body) == ["0"]
    assert invoked(club, part()) == []
    assert {len(one) for one in gifts(members).values()} == {1}
