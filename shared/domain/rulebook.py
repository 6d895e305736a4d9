"""A programme made ready to decide: conditions compiled, numbers as exact fractions, faults told with their place in the file."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.domain.account import Account, AttributeValue
from shared.domain.automation_tables import EVENTS, Giver
from shared.domain.basis import BasisRule, Costs, basis_rule
from shared.domain.conditions import OF_LEDGER, Condition, ConditionFaulty, Conditions, Subject
from shared.domain.earn_tables import Achievement, Earn
from shared.domain.faults import Fault, place, sentence, toml_fault
from shared.domain.formulas import Formula, FormulaFaulty, formula
from shared.domain.money import decimals, ratio
from shared.domain.offer_tables import Offer
from shared.domain.policies import Policies, Question
from shared.domain.programme import Programme, Segment
from shared.domain.reward_tables import Reward
from shared.domain.tables import CERTIFICATE, MAIN_WALLET, taken
from shared.domain.target_tables import Playbook
from shared.domain.tier_tables import Tier, TierRules, Tiers
from shared.domain.wallet_tables import Points, Wallet

PROGRAMME_BYTES_MAX = 60_000
# The words that what has lapsed changes.
_BY_LOTS = frozenset({"member.balance", "member.points_expiring_7d", "member.points_expiring_30d"})


class ProgrammeFaulty(ValueError):
    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.sentence}" for fault in faults))
        self.faults = faults


Kind = Literal["amount", "purchase", "event", "line", "unit", "product", "formula", "multiply"]


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning rule, compiled. `number` is its points per step or its factor, as an exact fraction; a formula has none."""

    earn: Earn
    when: Condition
    lines: Condition | None
    number: tuple[int, int]
    formula: Formula | None
    basis: BasisRule
    kind: Kind


class RewardRule(NamedTuple):
    """A reward with its condition, compiled."""

    reward: Reward
    when: Condition


class AutomationRule(NamedTuple):
    """An automation or campaign with its condition, compiled: of `when`, `figures` are the clauses that an account answers, and
    `ledger` those for which a member's purchases are read. `guards`: so they are for the coupon that it gives, since free units
    may be what the member buys anyway."""

    automation: Giver
    when: Condition
    figures: Condition
    ledger: Condition
    guards: bool = False

    @property
    def reads_ledger(self) -> bool:
        return self.guards or bool(self.ledger.clauses)


class SegmentRule(NamedTuple):
    """A segment with its condition, compiled and parted as an automation's is."""

    segment: Segment
    figures: Condition
    ledger: Condition


class PlaybookRule(NamedTuple):
    """A playbook with its condition on figures, compiled."""

    playbook: Playbook
    when: Condition


class OfferRule(NamedTuple):
    """An offer with its conditions and its formula, compiled. `lines` None: all goods; `get_lines` None: those of `lines`."""

    offer: Offer
    when: Condition
    lines: Condition | None
    get_lines: Condition | None
    formula: Formula | None


