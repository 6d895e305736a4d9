"""Prices: where each is from, an owner's own above them, and nothing free by being forgotten."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from shared.domain.prices import PricesFaulty, RegionUnknown, by_service, prices, prices_in, regions

OWN = (
    '[sms_parts_il]\nservice = "Amazon Simple Notification Service"\nusd = 0.1\nper = 1\nsource = "the contract"\n'
    'standing = "list"\nread_on = 2026-11-01\n'
)


def test_every_region_prices_every_service_by_the_name_that_its_bill_has() -> None:
    for region in regions():
        for name, price in prices(region).items():
            assert price.service.startswith(("Amazon", "AWS")), name
            assert price.source, name


def test_an_owners_own_price_stands_above_the_tables_and_adds_to_it() -> None:
    table = prices_in("[mails]\nusd = 0.10\n" + OWN, prices())
    assert (table["mails"].usd, table["mails"].per) == (Decimal("0.10"), 1_000)
    assert table["sms_parts_il"].cost(3) == Fraction(3, 10)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[mails", "it is no TOML"),
        ("[faxes]\nusd = 1\n", "[faxes] lacks per, read_on, service, source, standing"),
        ("[mails]\nusd = -1\n", "has a usd that is 0 or more"),
        ('[mails]\nusd = "x"\n', "[mails]"),
        ("[mails]\nper = 0\n", "by whole numbers"),
        ("[mails]\ncolour = 1\n", "has colour, which no price has"),
        ("mails = 1\n", "which no price has"),
    ],
)
def test_a_price_that_nobody_can_count_with_is_refused_by_its_name(text: str, says: str) -> None:
    with pytest.raises(PricesFaulty) as fault:
        prices_in(text, prices())
    assert says in str(fault.value)


def test_a_region_without_a_table_is_unknown() -> None:
    with pytest.raises(RegionUnknown, match="none for mars-1"):
        prices("mars-1")


def test_what_is_free_each_month_is_taken_off_only_where_that_is_asked() -> None:
    usage = [("lambda_requests", 1_500_000), ("mails", 1_000)]
    assert by_service(usage, prices()) == {
        "AWS Lambda": Fraction(3, 10),
        "Amazon Simple Email Service": Fraction(16, 100),
    }
    assert by_service(usage, prices(), is_free=True)["AWS Lambda"] == Fraction(1, 10)
    with pytest.raises(KeyError, match="faxes"):
        by_service([("faxes", 1)], prices())


def test_every_price_says_when_it_was_read() -> None:
    assert all(date(2026, 1, 1) <= price.read_on for price in prices().values())
