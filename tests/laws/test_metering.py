"""What a function uses is carried by its postings: each call, read and millisecond once, whatever is refused on the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from shared.domain.ledger import chained
from shared.domain.tallies import counted
from shared.store.meter import Meter
from tests.laws.shop import OPENED, Shop, bought

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def metered() -> tuple[Shop, Meter, Ticks]:
    shop, ticks = Shop(EARN), Ticks()
    shop.memory.meter = Meter("purchase", 512, ticks)
    return shop, shop.memory.meter, ticks


def test_a_posting_carries_what_was_used_since_the_one_before() -> None:
    shop, meter, ticks = metered()
    meter.begin()
    meter.answered("GetItem", {"ConsumedCapacity": {"CapacityUnits": 1.0}})
    ticks.now += 0.020
    first = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)))
    assert shop.memory.get("ledger", {"k": first["k"]})["us"] == "purchase,1,2,10"  # type: ignore[index]
    ticks.now += 0.004
    meter.end()
    # A quote in between writes nothing: the next posting carries it.
    meter.begin()
    meter.answered("BatchGetItem", {"ConsumedCapacity": [{"CapacityUnits": 0.5}, {"CapacityUnits": 1.0}]})
    ticks.now += 0.006
    meter.end()
    meter.begin()
    second = shop.buy(bought("A-2", OPENED, ("CD-1", 1, 1_000)))
    assert shop.memory.get("ledger", {"k": second["k"]})["us"] == "purchase,2,3,5"  # type: ignore[index]


def test_what_is_told_again_is_not_used_again_and_is_answered_as_the_first_time() -> None:
    shop, meter, _ = metered()
    meter.begin()
    first = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)))
    again = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)))
    assert again["k"] == first["k"]
    assert meter.used() == "purchase,0,0,0"


def test_what_was_used_is_no_part_of_the_chain_and_every_account_is_still_proven() -> None:
    shop, meter, _ = metered()
    member = shop.join(OPENED - timedelta(days=9))
    meter.begin()
    row = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)) | {"member_id": member})
    stored = shop.memory.get("ledger", {"k": row["k"]})
    assert stored is not None
    assert chained(stored, b"x") == chained({**stored, "us": "purchase,9,9,9"}, b"x")
    shop.prove(member)


def test_a_purchase_costs_five_write_units_however_it_is_metered() -> None:
    shop, meter, _ = metered()
    meter.begin()
    member = shop.join(OPENED - timedelta(days=9))
    row = shop.buy(bought("A-1", OPENED, *[(f"CD-{n}", 1, 1_000) for n in range(10)]) | {"member_id": member})
    stored = shop.memory.get("ledger", {"k": row["k"]})
    assert stored is not None
    figures = counted(stored, shop.club.laws.at(shop.now).zone).figures
    assert figures["writes.purchase"] == 5


@pytest.mark.parametrize("used", ["purchase", "purchase,1,2", "purchase,1,-2,3", "purchase,x,2,3", "UPPER,1,2,3", ""])
def test_a_row_that_says_no_numbers_of_what_it_used_is_set_aside(used: str) -> None:
    from shared.domain.tallies import Uncountable

    shop, meter, _ = metered()
    meter.begin()
    row = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)))
    stored = shop.memory.get("ledger", {"k": row["k"]})
    assert stored is not None
    with pytest.raises(Uncountable):
        counted({**stored, "us": used}, shop.club.laws.at(shop.now).zone)


def test_an_answer_bears_nothing_of_what_was_used() -> None:
    shop, meter, _ = metered()
    meter.begin()
    row = shop.buy(bought("A-1", OPENED, ("CD-1", 1, 1_000)))
    assert "us" not in row
    assert "us" not in json.dumps({name: str(value) for name, value in row.items()}).split('"')
