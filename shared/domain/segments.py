"""Segments: named conditions on a member's figures and attributes, asked of accounts as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.domain.account import Account
from shared.domain.facts import facts_of
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene


def members_of(segment_id: str, accounts: Iterable[Account], at: datetime, book: Rulebook) -> Iterator[Account]:
    """The accounts that belong to a segment at a moment in the club's zone, in the sequence given."""
    condition = next(condition for segment, condition in book.segments if segment.id == segment_id)
    for account in accounts:
        scene = Scene(at, account, tiers_on(account, at.date(), book))
        if not account.status and condition.failing(facts_of(scene, book)) is None:
            yield account
