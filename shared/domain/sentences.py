"""Data as sentences: the reasons of a posting and the rules of a programme, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shared.domain.conditions import Condition
from shared.domain.earn_tables import Achievement, Earn
from shared.domain.explanation import is_tier
from shared.domain.money import decimals, rounded
from shared.domain.offer_tables import Offer
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.reward_tables import Reward
from shared.domain.rulebook import AutomationRule, OfferRule, RewardRule, Rule, Rulebook
from shared.domain.tables import CERTIFICATE, MAIN_WALLET, Moment, Words
from shared.domain.tier_tables import Tier
from shared.domain.vocabulary import LINE_TERM_BY_NAME, TERM_BY_NAME
from shared.domain.voice import Voice, words
from shared.domain.wallet_tables import Wallet, counts_money

if TYPE_CHECKING:
    from shared.domain.rewards import Refusal

# What an entry tells of: texts, amounts, days.
Fact = str | int | date
_SIMPLE = re.compile(r"^([a-z_.0-9]+)\s*(==|!=|>=|<=|>|<)\s*('[^']*'|\"[^\"]*\"|-?\d+|true|false)$")
_MEMBER_OF = re.compile(r"^('[^']*'|\"[^\"]*\")\s+in\s+((?:purchase|member)\.\w+)$")
_LABEL = re.compile(r"^line\.labels\[['\"](\w+)['\"]\]\s*(==|!=)\s*('[^']*'|\"[^\"]*\")$")


class Speaker(Voice):
    """Says things in one language about one version of a programme."""

    def __init__(self, book: Rulebook, language: str) -> None:
        super().__init__(language, book.programme.club.currency)
        self.book = book

    # -- reasons -------------------------------------------------------------------------------------------------

    def reason(self, reason: Fired | NotFired) -> str:
        if isinstance(reason, Fired):
            return self._fired(reason)
        rule = self.book.rule(reason.rule)
        name = self.named(rule.earn.name, rule.earn.id)
        if reason.why not in ("dates", "lines", "when"):
            return self.say(f"not_fired.{reason.why}", name=name)
        if reason.why == "dates":
            return self.say(f"not_fired.dates_{span_of(rule.earn)}", name=name, **self.span(rule.earn))
        if reason.why == "lines":
            clauses = rule.lines.clauses if rule.lines is not None else ()
            exclude = self.book.exclude.clauses if self.book.exclude is not None and not clauses else clauses
            condition = self.condition(exclude) if exclude else self.say("names.none")
            return self.say("not_fired.lines", name=name, condition=condition)
        clause = rule.when.clauses[reason.clause]
        condition = self.condition((clause,))
        if len(clause.names) == len(reason.observed) == 1:
            observed = self.value(clause.names[0], reason.observed[0])
            return self.say("not_fired.when_observed", name=name, condition=condition, observed=observed)
        return self.say("not_fired.when", name=name, condition=condition)

    def total(self, earned: Earned) -> list[str]:
        """How the reasons become the points: the sum, its rounding, the cap of a purchase."""
        rules = self.book.programme.points
        unit = 10**rules.decimals
        whole = Fraction(rounded(earned.exact.numerator * unit, earned.exact.denominator, rules.rounding.mode), unit)
        points = Fraction(earned.points, unit)
        if rules.rounding.per == "line" and points != rules.cap_per_purchase:
            # Rounded line by line, the sum may be more or less than rounded once.
            whole = points
        key = "exact" if earned.exact == whole else "line" if rules.rounding.per == "line" else rules.rounding.mode
        said = [self.say(f"total.{key}", exact=self.points(earned.exact), points=self.points(whole))]
        if whole > points:
            said.append(self.say("total.capped", points=self.points(points)))
        return said

    def not_active(self) -> str:
        return self.say("total.not_active")

    def wallet(self, wallet_id: str, units: int, completed: int) -> list[str]:
        """What another wallet was given by one posting, and how often its goal was reached by then."""
        name = self.wallet_name(wallet_id)
        amount = self.number(Fraction(units, 10 ** self.book.decimals(wallet_id)))
        said = [self.say("total.other", amount=amount, wallet=name)]
        if completed:
            said.append(self.say("total.completed", wallet=name, times=self.count("times", completed)))
        return said

    def waiting(self, wallet_id: str, rewards: int, day: date) -> str:
        """Rewards that were reached, and the first day on which they are the member's own."""
        return self.say(
            "total.waiting",
            wallet=self.wallet_name(wallet_id),
            rewards=self.count("rewards", rewards),
            day=self.day(day),
        )

    def wallet_name(self, wallet_id: str) -> str:
        if wallet_id == CERTIFICATE:
            return self.say("names.certificate")
        rules = self.book.wallet(wallet_id)
        return self.named(rules.name if isinstance(rules, Wallet) else {}, wallet_id)

    def guest(self) -> str:
        return self.say("total.guest")

    def repeated(self) -> str:
        return self.say("total.repeated")

    def usable(self, usable_on: date, expires_on: date | None) -> str:
        if expires_on is None:
            return self.say("total.usable", usable_on=self.day(usable_on))
        return self.say("total.usable_until", usable_on=self.day(usable_on), expires_on=self.day(expires_on))

    def joined(self) -> str:
        return self.say("statement.join")

    def purchase(self, store: str, purchase_id: str, points: int) -> str:
        return self.say(
            "statement.purchase",
            store=self.apart(store),
            purchase_id=self.apart(purchase_id),
            points=self._units(points),
        )

    def event(self, store: str, kind: str, source_id: str, points: int) -> str:
        event = next((one for one in self.book.programme.event if one.id == kind), None)
        return self.say(
            "statement.event",
            kind=self.named(event.name if event else {}, kind),
            store=self.apart(store),
            source_id=self.apart(source_id),
            points=self._units(points),
        )

    # -- rules for people ----------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self.say("rules.heading", club=self.apart(self.book.programme.club.name))

    def rule(self, rule: Rule) -> str:
        earn = rule.earn
        chosen = f"{rule.kind}_lines" if rule.lines else rule.kind
        said = self.say(
            f"rules.{chosen}",
            rate=self._given(rule, Fraction(*rule.number)),
            factor=self.number(Fraction(*rule.number)),
            per=self.money(earn.per_minor or 0),
            lines=self.condition(rule.lines.clauses) if rule.lines else "",
            formula=self.apart(earn.formula or ""),
        )
        if rule.when.clauses:
            said = self.say("rules.when", rule=said, condition=self.condition(rule.when.clauses))
        if earn.from_ or earn.until:
            said = self.say(f"rules.{span_of(earn)}", rule=said, **self.span(earn))
        for key, value in self._bounds(rule):
            said = self.say(f"rules.{key}", **{**value, "rule": said})
        return self.say("rules.named", name=self.named(earn.name, earn.id), rule=said)

    def _bounds(self, rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
        """What holds a rule back, each as the sentence's key and its blanks."""
        earn = rule.earn
        if earn.steps == "whole":
            yield "whole", {}
        if earn.basis_cap_minor is not None:
            yield "basis_cap", {"amount": self.money(earn.basis_cap_minor)}
        if earn.cap is not None:
            yield "cap", {"cap": self._given(rule, Fraction(earn.cap))}
        for limit in earn.limits:
            per = self.say(f"per.{limit.per}")
            if limit.points is not None:
                yield "limit_points", {"amount": self._given(rule, Fraction(limit.points)), "per": per}
            else:
                yield "limit_times", {"amount": self.count("times", limit.times or 0), "per": per}
        if earn.cooldown_days is not None:
            yield "cooldown", {"days": self.count("days", earn.cooldown_days)}
        if earn.needs_base:
            yield "needs_base", {}
        if earn.stop:
            yield "stop", {}

    def achievement(self, achievement: Achievement, condition: Condition) -> str:
        key = "achievement" if achievement.repeat == "never" else f"achievement_{achievement.repeat}"
        return self.say(
            f"rules.{key}",
            name=self.named(achievement.name, achievement.id),
            points=self.amount(achievement.wallet, Fraction(achievement.points)),
            condition=self.condition(condition.clauses),
        )

    def tier(self, tier: Tier) -> str:
        rules = self.book.tier_sets[tier.set or ""]
        threshold = Fraction(tier.threshold)
        values = {
            "spend": lambda: self.money(int(threshold)),
            "purchases": lambda: self.count("purchases", threshold),
        }
        value = values.get(rules.basis, lambda: self.points(threshold))()
        length = (
            self.count("months", rules.window_months) if rules.window_months else self.count("days", rules.window_days)
        )
        window = self.say(f"window.{rules.window}", days=length)
        said = self.say(
            "rules.tier" if tier.multiply == 1 else "rules.tier_multiply",
            name=self.tier_name(tier),
            reached=self.say(f"reached.{rules.basis}", value=value, window=window),
            factor=self.number(Fraction(tier.multiply)),
        )
        if not tier.benefits:
            return said
        benefits = "; ".join(self.named(benefit, "") for benefit in tier.benefits)
        return self.say("rules.tier_benefits", tier=said, benefits=benefits)

    def reward(self, rule: RewardRule) -> str:
        """What a reward gives, what it costs, and for whom it is."""
        from shared.domain.told_rewards import reward

        return reward(self, rule)

    def refusal(self, rule: RewardRule, refusal: Refusal) -> str:
        """Why a member may not take a reward now."""
        from shared.domain.told_rewards import refusal as told

        return told(self, rule, refusal)

    def automation(self, rule: AutomationRule) -> str:
        """What the club does for members by itself."""
        from shared.domain.told_automations import automation

        return automation(self, rule)

    def offer(self, rule: OfferRule) -> str:
        """What an offer takes off, and for whom it is."""
        from shared.domain.told_offers import offer

        return offer(self, rule)

    def entry(self, kind: str, **facts: Fact) -> str:
        """The reason of an entry that is neither a purchase nor an activity: `kind` is a sentence of `[statement]`.

        `points` are smallest units of the `wallet`, below zero where they are taken off; `amount_minor` is money, `day` a date,
        and `what` the id of a reward, "" for a payment. Everything else is a text from elsewhere.
        """
        from shared.domain.told_entries import entry

        return entry(self, kind, facts)

    def benefits(self, tier: Tier) -> list[str]:
        return [self.named(benefit, "") for benefit in tier.benefits]

    def tier_name(self, tier: Tier) -> str:
        return self.say("names.tier", tier=self.named(tier.name, tier.id))

    def points_rules(self) -> list[str]:
        """What a point is worth, when it can be used, for how long, how it is rounded; and the same of each wallet."""
        # A till's answer tells none of this: it does not load how it is said.
        from shared.domain.told_wallets import life_of_points, payment, wallet_rules

        points = self.book.programme.points
        said = [self.say("rules.value", value=self.money(points.value_minor))] if points.value_minor else []
        said.append(
            self.say("rules.pending", days=self.count("days", points.pending_days))
            if points.pending_days
            else self.say("rules.pending_none")
        )
        said += life_of_points(self)
        said += payment(self, MAIN_WALLET)
        if points.cap_per_purchase is not None:
            said.append(self.say("rules.cap_per_purchase", points=self.points(points.cap_per_purchase)))
        said.append(self.say(f"rules.rounding_{points.rounding.per}_{points.rounding.mode}"))
        for wallet in self.book.programme.wallet:
            said += wallet_rules(self, wallet)
        return said

    # -- parts ---------------------------------------------------------------------------------------------------

    def _fired(self, fired: Fired) -> str:
        prefix, _, known = fired.rule.partition(":")
        if prefix == "achievement" and known:
            one = next(one for one, _ in self.book.achievements if one.id == known)
            amount = self.amount(one.wallet, fired.points)
            return self.say("fired.achievement", name=self.named(one.name, one.id), points=amount)
        if is_tier(fired.rule):
            tier = self.book.tier(known)
            assert tier is not None
            return self.say(
                "fired.multiply",
                name=self.tier_name(tier),
                factor=self.number(Fraction(tier.multiply)),
                basis=self.money(fired.basis),
                points=self.points(fired.points),
            )
        rule = self.book.rule(known or fired.rule)
        earn, number = rule.earn, Fraction(*rule.number)
        name = self.named(earn.name, earn.id)
        if known:
            return self.say(
                "fired.cap", name=name, cap=self._given(rule, fired.basis), points=self._given(rule, -fired.points)
            )
        counted = {"unit": "units", "product": "products"}.get(rule.kind, "lines")
        said = self.say(
            f"fired.{rule.kind}",
            name=name,
            rate=self._given(rule, number),
            factor=self.number(number),
            per=self.money(earn.per_minor or 0),
            basis=self.money(fired.basis),
            count=self.count(counted, fired.basis),
            points=self._given(rule, fired.points if fired.uncapped is None else fired.uncapped),
        )
        if fired.uncapped is None:
            return said
        # The cap of one purchase, or what was left of a limit for a longer time.
        cap = fired.points if earn.cap is None else Fraction(min(Fraction(earn.cap), fired.points))
        return self.say(
            "fired.capped", sentence=said, cap=self._given(rule, cap), uncapped=self._given(rule, fired.uncapped)
        )

    def _given(self, rule: Rule, amount: int | Fraction) -> str:
        return self.amount(rule.earn.wallet, amount)

    def amount(self, wallet_id: str, amount: int | Fraction) -> str:
        """An amount of a wallet: so many points, or so many of what the wallet holds."""
        if wallet_id == MAIN_WALLET:
            return self.points(amount)
        rules, minor = self.book.wallet(wallet_id), Fraction(amount) * 10 ** decimals(self.currency)
        if counts_money(rules, self.currency) and minor.denominator == 1:
            money = self.money(minor.numerator)
            return self.say("names.wallet_money", money=money, wallet=self.wallet_name(wallet_id))
        return self.say("names.wallet_amount", n=self.number(Fraction(amount)), wallet=self.wallet_name(wallet_id))

    def _units(self, units: int) -> str:
        """Points that are counted in the smallest unit."""
        return self.points(Fraction(units, 10**self.book.programme.points.decimals))

    def condition(self, clauses: tuple[Any, ...]) -> str:
        return str(words(self.language)["join"]["and"]).join(self._clause(clause.text) for clause in clauses)

    def _clause(self, text: str) -> str:
        """A comparison of one word of the vocabulary in the reader's words; anything longer as it stands in the programme."""
        simple, member_of = _SIMPLE.match(text), _MEMBER_OF.match(text)
        terms = words(self.language)["terms"]
        if simple and simple[1] in terms:
            return self.say(f"compare.{simple[2]}", term=terms[simple[1]], value=self._literal(simple[1], simple[3]))
        if member_of and member_of[2] in terms:
            return self.say("compare.in", term=terms[member_of[2]], value=self._literal(member_of[2], member_of[1]))
        label = _LABEL.match(text)
        if label:
            term = f"{terms['line.labels']} {self.apart(label[1])}"
            return self.say(f"compare.{label[2]}", term=term, value=self.apart(label[3][1:-1]))
        return self.apart(text)

    def _literal(self, term: str, literal: str) -> str:
        if literal[0] in "'\"":
            return self.value(term, literal[1:-1])
        return self.value(term, int(literal)) if literal not in ("true", "false") else self.apart(literal)

    def value(self, term: str, value: int | str | bool) -> str:
        known = TERM_BY_NAME.get(term) or LINE_TERM_BY_NAME.get(term)
        if isinstance(value, int) and not isinstance(value, bool):
            is_money = known is not None and known.unit.startswith("minor units")
            return self.money(value) if is_money else self.number(Fraction(value))
        if term == "member.tier":
            tier = self.book.tier(str(value))
            return self.named(tier.name, tier.id) if tier else self.say("names.none")
        return self.apart(str(value)) if value != "" else self.say("names.none")

    def named(self, names: Words, fallback: str) -> str:
        return self.apart(dict(names).get(self.language) or next(iter(names.values()), fallback))  # type: ignore[call-overload]

    def span(self, earn: Earn | Offer | Reward) -> dict[str, str]:
        ends = {"from": earn.from_, "until": earn.until}
        return {key: self.moment(end) for key, end in ends.items() if end}

    def moment(self, end: Moment) -> str:
        """A day, or a day and the time on it in the club's zone."""
        if not isinstance(end, datetime):
            return self.day(end)
        local = end if end.tzinfo is None else end.astimezone(self.book.zone)
        return f"{self.day(local.date())} {self._digits(local.strftime('%H:%M'))}"


def span_of(earn: Earn | Offer | Reward) -> str:
    if earn.from_ and earn.until:
        return "between"
    return "from" if earn.from_ else "until"
