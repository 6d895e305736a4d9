"""Lots, holds, standings and whole changes as the lists that rows hold: days as ordinals, 0 for none.

The key `x` of a row names by one letter what a posting changes beyond what its other keys say: `l` moves of lots by wallet,
`c` goals reached and `w` rewards that wait by wallet, `f` figures, `t` purchases by store, `u` counters of limits, `s` standings,
`h` holds, `q` the member's status, `r` that earlier postings were corrected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shared.domain.account import Hold, Place, Standing, Waiting
from shared.domain.changes import Change, Figure, PurseChange
from shared.domain.lots import Lot
from shared.domain.tables import MAIN_WALLET

Rows = list[list[Any]]


def lots_out(lots: Iterable[Lot]) -> Rows:
    return [[first.toordinal(), last.toordinal() if last else 0, units] for first, last, units in lots]


def lots_in(rows: Rows) -> tuple[Lot, ...]:
    return tuple([Lot(date.fromordinal(first), day_in(last), units) for first, last, units in rows])


def standings_out(standings: Mapping[str, Standing]) -> dict[str, list[Any]]:
    return {
        tiers: [one.tier, one.since.toordinal(), one.on.toordinal(), day_out(one.below_since), one.manual]
        for tiers, one in standings.items()
    }


def standings_in(rows: Mapping[str, list[Any]]) -> dict[str, Standing]:
    return {
        tiers: Standing(tier, date.fromordinal(since), date.fromordinal(on), day_in(below), manual)
        for tiers, (tier, since, on, below, manual) in rows.items()
    }


def waiting_out(waiting: Iterable[Waiting]) -> Rows:
    """Day, count, worth and cost; the turn, the law and what it says of the end where there are any."""
    rows = []
    for one in waiting:
        row: list[Any] = [one.due_on.toordinal(), *one[1:]]
        while len(row) > 4 and not row[-1]:
            row.pop()
        rows.append(row)
    return rows


def waiting_in(rows: Rows) -> tuple[Waiting, ...]:
    return tuple([Waiting(date.fromordinal(due), *rest) for due, *rest in rows])


def hold_out(hold: Hold | None) -> list[Any]:
    if hold is None:
        return []
    more = [hold.owed, hold.reward] if hold.reward else [hold.owed] if hold.owed else []
    return [hold.wallet, hold.until_ms, lots_out(hold.lots), *more]


def hold_in(row: list[Any]) -> Hold | None:
    return Hold(row[0], row[1], lots_in(row[2]), *row[3:]) if row else None


def day_out(day: date | None) -> int:
    return day.toordinal() if day else 0


def day_in(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def change_out(change: Change) -> dict[str, Any]:
    """A change but for its day, what it posts and its place in time, which the row says besides."""
    moves = {MAIN_WALLET: change.moves} | {name: one.moves for name, one in change.purses.items()}
    told: dict[str, Any] = {
        "l": {name: lots_out(some) for name, some in moves.items() if some},
        "c": {name: one.completed for name, one in change.purses.items() if one.completed},
        "w": {name: waiting_out(one.waiting) for name, one in change.purses.items() if one.waiting},
        "f": [[one.on.toordinal(), *one[1:]] for one in change.figures if any(one[1:])],
        "t": dict(change.stores),
        "u": {rule: dict(periods) for rule, periods in change.used.items()},
        "h": {name: hold_out(hold) for name, hold in change.holds.items()},
        "r": int(change.retold),
    }
    told = {name: value for name, value in told.items() if value}
    if change.standings is not None:
        told["s"] = standings_out(change.standings)
    if change.status is not None:
        told["q"] = change.status
    return told


def change_in(told: Mapping[str, Any], day: date, posted: Mapping[str, int], newest: Place) -> Change:
    """The reverse of `change_out`. `posted` is what the legs say, by wallet."""
    moves, completed, waiting = told.get("l", {}), told.get("c", {}), told.get("w", {})
    wallets = [name for name in dict.fromkeys([*posted, *moves, *completed, *waiting]) if name != MAIN_WALLET]
    return Change(
        day,
        posted.get(MAIN_WALLET, 0),
        lots_in(moves.get(MAIN_WALLET, [])),
        {
            name: PurseChange(
                posted.get(name, 0),
                lots_in(moves.get(name, [])),
                completed.get(name, 0),
                waiting_in(waiting.get(name, [])),
            )
            for name in wallets
        },
        figures_in(told),
        told.get("t", {}),
        {
            rule: {period: (times, units) for period, (times, units) in periods.items()}
            for rule, periods in told.get("u", {}).items()
        },
        standings_in(told["s"]) if "s" in told else None,
        {name: hold_in(row) for name, row in told.get("h", {}).items()},
        newest,
        bool(told.get("r", 0)),
        told.get("q"),
    )


def figures_in(told: Mapping[str, Any]) -> tuple[Figure, ...]:
    return tuple([Figure(date.fromordinal(on), *figures) for on, *figures in told.get("f", [])])
