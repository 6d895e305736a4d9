"""Faults of a programme file in a sentence, each with its place in the file."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic_core import ErrorDetails


class Fault(NamedTuple):
    """What is wrong with a programme file, and where; line and column count from 1."""

    line: int
    column: int
    sentence: str


# What a reader of the file is told for each kind of fault; `{…}` are the limits that the table gives.
_SENTENCES = {
    "extra_forbidden": "is not a key of the programme",
    "missing": "is missing",
    "int_type": "must be a whole number",
    "decimal_type": "must be a number",
    "is_instance_of": "must be a number",
    "string_type": "must be a text in quotes",
    "bool_type": "must be true or false",
    "date_type": "must be a day such as 2026-12-31, without quotes",
    "date_from_datetime_inexact": "must be a day such as 2026-12-31, without a time",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "tuple_type": "must be a list",
    "literal_error": "must be one of {expected}",
    "finite_number": "must be a number that ends",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "may have at most {max_length} characters",
    "string_too_short": "must not be empty",
    "too_short": "needs at least {min_length}",
    "too_long": "may have at most {max_length}",
}
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,31}$": "must consist of lower case letters, digits and _, and start with a letter",
    r"^[A-Z]{3}$": "must be three capital letters such as USD (ISO 4217)",
    r"^[A-Z]{2}$": "must be two capital letters such as IL (ISO 3166)",
    r"\S": "must not be blank",
}


def sentence(error: ErrorDetails) -> str:
    """The fault in our words, with the path of the key before it."""
    where = ".".join(str(part) for part in error["loc"] if not isinstance(part, int) and part != "[key]")
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        pattern = str(context.get("pattern"))
        told = _PATTERNS.get(
            pattern, "must consist of lower case letters, digits and -, and start with a letter or digit"
        )
    elif error["type"] in _SENTENCES:
        told = _SENTENCES[error["type"]].format(**context)
    else:
        told = error["msg"].removeprefix("Value error, ")
    return f"{where} {told}" if where else told


def toml_fault(text: str, message: str) -> Fault:
    """What the TOML reader says, with its place taken out of the sentence; without one it is the end of the file."""
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    last = text.split("\n")
    line, column = (int(found[1]), int(found[2])) if found else (len(last), len(last[-1]) + 1)
    return Fault(line, column, message.split(" (at ")[0])


def place(text: str, loc: tuple[str | int, ...], within: tuple[int, int] | None = None) -> tuple[int, int]:
    """Line and column of a key in the file, or of its table's header when the key is not on a line of its own.

    `within` is a place inside the value's text, for conditions.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    table, rest = (str(loc[0]), list(loc[1:])) if loc else ("", [])
    nth = int(rest.pop(0)) if rest and isinstance(rest[0], int) else 0
    inner = _inner(lines, table, nth, [str(one) for one in rest])
    if inner is not None:
        return inner
    header = _header(table)
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    if not table or len(starts) <= nth:
        return 1, 1
    key = re.compile(rf"\s*({re.escape(str(rest[0]))})\s*=\s*(\"\"\"|'''|\"|')?(.*)") if rest else None
    for number in range(starts[nth] + 1, len(lines)):
        if lines[number].lstrip().startswith("["):
            break
        found = key and key.match(lines[number])
        if found:
            return _inside(found, number + 1, within)
    return starts[nth] + 1, 1


def _header(table: str) -> re.Pattern[str]:
    return re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?\s*(#.*)?$")


def _inner(lines: list[str], table: str, nth: int, rest: list[str]) -> tuple[int, int] | None:
    """The place of a key in a table within a table that has a header of its own, such as `[points.payment]`; None without one."""
    if not rest:
        return None
    outer, header = _header(table), _header(f"{table}.{rest[0]}")
    tables_begun = 0
    for number, line in enumerate(lines):
        tables_begun += outer.match(line) is not None
        if header.match(line) and max(tables_begun, 1) == nth + 1:
            for below, key in enumerate(lines[number + 1 :], number + 2):
                if key.lstrip().startswith("["):
                    break
                if len(rest) > 1 and re.match(rf"\s*{re.escape(rest[1])}\s*=", key):
                    return below, len(key) - len(key.lstrip()) + 1
            return number + 1, 1
    return None


def _inside(found: re.Match[str], line: int, within: tuple[int, int] | None) -> tuple[int, int]:
    if within is None:
        return line, found.start(1) + 1
    if found[2] in ('"""', "'''") and not found[3]:
        # TOML drops the line break after the opening quotes: the text begins on the next line.
        return line + within[0], within[1]
    return (line, found.start(3) + within[1]) if within[0] == 1 else (line + within[0] - 1, within[1])
