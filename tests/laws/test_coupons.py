"""Coupons of personal offers: given by an automation, used once in the purchase's own transaction, given back by a return."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.coupons import code_of_coupon, coupons_coded, uses
from shared.actions.find_member import LOOKUPS_PER_MINUTE_MAX
from shared.actions.prove_ledger import Proving
from shared.actions.sweep import sweep
from shared.actions.validate_coupon import Validated, validate_coupon
from shared.domain.automations import arm_of
from shared.domain.codes import code_shown
from shared.domain.coupon_asked import CouponAsked
from shared.domain.coupons import COUPONS, COUPONS_MAX, coupons_of
from shared.domain.errors import CodeUnusable, LookupsExhausted, OffersDiffer
from shared.domain.ledger import packed, unpacked
from shared.domain.tallies import Uncountable, counted
from shared.store.coupons import put_use
from shared.store.laws import publish
from shared.store.peppers import Peppers
from shared.store.rows import account_row
from tests.laws.drawn import drawn
from tests.laws.shop import MAIN, OPENED, Shop, bought, came_back, plenty
from tests.laws.test_certificates import Counting
from tests.laws.test_offers import quoted
from tests.laws.test_proof import found as faults_found

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
FIFTH = '[[offer]]\nid = "fifth"\npercent = 20\npersonal = true\nvalid_days = 30\n'
ALL = 'holdout = 0\nno_holdout_because = "a gift that everybody was promised"\n'
BACK = '[[automation]]\nid = "back"\non = "state"\nwhen = "member.purchases >= 1"\noffer = "fifth"\n'
ROW_BYTES_MAX = 1_024


def given_to(*members: int, text: str = EARN + FIFTH + BACK + ALL) -> tuple[Shop, list[str]]:
    """A club whose members, of whom each bought so often, were given what they are due."""
    shop = Shop(text)
    joined = [shop.join() for _ in members]
    for member, times in zip(joined, members, strict=True):
        for number in range(times):
            shop.buy(basket(f"B-{member}-{number}", member))
    shop.now += timedelta(days=1)
    swept(shop)
    return shop, joined


def swept(shop: Shop) -> None:
    sweep(shop.club, "live", [today(shop)], plenty)


def today(shop: Shop) -> date:
    return shop.now.astimezone(ZoneInfo("America/New_York")).date()


def basket(purchase_id: str, member: str | None, *codes: str, at: datetime = OPENED) -> dict[str, Any]:
    who = {"member_id": member} if member else {}
    return bought(purchase_id, at, ("CD-1", 1, 10_000)) | who | {"codes": list(codes)}


def codes(shop: Shop, member: str) -> list[str]:
    """The codes of a member's coupons as people write them."""
    account = shop.account(member)
    return [code_shown(code_of_coupon(shop.club, "live", account, one) or "") for one in coupons_of(account)]


def asked(shop: Shop, name: str, member: str | None, *given: str) -> dict[str, Any]:
    """What a quote takes off a purchase of now."""
    return quoted(shop, basket(name, member, *given, at=shop.now))


def taken_off(shop: Shop, member: str | None, *given: str) -> int:
    return 10_000 - int(asked(shop, "Q", member, *given)["total_minor"])


def verified(shop: Shop) -> None:
    assert list(Proving(shop.club.store, shop.club.laws, int(shop.now.timestamp() * 1000)).whole()) == []


def test_who_is_due_gets_a_coupon_once_and_its_purchase_takes_the_offer_off() -> None:
    shop, (member,) = given_to(1)
    swept(shop)
    (code,) = codes(shop, member)
    (due,) = [row for row in shop.rows(member) if row["c"] == "due"]
    assert unpacked(due["cp"]) == ["fifth", "2025-02-01"]
    body = asked(shop, "A-1", member, code.lower().replace("-", " "))
    (taken,) = body["offers"]
    assert (body["total_minor"], taken["discount_minor"], taken["coupon"]) == (8_000, 2_000, "fifth.back.2025-01-02")
    row = shop.buy(body)
    assert shop.buy(body) == row
    shop.prove(member)


