"""The size of a row by DynamoDB's own rule, and the read units that follow: the local AWS counts reads too low."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

UNIT_READ_BYTES = 4096


def row_bytes(row: Mapping[str, Any]) -> int:
    """Names and values in UTF-8; numbers about a byte for two digits, and one. Takes plain values and DynamoDB's typed ones."""
    return sum(bytes_by_attribute(row).values())


def bytes_by_attribute(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: len(name.encode()) + _value_bytes(value) for name, value in row.items()}


def read_units(row: Mapping[str, Any] | None) -> int:
    """What a strong read of this row costs: a unit for each 4 KB begun, and one where nothing stands."""
    return max(1, -(-row_bytes(row or {}) // UNIT_READ_BYTES))


def _value_bytes(value: Any) -> int:
    if isinstance(value, dict) and len(value) == 1 and set(value) <= {"S", "N", "B", "BOOL", "L", "M"}:
        (kind, value), *_ = value.items()
        if kind == "N":
            value = int(value)
        elif kind == "B" and isinstance(value, str):  # As it travels; DynamoDB weighs the bytes themselves.
            value = base64.b64decode(value)
    match value:
        case bool():
            return 1
        case int():
            digits = len(str(abs(value)).strip("0"))
            return (digits + 1) // 2 + 1 + (value < 0)
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case list() | tuple():
            return 3 + sum(1 + _value_bytes(one) for one in value)
        case dict():
            return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in value.items())
    raise TypeError(f"a row does not hold {type(value).__name__}")
