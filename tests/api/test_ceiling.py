"""What a channel cost is told to whoever is woken: once for the messages of one call, by a code that the alarm looks for."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from infra.alarms import TOLD
from shared.actions.deliver import Delivered
from shared.domain.messages import report_intent
from tests.api.gateway import Context


@pytest.mark.usefixtures("doors")
@pytest.mark.parametrize(
    ("ends", "rung"),
    [
        ([Delivered("PENDING", "cost_ceiling"), Delivered("EXPIRED", "cost_ceiling")], ["ceiling_reached"]),
        ([Delivered("PENDING", "MessageRejected", paused=True), Delivered("PENDING", "cost_ceiling")],
         ["ceiling_reached", "sending_paused"]),
        ([Delivered("SENT", "allowed"), Delivered("PENDING", "quiet_hours")], []),
    ],
)  # fmt: skip
def test_a_channel_that_may_cost_no_more_rings_once_for_all_its_messages(
    ends: list[Delivered], rung: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from functions.notify import handler as notify

    left: list[Any] = list(ends)
    monkeypatch.setattr(notify, "deliver", lambda *_: left.pop(0))
    monkeypatch.setattr(notify, "_post", lambda _: None)
    monkeypatch.setattr(notify.opening, "club", lambda: None)
    intent = report_intent("months#2026-10", "2026-10", 1_795_000_000_000, date(2026, 11, 18))
    records = [{"messageId": str(number), "body": intent.text} for number in range(len(ends))]
    assert notify.handler({"Records": records}, Context(30.0)) == {"batchItemFailures": []}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    errors = [line["code"] for line in lines if line["level"] == "error"]
    assert errors == rung
    assert set(errors) <= {code for told in TOLD if told.room == "notify" for code in told.codes}