def test_a_quote_uses_nothing_up_and_a_purchase_uses_the_coupon_up() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    assert [taken_off(shop, member, code) for _ in range(3)] == [2_000] * 3
    first, second = (asked(shop, name, member, code) for name in ("A-1", "A-2"))
    shop.buy(first)
    with pytest.raises(OffersDiffer):
        shop.buy(second)
    assert taken_off(shop, member, code) == 0
    assert shop.account(member).purchases == 2
    shop.prove(member)
    verified(shop)


def test_a_used_coupon_counts_for_the_automation_that_gave_it_on_the_day_of_the_purchase() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    told = shop.buy(asked(shop, "A-1", member, code))
    (row,) = [row for row in shop.rows(member) if row["k"] == told["k"]]
    zone = ZoneInfo("America/New_York")
    assert {name: more for name, more in counted(row, zone).figures.items() if "used" in name} == {"used.back": 1}
    assert counted(row, zone).day == shop.now.astimezone(zone).date()
    without = shop.buy(asked(shop, "A-2", member))
    assert not [name for name in counted(without, zone).figures if "used" in name]
    broken = {**row, "of": packed([["fifth", 2_000, 0, "fifth"]])}
    with pytest.raises(Uncountable):
        counted(broken, zone)


def test_a_whole_return_gives_the_coupon_back_and_a_part_does_not() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    shop.buy(asked(shop, "A-1", member, code))
    part = shop.bring_back(came_back("R-1", shop.now, "A-1", amount_minor=4_000))
    assert taken_off(shop, member, code) == 0
    rest = shop.bring_back(came_back("R-2", shop.now, "A-1"))
    assert taken_off(shop, member, code) == 2_000
    zone = ZoneInfo("America/New_York")
    told = [{name: more for name, more in counted(row, zone).figures.items() if "used" in name} for row in (part, rest)]
    assert told == [{}, {"used_back.back": 1}]
    shop.buy(asked(shop, "A-2", member, code))
    assert taken_off(shop, member, code) == 0
    # What came back once gives nothing back twice: the coupon is used in another purchase by now.
    shop.bring_back(came_back("R-2", shop.now, "A-1"))
    assert taken_off(shop, member, code) == 0
    shop.prove(member)


def test_a_coupon_of_a_purchase_whose_return_was_told_first_is_used_and_back_at_once() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    told = asked(shop, "A-1", member, code)
    shop.bring_back(came_back("R-1", shop.now, "A-1"))
    shop.buy(told)
    zone, figures = ZoneInfo("America/New_York"), dict[str, int]()
    for row in shop.rows(member):
        for name, more in counted(row, zone).figures.items():
            figures[name] = figures.get(name, 0) + more
    assert (figures["used.back"], figures["used_back.back"]) == (1, 1)
    assert taken_off(shop, member, code) == 2_000
    shop.prove(member)


@pytest.mark.parametrize("says", ["purchase#main#A-1", "", "purchase#main#A-9"])
def test_a_row_that_says_otherwise_than_the_purchases_where_a_coupon_was_used_is_found(says: str) -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    shop.buy(basket("A-1", member, at=shop.now))
    shop.buy(asked(shop, "A-2", member, code))
    verified(shop)
    shop.prove(member)
    (use,) = uses(shop.club, "live", shop.account(member), coupons_of(shop.account(member)))
    assert use.purchase_key == "purchase#main#A-2"
    shop.memory.write([put_use(use._replace(purchase_key=says))])
    shop.broken = True
    broken = faults_found(shop)
    assert {(fault.where, fault.mend) for fault in broken} == {(f"coupon#due#back#{member}#2025-01-02", "beside")}


@pytest.mark.parametrize("says", ["purchase#main#A-1", "purchase#main#A-2"])
def test_a_row_that_says_that_a_coupon_was_used_where_it_was_not_is_found(says: str) -> None:
    shop, (member, other) = given_to(1, 1)
    (mine,) = codes(shop, member)
    shop.buy(basket("A-1", other, at=shop.now))
    shop.buy(asked(shop, "A-2", member, mine))
    (use,) = uses(shop.club, "live", shop.account(other), coupons_of(shop.account(other)))
    shop.memory.write([put_use(use._replace(purchase_key=says))])
    shop.broken = True
    assert [(fault.where, fault.mend) for fault in faults_found(shop)] == [
        (f"coupon#due#back#{other}#2025-01-02", "beside")
    ]


