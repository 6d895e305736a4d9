"""A programme made ready to decide: conditions compiled, numbers as exact fractions, faults told with their place in the file."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from shared.domain.account import Account, AttributeValue
from shared.domain.conditions import Condition, ConditionFaulty, Conditions
from shared.domain.money import ratio
from shared.domain.programme import Earn, Programme, Tier

PROGRAMME_BYTES_MAX = 60_000


class Fault(NamedTuple):
    """What is wrong with a programme file, and where; line and column count from 1."""

    line: int
    column: int
    sentence: str


class ProgrammeFaulty(ValueError):
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.sentence}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning rule, compiled. `number` is its points per step or its factor, as an exact fraction."""

    earn: Earn
    when: Condition
    lines: Condition | None
    number: tuple[int, int]


@dataclass(frozen=True)
class Rulebook:
    """One version of a programme, ready to decide. `version` 0 is a draft that was never published."""

    programme: Programme
    rules: tuple[Rule, ...]
    version: int = 0

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.club.time_zone)

    @cached_property
    def quantum(self) -> int:
        """What all multipliers of a purchase together divide by."""
        factors = [rule.number[1] for rule in self.rules if rule.earn.multiply is not None]
        return math.prod(factors) * math.lcm(*(ratio(tier.multiply)[1] for tier in self.programme.tier))

    @cached_property
    def scale(self) -> int:
        """Every exact number of points under this programme is a whole number of 1/scale: arithmetic never cuts a fraction."""
        steps = [rule.number[1] * (rule.earn.per_minor or 1) for rule in self.rules if rule.earn.multiply is None]
        return math.lcm(*steps) * self.quantum

    @cached_property
    def attribute_defaults(self) -> dict[str, AttributeValue]:
        """What a declared attribute is for a member who has none."""
        empty: dict[str, AttributeValue] = {"int": 0, "string": "", "bool": False}
        return {attribute.id: empty[attribute.type] for attribute in self.programme.attribute}

    def attribute(self, account: Account, name: str) -> AttributeValue:
        return account.attributes.get(name, self.attribute_defaults[name])

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.earn.id == rule_id)

    def tier(self, tier_id: str) -> Tier | None:
        return next((tier for tier in self.programme.tier if tier.id == tier_id), None)


def rulebook(text: str, version: int = 0) -> Rulebook:
    """The compiled programme of a TOML text. Raises ProgrammeFaulty with every fault found."""
    if len(text.encode()) > PROGRAMME_BYTES_MAX:
        raise ProgrammeFaulty([Fault(1, 1, f"the file is larger than {PROGRAMME_BYTES_MAX:,} bytes")])
    try:
        programme = Programme.model_validate(tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as fault:
        raise ProgrammeFaulty([_toml_fault(str(fault))]) from None
    except ValidationError as invalid:
        raise ProgrammeFaulty(
            [Fault(*place(text, error["loc"]), _sentence(error)) for error in invalid.errors()]
        ) from None
    conditions = Conditions({attribute.id: attribute.type for attribute in programme.attribute})
    faults: list[Fault] = []
    rules = []
    for index, earn in enumerate(programme.earn):
        compiled: dict[str, Condition | None] = {}
        readers: tuple[tuple[str, str | None, Callable[[str], Condition]], ...] = (
            ("when", earn.when, conditions.condition),
            ("lines", earn.lines, conditions.line_condition),
        )
        for key, source, reader in readers:
            try:
                compiled[key] = reader(source) if source is not None else None
            except ConditionFaulty as fault:
                line, column = place(text, ("earn", index, key), within=(fault.line, fault.column))
                faults.append(Fault(line, column, f"{key} of rule {earn.id!r}: {fault.sentence}"))
        number = ratio(earn.points if earn.multiply is None else earn.multiply)  # type: ignore[arg-type]
        rules.append(Rule(earn, compiled.get("when") or Condition(()), compiled.get("lines"), number))
    if faults:
        raise ProgrammeFaulty(faults)
    return Rulebook(programme, tuple(rules), version)


def place(text: str, loc: tuple[str | int, ...], within: tuple[int, int] = (1, 1)) -> tuple[int, int]:
    """Line and column of a key in the file: the table's header, or the key's value when it stands on a line of its own.

    `within` is a place inside the value's text, for conditions.
    """
    lines = text.splitlines()
    table, rest = (str(loc[0]), list(loc[1:])) if loc else ("", [])
    nth = rest.pop(0) if rest and isinstance(rest[0], int) else 0
    header = re.compile(rf"\s*\[\[?\s*{re.escape(table)}\s*\]\]?\s*(#.*)?$")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    if not table or len(starts) <= int(nth):
        return 1, 1
    start = starts[int(nth)]
    for number in range(start + 1, len(lines)):
        if lines[number].lstrip().startswith("["):
            break
        found = rest and re.match(rf"\s*{re.escape(str(rest[0]))}(\s*=\s*)(\"\"\"|'''|\"|')?", lines[number])
        if found:
            if within == (1, 1) or within[0] == 1:
                return number + 1, found.end() + within[1] if within != (1, 1) else found.start(1) - len(
                    str(rest[0])
                ) + 1
            return number + within[0], within[1]
    return start + 1, 1


def _sentence(error: object) -> str:
    assert isinstance(error, dict)
    where = ".".join(str(part) for part in error["loc"] if not isinstance(part, int))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return f"{where} is not a key of the programme"
    if error["type"] == "missing":
        return f"{where} is missing"
    return f"{where}: {message}" if where else message


def _toml_fault(message: str) -> Fault:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    return Fault(line, column, message.split(" (at ")[0])
