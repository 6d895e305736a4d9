"""cdk-nag looks at every stack. What it objects to and stays has a reason that a reader can weigh."""

from __future__ import annotations

from typing import Any

from infra.acknowledged import acknowledgements
from infra.api import public_route_ids
from infra.stage import STAGES
from tests.infra.synthesised import Synthesised

REASON_LENGTH_MIN = 20


def test_both_rule_packs_looked_and_nothing_is_left_unanswered(club: Synthesised) -> None:
    reports = {plugin["pluginName"]: plugin for plugin in club.report()["pluginReports"]}
    assert set(reports) == {"AwsSolutions", "Serverless"}
    for plugin in reports.values():
        assert plugin["conclusion"] == "success"
        assert plugin["violations"] == []


def test_every_objection_that_stays_has_a_real_reason(club: Synthesised) -> None:
    kept = _kept(club)
    assert kept
    for objection in kept:
        reason = objection["reason"].strip()
        assert len(reason) >= REASON_LENGTH_MIN, objection["ruleName"]
        assert len(reason.split()) > 3, objection["ruleName"]


def test_no_acknowledgement_outlives_its_objection(club: Synthesised) -> None:
    met = {objection["acknowledgedId"] for objection in _kept(club)}
    assert met == {
        kept.rule
        for kept in acknowledgements(
            club.stage, push={}, traced=False, reads_bill=False, wakes_somebody=False, mfa_required=False
        )
    }


def test_a_route_without_the_gate_is_kept_for_itself_alone() -> None:
    kept = [
        one
        for one in acknowledgements(
            STAGES["prod"], push={}, traced=False, reads_bill=False, wakes_somebody=False, mfa_required=False
        )
        if "APIG4" in one.rule
    ]
    assert [one.at for one in kept] == [f"Api/{name}" for name, _ in public_route_ids()]


def _kept(club: Synthesised) -> list[dict[str, Any]]:
    return [objection for plugin in club.report()["pluginReports"] for objection in plugin["suppressedViolations"]]