def test_a_coupon_is_the_one_that_the_quote_named_and_not_another() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    body = asked(shop, "A-1", member, code)
    (taken,) = body["offers"]
    unnamed = {name: value for name, value in taken.items() if name != "coupon"}
    for wrong in (unnamed, unnamed | {"coupon": "fifth.back.2025-01-03"}, unnamed | {"coupon": "x"}):
        with pytest.raises(OffersDiffer):
            shop.buy(body | {"offers": [wrong]})
    with pytest.raises(OffersDiffer):
        shop.buy(body | {"codes": []})
    shop.buy(body)


def test_a_purchase_from_before_joining_uses_no_coupon() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + ALL + '[policies]\nbefore_joining = "earn_nothing"\n')
    (code,) = codes(shop, member)
    early = quoted(shop, basket("A-0", member, code, at=OPENED - timedelta(days=2)))
    assert (early["total_minor"], "offers" in early) == (10_000, False)


def test_a_return_that_came_before_its_purchase_uses_no_coupon_up() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    body = asked(shop, "A-1", member, code)
    shop.bring_back(came_back("R-1", shop.now, "A-1"))
    shop.buy(body)
    assert taken_off(shop, member, code) == 2_000


def test_sixteen_tills_at_once_use_a_coupon_once() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    bodies = [asked(shop, f"A-{till}", member, code) for till in range(16)]

    def tried(body: dict[str, Any]) -> int:
        try:
            return int("of" in shop.buy(body))
        except OffersDiffer:
            return 0

    with ThreadPoolExecutor(16) as tills:
        assert sum(tills.map(tried, bodies)) == 1
    assert shop.account(member).purchases == 2
    shop.prove(member)


def test_a_code_that_leads_nowhere_takes_nothing_off_and_nothing_is_said_of_why() -> None:
    shop, (member, other, nobody) = given_to(1, 1, 0)
    (mine,), (yours,) = codes(shop, member), codes(shop, other)
    assert codes(shop, nobody) == []
    used = asked(shop, "A-1", other, yours)
    shop.buy(used)
    bodies = [asked(shop, "Q", member, code) for code in ("0000-0000-0000", "%", yours)]
    bodies.append(asked(shop, "Q", None, mine) | {"member_id": member})
    bodies.append(asked(shop, "Q", other, yours) | {"member_id": member})
    shop.now += timedelta(days=31)
    bodies.append(asked(shop, "Q", member, mine))
    assert all(body["total_minor"] == 10_000 and not body.get("offers") for body in bodies)


def test_a_coupon_is_good_on_its_last_day_also_in_a_purchase_that_is_told_a_month_late() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + "every_days = 60\n" + ALL)
    (code,) = codes(shop, member)
    shop.now = datetime(2025, 2, 2, 4, 59, tzinfo=UTC)
    body = asked(shop, "A-1", member, code)
    assert body["total_minor"] == 8_000
    shop.now += timedelta(minutes=1)
    assert taken_off(shop, member, code) == 0
    shop.now += timedelta(days=30)
    shop.buy(basket("A-2", member, at=shop.now))
    swept(shop)
    assert len(codes(shop, member)) == 2
    shop.buy(body)
    shop.prove(member)


def test_a_coupon_does_not_outlive_its_offer() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + "until = 2025-01-10\n" + BACK + ALL)
    (coupon,) = coupons_of(shop.account(member))
    assert coupon.last_day == date(2025, 1, 10)


def test_who_is_held_out_gets_no_coupon() -> None:
    shop, members = given_to(*[1] * 40, text=EARN + FIFTH + BACK + "holdout = 50\n")
    book = shop.club.laws.latest()
    held = {one for one in members if arm_of(book.automations[0].automation, one, book) == "held_out"}
    assert {one for one in members if not codes(shop, one)} == held
    assert 0 < len(held) < 40


def test_a_code_is_told_again_and_stands_in_no_row_before_it_is_used() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    assert codes(shop, member) == [code]
    held = [row for table in ("ledger", "accounts", "aliases", "limits") for row in shop.memory.scanned(table)]  # type: ignore[arg-type]
    assert not any(code in repr(row) or code.replace("-", "") in repr(row) for row in held)


