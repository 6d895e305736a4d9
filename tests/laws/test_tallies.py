"""Tallies are what the ledger says: each posting counts once, however the stream brings it, and a recount finds the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.actions.fold_postings import TRIES_MAX, Tallying
from shared.actions.prove_ledger import Proving
from shared.actions.recount_tallies import counted_rows, recount_tallies
from shared.domain.decide import ms
from shared.domain.errors import Busy
from shared.domain.ledger import Row
from shared.domain.row_bytes import row_bytes
from shared.domain.tallies import CLUB_ACCOUNTS
from shared.store import keys
from shared.store.backend import KEYS, TRANSACTION_PUTS_MAX, Contended, Item, Paused, Put
from shared.store.laws import publish
from shared.store.memory import Memory
from shared.store.rows import account_of
from shared.store.stream import Record, records_of
from shared.store.table import Tables
from shared.store.tallies import MARKS_KEPT_DAYS, PAGE_MARKS, Epochs, mark_of, poison_of
from tests.laws.dynamo import Dynamo
from tests.laws.line import FAULTS, Fault, Line
from tests.laws.shop import OPENED, Shop, bought
from tests.laws.streamed import (
    CLUB,
    DAY,
    Club,
    Json,
    Tallied,
    cut,
    fold,
    relay,
    rows_of,
    tallied,
    total,
)
from tests.laws.test_crashes import Died, DyingAt

KB = 1024


@cache
def busy() -> Club:
    """One busy club for all who only read what its stream brings."""
    club = Club()
    club.busy()
    return club


@cache
def once() -> Tallied:
    """Its tallies, when each posting comes once and alone."""
    club, tables = busy(), Memory()
    for record in club.records():
        fold(relay(club, tables), [record])
    return tallied(tables)


def anew() -> tuple[Memory, Tallying]:
    tables = Memory()
    return tables, relay(busy(), tables)


def many(count: int) -> tuple[Club, list[Record]]:
    """Guests' purchases of one quarter of an hour."""
    club = Club()
    for number in range(count):
        club.buy(bought(f"A-{number}", club.now, ("CD-1", 1, 100)))
    return club, club.records()


def test_the_tallies_of_a_busy_month_are_what_happened_in_it() -> None:
    sums = total(once())
    assert {name: sums[name] for name in ("joins", "purchases", "guest_purchases", "returns", "guest_returns", "events")} == {
        "joins": 2, "purchases": 4, "guest_purchases": 1, "returns": 2, "guest_returns": 1, "events": 1,
    }  # fmt: skip
    assert (sums["spend_minor"], sums["guest_spend_minor"]) == (30_000 + 10_000 + 900 + 4_000, 1_250)
    assert (sums["returned_minor"], sums["guest_returned_minor"]) == (6_000, 250)
    assert (sums["holds"], sums["voids"], sums["reversals"], sums["transfers"], sums["merges"]) == (3, 1, 1, 1, 1)
    assert (sums["redemptions"], sums["certificate_redemptions"], sums["certificates"]) == (2, 1, 2)
    assert (sums["adjustments"], sums["adjusted.points"], sums["adjusted_back.points"]) == (3, 215, 5)
    assert (sums["issued.points"], sums["clawed_back.points"]) == (300 + 20 + 100 + 9 + 40, 50 + 10)
    assert (sums["redeemed.points"], sums["redeemed_back.points"]) == (30 + 50, 10)
    assert (sums["extensions"], sums["expiries"]) == (1, 2)
    assert once()["live", (OPENED - 400 * DAY).date().isoformat()] == {"joins": 1}


