"""The tables of a stage, as the operator's commands use them: the functions' own store, with the operator's rights."""

from __future__ import annotations

from typing import get_args

from club import aws
from club.console import Trouble
from infra.stage import STAGES, stage_named
from shared.store.backend import TableName
from shared.store.table import Tables

STAGE_HELP = "local, dev or prod; every stage but local is reached with your own AWS credentials."


def tables(stage: str = aws.LOCAL) -> Tables:
    if stage not in STAGES:
        raise Trouble(f"There is no stage {stage!r}; there are {', '.join(STAGES)}.")
    named = stage_named(stage)
    return Tables(aws.dynamodb(stage), {table: named.table(table) for table in get_args(TableName)})