def test_who_took_a_membership_over_has_its_coupons_with_the_codes_that_were_told() -> None:
    shop, (left, into) = given_to(1, 1)
    before = {*codes(shop, left), *codes(shop, into)}
    shop.merge(left, into, "M-1")
    assert set(codes(shop, into)) == before
    assert len(before) == 2
    for number, code in enumerate(sorted(before)):
        shop.buy(asked(shop, f"A-{number}", into, code))
        assert taken_off(shop, into, code) == 0
    shop.bring_back(came_back("R-1", shop.now, "A-0"))
    assert taken_off(shop, into, min(before)) == 2_000
    shop.prove(into)
    shop.prove(left)


def test_two_coupons_of_one_offer_are_used_one_at_a_time_the_one_that_ends_first_first() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + "every_days = 10\n" + ALL)
    shop.now += timedelta(days=10)
    swept(shop)
    first, second = codes(shop, member)
    shop.buy(asked(shop, "A-1", member, second, first))
    assert [taken_off(shop, member, code) for code in (first, second)] == [0, 2_000]
    shop.buy(asked(shop, "A-2", member, second))
    shop.bring_back(came_back("R-1", shop.now, "A-1"))
    assert [taken_off(shop, member, code) for code in (first, second)] == [2_000, 0]


def test_a_use_that_was_read_before_another_one_is_not_written() -> None:
    shop, (member,) = given_to(1)
    account = shop.account(member)
    (use,) = uses(shop.club, "live", account, coupons_of(account))
    assert shop.memory.write([put_use(use._replace(purchase_key="purchase#main#A-1"))]) == {}
    assert shop.memory.write([put_use(use._replace(purchase_key="purchase#main#A-2"))])
    (known,) = uses(shop.club, "live", account, coupons_of(account))
    assert known.purchase_key == "purchase#main#A-1"
    assert shop.memory.write([put_use(known._replace(purchase_key=""))]) == {}
    assert shop.memory.write([put_use(known)])


def test_an_account_remembers_few_coupons_and_its_row_stays_small() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + "every_days = 1\n" + ALL)
    bare = len(account_row(shop.account(member)._replace(used={}))["z"])
    for _ in range(20):
        shop.now += timedelta(days=1)
        swept(shop)
    account = shop.account(member)
    assert len(coupons_of(account)) == COUPONS_MAX
    assert len(account_row(account)["z"]) - bare < ROW_BYTES_MAX // 4
    # What ended more than a month ago is forgotten, and there is room again.
    shop.now += timedelta(days=62)
    swept(shop)
    assert [len(some) for name, some in shop.account(member).used.items() if name.startswith(COUPONS)] == [1]
    shop.prove(member)


def test_points_and_a_coupon_come_together() -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + "points = 50\n" + ALL)
    assert (shop.account(member).posted, len(codes(shop, member))) == (150, 1)
    shop.prove(member)


def test_an_offer_that_was_changed_since_is_what_a_coupon_is_of_and_one_that_is_gone_is_nothing() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    publish(shop.memory, shop.head + EARN + FIFTH.replace("20", "30") + BACK + ALL, shop.now, at_once=True)
    shop.now += timedelta(minutes=1)
    assert taken_off(shop, member, code) == 3_000
    publish(shop.memory, shop.head + EARN, shop.now, at_once=True)
    shop.now += timedelta(minutes=1)
    assert taken_off(shop, member, code) == 0


def test_after_new_peppers_a_coupon_has_its_code_until_its_own_pepper_is_retired() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    old, new = '{"version": 1, "secret": "%s"}' % ("5e" * 32), '{"version": 2, "secret": "%s"}' % ("6f" * 32)
    object.__setattr__(shop.club, "peppers", Peppers(f"[{old}, {new}]"))
    assert taken_off(shop, member, code) == 2_000
    object.__setattr__(shop.club, "peppers", Peppers(f"[{new}]"))
    assert taken_off(shop, member, code) == 0


def validated(shop: Shop, member: str, code: str) -> Validated:
    return validate_coupon(shop.club, MAIN, CouponAsked(store="main", code=code, member_id=member))


