"""Segments: named conditions on a member's figures, attributes and purchases, asked of accounts as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from shared.domain.account import Account
from shared.domain.comparisons import Facts
from shared.domain.facts import facts_of
from shared.domain.lately import Lately
from shared.domain.letter_templates import Look, Tone
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene


def members_of(
    segment_id: str, accounts: Iterable[Account], at: datetime, book: Rulebook, lately: Callable[[Account], Lately]
) -> Iterator[Account]:
    """The accounts that belong to a segment at a moment in the club's zone, in the sequence given. `lately` reads a member's
    purchases: it is asked where the condition speaks of them, for those whom the account leaves in question."""
    rule = next(rule for rule in book.segments if rule.segment.id == segment_id)
    for account in accounts:
        scene = Scene(at, account, tiers_on(account, at.date(), book))
        if account.status or rule.figures.failing(facts_of(scene, book)) is not None:
            continue
        if (
            not rule.ledger.clauses
            or rule.ledger.failing(facts_of(scene._replace(lately=lately(account)), book)) is None
        ):
            yield account


def manner_for(account: Account, at: datetime, book: Rulebook) -> tuple[Tone, Look]:
    """How letters speak to a member and look: as the first segment says that says so, and that they belong to."""
    tone: Tone | None = None
    look: Look | None = None
    facts: Facts | None = None
    for segment, figures, _ in book.segments:
        if (segment.tone is None or tone is not None) and (segment.look is None or look is not None):
            continue
        facts = facts or facts_of(Scene(at, account, tiers_on(account, at.date(), book)), book)
        if figures.failing(facts) is None:
            tone, look = tone or segment.tone, look or segment.look
    return tone or "warm", look or "bright"
