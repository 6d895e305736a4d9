"""The words that a playbook's condition may use: figures of the day that was closed and of the last closed month, trends,
targets.

An id's dashes are underscores in them, since CEL would subtract: `day.treated.win_back`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from shared.domain.automation_tables import Giver
from shared.domain.kpi import FIGURES
from shared.domain.money import rounded
from shared.domain.months import KPIS
from shared.domain.programme import Programme
from shared.domain.tables import MAIN_WALLET
from shared.domain.tallies import CLUB_ACCOUNTS
from shared.domain.vocabulary import TermType, Value

# Shares in conditions are whole: 2.5% is 250.
SHARE_PARTS = 10_000
DAY, MONTH, TREND, TARGET = "day.", "month.", "trend.", "target."
_OF_GUESTS = (
    "purchases", "spend_minor", "offers", "offers_minor", "returns", "returned_minor", "certificates", "certificates_minor",
)  # fmt: skip
# What functions used is metered where it was told, and 0 says nothing: no playbook asks for it.
NOT_ASKED = frozenset({"writes", "half_reads", "calls", "compute"})
_SAYABLE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_OF_CEL = frozenset(
    "as break const continue else false for function if import in let loop namespace null package return true var void"
    " while".split()
)
_OF_TIERS = ("tier_purchases", "tier_spend_minor", "tier_offers_minor", "tier_used_minor")
_OF_CERTIFICATES = ("holds", "redemptions", "redeemed_minor", "voids", "reversals")


class Asked(NamedTuple):
    """Where the words' values come from: a closed day's figure, a month's value, the way of a trend, a target's outcome."""

    day: Callable[[str], int | None]
    month: Callable[[str], int | Fraction | None]
    trend: Callable[[str], str | None]
    target: Callable[[str], str | None]


def figure_words(programme: Programme) -> dict[str, TermType]:
    words: dict[str, TermType] = {}
    # CEL refuses names that begin with a digit or are words of its own: such a figure cannot be asked.
    for word in _days(programme):
        words[DAY + word] = "int"
        words[TREND + word] = "string"
    words |= {MONTH + kpi.name: "int" for kpi in KPIS}
    words |= {TARGET + name: "string" for name in _targets(programme)}
    return words


def value_of(word: str, asked: Asked, programme: Programme) -> Value | None:
    """None where there is no data."""
    kind, _, name = word.partition(".")
    if kind == "month":
        value = asked.month(name)
        if value is None:
            return None
        parts = SHARE_PARTS if _UNITS[name] == "share" else 1
        exact = Fraction(value) * parts
        return rounded(exact.numerator, exact.denominator, "floor")
    if kind == "target":
        outcome = asked.target(_targets(programme)[name])
        return None if outcome == "no data" else outcome
    figure = _days(programme)[name]
    return asked.day(figure) if kind == "day" else asked.trend(figure)


_UNITS = {kpi.name: kpi.unit for kpi in KPIS}


def _days(programme: Programme) -> Mapping[str, str]:
    """By word, what the day's figure is called."""
    names = [figure.name for figure in FIGURES if "…" not in figure.name]
    names += [f"guest_{name}" for name in _OF_GUESTS] + [f"certificate_{name}" for name in _OF_CERTIFICATES]
    names += [f"tier.{one.set}.{one.id}" if one.set else f"tier.{one.id}" for one in programme.tier]
    givers: tuple[Giver, ...] = (*programme.automation, *programme.campaign)
    names += [f"{head}.{one.id}" for head in ("treated", "held_out", "gave", "used", "used_back") for one in givers]
    names += [f"{head}.{one.id}" for head in _OF_TIERS for one in programme.tier]
    names += [f"{head}.{one.id}" for head in ("gave_by", "gave_milli_by") for one in programme.earn]
    wallets = (MAIN_WALLET, *(wallet.id for wallet in programme.wallet))
    names += [f"{head}{back}.{wallet}" for head in CLUB_ACCOUNTS for back in ("", "_back") for wallet in wallets]
    return {
        word: name for name in names if _SAYABLE.fullmatch(word := _word(name)) and not _OF_CEL & set(word.split("."))
    }


def _targets(programme: Programme) -> Mapping[str, str]:
    found = {_word(one.id): one.id for one in programme.target}
    return {word: name for word, name in found.items() if _SAYABLE.fullmatch(word) and word not in _OF_CEL}


def _word(name: str) -> str:
    return name.replace("-", "_")