def test_whatever_is_wrong_with_a_code_is_answered_alike_and_with_the_same_calls() -> None:
    shop, (member, other, nobody) = given_to(1, 1, 0, text=EARN + FIFTH + BACK + "every_days = 29\n" + ALL)
    (spent,), (yours,) = codes(shop, member), codes(shop, other)
    shop.buy(asked(shop, "A-1", member, spent))
    shop.now += timedelta(days=29)
    swept(shop)
    good = codes(shop, member)[1]
    wrong = {"0000-0000-0000": member, "%": member, "0" * 64: member, spent: member, yours: member}
    cases = [*wrong.items(), (good, other), (good, nobody)]
    counting, told = Counting(shop), set()  # type: ignore[arg-type]

    def tried(code: str, who: str) -> None:
        counting.calls.clear()
        with pytest.raises(CodeUnusable) as refused:
            validated(shop, who, code)
        told.add((repr(refused.value.facts), frozenset(counting.calls.items())))

    for code, who in cases:
        tried(code, who)
    assert validated(shop, member, good).coupon.last_day == date(2025, 3, 2)
    shop.now += timedelta(days=3)
    tried(yours, other)
    assert len(told) == 1, told
    # An offer that is gone is nothing, too; to read the new law is what it costs more.
    publish(shop.memory, shop.head + EARN, shop.now, at_once=True)
    shop.now += timedelta(minutes=1)
    tried(good, member)


def test_whoever_guesses_is_stopped_within_the_minute_and_a_good_code_costs_no_guess() -> None:
    shop, (member,) = given_to(1)
    (code,) = codes(shop, member)
    for _ in range(70):
        assert validated(shop, member, code).coupon.offer == "fifth"
    for number in range(LOOKUPS_PER_MINUTE_MAX):
        with pytest.raises(CodeUnusable):
            validated(shop, member, f"{number:012d}")
    for guess in ("0000-0000-0060", code):
        with pytest.raises(LookupsExhausted):
            validated(shop, member, guess)
    shop.now += timedelta(minutes=1)
    assert validated(shop, member, code).coupon.offer == "fifth"


def test_ten_thousand_guesses_find_no_coupon() -> None:
    shop, members = given_to(*[1] * 20)
    accounts = [shop.account(member) for member in members]
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    chance = Random(20_261_127)
    guesses = ["".join(chance.choices(alphabet, k=12)) for _ in range(500)]
    for account in accounts:
        assert coupons_coded(shop.club, "live", account, guesses, today(shop)) == []
        assert len(coupons_coded(shop.club, "live", account, codes(shop, account.id), today(shop))) == 1
    told = {code for member in members for code in codes(shop, member)}
    assert len(told) == 20
    assert {len(set(code)) > 1 and len(code) for code in told} == {14}


STEPS = st.lists(st.sampled_from(["buy", "return", "part", "sweep", "late", "month"]), min_size=3, max_size=15)


@given(STEPS)
@drawn(60)
def test_whatever_comes_and_goes_no_coupon_is_used_in_two_purchases_that_stand(steps: list[str]) -> None:
    shop, (member,) = given_to(1, text=EARN + FIFTH + BACK + "every_days = 7\n" + ALL)
    stands: list[tuple[str, str]] = []
    for number, step in enumerate(steps):
        shop.now += timedelta(days=2)
        given_codes = codes(shop, member)
        if step in ("buy", "late") and given_codes:
            code = given_codes[number % len(given_codes)]
            at = shop.now - timedelta(days=3 if step == "late" else 0)
            body = quoted(shop, basket(f"A-{number}", member, code, at=at))
            if body.get("offers"):
                assert code not in {known for _, known in stands}
                shop.buy(body)
                stands.append((f"A-{number}", code))
        elif step == "return" and stands:
            name, _ = stands.pop()
            shop.bring_back(came_back(f"R-{number}", shop.now, name))
        elif step == "part" and stands:
            shop.bring_back(came_back(f"P-{number}", shop.now, stands[-1][0], amount_minor=1))
        elif step == "sweep":
            swept(shop)
        elif step == "month":
            shop.now += timedelta(days=29)
    shop.prove(member)
    verified(shop)
