"""The playbooks of the law in force: what each came to by the figures of a day, and when each fired. Nothing is written."""

from __future__ import annotations

from datetime import date

from shared.actions.club import Club
from shared.actions.run_playbooks import judged
from shared.domain.playbooks import Shown, Verdict
from shared.domain.rulebook import PlaybookRule, Rulebook
from shared.store import keys
from shared.store.playbooks import firings_of

# The last ones of each: a cooldown is a week, mostly, so this is half a year.
FIRINGS_DEFAULT, FIRINGS_MAX = 26, 100


def read_playbooks(club: Club, mode: keys.Mode, book: Rulebook, day: date, limit: int = FIRINGS_DEFAULT) -> list[Shown]:
    """In the programme's sequence. Raises Busy."""
    verdicts = {one.rule.playbook.id: one for one in judged(club, mode, day, book)}
    return [_shown(club, mode, rule, verdicts.get(rule.playbook.id), day, limit) for rule in book.playbooks]


def _shown(club: Club, mode: keys.Mode, rule: PlaybookRule, verdict: Verdict | None, day: date, limit: int) -> Shown:
    until = [one for one in firings_of(club.store.backend, mode, rule.playbook.id) if one.day <= day]
    return Shown(rule, verdict, tuple(until[-limit:][::-1]), len(until) > limit, day)