@dataclass(frozen=True)
class Rulebook:
    """One version of a programme, ready to decide. `version` 0 is a draft that was never published.

    `rules` are those for purchases, `event_rules` those for events; rules that are not enabled are in neither.
    """

    programme: Programme
    rules: tuple[Rule, ...]
    event_rules: tuple[Rule, ...]
    achievements: tuple[tuple[Achievement, Condition], ...]
    segments: tuple[SegmentRule, ...]
    exclude: Condition | None
    version: int = 0

    def rules_for(self, event_kind: str) -> tuple[Rule, ...]:
        """The rules for one kind of event."""
        return tuple(rule for rule in self.event_rules if rule.earn.event == event_kind)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.club.time_zone)

    @cached_property
    def scale(self) -> int:
        """Every exact number of points under this programme is a whole number of 1/scale: arithmetic never cuts a fraction.

        All steps divide it, every unit of a wallet, and beyond them every factor that may be applied, one after the other.
        """
        rules = self.rules + self.event_rules
        steps = [rule.number[1] * (rule.earn.per_minor or 1) for rule in rules if rule.earn.multiply is None]
        units = [10 ** self.decimals(wallet) for wallet in (MAIN_WALLET, *(one.id for one in self.programme.wallet))]
        factors = [rule.number[1] for rule in rules if rule.earn.multiply is not None]
        tiers = [ratio(tier.multiply)[1] for tier in self.programme.tier]
        return math.lcm(*steps, *units) * math.prod(factors) * math.lcm(*tiers)

    @cached_property
    def costs(self) -> Costs:
        return Costs.told(self.programme.cost)

    def wallet(self, wallet_id: str) -> Points | Wallet:
        """The rules of a wallet. The main one's stand in `[points]`."""
        if wallet_id == MAIN_WALLET:
            return self.programme.points
        if wallet_id == CERTIFICATE:
            places = decimals(self.programme.club.currency)
            return Wallet.model_construct(id=CERTIFICATE, decimals=places, value_minor=10**places)
        return next(wallet for wallet in self.programme.wallet if wallet.id == wallet_id)

    def decimals(self, wallet_id: str) -> int:
        return self.wallet(wallet_id).decimals

    @cached_property
    def topped_up(self) -> str | None:
        """The wallet that lines of kind `top_up` add to."""
        return next((wallet.id for wallet in self.programme.wallet if wallet.top_up), None)

    @cached_property
    def sliding(self) -> tuple[str, ...]:
        """The wallets whose points begin their time anew with every purchase."""
        wallets = (MAIN_WALLET, *(one.id for one in self.programme.wallet))
        return tuple(name for name in wallets if (expiry := self.wallet(name).expiry) is not None and expiry.sliding)

    @cached_property
    def goals(self) -> frozenset[str]:
        """The wallets whose balance completes a card."""
        return frozenset(one.id for one in self.programme.wallet if one.goal is not None)

    @cached_property
    def stocked(self) -> tuple[str, ...]:
        """The wallets whose rewards may run out."""
        return tuple(one.id for one in self.programme.wallet if one.goal is not None and one.reward_stock is not None)

    @cached_property
    def lapses(self) -> bool:
        """Whether anything that members collect lapses."""
        wallets = (MAIN_WALLET, *(one.id for one in self.programme.wallet))
        return any(self.wallet(name).expiry is not None for name in wallets)

    @cached_property
    def heeds_lapses(self) -> bool:
        """Whether what a purchase or an event does depends on what has lapsed by then: it moves the last days of points, fills a
        card whose stamps lapse, or is decided by a balance."""
        if not self.lapses:
            return False
        fills = any(one.goal is not None and one.expiry is not None for one in self.programme.wallet)
        by_balance = any(rules.basis == "balance" for rules in self.tier_sets.values())
        return (
            bool(self.sliding) or fills or by_balance or any(not _BY_LOTS.isdisjoint(names) for names in self._names())
        )

    def _names(self) -> Iterator[tuple[str, ...]]:
        """The words that each condition and formula of a rule or an achievement reads."""
        for rule in self.rules + self.event_rules:
            yield rule.when.names
            yield rule.lines.names if rule.lines is not None else ()
            yield rule.formula.names if rule.formula is not None else ()
        for _, condition in self.achievements:
            yield condition.names

    @cached_property
    def tier_sets(self) -> dict[str, TierRules]:
        """Every set of tiers by its id; the main one's is empty."""
        return {"": self.programme.tiers, **{one.id: one for one in self.programme.tier_set}}

    @cached_property
    def tiers_of(self) -> dict[str, tuple[Tier, ...]]:
        """The tiers of each set that has any, lowest first."""
        sets = {name: tuple(t for t in self.programme.tier if (t.set or "") == name) for name in self.tier_sets}
        return {name: tiers for name, tiers in sets.items() if tiers}

    @cached_property
    def counts_points_by_day(self) -> bool:
        """Whether a set of tiers asks how many points were earned in days that are no civil months."""
        windows = ("rolling", "anniversary", "cycle")
        return any(rules.basis == "points" and rules.window in windows for rules in self.tier_sets.values())

    @cached_property
    def attribute_defaults(self) -> dict[str, AttributeValue]:
        """What a declared attribute is for a member who has none."""
        empty: dict[str, AttributeValue] = {"int": 0, "string": "", "bool": False}
        return {attribute.id: empty[attribute.type] for attribute in self.programme.attribute}

    def attribute(self, account: Account, name: str) -> AttributeValue:
        return account.attributes.get(name, self.attribute_defaults[name])

    @cached_property
    def rewards(self) -> tuple[RewardRule, ...]:
        """What points buy, those that are switched off included. Compiled when first asked for: a purchase never asks."""
        return tuple(_Compiler("", self.programme).rewards())

    def reward(self, reward_id: str) -> RewardRule | None:
        return self._reward_by_id.get(reward_id)

    @cached_property
    def _reward_by_id(self) -> dict[str, RewardRule]:
        return {one.reward.id: one for one in self.rewards}

    @cached_property
    def automations(self) -> tuple[AutomationRule, ...]:
        """What is done by itself. Compiled when first asked for: only the clock asks."""
        return tuple(_Compiler("", self.programme).automations())

    @cached_property
    def campaigns(self) -> tuple[AutomationRule, ...]:
        """What is sent once to a segment: only who sends asks."""
        return tuple(_Compiler("", self.programme).campaigns())

    @cached_property
    def playbooks(self) -> tuple[PlaybookRule, ...]:
        """What was decided in advance, those that are switched off included: only the clock asks."""
        return tuple(_Compiler("", self.programme).playbooks())

    @cached_property
    def ledger_automations(self) -> tuple[AutomationRule, ...]:
        """Those that ask what no account keeps."""
        return tuple(rule for rule in self.automations if rule.reads_ledger)

    @cached_property
    def calling(self) -> frozenset[str]:
        """The kinds of postings that call for automations."""
        return frozenset(one.on for one in self.programme.automation if one.enabled and one.on in EVENTS)

    def giver(self, giver_id: str) -> Giver | None:
        """An automation or campaign by its id: no two are called the same."""
        both: tuple[Giver, ...] = (*self.programme.automation, *self.programme.campaign)
        return next((one for one in both if one.id == giver_id), None)

    @cached_property
    def offers(self) -> tuple[OfferRule, ...]:
        """What is taken off purchases, in the order of the file. Compiled when first asked for: a plain purchase never asks."""
        return tuple(_Compiler("", self.programme).offers())

    def offer(self, offer_id: str) -> OfferRule | None:
        return next((one for one in self.offers if one.offer.id == offer_id), None)

    @cached_property
    def personal_offers(self) -> frozenset[str]:
        """Those that need a coupon. A till asks before anything else of them is loaded."""
        return frozenset(one.id for one in self.programme.offer if one.personal)

    def rule(self, rule_id: str) -> Rule:
        return self._rule_by_id[rule_id]

    @cached_property
    def _rule_by_id(self) -> dict[str, Rule]:
        return {rule.earn.id: rule for rule in self.rules + self.event_rules}

    @cached_property
    def limited(self) -> frozenset[str]:
        """The rules that must remember what they gave a member."""
        rules = self.rules + self.event_rules
        return frozenset(rule.earn.id for rule in rules if rule.earn.limits or rule.earn.cooldown_days)

    def tier(self, tier_id: str) -> Tier | None:
        return self._tier_by_id.get(tier_id)

    @cached_property
    def _tier_by_id(self) -> dict[str, Tier]:
        return {tier.id: tier for tier in self.programme.tier}

    @cached_property
    def factors(self) -> dict[str, tuple[int, int]]:
        """By what the tiers multiply that multiply at all, as exact fractions."""
        return {tier.id: ratio(tier.multiply) for tier in self.programme.tier if tier.multiply != 1}

    @cached_property
    def remembering(self) -> tuple[str, ...]:
        """The sets of tiers that depend on where a member stood."""
        return tuple(name for name in self.tiers_of if self.tier_sets[name].remembers)

    @cached_property
    def thresholds(self) -> dict[str, tuple[Decimal, ...]]:
        """What the tiers of each set ask for, lowest first."""
        return {name: tuple(tier.threshold for tier in tiers) for name, tiers in self.tiers_of.items()}


