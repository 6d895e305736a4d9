"""What a stream of the ledger brings: rows as they were written, each with its place in the stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.domain.ledger import Row
from shared.store.table import row_in

_BROKEN = (ValueError, LookupError, TypeError, AttributeError)


class Record(NamedTuple):
    """One row that was written, or written anew in place of what waited at its key. `row` None: it cannot be read."""

    place: str
    key: str
    row: Row | None


def records_of(event: Mapping[str, Any]) -> list[Record]:
    """The records of an event, in their sequence. A row that was taken away brings nothing: no posting ever is."""
    return [_record(one) for one in event["Records"] if one.get("eventName") != "REMOVE"]


def _record(told: Mapping[str, Any]) -> Record:
    change = told.get("dynamodb") or {}
    place = str(change.get("SequenceNumber") or told.get("eventID") or "")
    try:
        row = row_in(change["NewImage"])
        if isinstance(row["k"], str):
            return Record(place, row["k"], row)
    except _BROKEN:
        pass
    return Record(place, _key(change), None)


def _key(change: Mapping[str, Any]) -> str:
    try:
        return str(change["Keys"]["k"]["S"])
    except _BROKEN:
        return ""
