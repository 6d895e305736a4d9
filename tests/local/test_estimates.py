"""The analyst of the running club: called as its schedule calls it, with numeric libraries that only its own layer has."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from club import aws
from club.__main__ import app
from club.store import tables
from club.up import OpenClub
from infra.stage import stage_named
from shared.actions.take_census import month_before
from shared.store import keys
from shared.store.backend import Drop
from shared.store.months import chapter_of
from shared.store.worths import put_worths, worths_of
from tests.local.test_clock import ZONE
from tests.local.test_rights import ANALYSED, root, without

STAGE = stage_named("local")
ESTIMATES = ("uplift", "expected")


def month() -> str:
    return month_before(datetime.now(ZONE).date())[0]


def forget(*chapters: str) -> None:
    """As if nobody had closed them."""
    tables().write(
        [Drop("club", {"kind": keys.months("live"), "id": keys.chapter_of(month(), one)}) for one in chapters]
    )


def called(club: OpenClub) -> str:
    """As its schedule calls it; what went wrong, if anything did."""
    target: Any = aws.client("scheduler").get_schedule(Name="club-local-estimates")["Target"]
    assert target["Arn"].rpartition(":")[2] == STAGE.function("analyst")
    answer = root("lambda", club).invoke(FunctionName=target["Arn"], Payload=target["Input"].encode())
    return answer["Payload"].read().decode() if "FunctionError" in answer else ""


def closed() -> list[str]:
    found = (chapter_of(tables(), "live", month(), one) for one in ESTIMATES)
    return [one.report.name for one in found if one is not None]


@pytest.fixture(scope="module")
def month_closed(club: OpenClub) -> None:
    forget("kpi", "cost", "liability", "effect", *ESTIMATES)
    assert called(club) == ""
    # Nothing is closed of a month that is not, and nothing has failed: it is asked for again the day after.
    assert closed() == []
    for job in ("census", "month"):
        done = CliRunner().invoke(app, ["job", job])
        assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("month_closed")
def test_the_schedules_own_call_closes_the_estimates_of_the_month_and_a_run_by_hand_shows_them(club: OpenClub) -> None:
    forget(*ESTIMATES)
    assert called(club) == ""
    assert closed() == list(ESTIMATES)
    first = [chapter_of(tables(), "live", month(), one) for one in ESTIMATES]
    by_hand = CliRunner().invoke(app, ["job", "estimates"])
    assert by_hand.exit_code == 0, by_hand.output
    assert "UPLIFT" in by_hand.output
    assert "EXPECTED" in by_hand.output
    assert [chapter_of(tables(), "live", month(), one) for one in ESTIMATES] == first


@pytest.mark.usefixtures("month_closed")
def test_without_its_own_layer_the_analyst_has_no_numeric_libraries(club: OpenClub) -> None:
    forget(*ESTIMATES)
    functions, name = root("lambda", club), STAGE.function("analyst")
    layers = [one["Arn"] for one in functions.get_function_configuration(FunctionName=name)["Layers"]]
    assert len(layers) == 2
    functions.update_function_configuration(FunctionName=name, Layers=layers[:1])
    try:
        assert "numpy" in called(club)
    finally:
        functions.update_function_configuration(FunctionName=name, Layers=layers)
    assert closed() == []
    assert called(club) == ""
    assert closed() == list(ESTIMATES)


@pytest.mark.usefixtures("month_closed")
@pytest.mark.parametrize("right", sorted(ANALYSED), ids=" ".join)
def test_without_one_of_its_rights_the_analyst_fails_and_with_it_closes_the_month(
    club: OpenClub, right: tuple[str, str, str]
) -> None:
    forget(*ESTIMATES)
    # Of an automation that is there no more: what is measured takes its place.
    tables().write([put_worths("live", worths_of(tables(), "live"), {"of-last-year": 5})])
    with without(club, *right):
        assert "AccessDenied" in called(club)
    assert called(club) == ""
    assert closed() == list(ESTIMATES)
    assert "of-last-year" not in worths_of(tables(), "live").by_source
