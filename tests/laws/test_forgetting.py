"""How long each row is kept is written down; what has no time to live is forgotten by night, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.actions.forget import forget
from shared.actions.walking import Unfinished
from shared.store import keys
from shared.store.backend import Put
from shared.store.post import WAITED_DAYS_MAX, quarter_of
from shared.store.retention import KEPT
from shared.store.runs import last_day
from shared.store.tallies import POISON_KEPT_DAYS, Epochs, Poison, poison_of, put_before, put_epochs, put_poison
from tests.laws.shop import Shop, plenty

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
DAY = date(2025, 6, 1)


def at(shop: Shop, day: date) -> None:
    shop.now = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)


def waiting(shop: Shop, number: int, day: date, hour: int = 12) -> None:
    """A message that waits for a quarter of an hour of a day, as it lies there."""
    quarter = quarter_of(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))
    row = {"m": keys.waiting_post(quarter, number % 4), "s": f"{number:08x}", "b": f"message {number}"}
    shop.memory.write([Put("post", row)])


def run(shop: Shop) -> list[str]:
    sent: list[str] = []
    forget(shop.club, sent.append, plenty)
    return sent


def test_every_row_of_every_table_says_how_long_it_is_kept_and_why() -> None:
    for pattern in keys.PATTERNS:
        said = [kept for kept in KEPT if kept.table == pattern.table and pattern.key.startswith(kept.keys)]
        assert len(said) == 1, f"{pattern.table}: {pattern.key} is kept by {[kept.rows for kept in said]}"
    for kept in KEPT:
        of = [one for one in keys.PATTERNS if one.table == kept.table and one.key.startswith(kept.keys)]
        assert of, f"{kept.rows} of {kept.table} are no rows"
        assert all(any(one.key.startswith(start) for one in of) for start in kept.keys)


def test_a_message_that_waits_for_a_quarter_long_over_is_handed_over_once_more_and_no_other() -> None:
    shop = Shop(EARN)
    at(shop, DAY)
    over = DAY - timedelta(days=WAITED_DAYS_MAX + 1)
    for hour in (0, 12, 23):
        waiting(shop, hour, over, hour)
    for number, days in ((100, WAITED_DAYS_MAX), (101, 1), (102, -3)):
        waiting(shop, number, DAY - timedelta(days=days))
    assert sorted(run(shop)) == ["message 0", "message 12", "message 23"]
    assert sorted(row["b"] for row in shop.memory.scanned("post")) == ["message 100", "message 101", "message 102"]
    assert run(shop) == []
    at(shop, DAY + timedelta(days=1))
    assert run(shop) == ["message 100"]


def test_nights_that_were_missed_are_caught_up() -> None:
    shop = Shop(EARN)
    at(shop, DAY)
    assert run(shop) == []
    for number in range(1, 11):
        waiting(shop, number, DAY + timedelta(days=number - WAITED_DAYS_MAX - 1))
    at(shop, DAY + timedelta(days=10))
    assert sorted(run(shop)) == sorted(f"message {number}" for number in range(1, 11))


def test_a_message_whose_handing_over_fails_is_still_there_for_the_next_night() -> None:
    shop = Shop(EARN)
    at(shop, DAY)
    waiting(shop, 1, DAY - timedelta(days=WAITED_DAYS_MAX + 1))

    def refused(_: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        forget(shop.club, refused, plenty)
    assert last_day(shop.memory, "retention") is None
    assert run(shop) == ["message 1"]


def test_tallies_of_epochs_that_say_nothing_are_forgotten_within_28_nights_and_what_counts_stays() -> None:
    shop = Shop(EARN)
    shop.memory.write([put_epochs(Epochs(0, 2, (1_000, 2_000)))])
    days = [DAY - timedelta(days=back) for back in (1, 5, 27, 400, 3_000)]
    for day in days:
        for epoch in range(4):
            kind = keys.tallies_of("live", day)
            shop.memory.write([Put("club", {"kind": kind, "id": keys.tally_part(epoch, 0), "purchases": 1})])
            shop.memory.write([put_before("live", day, epoch, {"purchases": 2})])
    for night in range(28):
        at(shop, DAY + timedelta(days=night))
        run(shop)
    for day in days:
        left = {str(row["id"]) for row in shop.memory.listed("club", keys.tallies_of("live", day))}
        assert left == {f"{epoch:06d}#{part}" for epoch in (2, 3) for part in ("0", "before")}


def test_poison_that_came_no_more_is_forgotten_and_what_came_again_stays() -> None:
    shop = Shop(EARN)
    at(shop, DAY)
    for place, days in (("1", POISON_KEPT_DAYS + 1), ("2", POISON_KEPT_DAYS - 1), ("3", POISON_KEPT_DAYS + 9)):
        set_aside = shop.now - timedelta(days=days)
        shop.memory.write([put_poison(Poison(place, "k", "why"), int(set_aside.timestamp() * 1000))])
    shop.memory.write([put_poison(Poison("3", "k", "why"), int(shop.now.timestamp() * 1000))])
    run(shop)
    assert [poison.place for poison in poison_of(shop.memory)] == ["2", "3"]


def test_out_of_time_it_ends_after_a_whole_day_and_goes_on_there() -> None:
    shop = Shop(EARN)
    at(shop, DAY)
    run(shop)
    at(shop, DAY + timedelta(days=3))
    left = iter([30.0, 30.0, 1.0])
    with pytest.raises(Unfinished):
        forget(shop.club, lambda _: None, lambda: next(left))
    assert last_day(shop.memory, "retention") == DAY + timedelta(days=2)
    run(shop)
    assert last_day(shop.memory, "retention") == DAY + timedelta(days=3)