def test_the_tallies_account_for_every_point_that_members_have() -> None:
    club, sums = busy(), total(once())
    proving = Proving(club.club.store, club.club.laws, ms(club.now))
    for row in club.memory.scanned("accounts"):
        assert proving.account(account_of(row)).fault is None
    for wallet, units in proving.tally.posted.items():
        moved = sum(
            -side * (sums.get(f"{name}.{wallet}", 0) - sums.get(f"{name}_back.{wallet}", 0))
            for name, side in CLUB_ACCOUNTS.items()
        )
        assert moved == units, wallet


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_however_the_stream_is_repeated_cut_and_shuffled_the_tallies_are_the_same(data: st.DataObject) -> None:
    records = busy().records()
    again = data.draw(st.lists(st.sampled_from(records), max_size=80), "brought again")
    brought = data.draw(st.permutations([*records, *again]), "brought")
    tables, tallying = anew()
    for delivery in cut(brought, data.draw(st.lists(st.integers(1, 30), max_size=12), "sizes")):
        fold(tallying, delivery)
    assert tallied(tables) == once()
    assert sum(fold(tallying, records)[:1]) == 0
    assert tallied(tables) == once()


def test_from_its_start_again_the_stream_changes_nothing() -> None:
    tables, tallying = anew()
    records = busy().records()
    first = fold(tallying, records)
    before = deepcopy(list(tables.scanned("club")))
    again = fold(tallying, records)
    assert (again.postings, again.known) == (0, first.postings)
    assert list(tables.scanned("club")) == before


def test_what_waits_counts_once_it_is_posted_and_not_before() -> None:
    club = Club()
    member = club.join()
    club.memory.events.clear()
    club.bring_back({"store": "main", "return_id": "R-1", "purchase_id": "A-1", "occurred_at": club.now.isoformat()})
    assert len(club.records()) == 2
    assert fold(relay(club), club.records()) == (0, 0, ())
    club.buy(bought("A-1", club.now, ("CD-1", 1, 1_000), member_id=member))
    fold(relay(club), club.records())
    assert total(tallied(club.memory)) == {
        "purchases": 1, "spend_minor": 1_000, "issued.points": 10, "returns": 1, "returned_minor": 1_000,
        "clawed_back.points": 10, "issued.stars": 1, "clawed_back.stars": 1, "gave_by.base": 1, "gave_by.stars": 1,
        "gave_milli_by.base": 10_000, "gave_milli_by.stars": 1_000,
    }  # fmt: skip


def test_test_keys_have_tallies_of_their_own() -> None:
    club, records = many(1)
    (live,) = records
    assert live.row is not None
    tried = Record("9", f"test!{live.key}", {**live.row, "k": f"test!{live.key}"})
    fold(relay(club), [live, tried])
    assert tallied(club.memory) == {
        (mode, "2025-01-01"): {"guest_purchases": 1, "guest_spend_minor": 100} for mode in ("live", "test")
    }


@pytest.mark.parametrize(
    ("key", "account", "mode"),
    [
        ("purchase#main#1", None, "live"),
        ("test!purchase#main#1", None, "test"),
        ("purchase#main#1", "M0000000000000001", "live"),
        # These keys do not say whose they are; the account does.
        ("expiry#T0000000000000001#4", "T0000000000000001", "test"),
        ("difference#test!purchase#main#1", "T0000000000000001", "test"),
        ("capture#night#T0000000000000001-2026-11-22-gift", "T0000000000000001", "test"),
        ("test!certificate#main#1", "H0000000000000001", "test"),
        ("certificate#main#1", "G0000000000000001", "live"),
    ],
)
def test_whatever_a_test_key_began_counts_among_tests(key: str, account: str | None, mode: str) -> None:
    assert keys.mode_of(key, account) == mode


# What the k-th record may be instead of a posting.
POISON: dict[str, Callable[[Json], Json]] = {
    "a kind of a later release": lambda image: image | {"c": {"S": "raffle"}},
    "no kind": lambda image: {name: value for name, value in image.items() if name != "c"},
    "sums that are no JSON": lambda image: image | {"s": {"S": "["}},
    "a number that is none": lambda image: image | {"t": {"N": "today"}},
    "a value without its type": lambda image: image | {"c": "purchase"},
    "a version that was not published": lambda image: image | {"v": {"N": "77"}},
    "a version that is a text": lambda image: image | {"v": {"S": "1"}},
    "no key": lambda image: {name: value for name, value in image.items() if name != "k"},
    "a key that is a number": lambda image: image | {"k": {"N": "7"}},
    "no image": lambda image: None,  # type: ignore[dict-item,return-value]
    "money beyond all measure": lambda image: image | {"s": {"S": f"[{10**40}]"}},
}


