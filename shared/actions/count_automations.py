"""What became of each automation and campaign within some days: who was due, what was given
and used, what became of the messages, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from shared.actions.club import Club
from shared.domain.errors import Busy
from shared.domain.rulebook import AutomationRule, Rulebook
from shared.domain.switched import Counts, Sent, Standing
from shared.store.campaigns import all_asked
from shared.store.keys import Mode
from shared.store.post import source_of
from shared.store.switched import switched_of
from shared.store.tallies import epochs_of, tallies_of

# A round trip for each day.
DAYS_MAX = 366
# What the last words take.
_RESERVE_S = 1.0


class Counted(NamedTuple):
    """Each automation and each campaign of the programme, in its order."""

    automations: list[tuple[Standing, Counts]]
    campaigns: list[tuple[Sent, Counts]]


def count_automations(
    club: Club, mode: Mode, book: Rulebook, first: date, last: date, seconds_left: Callable[[], float]
) -> Counted:
    """Raises Busy, also where the days take longer than there is time."""
    backend = club.store.backend
    days, epochs = (last - first).days + 1, epochs_of(backend)
    sums: dict[str, int] = {}
    for day in (first + timedelta(days=number) for number in range(days)):
        if seconds_left() < _RESERVE_S:
            raise Busy(what="days")
        for name, more in tallies_of(backend, mode, day, epochs).items():
            sums[name] = sums.get(name, 0) + more

    def counts(rule: AutomationRule) -> Counts:
        one = rule.automation
        granted, held_out, units, used, used_back = (
            sums.get(f"{what}.{one.id}", 0) for what in ("treated", "held_out", "gave", "used", "used_back")
        )
        wallet = book.wallet(one.wallet)
        messages, cost_minor = source_of(backend, mode, one.id, first, last)
        worth_minor = units * wallet.value_minor // 10**wallet.decimals
        return Counts(granted + held_out, held_out, granted, units, worth_minor, used, used_back, messages, cost_minor)

    words = switched_of(backend, mode).words
    begins = {one.campaign: one.at for one in all_asked(backend)} if book.campaigns else {}
    return Counted(
        [(Standing(rule, words.get(rule.automation.id)), counts(rule)) for rule in book.automations],
        [(Sent(rule, begins.get(rule.automation.id)), counts(rule)) for rule in book.campaigns],
    )
