"""A programme made ready to decide: conditions compiled, numbers as exact fractions, faults told with their place in the file."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.domain.account import Account, AttributeValue
from shared.domain.conditions import Condition, ConditionFaulty, Conditions
from shared.domain.contacts import is_phone_region
from shared.domain.faults import Fault, place, sentence, toml_fault
from shared.domain.money import ratio
from shared.domain.programme import Earn, Programme, Tier

# `member.tier == 'gold'` and `member.tier in ['silver', 'gold']`: a tier that is not there would never be met.
_TIER_ASKED = re.compile(r"member\.tier\s*(?:==|!=|in)\s*(\[[^\]]*\]|'[^']*'|\"[^\"]*\")")
_QUOTED = re.compile(r"['\"]([^'\"]*)['\"]")

# The denominator of exact points under all factors at once: a purchase's reasons have to stay small (L21).
FACTORS_FINENESS_MAX = 10**24
PROGRAMME_BYTES_MAX = 60_000


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
    def scale(self) -> int:
        """Every exact number of points under this programme is a whole number of 1/scale: arithmetic never cuts a fraction.

        All steps divide it, and beyond them every factor that may be applied, one after the other.
        """
        steps = [rule.number[1] * (rule.earn.per_minor or 1) for rule in self.rules if rule.earn.multiply is None]
        factors = [rule.number[1] for rule in self.rules if rule.earn.multiply is not None]
        tiers = [ratio(tier.multiply)[1] for tier in self.programme.tier]
        return math.lcm(*steps) * math.prod(factors) * math.lcm(*tiers)

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
    """The compiled programme of a TOML text. Raises ProgrammeFaulty with every fault found, in the order of the file."""
    programme = _read(text)
    # What is published was checked before: a function that starts does not pay for it again.
    faults = [] if version else [*_contradictions(text, programme)]
    conditions = Conditions({attribute.id: attribute.type for attribute in programme.attribute})
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
        raise ProgrammeFaulty(sorted(faults))
    return Rulebook(programme, tuple(rules), version)


def _read(text: str) -> Programme:
    if len(text.encode()) > PROGRAMME_BYTES_MAX:
        raise ProgrammeFaulty([Fault(1, 1, f"the file is larger than {PROGRAMME_BYTES_MAX:,} bytes")])
    try:
        return Programme.model_validate(_tuples(tomllib.loads(text, parse_float=Decimal)))
    except tomllib.TOMLDecodeError as fault:
        raise ProgrammeFaulty([toml_fault(text, str(fault))]) from None
    except ValidationError as invalid:
        errors = [error for error in invalid.errors() if not _follows(error, invalid.errors())]
        raise ProgrammeFaulty(sorted(Fault(*place(text, error["loc"]), sentence(error)) for error in errors)) from None
    except (ValueError, RecursionError, ArithmeticError):
        raise ProgrammeFaulty(
            [Fault(1, 1, "cannot be read: it is nested too deep or holds a number without measure")]
        ) from None


def _tuples(value: object) -> object:
    """TOML's lists as the tuples that frozen tables hold."""
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def _follows(error: ErrorDetails, errors: list[ErrorDetails]) -> bool:
    """A list that is too short only because its one member is faulty is not a fault of its own."""
    within = [one["loc"] for one in errors if len(one["loc"]) > len(error["loc"])]
    return error["type"] == "too_short" and any(loc[: len(error["loc"])] == error["loc"] for loc in within)


def _contradictions(text: str, programme: Programme) -> Iterator[Fault]:
    """Ids and languages that stand twice, tiers out of order, a country without phones: told where they stand."""
    kinds: tuple[tuple[str, list[str]], ...] = (
        ("earn", [rule.id for rule in programme.earn]),
        ("tier", [tier.id for tier in programme.tier]),
        ("attribute", [attribute.id for attribute in programme.attribute]),
    )
    for table, ids in kinds:
        for index, one in enumerate(ids):
            if one in ids[:index]:
                yield Fault(*place(text, (table, index, "id")), f"the id {one!r} of [[{table}]] stands twice")
    for index, (lower, higher) in enumerate(pairwise(programme.tier), start=1):
        if higher.spend_minor <= lower.spend_minor:
            where = place(text, ("tier", index, "spend_minor"))
            yield Fault(*where, f"tier {higher.id!r} must ask for more than tier {lower.id!r}, which stands before it")
    points = programme.points
    # The shortest run of months is 28 days each.
    if points.expiry is not None and points.pending_days >= 28 * points.expiry.months:
        where = place(text, ("points", "pending_days"))
        yield Fault(*where, "pending_days is as long as the points live: they would expire before they can be used")
    factors = [earn.multiply for earn in programme.earn if earn.multiply is not None]
    if math.prod(ratio(factor)[1] for factor in factors) > FACTORS_FINENESS_MAX:
        yield Fault(1, 1, "the factors together have more decimals than exact points can keep; write fewer decimals")
    tiers = {"", *(tier.id for tier in programme.tier)}
    for index, rule in enumerate(programme.earn):
        for asked in _TIER_ASKED.findall(rule.when or ""):
            for tier_id in _QUOTED.findall(asked):
                if tier_id not in tiers:
                    where = place(text, ("earn", index, "when"))
                    yield Fault(*where, f"when of rule {rule.id!r}: there is no tier {tier_id!r}")
    languages = programme.club.languages
    if len(set(languages)) < len(languages):
        yield Fault(*place(text, ("club", "languages")), "a language stands twice")
    if not is_phone_region(programme.club.phone_region):
        where = place(text, ("club", "phone_region"))
        yield Fault(
            *where, f"{programme.club.phone_region!r} is not a country that phones can be dialled in, such as IL"
        )