def poisoned(events: list[Json], at: int, how: str) -> list[Json]:
    """The events with the k-th spoilt."""
    told = deepcopy(events)
    told[at]["dynamodb"]["NewImage"] = POISON[how](told[at]["dynamodb"]["NewImage"])
    return told


@pytest.mark.parametrize("how", POISON)
@pytest.mark.parametrize("at", [0, 4, 9])
def test_poison_anywhere_is_set_aside_and_all_else_counts(how: str, at: int) -> None:
    club, records = many(10)
    events = poisoned(club.memory.events, at, how)
    for _ in range(2):
        folded = fold(relay(club), records_of({"Records": events}))
        assert [poison.place for poison in folded.aside] == [records[at].place]
    assert total(tallied(club.memory)) == {"guest_purchases": 9, "guest_spend_minor": 900}
    (row,) = rows_of(club.memory, "poison")
    assert row["id"] == records[at].place
    assert row["k"] == records[at].key
    assert set(row) == {"kind", "id", "k", "why", "t"}
    assert len(row["why"]) > 10


def test_where_all_is_poison_all_is_set_aside_and_the_next_delivery_counts() -> None:
    club, records = many(60)
    spoilt = [record._replace(row={"k": record.key}) for record in records[:59]]
    assert len(fold(relay(club), spoilt).aside) == len(rows_of(club.memory, "poison")) == 59
    assert tallied(club.memory) == {}
    assert fold(relay(club), records[59:]).postings == 1


def test_what_is_older_than_any_mark_is_set_aside_because_nobody_knows_whether_it_counts() -> None:
    club, records = many(1)
    fold(relay(club), records)
    club.now += timedelta(days=MARKS_KEPT_DAYS)
    for row in rows_of(club.memory, "seen#"):
        assert row["x"] <= ms(club.now) // 1000
        club.memory.write([Put("club", row | {"h": b"", "n": 0})])
    assert len(fold(relay(club), records).aside) == 1
    assert total(tallied(club.memory))["guest_purchases"] == 1


def test_a_mark_is_kept_as_long_as_anybody_believes_it() -> None:
    club, records = many(1)
    fold(relay(club), records)
    (page,) = rows_of(club.memory, "seen#")
    club.now += timedelta(days=MARKS_KEPT_DAYS - 1)
    assert page["x"] > ms(club.now) // 1000
    assert fold(relay(club), records).known == 1


