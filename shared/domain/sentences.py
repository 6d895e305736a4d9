"""Data as sentences: the reasons of a posting and the rules of a programme, in the reader's language.

The words stand in `words/<language>.toml`; numbers, money, dates and plurals follow CLDR, through Babel. In languages
written from right to left, whatever comes from elsewhere (names, conditions, ids) is isolated so that it cannot reorder the rest.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from shared.domain.earning import Earned, Fired, NotFired, kind
from shared.domain.explanation import is_tier
from shared.domain.money import decimals, exact_text, rounded
from shared.domain.programme import Earn, Tier, Words
from shared.domain.rulebook import Rule, Rulebook
from shared.domain.vocabulary import LINE_TERM_BY_NAME, TERM_BY_NAME

LANGUAGES = ("en", "he", "fa")
RIGHT_TO_LEFT = frozenset({"he", "fa"})
_ISOLATE, _POP = "\u2068", "\u2069"
# CLDR gives Persian its separators through Babel, but Babel leaves the digits Latin.
_DIGITS = {"fa": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}
_SIMPLE = re.compile(r"^([a-z_.0-9]+)\s*(==|!=|>=|<=|>|<)\s*('[^']*'|\"[^\"]*\"|-?\d+|true|false)$")
_MEMBER_OF = re.compile(r"^('[^']*'|\"[^\"]*\")\s+in\s+(purchase\.\w+)$")


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
        if reason.why == "dates":
            return self._say(f"not_fired.dates_{_span(rule.earn)}", name=name, **self._span(rule.earn))
        if reason.why == "lines":
            assert rule.lines is not None
            return self._say("not_fired.lines", name=name, condition=self._condition(rule.lines.clauses))
        clause = rule.when.clauses[reason.clause]
        condition = self._condition((clause,))
        if len(clause.names) == len(reason.observed) == 1:
            observed = self._value(clause.names[0], reason.observed[0])
            return self._say("not_fired.when_observed", name=name, condition=condition, observed=observed)
        return self._say("not_fired.when", name=name, condition=condition)

    def total(self, earned: Earned) -> list[str]:
        """How the reasons become the points: the sum, its rounding, the cap of a purchase."""
        rules = self.book.programme.points
        whole = rounded(earned.exact.numerator, earned.exact.denominator, rules.rounding.mode)
        key = "exact" if earned.exact == whole else rules.rounding.mode
        said = [self._say(f"total.{key}", exact=self._points(earned.exact), points=self._points(whole))]
        if whole > earned.points:
            said.append(self._say("total.capped", points=self._points(earned.points)))
        return said

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
            points=self._points(points),
        )

    # -- rules for people ----------------------------------------------------------------------------------------

    def heading(self) -> str:
        return self._say("rules.heading", club=self._apart(self.book.programme.club.name))

    def rule(self, rule: Rule) -> str:
        earn = rule.earn
        chosen = f"{kind(rule)}_lines" if rule.lines else kind(rule)
        said = self._say(
            f"rules.{chosen}",
            rate=self._points(Fraction(*rule.number)),
            factor=self._number(Fraction(*rule.number)),
            per=self._money(earn.per_minor or 0),
            lines=self._condition(rule.lines.clauses) if rule.lines else "",
        )
        if rule.when.clauses:
            said = self._say("rules.when", rule=said, condition=self._condition(rule.when.clauses))
        if earn.from_ or earn.until:
            said = self._say(f"rules.{_span(earn)}", rule=said, **self._span(earn))
        if earn.cap is not None:
            said = self._say("rules.cap", rule=said, cap=self._points(earn.cap))
        return self._say("rules.named", name=self._name(earn.name, earn.id), rule=said)

    def tier(self, tier: Tier) -> str:
        return self._say(
            "rules.tier" if tier.multiply == 1 else "rules.tier_multiply",
            name=self.tier_name(tier),
            spend=self._money(tier.spend_minor),
            days=self._count("days", self.book.programme.tiers.window_days),
            factor=self._number(Fraction(tier.multiply)),
        )

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
            months = self._count("months", points.expiry.months)
            said.append(self._say(f"rules.expiry_{points.expiry.at}", months=months))
        if points.cap_per_purchase is not None:
            said.append(self._say("rules.cap_per_purchase", points=self._points(points.cap_per_purchase)))
        said.append(self._say(f"rules.rounding_{points.rounding.per}_{points.rounding.mode}"))
        return said

    # -- parts ---------------------------------------------------------------------------------------------------

    def _fired(self, fired: Fired) -> str:
        if is_tier(fired.rule):
            tier = self.book.tier(fired.rule.partition(":")[2])
            assert tier is not None
            name, number, how, per, cap = self.tier_name(tier), Fraction(tier.multiply), "multiply", 0, None
        else:
            rule = self.book.rule(fired.rule)
            name, number = self._name(rule.earn.name, rule.earn.id), Fraction(*rule.number)
            how, per, cap = kind(rule), rule.earn.per_minor or 0, rule.earn.cap
        said = self._say(
            f"fired.{how}",
            name=name,
            rate=self._points(number),
            factor=self._number(number),
            per=self._money(per),
            basis=self._money(fired.basis),
            count=self._count("units" if how == "unit" else "lines", fired.basis),
            points=self._points(fired.points if fired.uncapped is None else fired.uncapped),
        )
        if fired.uncapped is None:
            return said
        return self._say(
            "fired.capped", sentence=said, cap=self._points(cap or 0), uncapped=self._points(fired.uncapped)
        )

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
        return {key: self._date(day) for key, day in ends.items() if day}

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

    def _digits(self, text: str) -> str:
        return text.translate(_DIGITS.get(self.language, {}))


@lru_cache(maxsize=len(LANGUAGES))
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def _span(earn: Earn) -> str:
    if earn.from_ and earn.until:
        return "between"
    return "from" if earn.from_ else "until"
