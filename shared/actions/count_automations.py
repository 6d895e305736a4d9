"""What became of each automation within some days: who was due, what was given, what became of the messages, what they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from shared.actions.club import Club
from shared.domain.errors import Busy
from shared.domain.rulebook import Rulebook
from shared.domain.switched import Counts, Standing
from shared.store.keys import Mode
from shared.store.post import source_of
from shared.store.switched import switched_of
from shared.store.tallies import epochs_of, tallies_of

# A round trip for each day.
DAYS_MAX = 366
# What the last words take.
_RESERVE_S = 1.0


def count_automations(
    club: Club, mode: Mode, book: Rulebook, first: date, last: date, seconds_left: Callable[[], float]
) -> list[tuple[Standing, Counts]]:
    """Each automation of the programme, in its order. Raises Busy, also where the days take longer than there is time."""
    backend = club.store.backend
    days, epochs = (last - first).days + 1, epochs_of(backend)
    sums: dict[str, int] = {}
    for day in (first + timedelta(days=number) for number in range(days)):
        if seconds_left() < _RESERVE_S:
            raise Busy(what="days")
        for name, more in tallies_of(backend, mode, day, epochs).items():
            sums[name] = sums.get(name, 0) + more
    words = switched_of(backend, mode).words
    told = []
    for rule in book.automations:
        one = rule.automation
        granted, held_out, units = (sums.get(f"{what}.{one.id}", 0) for what in ("treated", "held_out", "gave"))
        wallet = book.wallet(one.wallet)
        messages, cost_minor = source_of(backend, mode, one.id, first, last)
        worth_minor = units * wallet.value_minor // 10**wallet.decimals
        counts = Counts(granted + held_out, held_out, granted, units, worth_minor, messages, cost_minor)
        told.append((Standing(rule, words.get(one.id)), counts))
    return told