class Watching(Memory):
    """Memory that is asked how much is written at once."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.meanwhile: Callable[[], object] | None = None

    def write(self, puts: Any) -> dict[int, Item]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        self.sizes.append(len(puts))
        return super().write(puts)


def test_a_busy_quarter_of_an_hour_fills_pages_of_a_kilobyte_and_each_posting_counts_once() -> None:
    club, records = many(1_000)
    tables = Watching()
    for delivery in cut(records, [1, 110, 1, 3, 500, 37]):
        fold(relay(club, tables), delivery)
        fold(relay(club, tables), delivery)
    assert total(tallied(tables)) == {"guest_purchases": 1_000, "guest_spend_minor": 100_000}
    pages = rows_of(tables, "seen#")
    assert [page["n"] for page in pages[:-1]] == [PAGE_MARKS * 8] * (len(pages) - 1)
    assert len(pages) == -(-1_000 // PAGE_MARKS)
    assert max(row_bytes(page) for page in pages) <= KB


def test_no_transaction_is_larger_than_it_may_be_though_every_posting_has_a_day_of_its_own() -> None:
    club = Club()
    for number in range(90):
        club.buy(bought(f"A-{number}", OPENED - number * DAY, ("CD-1", 1, 100)))
    tables = Watching()
    assert fold(relay(club, tables), club.records()).postings == 90
    assert len(tallied(tables)) == 90
    assert max(tables.sizes) <= TRANSACTION_PUTS_MAX
    assert len(tables.sizes) == 5


def test_a_delivery_of_one_quarter_of_an_hour_is_one_transaction_of_two_rows() -> None:
    club, records = many(100)
    tables = Watching()
    fold(relay(club, tables), records)
    assert tables.sizes == [2]
    (day,) = rows_of(tables, "tally#")
    assert row_bytes(day) <= KB


def test_two_who_fold_the_same_at_once_count_it_once() -> None:
    club, records = many(20)
    tables = Watching()
    tables.meanwhile = lambda: fold(relay(club, tables), records[5:])
    assert fold(relay(club, tables), records[:10]).postings == 5
    assert total(tallied(tables))["guest_purchases"] == 20


def test_two_who_fold_other_postings_at_once_both_count() -> None:
    club, records = many(20)
    tables = Watching()
    fold(relay(club, tables), records[:1])
    tables.meanwhile = lambda: fold(relay(club, tables), records[10:])
    fold(relay(club, tables), records[:10])
    assert total(tallied(tables))["guest_purchases"] == 20


class Refusing(Memory):
    """Always somebody else at the same rows, or a DynamoDB that asks for a pause."""

    def __init__(self, fault: type[Busy]) -> None:
        super().__init__()
        self.fault, self.asked = fault, 0

    def write(self, puts: Any) -> dict[int, Item]:
        assert puts
        self.asked += 1
        raise self.fault


@pytest.mark.parametrize(("fault", "asked"), [(Contended, TRIES_MAX), (Paused, 1)])
def test_a_fault_that_stays_is_raised_so_that_all_of_it_comes_again(fault: type[Busy], asked: int) -> None:
    club, records = many(3)
    tables = Refusing(fault)
    with pytest.raises(Busy):
        fold(relay(club, tables), records)
    assert tables.asked == asked


def test_with_no_time_left_nothing_is_begun() -> None:
    club, records = many(3)
    with pytest.raises(Busy):
        fold(relay(club), records, lambda: 0.5)
    assert tallied(club.memory) == {}


def on_paper(club: Shop) -> tuple[Dynamo, Line, Tables]:
    """Tallies that stand in a DynamoDB on paper, at the other end of a line."""
    dynamo = Dynamo()
    line = Line(dynamo)
    tables = Tables(line, {table: table for table in KEYS})
    for row in rows_of(club.memory, "programme"):
        tables.write([Put("club", row)])
    line.attempts.clear()
    return dynamo, line, tables


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_on_the_line_the_next_delivery_puts_it_right(fault: str) -> None:
    club = busy()
    records = club.records()
    _, line, tables = on_paper(club)
    tallying = relay(club, tables, zones=tables)
    fold(tallying, records[:7])
    line.fault = FAULTS[fault]()
    for _ in range(6):
        try:
            fold(tallying, records)
            break
        except Busy:
            line.fault = Fault()
    assert tallied(tables) == once()


def test_a_crash_between_any_two_requests_leaves_nothing_counted_twice_or_not_at_all() -> None:
    club = busy()
    records = club.records()
    spoilt = [*records, records[0]._replace(place="77", row=None)]
    _, line, tables = on_paper(club)
    fold(relay(club, tables, zones=tables), spoilt)
    requests = len(line.attempts)
    assert requests >= 12
    for number in range(1, requests + 1):
        for after in (False, True):
            _, line, tables = on_paper(club)
            line.fault = DyingAt(number, after=after)
            with pytest.raises(Died):
                fold(relay(club, tables, zones=tables), spoilt)
            line.fault = Fault()
            fold(relay(club, tables, zones=tables), spoilt)
            assert tallied(tables) == once(), f"killed at request {number}"
            assert len(poison_of(tables)) == 1


def test_more_buckets_from_a_minute_on_lose_and_double_nothing() -> None:
    """A posting is looked for where it was marked, whatever the number of buckets is by now."""
    club = Club()
    later = ms(OPENED) // 60_000 + 60
    before: Any = ((0, 2),)
    after: Any = ((0, 2), (later, 8))
    for number in range(40):
        club.buy(bought(f"A-{number}", club.now, ("CD-1", 1, 100)))
        club.now += timedelta(minutes=4)
    records = club.records()
    fold(relay(club, buckets=before), records[:10])
    fold(relay(club, buckets=after), records)
    fold(relay(club, buckets=after), records[::-1])
    assert total(tallied(club.memory))["guest_purchases"] == 40
    used = {row["kind"].split("#")[2] for row in rows_of(club.memory, "seen#")}
    assert used > {"0", "1"}


def recounted(rows: list[Row], club: Shop) -> Tallied:
    """The tallies as all rows of the ledger make them, without marks and pages: the second way to the same sums."""
    sums, recount = counted_rows(relay(club), rows, Epochs(since_ms=(0, 10**15)))
    assert recount.uncountable == ()
    found: Tallied = {}
    for (mode, day, _), figures in sums.items():
        if figures:
            found[mode, day.isoformat()] = dict(sorted(figures.items()))
    return dict(sorted(found.items()))


def test_folded_and_counted_from_all_rows_are_the_same() -> None:
    assert recounted(busy().rows_of_ledger(), busy()) == once()


def recount(club: Shop, **more: Any) -> Any:
    """A recount with a clock that goes on while it waits."""

    def wait(seconds: float) -> None:
        club.now += timedelta(seconds=seconds)

    tallying = relay(club)
    return recount_tallies(
        Tallying(tallying.backend, tallying.zones, tallying.buckets, tallying.now_ms, wait, tallying.chance), **more
    )


def test_a_recount_counts_what_was_written_before_there_was_a_stream() -> None:
    club = Club()
    club.busy()
    told = recount(club)
    assert (told.postings, told.uncountable) == (
        len([one for one in club.rows_of_ledger() if one["c"] != "refused"]),
        (),
    )
    assert tallied(club.memory) == recounted(club.rows_of_ledger(), club) == once()


def test_a_recount_puts_right_what_somebody_changed() -> None:
    club = Club()
    club.busy()
    fold(relay(club), club.records())
    (row, *_) = rows_of(club.memory, "tally#live")
    club.memory.write([Put("club", row | {"purchases": 1_000_000})])
    assert tallied(club.memory) != once()
    recount(club)
    assert tallied(club.memory) == once()


@pytest.mark.parametrize("ahead_s", [-300, 0, 300])
def test_what_is_folded_while_a_recount_waits_and_counts_is_counted_once(ahead_s: int) -> None:
    """Also where the clock of whoever counts anew is five minutes behind, or ahead (F28)."""
    club = Club()
    club.busy()
    seen: list[int] = []

    def selling(number: int, lead: float) -> None:
        club.now += timedelta(seconds=lead)
        club.buy(bought(f"LATE-{number}", club.now, ("CD-1", 1, 100)))
        fold(relay(club), club.records()[-4:])
        seen.append(total(tallied(club.memory)).get("guest_purchases", 0))

    numbers = iter(range(100))
    tallying = relay(club)
    waiting = Tallying(
        tallying.backend, tallying.zones, tallying.buckets, lambda: ms(club.now) + ahead_s * 1_000,
        # Waits in steps, so that something is sold before and after the new epoch begins.
        lambda seconds: selling(next(numbers), min(seconds, 50)), tallying.chance,
    )  # fmt: skip
    for _ in range(2):
        recount_tallies(waiting)
        selling(next(numbers), 1)
        fold(relay(club), club.records())
        assert tallied(club.memory) == recounted(club.rows_of_ledger(), club)
    assert seen == sorted(seen)


def test_a_recount_that_is_killed_anywhere_leaves_the_tallies_as_they_were() -> None:
    club = Club()
    club.busy()
    fold(relay(club), club.records())

    class Kill(BaseException):
        pass

    def killing(left: int) -> Any:
        write = club.memory.write

        def dying(puts: Any) -> Any:
            nonlocal left
            if not left:
                raise Kill
            left -= 1
            return write(puts)

        return dying

    wanted, writes = once(), 0
    while True:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(club.memory, "write", killing(writes))
            try:
                recount(club)
                break
            except Kill:
                writes += 1
        assert tallied(club.memory) == wanted, f"killed at write {writes}"
        club.buy(bought(f"G-{writes}", club.now, ("CD-1", 1, 100)))
        fold(relay(club), club.records()[-1:])
        wanted = recounted(club.rows_of_ledger(), club)
    assert writes >= 3
    assert tallied(club.memory) == wanted


def test_of_two_recounts_at_once_one_gives_up() -> None:
    club, records = many(3)
    fold(relay(club), records)
    tallying = relay(club)
    runs = [0]

    def another(seconds: float) -> None:
        club.now += timedelta(seconds=seconds)
        if not runs[0]:
            runs[0] += 1
            recount(club)

    first = Tallying(tallying.backend, tallying.zones, tallying.buckets, tallying.now_ms, another, tallying.chance)
    with pytest.raises(Contended):
        recount_tallies(first)
    assert total(tallied(club.memory))["guest_purchases"] == 3


def test_what_was_set_aside_and_can_be_counted_now_is_counted_by_a_recount() -> None:
    club, records = many(2)
    fold(relay(club), [records[0]._replace(row=None), records[1]])
    assert total(tallied(club.memory))["guest_purchases"] == 1
    club.memory.write([Put("club", {"kind": "poison", "id": "7", "k": "purchase#main#GONE", "why": "it is gone"})])
    recount(club)
    assert total(tallied(club.memory))["guest_purchases"] == 2
    assert [poison.key for poison in poison_of(club.memory)] == ["purchase#main#GONE"]


def test_a_recount_names_what_it_cannot_count_and_counts_the_rest() -> None:
    club, _ = many(2)
    club.broken = True
    club.memory.write([Put("ledger", {"k": "raffle#1", "c": "raffle", "t": 1, "v": 1})])
    told = recount(club)
    assert [poison.key for poison in told.uncountable] == ["raffle#1"]
    assert total(tallied(club.memory))["guest_purchases"] == 2


def test_a_day_is_that_of_the_zone_under_which_the_purchase_was_decided() -> None:
    club = Club()
    late = OPENED.replace(hour=23)
    club.now = late
    club.buy(bought("A-1", late, ("CD-1", 1, 100)))
    publish(
        club.memory,
        (club.head + CLUB).replace("America/New_York", "Asia/Jerusalem"),
        late + timedelta(seconds=1),
        at_once=True,
    )
    club.now = late + timedelta(seconds=9)
    club.buy(bought("A-2", club.now, ("CD-1", 1, 100)))
    fold(relay(club), club.records())
    assert [day for _, day in tallied(club.memory)] == ["2025-01-01", "2025-01-02"]


def test_marks_of_many_keys_are_all_different() -> None:
    assert len({mark_of(f"purchase#main#{number}") for number in range(50_000)}) == 50_000


def test_a_storm_of_deliveries_that_overlap_counts_each_posting_once() -> None:
    club, records = many(300)
    chance = random.Random(7)
    tables = Watching()
    for _ in range(120):
        at = chance.randrange(300)
        other = chance.randrange(300)
        tables.meanwhile = lambda other=other: fold(relay(club, tables), records[other : other + 9])  # type: ignore[misc]
        fold(relay(club, tables), records[at : at + 40])
    fold(relay(club, tables), records)
    assert total(tallied(tables)) == {"guest_purchases": 300, "guest_spend_minor": 30_000}
