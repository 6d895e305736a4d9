"""The templates of the post as a table: what each tells, what it is for, and which facts it needs. Nothing is rendered here.

The words of a template stand by language in `functions/notify/templates`; `letters.py` puts facts and words together.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from shared.domain.contact_gate import Purpose

Fact = int | str | date
FactKind = Literal["name", "text", "code", "link", "points", "money", "days", "day"]
Tone = Literal["warm", "plain"]
Look = Literal["bright", "calm"]
Variant = Literal["a", "b"]

# What a letter may be told, and how that is said. Of money the words know the name without its unit: `worth`, `missing`.
FACT_KINDS: dict[str, FactKind] = {
    "first_name": "name",
    "offer": "text",
    "product": "text",
    "tier": "text",
    "code": "code",
    "link": "link",
    "points": "points",
    "worth_minor": "money",
    "missing_minor": "money",
    "days": "days",
    "ends_on": "day",
}
# Whoever writes may know the member's name, and where the button leads.
ALWAYS = frozenset({"first_name", "link"})
# Which of the cases of a template it is.
CASE = "case"


class Template(NamedTuple):
    """One kind of letter. Of each set in `needs` it needs one; `shows` is what stands large in it, the first that there is."""

    name: str
    what: str
    purpose: Purpose
    needs: tuple[frozenset[str], ...] = ()
    may: frozenset[str] = frozenset()
    shows: tuple[str, ...] = ("points", "offer")
    cases: tuple[str, ...] = ()

    @property
    def facts(self) -> frozenset[str]:
        """All that it can be told."""
        return self.may.union(ALWAYS, *self.needs)

    @property
    def sections(self) -> tuple[str, ...]:
        """Where its words stand: one section, or one for each case."""
        return tuple(f"{self.name}_{case}" for case in self.cases) or (self.name,)


def _one(*facts: str) -> frozenset[str]:
    return frozenset(facts)


_GIFT = _one("points", "offer")
_ON_TERMS = _one("code", "ends_on")

# Marketing is what the member did not cause: that points expire or a tier ends is said to bring them back.
_TABLE = (
    Template("birthday", "a gift for the birthday", "marketing", (_GIFT,), _ON_TERMS),
    Template("gift", "a gift, for no special day", "marketing", (_GIFT,), _ON_TERMS),
    Template("win_back", "a gift for who has not bought for long", "marketing", (_GIFT,), _ON_TERMS),
    Template(
        "expiring", "points are about to expire", "marketing",
        (_one("points"), _one("ends_on")), _one("worth_minor", "days"),
    ),
    Template(
        "tier", "a tier was reached, or is about to be lost", "marketing",
        (_one("tier"),), _one("ends_on", "missing_minor"), shows=("tier",), cases=("reached", "at_risk"),
    ),
    Template("welcome", "the member has joined", "service", (), _GIFT | _ON_TERMS),
    Template(
        "after_purchase", "a personal offer after a purchase", "marketing",
        (_one("offer"), _one("code")), _one("ends_on"),
    ),
    Template(
        "repurchase", "time to buy again, by the member's own rhythm", "marketing",
        (_one("product"),), _ON_TERMS | _one("days", "offer"), shows=("offer",),
    ),
)  # fmt: skip
BY_NAME = {one.name: one for one in _TABLE}
TEMPLATES: frozenset[str] = frozenset(BY_NAME)


class Manner(NamedTuple):
    """How a letter speaks and looks, by the member's segment, and which of its two wordings is tried on them."""

    tone: Tone = "warm"
    look: Look = "bright"
    variant: Variant = "a"


def variant_of(source: str, account_id: str) -> Variant:
    """Which wording a member gets of an automation or campaign: always the same one, and of each another one.

    Drawn apart from the holdout (`automations.arm_of`), so that both halves of the treated are alike.
    """
    digest = hmac.new(f"variant#{source}".encode(), account_id.encode(), hashlib.sha256).digest()
    variants: tuple[Variant, ...] = get_args(Variant)
    return variants[digest[0] % len(variants)]
