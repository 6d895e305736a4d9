"""Where a point is computed: what happened, an account and a rulebook become exact points, rule by rule, with a reason for each.

`giving.py` holds what each kind of rule gives, `settling.py` how it is capped, multiplied and rounded; here is who gives at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction

from shared.domain.comparisons import Facts
from shared.domain.facts import facts_of, observed
from shared.domain.formulas import FormulaUndefined
from shared.domain.giving import GIVEN, Given, Work, chosen
from shared.domain.limits import room
from shared.domain.money import rounded
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.rulebook import Rule, Rulebook
from shared.domain.settling import added, caps_after_multipliers, tier_multipliers, total
from shared.domain.tables import MAIN_WALLET
from shared.domain.vocabulary import Scene


def points_earned(scene: Scene, book: Rulebook) -> Earned:
    """The points of one purchase or event under one rulebook, with every rule's reason. Nothing is written, no clock is read."""
    nets = scene.purchase.net_by_line() if scene.purchase else []
    work = Work(scene, book, book.scale, [*nets, scene.purchase.shipping_minor if scene.purchase else 0])
    rules = book.rules if scene.purchase is not None else book.rules_for(scene.happened.kind)
    facts = facts_of(scene, book)
    alone = _alone(rules, work, facts)
    reasons: list[Fired | NotFired] = []
    stopped = False
    for rule in rules:
        reason = _reason(rule, work, facts, stopped, alone)
        reasons.append(reason)
        stopped = stopped or (rule.earn.stop and isinstance(reason, Fired) and reason.points > 0)
    if scene.purchase is not None:
        reasons += tier_multipliers(work)
    reasons += caps_after_multipliers(work)
    sums = {wallet: total(work, wallet) for wallet in dict.fromkeys([MAIN_WALLET, *(p.wallet for p in work.parts)])}
    return Earned(
        sums[MAIN_WALLET],
        Fraction(work.so_far(MAIN_WALLET), work.scale),
        tuple(reasons),
        {wallet: units for wallet, units in sums.items() if wallet != MAIN_WALLET and units},
        {
            part.rule: rounded(sum(part.points) * 10 ** book.decimals(part.wallet), work.scale, "ceil")
            for part in work.parts
            if part.rule in book.limited and any(part.points)
        },
    )


def _reason(rule: Rule, work: Work, facts: Facts, stopped: bool, alone: str | None) -> Fired | NotFired:
    earn = rule.earn
    if stopped:
        return NotFired(earn.id, "stopped")
    silent = _silent(rule, work, facts)
    if silent is not None:
        return silent
    places = chosen(rule, work)
    if not places and not earn.once and earn.event is None:
        return NotFired(earn.id, "lines")
    left = room(earn, work.scene, work.book.decimals(earn.wallet))
    if left.why is not None:
        return NotFired(earn.id, left.why)
    if alone is not None and earn.id != alone and not _is_besides(rule, work):
        return NotFired(earn.id, "outdone")
    if earn.needs_base and work.so_far(earn.wallet) <= 0:
        return NotFired(earn.id, "base")
    given = _given(rule, places, work, facts)
    if given is None:
        return NotFired(earn.id, "formula")
    return added(rule, given, left.units, work)


def _silent(rule: Rule, work: Work, facts: Facts) -> NotFired | None:
    """Why a rule does not even match: its dates, or its condition."""
    if not in_force(rule.earn.from_, rule.earn.until, work.scene.at):
        return NotFired(rule.earn.id, "dates")
    failing = rule.when.failing(facts)
    if failing is None:
        return None
    names = rule.when.clauses[failing].names
    return NotFired(rule.earn.id, "when", failing, observed(names, facts))


def in_force(since: datetime | date | None, until: datetime | date | None, at: datetime) -> bool:
    """Whether a moment lies within two ends, both included; a day is in force from its first to its last moment."""

    if since is None and until is None:
        return True

    def place(end: datetime | date) -> datetime | date:
        return at if isinstance(end, datetime) else at.date()

    def moment(end: datetime | date) -> datetime | date:
        return end.replace(tzinfo=at.tzinfo) if isinstance(end, datetime) and end.tzinfo is None else end

    after = since is None or place(since) >= moment(since)
    return after and (until is None or place(until) <= moment(until))


def _is_added(rule: Rule) -> bool:
    """A rule that works on what others gave."""
    return rule.kind == "multiply" or rule.earn.needs_base


def _is_besides(rule: Rule, work: Work) -> bool:
    """A rule that gives even where another one gives alone."""
    return rule.earn.on_top or (_is_added(rule) and work.book.programme.policies.several_rules == "best")


def _alone(rules: Iterable[Rule], work: Work, facts: Facts) -> str | None:
    """The one rule that gives alone under the policy of several matching rules; None when all that match give."""
    policy = work.book.programme.policies.several_rules
    if policy == "add":
        return None
    candidates = [rule for rule in rules if not rule.earn.on_top and _would_give(rule, work, facts)]
    if policy == "priority":
        proud = [rule for rule in candidates if not rule.earn.stackable]
        return max(proud, key=lambda rule: rule.earn.priority).earn.id if proud else None
    gifts = [(rule, _worth(rule, work, facts)) for rule in candidates if not _is_added(rule)]
    return max(gifts, key=lambda gift: gift[1])[0].earn.id if gifts else None


def _would_give(rule: Rule, work: Work, facts: Facts) -> bool:
    if _silent(rule, work, facts) is not None or room(rule.earn, work.scene, work.book.decimals(rule.earn.wallet)).why:
        return False
    return bool(chosen(rule, work)) or rule.earn.once or rule.earn.event is not None


def _worth(rule: Rule, work: Work, facts: Facts) -> Fraction:
    """What a rule would give by itself, its caps included."""
    left = room(rule.earn, work.scene, work.book.decimals(rule.earn.wallet))
    trial = Work(work.scene, work.book, work.scale, work.nets)
    given = _given(rule, chosen(rule, trial), trial, facts)
    return added(rule, given, left.units, trial).points if given is not None else Fraction(-1)


def _given(rule: Rule, places: list[int], work: Work, facts: Facts) -> Given | None:
    try:
        return GIVEN[rule.kind](rule, places, work, facts)
    except FormulaUndefined:
        return None