def _kind(earn: Earn) -> Kind:
    """What a rule gives points for."""
    if earn.multiply is not None:
        return "multiply"
    if earn.formula is not None:
        return "formula"
    if earn.event is not None:
        return "event"
    return "amount" if earn.per_minor else earn.per or "purchase"


def answer_of(programme: Programme | None, question: Question) -> str:
    """A programme's answer to one of the field's questions, as it is written there; of none, the default."""
    value: object = programme
    if programme is None:
        value = {"points": Points(), "tiers": Tiers(), "policies": Policies()}
    for part in question.field.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def default_of(question: Question) -> str:
    return answer_of(None, question)


def rulebook(text: str, version: int = 0) -> Rulebook:
    """The compiled programme of a TOML text. Raises ProgrammeFaulty with every fault found, in the order of the file."""
    # What is published was checked before: a function that starts does not pay for it again.
    programme = taken(Programme, tomllib.loads(text, parse_float=Decimal)) if version else _read(text)
    compiler = _Compiler(text, programme)
    rules = [compiler.rule(index, earn) for index, earn in enumerate(programme.earn)]
    achievements = [
        (one, compiler.condition(("achievement", index, "when"), f"when of achievement {one.id!r}", one.when, "member"))
        for index, one in enumerate(programme.achievement)
    ]
    segments = compiler.segments()
    exclude = (
        compiler.condition(("basis", "exclude"), "exclude", programme.basis.exclude, "line")
        if programme.basis.exclude is not None
        else None
    )
    if not version:
        compiler.rewards()
        compiler.offers()
        compiler.automations()
        compiler.playbooks()
    faults = compiler.faults if version else [*_contradictions(text, programme), *compiler.faults]
    if faults:
        raise ProgrammeFaulty(sorted(faults))
    alive = [rule for rule in rules if rule.earn.enabled]
    return Rulebook(
        programme,
        tuple(rule for rule in alive if rule.earn.event is None),
        tuple(rule for rule in alive if rule.earn.event is not None),
        tuple(achievements),
        tuple(segments),
        exclude,
        version,
    )


