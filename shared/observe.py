"""The one logger: a line of JSON for each request, from an allow-list of fields, so that no personal value can reach a log.

Written by hand because a line of the usual logger is longer than a whole purchase may cost in logs (300 bytes), and because
an allow-list is the point: what is not in `FIELDS` cannot be said.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

FIELDS = frozenset(
    "level route status code ms request cold error where tries version records folded known job part days accounts due "
    "failed messages calls outcome proven broken rows".split()
)
# What the dashboard shows, by its unit. Each is a metric that CloudWatch bills by the hours in which it was told: once a day.
METRICS: Mapping[str, str] = {
    **dict.fromkeys(
        "members members_active members_dormant purchases returns joins dues".split(),
        "Count",
    ),
    **dict.fromkeys(
        "spend_minor returned_minor redeemed_minor offers_minor liability_minor member_cost_minor".split(), "None"
    ),
}


# CloudWatch counts so much for each event besides its text.
EVENT_BYTES = 26
_logged = 0


def logged() -> int:
    """How many bytes went to the log since somebody asked last, as CloudWatch counts them."""
    global _logged
    many, _logged = _logged, 0
    return many


def log(level: str, **fields: Any) -> None:
    """Writes one line. A fault of the log is never a fault of the business (F40)."""
    try:
        line = {key: value for key, value in fields.items() if key in FIELDS and value is not None}
        _write({"level": level, **line})
    except Exception:  # noqa: BLE001  # Nothing that is logged is worth a purchase.
        return


def tell_figures(namespace: str, stage: str, at_ms: int, figures: Mapping[str, int | float]) -> None:
    """One line from which CloudWatch makes the metrics of `METRICS`, no call and no right needed (embedded metric format,
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
    What was not counted is not told. Without a namespace nothing is."""
    told = {name: figures[name] for name in METRICS if name in figures}
    if not namespace or not told:
        return
    metrics = [{"Name": name, "Unit": METRICS[name]} for name in told]
    directive = {"Namespace": namespace, "Dimensions": [["stage"]], "Metrics": metrics}
    try:
        line = {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}, "stage": stage, **told}
        _write(line)
    except Exception:  # noqa: BLE001  # As above.
        return


def _write(line: Mapping[str, Any]) -> None:
    global _logged
    text = json.dumps(line, separators=(",", ":"))
    sys.stdout.write(text + "\n")
    # What JSON writes is ASCII: each sign is a byte.
    _logged += len(text) + EVENT_BYTES
