"""Data as sentences: the reasons of a posting and the rules of a programme, in the reader's language.

The words stand in `words/<language>.toml`; numbers, money, dates and plurals follow CLDR, through Babel. In languages
written from right to left, whatever comes from elsewhere (names, conditions, ids) is isolated so that it cannot reorder the rest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from shared.domain.conditions import Condition
from shared.domain.earn_tables import Achievement, Earn
from shared.domain.explanation import is_tier
from shared.domain.money import decimals, exact_text, rounded
from shared.domain.reasons import Earned, Fired, NotFired
from shared.domain.rulebook import Rule, Rulebook
from shared.domain.tables import MAIN_WALLET, Moment, Words
from shared.domain.tier_tables import Tier
from shared.domain.vocabulary import LINE_TERM_BY_NAME, TERM_BY_NAME
from shared.domain.wallet_tables import Wallet

LANGUAGES = ("en", "he", "fa")
RIGHT_TO_LEFT = frozenset({"he", "fa"})
_ISOLATE, _POP = "\u2068", "\u2069"
# CLDR gives Persian its separators through Babel, but Babel leaves the digits Latin.
_DIGITS = {"fa": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}
_SIMPLE = re.compile(r"^([a-z_.0-9]+)\s*(==|!=|>=|<=|>|<)\s*('[^']*'|\"[^\"]*\"|-?\d+|true|false)$")
_MEMBER_OF = re.compile(r"^('[^']*'|\"[^\"]*\")\s+in\s+((?:purchase|member)\.\w+)$")
_LABEL = re.compile(r"^line\.labels\[['\"](\w+)['\"]\]\s*(==|!=)\s*('[^']*'|\"[^\"]*\")$")


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> dict[str, Any]:
    text = resources.files("shared.domain").joinpath(f"words/{language}.toml").read_text("utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True)
class Speaker:
    """Says things in one language about one version of a programme."""

    book: Rulebook
    language: str

    @property
    def right_to_left(self) -> bool:
        return self.language in RIGHT_TO_LEFT

    # -- reasons -------------------------------------------------------------------------------------------------

    def reason(self, reason: Fired | NotFired) -> str:
        if isinstance(reason, Fired):
            return self._fired(reason)
        rule = self.book.rule(reason.rule)
        name = self._name(rule.earn.name, rule.earn.id)
        if reason.why not in ("dates", "lines", "when"):
            return self._say(f"not_fired.{reason.why}", name=name)
        if reason.why == "dates":
            return self._say(f"not_fired.dates_{_span(rule.earn)}", name=name, **self._span(rule.earn))
        if reason.why == "lines":
            clauses = rule.lines.clauses if rule.lines is not None else ()
            exclude = self.book.exclude.clauses if self.book.exclude is not None and not clauses else clauses
            condition = self._condition(exclude) if exclude else self._say("names.none")
            return self._say("not_fired.lines", name=name, condition=condition)
        clause = rule.when.clauses[reason.clause]
        condition = self._condition((clause,))
        if len(clause.names) == len(reason.observed) == 1:
            observed = self._value(clause.names[0], reason.observed[0])
            return self._say("not_fired.when_observed", name=name, condition=condition, observed=observed)
        return self._say("not_fired.when", name=name, condition=condition)

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
        said = [self._say(f"total.{key}", exact=self._points(earned.exact), points=self._points(whole))]
        if whole > points:
            said.append(self._say("total.capped", points=self._points(points)))
        return said

    def not_active(self) -> str:
        return self._say("total.not_active")

    def wallet(self, wallet_id: str, units: int, completed: int) -> list[str]:
        """What another wallet was given by one posting, and how often its goal was reached by then."""
        name = self.wallet_name(wallet_id)
        amount = self._number(Fraction(units, 10 ** self.book.decimals(wallet_id)))
        said = [self._say("total.other", amount=amount, wallet=name)]
        if completed:
            said.append(self._say("total.completed", wallet=name, times=self._count("times", completed)))
        return said

    def wallet_name(self, wallet_id: str) -> str:
        rules = self.book.wallet(wallet_id)
        return self._name(rules.name if isinstance(rules, Wallet) else {}, wallet_id)

    def guest(self) -> str:
        return self._say("total.guest")

    def usable(self, usable_on: date, expires_on: date | None) -> str:
        if expires_on is None:
            return self._say("total.usable", usable_on=self._date(usable_on))
        return self._say("total.usable_until", usable_on=self._date(usable_on), expires_on=self._date(expires_on))

    def joined(self) -> str:
        return self._say("statement.join")

    def purchase(self, store: str, purchase_id: str, points: int) -> str:
        return self._say(
            "statement.purchase",
            store=self._apart(store),
            purchase_id=self._apart(purchase_id),
            points=self._units(points),
        )

    def event(self, store: str, kind: str, source_id: str, points: int) -> str:
        event = next((one for one in self.book.programme.event if one.id == kind), None)
        return self._say(
            "statement.event",
            kind=self._name(event.name if event else {}, kind),
            store=self._apart(store),
            source_id=self._apart(source_id),
            points=self._units(points),
        )

    # -- rules for people ----------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self._say("rules.heading", club=self._apart(self.book.programme.club.name))

    def rule(self, rule: Rule) -> str:
        earn = rule.earn
        chosen = f"{rule.kind}_lines" if rule.lines else rule.kind
        said = self._say(
            f"rules.{chosen}",
            rate=self._given(rule, Fraction(*rule.number)),
            factor=self._number(Fraction(*rule.number)),
            per=self._money(earn.per_minor or 0),
            lines=self._condition(rule.lines.clauses) if rule.lines else "",
            formula=self._apart(earn.formula or ""),
        )
        if rule.when.clauses:
            said = self._say("rules.when", rule=said, condition=self._condition(rule.when.clauses))
        if earn.from_ or earn.until:
            said = self._say(f"rules.{_span(earn)}", rule=said, **self._span(earn))
        for key, value in self._bounds(rule):
            said = self._say(f"rules.{key}", **{**value, "rule": said})
        return self._say("rules.named", name=self._name(earn.name, earn.id), rule=said)

    def _bounds(self, rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
        """What holds a rule back, each as the sentence's key and its blanks."""
        earn = rule.earn
        if earn.steps == "whole":
            yield "whole", {}
        if earn.basis_cap_minor is not None:
            yield "basis_cap", {"amount": self._money(earn.basis_cap_minor)}
        if earn.cap is not None:
            yield "cap", {"cap": self._given(rule, Fraction(earn.cap))}
        for limit in earn.limits:
            per = self._say(f"per.{limit.per}")
            if limit.points is not None:
                yield "limit_points", {"amount": self._given(rule, Fraction(limit.points)), "per": per}
            else:
                yield "limit_times", {"amount": self._count("times", limit.times or 0), "per": per}
        if earn.cooldown_days is not None:
            yield "cooldown", {"days": self._count("days", earn.cooldown_days)}
        if earn.needs_base:
            yield "needs_base", {}
        if earn.stop:
            yield "stop", {}

    def achievement(self, achievement: Achievement, condition: Condition) -> str:
        key = "achievement" if achievement.repeat == "never" else f"achievement_{achievement.repeat}"
        return self._say(
            f"rules.{key}",
            name=self._name(achievement.name, achievement.id),
            points=self._amount(achievement.wallet, Fraction(achievement.points)),
            condition=self._condition(condition.clauses),
        )

    def tier(self, tier: Tier) -> str:
        rules = self.book.tier_sets[tier.set or ""]
        threshold = Fraction(tier.threshold)
        values = {
            "spend": lambda: self._money(int(threshold)),
            "purchases": lambda: self._count("purchases", threshold),
        }
        value = values.get(rules.basis, lambda: self._points(threshold))()
        window = self._say(f"window.{rules.window}", days=self._count("days", rules.window_days))
        said = self._say(
            "rules.tier" if tier.multiply == 1 else "rules.tier_multiply",
            name=self.tier_name(tier),
            reached=self._say(f"reached.{rules.basis}", value=value, window=window),
            factor=self._number(Fraction(tier.multiply)),
        )
        if not tier.benefits:
            return said
        benefits = "; ".join(self._name(benefit, "") for benefit in tier.benefits)
        return self._say("rules.tier_benefits", tier=said, benefits=benefits)

    def benefits(self, tier: Tier) -> list[str]:
        return [self._name(benefit, "") for benefit in tier.benefits]

    def tier_name(self, tier: Tier) -> str:
        return self._say("names.tier", tier=self._name(tier.name, tier.id))

    def points_rules(self) -> list[str]:
        """What a point is worth, when it can be used, for how long, how it is rounded."""
        points = self.book.programme.points
        said = [self._say("rules.value", value=self._money(points.value_minor))] if points.value_minor else []
        said.append(
            self._say("rules.pending", days=self._count("days", points.pending_days))
            if points.pending_days
            else self._say("rules.pending_none")
        )
        if points.expiry is None:
            said.append(self._say("rules.expiry_none"))
        else:
            life = self._count("months", points.expiry.months or 0)
            if points.expiry.days is not None:
                life = self._count("days", points.expiry.days)
            at = "day" if points.expiry.days is not None else points.expiry.at
            said.append(self._say(f"rules.expiry_{at}", months=life))
        if points.cap_per_purchase is not None:
            said.append(self._say("rules.cap_per_purchase", points=self._points(points.cap_per_purchase)))
        said.append(self._say(f"rules.rounding_{points.rounding.per}_{points.rounding.mode}"))
        for wallet in self.book.programme.wallet:
            if wallet.goal is not None:
                goal, name = self._number(Fraction(wallet.goal)), self.wallet_name(wallet.id)
                said.append(self._say("rules.wallet_goal", wallet=name, goal=goal))
        return said

    # -- parts ---------------------------------------------------------------------------------------------------

    def _fired(self, fired: Fired) -> str:
        prefix, _, known = fired.rule.partition(":")
        if prefix == "achievement" and known:
            one = next(one for one, _ in self.book.achievements if one.id == known)
            amount = self._amount(one.wallet, fired.points)
            return self._say("fired.achievement", name=self._name(one.name, one.id), points=amount)
        if is_tier(fired.rule):
            tier = self.book.tier(known)
            assert tier is not None
            return self._say(
                "fired.multiply",
                name=self.tier_name(tier),
                factor=self._number(Fraction(tier.multiply)),
                basis=self._money(fired.basis),
                points=self._points(fired.points),
            )
        rule = self.book.rule(known or fired.rule)
        earn, number = rule.earn, Fraction(*rule.number)
        name = self._name(earn.name, earn.id)
        if known:
            return self._say(
                "fired.cap", name=name, cap=self._given(rule, fired.basis), points=self._given(rule, -fired.points)
            )
        counted = {"unit": "units", "product": "products"}.get(rule.kind, "lines")
        said = self._say(
            f"fired.{rule.kind}",
            name=name,
            rate=self._given(rule, number),
            factor=self._number(number),
            per=self._money(earn.per_minor or 0),
            basis=self._money(fired.basis),
            count=self._count(counted, fired.basis),
            points=self._given(rule, fired.points if fired.uncapped is None else fired.uncapped),
        )
        if fired.uncapped is None:
            return said
        # The cap of one purchase, or what was left of a limit for a longer time.
        cap = fired.points if earn.cap is None else Fraction(min(Fraction(earn.cap), fired.points))
        return self._say(
            "fired.capped", sentence=said, cap=self._given(rule, cap), uncapped=self._given(rule, fired.uncapped)
        )

    def _given(self, rule: Rule, amount: int | Fraction) -> str:
        return self._amount(rule.earn.wallet, amount)

    def _amount(self, wallet_id: str, amount: int | Fraction) -> str:
        """An amount of a wallet: so many points, or so many of what the wallet holds."""
        if wallet_id == MAIN_WALLET:
            return self._points(amount)
        return self._say("names.wallet_amount", n=self._number(Fraction(amount)), wallet=self.wallet_name(wallet_id))

    def _units(self, units: int) -> str:
        """Points that are counted in the smallest unit."""
        return self._points(Fraction(units, 10**self.book.programme.points.decimals))

    def _condition(self, clauses: tuple[Any, ...]) -> str:
        return str(words(self.language)["join"]["and"]).join(self._clause(clause.text) for clause in clauses)

    def _clause(self, text: str) -> str:
        """A comparison of one word of the vocabulary in the reader's words; anything longer as it stands in the programme."""
        simple, member_of = _SIMPLE.match(text), _MEMBER_OF.match(text)
        terms = words(self.language)["terms"]
        if simple and simple[1] in terms:
            return self._say(f"compare.{simple[2]}", term=terms[simple[1]], value=self._literal(simple[1], simple[3]))
        if member_of and member_of[2] in terms:
            return self._say("compare.in", term=terms[member_of[2]], value=self._literal(member_of[2], member_of[1]))
        label = _LABEL.match(text)
        if label:
            term = f"{terms['line.labels']} {self._apart(label[1])}"
            return self._say(f"compare.{label[2]}", term=term, value=self._apart(label[3][1:-1]))
        return self._apart(text)

    def _literal(self, term: str, literal: str) -> str:
        if literal[0] in "'\"":
            return self._value(term, literal[1:-1])
        return self._value(term, int(literal)) if literal not in ("true", "false") else self._apart(literal)

    def _value(self, term: str, value: int | str | bool) -> str:
        known = TERM_BY_NAME.get(term) or LINE_TERM_BY_NAME.get(term)
        if isinstance(value, int) and not isinstance(value, bool):
            is_money = known is not None and known.unit.startswith("minor units")
            return self._money(value) if is_money else self._number(Fraction(value))
        if term == "member.tier":
            tier = self.book.tier(str(value))
            return self._name(tier.name, tier.id) if tier else self._say("names.none")
        return self._apart(str(value)) if value != "" else self._say("names.none")

    def _name(self, names: Words, fallback: str) -> str:
        return self._apart(dict(names).get(self.language) or next(iter(names.values()), fallback))  # type: ignore[call-overload]

    def _span(self, earn: Earn) -> dict[str, str]:
        ends = {"from": earn.from_, "until": earn.until}
        return {key: self._moment(end) for key, end in ends.items() if end}

    def _say(self, path: str, **values: str) -> str:
        section, _, key = path.partition(".")
        return str(words(self.language)[section][key]).format(**values)

    def _apart(self, text: str) -> str:
        return f"{_ISOLATE}{text}{_POP}" if self.right_to_left else text

    def _count(self, noun: str, number: int | Fraction) -> str:
        forms = words(self.language)["count"][noun]
        whole = number.denominator == 1
        form = _locale(self.language).plural_form(number.numerator) if whole else "other"
        return str(forms.get(form, forms["other"])).format(n=self._number(Fraction(number)))

    def _points(self, points: int | Fraction) -> str:
        return self._count("points", Fraction(points))

    def _number(self, number: Fraction) -> str:
        text = exact_text(number.numerator, number.denominator)
        shown = format_decimal(
            Decimal(text.rstrip("…")), "#,##0.######", _locale(self.language), numbering_system="default"
        )
        return self._digits(shown + ("…" if text.endswith("…") else ""))

    def _money(self, minor: int) -> str:
        currency = self.book.programme.club.currency
        major = Decimal(minor).scaleb(-decimals(currency))
        return self._digits(format_currency(major, currency, locale=_locale(self.language), numbering_system="default"))

    def _date(self, day: date) -> str:
        return self._digits(format_date(day, "long", locale=_locale(self.language)))

    def _moment(self, end: Moment) -> str:
        """A day, or a day and the time on it in the club's zone."""
        if not isinstance(end, datetime):
            return self._date(end)
        local = end if end.tzinfo is None else end.astimezone(self.book.zone)
        return f"{self._date(local.date())} {self._digits(local.strftime('%H:%M'))}"

    def _digits(self, text: str) -> str:
        return text.translate(_DIGITS.get(self.language, {}))


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def _span(earn: Earn) -> str:
    if earn.from_ and earn.until:
        return "between"
    return "from" if earn.from_ else "until"