def _contradictions(text: str, programme: Programme) -> list[Fault]:
    # Only drafts are asked: a function that starts does not load the questions.
    from shared.domain.contradictions import contradictions

    return contradictions(text, programme)


class _Compiler:
    """Compiles what stands in quotes; a fault is noted with its place, and the reading goes on."""

    def __init__(self, text: str, programme: Programme) -> None:
        self.text, self.programme, self.faults = text, programme, list[Fault]()
        # Rules that say the same share a condition: a purchase is asked once.
        self.compiled: dict[tuple[str, Subject], Condition] = {}
        self.conditions = Conditions({attribute.id: attribute.type for attribute in programme.attribute})

    def rule(self, index: int, earn: Earn) -> Rule:
        subject: Subject = "event" if earn.event is not None else "purchase"
        named = f"of rule {earn.id!r}"
        when = self.condition(("earn", index, "when"), f"when {named}", earn.when, subject)
        lines = (
            self.condition(("earn", index, "lines"), f"lines {named}", earn.lines, "line")
            if earn.lines is not None
            else None
        )
        by_formula = None
        if earn.formula is not None:
            subjects: tuple[Subject, ...] = (subject, "line") if earn.per == "line" else (subject,)
            by_formula = self.arithmetic(("earn", index, "formula"), f"rule {earn.id!r}", earn.formula, *subjects)
        number = earn.points if earn.multiply is None else earn.multiply
        return Rule(
            earn,
            when,
            lines,
            ratio(number) if number is not None else (0, 1),
            by_formula,
            basis_rule(self.programme.basis, earn.basis, self.programme.policies, earn.lines is not None),
            _kind(earn),
        )

    def rewards(self) -> list[RewardRule]:
        return [
            RewardRule(one, self.condition(("reward", index, "when"), f"when of reward {one.id!r}", one.when, "member"))
            for index, one in enumerate(self.programme.reward)
        ]

    def automations(self) -> list[AutomationRule]:
        found = []
        for at, one in enumerate(self.programme.automation):
            when = self.condition(("automation", at, "when"), f"when of automation {one.id!r}", one.when, "ledger")
            found.append(AutomationRule(one, when, *when.parted(), self._guards(one)))
        return found

    def _guards(self, one: Giver) -> bool:
        """Whether a coupon that it gives is of free units."""
        return any(offer.id == one.offer and offer.get is not None for offer in self.programme.offer)

    def segments(self) -> list[SegmentRule]:
        """Letters ask for tone and look at each send: an account alone answers those."""
        found = []
        for at, one in enumerate(self.programme.segment):
            rule = SegmentRule(one, *self._segment(at).parted())
            if rule.ledger.clauses and (one.tone is not None or one.look is not None):
                asked = ", ".join(name for name in rule.ledger.names if name in OF_LEDGER)
                what = f"segment {one.id!r} asks for {asked}, which no account keeps: tone and look go without"
                self.faults.append(Fault(*place(self.text, ("segment", at, "when")), what))
            found.append(rule)
        return found

    def _segment(self, at: int) -> Condition:
        one = self.programme.segment[at]
        return self.condition(("segment", at, "when"), f"when of segment {one.id!r}", one.when, "ledger")

    def campaigns(self) -> list[AutomationRule]:
        """Of each its segment's condition."""
        places = {one.id: at for at, one in enumerate(self.programme.segment)}
        conditions = [(one, self._segment(places[one.segment])) for one in self.programme.campaign]
        return [AutomationRule(one, when, *when.parted(), self._guards(one)) for one, when in conditions]

    def playbooks(self) -> list[PlaybookRule]:
        # Who has none does not load the figures' names.
        if not self.programme.playbook:
            return []
        from shared.domain.figure_words import figure_words

        self.conditions.types["figures"] = figure_words(self.programme)
        found = []
        for at, one in enumerate(self.programme.playbook):
            when = self.condition(("playbook", at, "when"), f"when of playbook {one.id!r}", one.when, "figures")
            found.append(PlaybookRule(one, when))
        return found

    def offers(self) -> list[OfferRule]:
        return [self._offer(index, one) for index, one in enumerate(self.programme.offer)]

    def _offer(self, index: int, offer: Offer) -> OfferRule:
        def chosen(key: str, source: str | None) -> Condition | None:
            if source is None:
                return None
            return self.condition(("offer", index, key), f"{key} of offer {offer.id!r}", source, "line")

        when = self.condition(("offer", index, "when"), f"when of offer {offer.id!r}", offer.when, "purchase")
        share = None
        if offer.formula is not None:
            share = self.arithmetic(("offer", index, "formula"), f"offer {offer.id!r}", offer.formula, "purchase")
        return OfferRule(offer, when, chosen("lines", offer.lines), chosen("get_lines", offer.get_lines), share)

    def condition(self, loc: tuple[str | int, ...], named: str, source: str | None, subject: Subject) -> Condition:
        if source is None:
            return Condition(())
        try:
            if (source, subject) not in self.compiled:
                self.compiled[source, subject] = self.conditions.condition(source, subject)
            return self.compiled[source, subject]
        except ConditionFaulty as fault:
            self.faults.append(
                Fault(*place(self.text, loc, within=(fault.line, fault.column)), f"{named}: {fault.sentence}")
            )
            return Condition(())

    def arithmetic(self, loc: tuple[str | int, ...], named: str, source: str, *subjects: Subject) -> Formula | None:
        names = {name: kind for subject in subjects for name, kind in self.conditions.types[subject].items()}
        try:
            return formula(source, {name: kind for name, kind in names.items() if kind in ("int", "bool")})
        except FormulaFaulty as fault:
            where = place(self.text, loc, within=(1, fault.column))
            self.faults.append(Fault(*where, f"formula of {named}: {fault.sentence}"))
            return None


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
