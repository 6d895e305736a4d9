"""What a member bought within a year, read from the ledger: what is liked, what goes with it, how many units are usual."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.actions.read_lately import read_lately
from shared.actions.sweep import dues, grant_called
from shared.domain.coupons import coupons_on
from shared.domain.lately import LATELY_POSTINGS_MAX, Lately, complements, likes, usual_units
from shared.domain.ledger import unpacked
from shared.domain.rulebook import ProgrammeFaulty, Rulebook, rulebook
from shared.store.backend import Item, Put
from shared.store.memory import Memory
from shared.store.rows import account_row
from tests.laws.shop import HEAD, MAIN, Shop, bought, came_back, plenty
from tests.laws.test_sweep import ALL, EARN, at_noon, swept
from tests.laws.test_sweep import dues as granted

TODAY = date(2026, 6, 1)
PAIRS = '[[complement]]\ncategory = "lp"\nwith = ["sleeve", "cleaner"]\ndays = 30\n'
DECLARED = '[[attribute]]\nid = "favourites"\nlikes = true\n'
LOVERS = f"""[[automation]]
id = "lovers"
on = "state"
when = "'lp' in member.likes && member.purchases >= 2"
points = 5
{ALL}"""


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


class Buyer:
    """A shop with one member, whose purchases are told on their own day, or late."""

    def __init__(self, text: str = EARN + PAIRS + DECLARED, memory: Memory | None = None) -> None:
        self.shop = Shop(text, memory=memory or Memory())
        self.member = self.shop.join()
        self.number = 0

    def buys(self, day: date, *lines: tuple[str, int, int], told_on: date | None = None, **more: Any) -> str:
        self.number += 1
        at_noon(self.shop, told_on or day)
        self.shop.buy(bought(f"A-{self.number}", at(day), *lines, **more) | {"member_id": self.member})
        return f"A-{self.number}"

    def returns(self, day: date, purchase_id: str, **more: Any) -> None:
        at_noon(self.shop, day)
        self.shop.bring_back(came_back(f"R-{purchase_id}-{day}", at(day), purchase_id, **more))

    @property
    def book(self) -> Rulebook:
        return self.shop.club.laws.latest()

    def lately(self, today: date = TODAY) -> Lately:
        return read_lately(self.shop.club.store, self.shop.account(self.member), today, self.book)

    def likes(self, today: date = TODAY) -> list[str]:
        return likes(self.lately(today), self.shop.account(self.member), today, self.book)

    def complements(self, today: date = TODAY) -> list[str]:
        return complements(self.lately(today), today, self.book)


MAY = date(2026, 5, 4)


@pytest.mark.parametrize(("cents", "liked"), [(400, ["cd", "lp"]), (399, ["lp"]), (0, ["lp"]), (700, ["cd"])])
def test_a_category_with_two_fifths_of_the_spend_of_a_year_is_liked(cents: int, liked: list[str]) -> None:
    buyer = Buyer()
    buyer.buys(MAY, ("cd-1", 1, cents), ("lp-1", 1, 1_000 - cents))
    assert buyer.likes() == liked


def test_what_is_liked_is_what_was_paid_after_discounts_for_goods() -> None:
    buyer = Buyer()
    line = {"sku": "fee-1", "category": "fee", "kind": "fee", "quantity": 1, "amount_minor": 9_000}
    body = bought("A-1", at(MAY), ("cd-1", 1, 800), ("lp-1", 1, 600)) | {"member_id": buyer.member}
    body["lines"][0]["discount_minor"] = 410
    body["lines"].append(line)
    body["total_minor"] += 9_000 - 410
    at_noon(buyer.shop, MAY)
    buyer.shop.buy(body)
    # 390 of 990.
    assert buyer.likes() == ["lp"]


def test_a_year_has_365_days_the_last_one_included() -> None:
    buyer = Buyer()
    first = TODAY - timedelta(days=364)
    buyer.buys(first, ("cd-1", 1, 1_000))
    buyer.buys(MAY, ("lp-1", 1, 600))
    assert buyer.likes() == ["cd"]
    assert buyer.likes(TODAY + timedelta(days=1)) == ["lp"]


def test_what_came_back_is_liked_no_more_line_by_line_and_pro_rata() -> None:
    buyer = Buyer()
    name = buyer.buys(MAY, ("cd-1", 3, 1_200), ("lp-1", 1, 700))
    assert buyer.likes() == ["cd"]
    # Two of three: 800 of 1,500, then 400 of 1,100, then nothing.
    buyer.returns(MAY, name, lines=[{"sku": "cd-1", "quantity": 1}])
    assert buyer.likes() == ["cd", "lp"]
    buyer.returns(MAY + timedelta(days=1), name, lines=[{"sku": "cd-1", "quantity": 1}])
    assert buyer.likes() == ["lp"]
    buyer.returns(MAY + timedelta(days=2), name)
    assert buyer.likes() == []
    assert buyer.lately().purchases == ()


def test_money_given_back_without_goods_was_not_spent() -> None:
    buyer = Buyer()
    name = buyer.buys(MAY, ("cd-1", 1, 1_000))
    buyer.buys(MAY, ("lp-1", 1, 1_000))
    assert buyer.likes() == ["cd", "lp"]
    # 600 of 1,600.
    buyer.returns(MAY, name, amount_minor=400)
    assert buyer.likes() == ["lp"]
    assert usual_units(buyer.lately(), TODAY) == 1


def test_nothing_is_known_of_a_purchase_before_it_or_a_year_after_it() -> None:
    buyer = Buyer()
    buyer.buys(MAY, ("lp-1", 1, 600))
    told = buyer.lately()
    found = [len(told.until(MAY + timedelta(days=more)).purchases) for more in (-1, 0, 364, 365)]
    assert found == [0, 1, 1, 0]


def test_a_purchase_told_late_counts_on_its_own_day() -> None:
    buyer = Buyer()
    buyer.buys(MAY, ("lp-1", 1, 600))
    buyer.buys(date(2025, 4, 1), ("cd-1", 1, 5_000), told_on=TODAY)
    assert buyer.likes() == ["lp"]
    buyer.buys(date(2025, 9, 1), ("cd-1", 1, 5_000), told_on=TODAY)
    assert buyer.likes() == ["cd"]
    assert [one.on for one in buyer.lately().until(TODAY).purchases] == [date(2025, 9, 1), MAY]


def test_what_a_member_declared_is_liked_without_a_purchase() -> None:
    buyer = Buyer()
    told = buyer.shop.account(buyer.member)._replace(attributes={"favourites": "lp, jazz ,"})
    buyer.shop.memory.write([Put("accounts", account_row(told))])
    assert buyer.likes() == ["jazz", "lp"]


def test_what_goes_with_the_last_purchase_is_told_unless_it_was_bought_lately() -> None:
    buyer = Buyer()
    assert buyer.complements() == []
    buyer.buys(date(2026, 4, 20), ("cleaner-1", 1, 100))
    buyer.buys(MAY, ("lp-1", 1, 600))
    assert buyer.complements(MAY) == ["sleeve"]
    # Thirty days on, the cleaner is no longer of lately.
    assert buyer.complements(date(2026, 5, 19)) == ["sleeve"]
    assert buyer.complements(date(2026, 5, 20)) == ["cleaner", "sleeve"]
    buyer.buys(date(2026, 5, 21), ("cd-1", 1, 600))
    assert buyer.complements(date(2026, 5, 21)) == []


def test_how_many_units_are_usual_is_the_middle_of_the_purchases_that_have_any() -> None:
    buyer = Buyer(EARN + '[[offer]]\nid = "pair"\nbuy = 1\nget = 1\nlines = "line.category == \'lp\'"\n')
    lines = buyer.book.offers[0].lines
    assert usual_units(buyer.lately(), TODAY) == 0
    for day, units in ((4, 2), (5, 1), (6, 2)):
        buyer.buys(date(2026, 5, day), ("lp-1", units, 100 * units), ("cd-1", 5, 500))
    buyer.buys(date(2026, 5, 7), ("cd-1", 5, 500))
    assert usual_units(buyer.lately(), TODAY, lines) == 2
    # 5, 6, 7, 7: six and a half are seven.
    assert usual_units(buyer.lately(), TODAY) == 7


class Counting(Memory):
    """Rows in memory that count how often the index is asked, and may be behind by so many postings."""

    asked = 0
    behind = 0

    def entries(self, account: str, before: int | None, limit: int) -> list[Item]:
        self.asked += 1
        return super().entries(account, before, limit)[self.behind if before is None else 0 :]


def test_the_ledger_is_read_of_those_alone_who_pass_the_rest_of_the_condition() -> None:
    memory = Counting()
    buyer = Buyer(EARN + LOVERS, memory)
    for _ in range(3):
        buyer.shop.join()
    buyer.buys(MAY, ("lp-1", 1, 600))
    memory.asked = 0
    at_noon(buyer.shop, TODAY)
    accounts = [buyer.shop.account(str(row["a"])) for row in memory.scanned("accounts")]
    assert list(dues(accounts, [TODAY], buyer.book, buyer.shop.club.store)) == []
    assert memory.asked == 0
    buyer.buys(MAY + timedelta(days=1), ("cd-1", 1, 900))
    memory.asked = 0
    accounts = [buyer.shop.account(str(row["a"])) for row in memory.scanned("accounts")]
    assert [account.id for account, _ in dues(accounts, [TODAY], buyer.book, buyer.shop.club.store)] == [buyer.member]
    assert memory.asked == 1


def test_an_automation_that_asks_what_is_liked_gives_once_to_who_likes_it() -> None:
    buyer = Buyer(EARN + LOVERS)
    other = buyer.shop.join()
    buyer.buys(MAY, ("lp-1", 1, 600))
    buyer.buys(MAY, ("cd-1", 1, 900))
    for number in (1, 2):
        buyer.shop.buy(bought(f"B-{number}", at(MAY), ("cd-1", 1, 900)) | {"member_id": other})
    for day in (TODAY, TODAY + timedelta(days=1)):
        at_noon(buyer.shop, day)
        swept(buyer.shop)
    assert granted(buyer.shop, buyer.member) == [("lovers", str(TODAY), 5)]
    assert granted(buyer.shop, other) == []
    buyer.shop.prove(buyer.member)


def test_what_just_happened_is_known_though_the_index_does_not_show_it_yet() -> None:
    memory = Counting()
    sleeves = (
        f'[[automation]]\nid = "sleeves"\non = "purchase"\nwhen = "\'sleeve\' in member.complements"\npoints = 5\n{ALL}'
    )
    buyer = Buyer(EARN + PAIRS + sleeves, memory)
    buyer.buys(MAY, ("cd-1", 1, 600))
    memory.behind = 1
    buyer.buys(MAY, ("lp-1", 1, 600))
    key = str(buyer.shop.account(buyer.member).last_key)
    told = grant_called(buyer.shop.club, MAIN, buyer.member, "purchase", key, plenty)
    assert told.due == {"sleeves": 1}


PAIR = """[[offer]]
id = "pair"
buy = 1
get = 1
lines = "line.category == 'lp'"
personal = true
valid_days = 30
instead = "three"
[[offer]]
id = "three"
buy = 3
get = 1
lines = "line.category == 'lp'"
personal = true
valid_days = 30
"""
AGAIN = f"""[[automation]]
id = "again"
on = "state"
when = "member.days_since_purchase > 20"
offer = "pair"
{ALL}"""


@pytest.mark.parametrize(
    ("usually", "given"), [(0, "pair"), (1, "pair"), (2, "three"), (3, "three"), (4, None)], ids=lambda one: str(one)
)
def test_who_usually_buys_two_is_given_three_plus_one_and_who_buys_more_nothing(
    usually: int, given: str | None
) -> None:
    buyer = Buyer(EARN + PAIR + AGAIN)
    for day in (4, 5, 6):
        lp = [("lp-1", usually, 500 * usually)] if usually else []
        buyer.buys(date(2026, 5, day), *lp, ("cd-1", 9, 900))
    at_noon(buyer.shop, TODAY)
    swept(buyer.shop)
    told = [unpacked(row["cp"])[0] for row in buyer.shop.rows(buyer.member) if row["c"] == "due"]
    assert told == ([given] if given else [])
    assert [one.offer for one in coupons_on(buyer.shop.account(buyer.member), TODAY)] == told
    buyer.shop.prove(buyer.member)


def test_an_offer_that_takes_the_place_of_another_asks_for_more() -> None:
    for instead in ("pair", "nothing"):
        with pytest.raises(ProgrammeFaulty, match="is no personal offer that asks to buy more"):
            rulebook(HEAD + EARN + PAIR.replace('"three"', f'"{instead}"', 1))


def test_of_who_bought_more_the_newest_purchases_tell() -> None:
    buyer = Buyer()
    buyer.buys(MAY, ("cd-1", 1, 900_000))
    for _ in range(LATELY_POSTINGS_MAX):
        buyer.buys(MAY, ("lp-1", 1, 100))
    assert buyer.likes() == ["lp"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            '[[earn]]\nid = "liked"\nwhen = "\'lp\' in member.likes"\npoints = 1\nper = "purchase"\n',
            "is not in the vocabulary",
        ),
        ('[[attribute]]\nid = "age"\ntype = "int"\nlikes = true\n', "so it is a string"),
        ('[[complement]]\ncategory = "lp"\nwith = ["lp"]\n', "'lp' goes with itself"),
    ],
)
def test_a_till_never_asks_what_only_the_ledger_knows(table: str, told: str) -> None:
    with pytest.raises(ProgrammeFaulty, match=told):
        rulebook(HEAD + EARN + table)
