"""How much DynamoDB keeps of each table, as it says so itself: about every six hours, and for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# For each row, and each row of an index, so many bytes are billed besides its own.
ROW_BYTES_BESIDES = 100
# A request to DynamoDB by its name, and the answer.
Ask = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class Stored(NamedTuple):
    """Bytes as they are billed: kept, with the indexes; and restorable to any second, which is billed without them."""

    kept: int
    restorable: int


def stored_of(ask: Ask, name: str) -> Stored:
    """Of a table by its physical name. Raises Refused or Lost."""
    table = ask("DescribeTable", {"TableName": name})["Table"]
    own = _billed(table, "TableSizeBytes")
    indexes = sum(_billed(index, "IndexSizeBytes") for index in table.get("GlobalSecondaryIndexes", ()))
    told = ask("DescribeContinuousBackups", {"TableName": name})["ContinuousBackupsDescription"]
    is_restorable = told.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"
    return Stored(own + indexes, own if is_restorable else 0)


def _billed(told: Mapping[str, Any], size: str) -> int:
    return int(told.get(size, 0)) + ROW_BYTES_BESIDES * int(told.get("ItemCount", 0))
