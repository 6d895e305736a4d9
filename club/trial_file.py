"""A trial as a CSV file or a workbook, read as the import reads one: which column is the arm, which are outcomes, and what was
known before; guessed where nobody says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from club.console import Trouble
from club.imports.tables import opened
from shared.statistics.effects import Numbers
from shared.statistics.trials import Trial

ROWS_MAX = 5_000_000
ARMS_MAX = 20
_ARM_NAMES = ("arm", "group", "variant", "treatment", "segment", "cell", "test_group", "assignment", "קבוצה", "گروه")
_CONTROL_NAMES = (
    "control", "held_out", "holdout", "none", "0", "no", "false", "no e-mail", "no mail", "placebo",
    "ביקורת", "קבוצת ביקורת", "کنترل", "گواه", "شاهد",
)  # fmt: skip


class Asked(NamedTuple):
    """What was typed; empty where it is to be guessed. `shares`: the split that was meant, by arm. `is_plain`: what
    was known before is looked at, and not taken into account."""

    arm: str = ""
    control: str = ""
    outcomes: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    shares: Mapping[str, float] = {}
    is_random: bool = True
    is_plain: bool = False


class Read(NamedTuple):
    trial: Trial
    control: str
    arm_column: str
    guessed: tuple[str, ...]


def read_trial(path: Path, asked: Asked, encoding: str = "") -> Read:
    """Raises Trouble."""
    sheet = opened(path, encoding)
    columns: list[list[str]] = [[] for _ in sheet.header]
    lines: list[int] = []
    for row in sheet.rows:
        if row.why:
            raise Trouble(f"{path}, line {row.number}: it {row.why}.")
        if len(lines) == ROWS_MAX:
            raise Trouble(f"{path} has more than {ROWS_MAX:,} rows.")
        lines.append(row.number)
        for column, cell in zip(columns, row.cells, strict=True):
            column.append(cell)
    if not lines:
        raise Trouble(f"{path} has a heading and no rows.")
    return _trial(path, dict(zip(sheet.header, columns, strict=True)), lines, asked)


def _trial(path: Path, table: Mapping[str, Sequence[str]], lines: Sequence[int], asked: Asked) -> Read:
    guessed = []
    for name in (asked.arm, *asked.outcomes, *asked.past):
        if name and name not in table:
            raise Trouble(f"{path} has no column {name!r}; it has {', '.join(table)}.")
    arm = asked.arm or _arm_of(path, table)
    if not asked.arm:
        guessed.append(f"the arm is in column {arm}")
    arms = np.array(table[arm])
    found = [str(one) for one in np.unique(arms)]
    if not 2 <= len(found) <= ARMS_MAX:
        raise Trouble(
            f"Column {arm} names {len(found)} arms; a trial has 2 to {ARMS_MAX}. Name another column with --arm."
        )
    control = asked.control or next((one for one in found if one.casefold() in _CONTROL_NAMES), "")
    if control not in found:
        raise Trouble(f"Which arm is the control? Say --control with one of: {', '.join(found)}.")
    if not asked.control:
        guessed.append(f"the control is {control}")
    places = list(table)
    numeric = [name for name in table if name != arm and _is_numeric(table[name])]
    outcomes = asked.outcomes or tuple(name for name in numeric if places.index(name) > places.index(arm))
    if not outcomes:
        raise Trouble("Which columns are outcomes? Say --outcomes with their names and commas between.")
    before = tuple(name for name in numeric if places.index(name) < places.index(arm) and not _is_id(table[name]))
    past = asked.past or tuple(name for name in before if name not in outcomes)
    if not asked.outcomes:
        guessed.append(f"outcomes are {', '.join(outcomes)}")
    if not asked.past and past:
        guessed.append(f"known before the trial are {', '.join(past)}")
    if set(asked.shares) - set(found) or (asked.shares and set(found) - set(asked.shares)):
        raise Trouble(f"--split has to name each arm once: {', '.join(found)}.")
    told = {name: _numbers(path, name, table[name], lines) for name in outcomes}
    known = [_numbers(path, name, table[name], lines) for name in past]
    varying = [place for place, values in enumerate(known) if values.std() > 0]
    stacked = np.column_stack([known[place] for place in varying]) if varying else np.empty((len(arms), 0))
    names = tuple(past[place] for place in varying)
    return Read(
        Trial(arms, told, stacked, names, asked.shares, asked.is_random, asked.is_plain), control, arm, tuple(guessed)
    )


def _arm_of(path: Path, table: Mapping[str, Sequence[str]]) -> str:
    named = [name for name in table if name.casefold() in _ARM_NAMES]
    fitting = named or [
        name for name in table if not _is_numeric(table[name]) and 2 <= len(set(table[name])) <= ARMS_MAX
    ]
    if len(fitting) != 1:
        raise Trouble(f"Which column of {path} is the arm? Say --arm with one of: {', '.join(fitting or table)}.")
    return fitting[0]


def _is_numeric(cells: Sequence[str]) -> bool:
    try:
        np.array(cells, dtype=float)
    except ValueError:
        return False
    return True


def _is_id(cells: Sequence[str]) -> bool:
    """Whole numbers, each but once: they name the unit and say nothing of it."""
    return len(set(cells)) == len(cells) and all(cell.isdecimal() for cell in cells)


def _numbers(path: Path, name: str, cells: Sequence[str], lines: Sequence[int]) -> Numbers:
    try:
        values = np.array(cells, dtype=float)
    except ValueError:
        number, cell = next((at, cell) for at, cell in zip(lines, cells, strict=True) if not _is_numeric([cell]))
        raise Trouble(f"{path}, line {number}: {name} is {cell!r}, which is no number.") from None
    if not np.isfinite(values).all():
        raise Trouble(f"{path}: {name} has a value that is no number or has no end.")
    return values
