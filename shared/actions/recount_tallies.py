"""Counts the tallies anew from the ledger itself, while the club goes on selling: what was written before there was a stream,
what was set aside and can be counted now, and what somebody changed behind the club's back.

A new epoch of tallies begins a little later than now, so that no fold under way can miss it. What is recorded from then on goes
to rows of its own. Once it has begun and all that was recorded before it is in the ledger, the ledger is read whole; what it says
of the time before is written beside those rows, and from then on earlier rows say nothing. Until then they all do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from shared.actions.fold_postings import Tallying, countable
from shared.domain.ledger import Row
from shared.domain.tallies import Uncountable, is_posting
from shared.store.backend import TRANSACTION_PUTS_MAX, Contended
from shared.store.tallies import Epochs, Part, Poison, drop_poison, epochs_of, poison_of, put_before, put_epochs

# A fold reads the epochs when it begins, and nothing that it folds was recorded later. So the lead is for clocks that are apart:
# whoever counts anew may have one that is five minutes behind (F28), and a minute is for the rest.
LEAD_MS = 360_000
# What is recorded at an instant is in the ledger a function's time later; and the clock may as well be five minutes ahead.
SETTLED_MS = 360_000
# Recounts one after the other that were not ended: each leaves an instant in the row of epochs, until one is.
UNENDED_MAX = 1_000
_HEARD_EVERY = 1_000


class Recount(NamedTuple):
    """What a recount found: how many postings, of how many days, and those that cannot be counted (their place is their key)."""

    postings: int
    days: int
    uncountable: tuple[Poison, ...]


def counted_rows(tallying: Tallying, rows: Iterable[Row], epochs: Epochs) -> tuple[dict[Part, dict[str, int]], Recount]:
    """The tallies of the epoch before the newest one, by realm and day, as rows of the ledger make them. Raises Busy."""
    newest = epochs.newest
    sums: dict[Part, dict[str, int]] = {}
    uncountable: list[Poison] = []
    postings = 0
    for row in rows:
        if not is_posting(row):
            continue
        try:
            one = countable(row, tallying.zones)
        except Uncountable as poison:
            uncountable.append(Poison(str(row["k"]), str(row["k"]), poison.why))
            continue
        if epochs.of(one.recorded_ms) == newest:
            continue
        postings += 1
        figures = sums.setdefault((one.mode, one.day, newest), {})
        for name, more in one.figures.items():
            figures[name] = figures.get(name, 0) + more
    return sums, Recount(postings, len({part[1] for part in sums}), tuple(uncountable))


def recount_tallies(
    tallying: Tallying, *, lead_ms: int = LEAD_MS, settled_ms: int = SETTLED_MS, heard: Callable[[int], None] = lambda _: None
) -> Recount:  # fmt: skip
    """Waits out the lead, then counts. Killed on the way it leaves the tallies as they were; the next one begins anew.

    Raises Contended when another recount runs, Busy.
    """
    backend = tallying.backend
    epochs = epochs_of(backend)
    assert len(epochs.since_ms) <= UNENDED_MAX
    since = max(tallying.now_ms() + lead_ms, epochs.since_ms[-1] + 1)
    epochs = epochs._replace(since_ms=(*epochs.since_ms, since))
    if backend.write([put_epochs(epochs)]):
        raise Contended
    epochs = epochs._replace(version=epochs.version + 1)
    while (left := since + settled_ms - tallying.now_ms()) > 0:
        tallying.sleep(left / 1000)
    sums, recount = counted_rows(tallying, _heard(backend.scanned("ledger"), heard), epochs)
    puts = [put_before(mode, day, epoch, figures) for (mode, day, epoch), figures in sums.items()]
    for at in range(0, len(puts), TRANSACTION_PUTS_MAX):
        backend.write(puts[at : at + TRANSACTION_PUTS_MAX])
    if backend.write([put_epochs(epochs._replace(whole=epochs.newest, since_ms=(since,)))]):
        raise Contended
    for poison in poison_of(backend):
        if _is_counted(tallying, poison, epochs):
            backend.write([drop_poison(poison)])
    return recount


def _is_counted(tallying: Tallying, poison: Poison, epochs: Epochs) -> bool:
    """Whether what was set aside was counted here."""
    row = tallying.backend.get("ledger", {"k": poison.key}) if poison.key else None
    try:
        return row is not None and epochs.of(countable(row, tallying.zones).recorded_ms) < epochs.newest
    except Uncountable:
        return False


def _heard(rows: Iterable[Row], heard: Callable[[int], None]) -> Iterator[Row]:
    """Rows as they are read, told to `heard` by the thousand."""
    for number, row in enumerate(rows, 1):
        if number % _HEARD_EVERY == 0:
            heard(number)
        yield row
