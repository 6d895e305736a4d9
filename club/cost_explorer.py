"""AWS's bill by service, asked for now with the operator's own keys, or from a file that somebody kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import boto3

from club.console import Trouble
from infra.stage import TAG
from shared.domain.billed import Billed, BillUnreadable, billed_in
from shared.store.cost_explorer import billed


def asked(stage: str, first: date, last: date) -> Billed:
    """Of the resources of a stage, in a month. Raises Trouble."""
    client: Any = boto3.client("ce")
    try:
        return billed(lambda request: client.get_cost_and_usage(**request), TAG, stage, first, last)
    except BillUnreadable as wrong:
        raise Trouble(str(wrong)) from None


def recorded(path: Path, first: date, last: date) -> Billed:
    """From a file: one answer of GetCostAndUsage, or a list of its pages. Raises Trouble."""
    try:
        read = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise Trouble(f"There is no file {path}.") from None
    except (ValueError, OSError) as broken:
        raise Trouble(f"{path} is no JSON: {broken}.") from None
    try:
        return billed_in(read if isinstance(read, list) else [read], first, last)
    except BillUnreadable as wrong:
        raise Trouble(str(wrong)) from None
