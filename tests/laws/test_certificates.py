"""Gift certificates and stored value are money of the ledger: not a cent is lost, made, or spent twice."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.certificates import code_of_row, find_certificate, issue_certificate
from shared.actions.redemptions import hold_redemption
from shared.domain.certificates import Certificate, CodeAsked, left_minor, state_of
from shared.domain.decide import with_lapses
from shared.domain.errors import CodeUnusable
from shared.domain.ledger import LedgerBroken, Row, legs_of
from shared.domain.rebuilding import proven, rebuilt
from shared.domain.redeeming import HOLDS_MAX
from shared.domain.redemption import Redemption
from tests.laws.drawn import drawn
from tests.laws.shop import MAIN, OPENED, Shop, bought, came_back, plenty
from tests.laws.test_order_of_arrival import BASE
from tests.laws.test_proof import found as faults_found
from tests.laws.test_redemptions import refused
from tests.laws.test_staff import merge

GIFTS = (
    BASE
    + """
[points]
value_minor = 5
[[reward]]
id = "gift"
kind = "gift_certificate"
amount_minor = 2_500
expiry = { days = 30 }
price = 50
[[wallet]]
id = "purse"
decimals = 2
value_minor = 100
top_up = true
[[reward]]
id = "money"
kind = "stored_value"
amount_minor = 700
into = "purse"
price = 10
"""
)


class Club(Shop):
    """A club that sells certificates."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.sold: dict[str, str] = {}

    def sell(self, certificate_id: str, amount_minor: int = 5_000, **more: Any) -> str:
        """The code of a new certificate."""
        told = {
            "store": "main",
            "certificate_id": certificate_id,
            "amount_minor": amount_minor,
            "currency": "USD",
            **more,
        }
        row = issue_certificate(self.club, MAIN, Certificate.model_validate(told), plenty).row
        code = code_of_row(self.club, row)
        self.sold[code] = str(row["a"])
        return code

    def pay(self, redemption_id: str, code: str, **what: Any) -> Row:
        told = {"store": "main", "redemption_id": redemption_id, "code": code, **what}
        return hold_redemption(self.club, MAIN, Redemption.model_validate(told), plenty).row

    def left(self, code: str) -> int:
        return left_minor(self.account(self.sold[code]), self.now.date())

    def left_now(self, code: str) -> int:
        """As `left`, with the holds that are over."""
        account, _ = with_lapses(self.account(self.sold[code]), self.club.laws.latest(), self.now)
        return left_minor(account, self.now.date())

    def found(self, code: str, **more: Any) -> int:
        told = find_certificate(self.club, MAIN, CodeAsked.model_validate({"code": code, **more}))
        return left_minor(told.account, told.today)

    def side(self, account: str) -> int:
        """What one of the club's own accounts came to."""
        legs = [leg for row in self.memory.scanned("ledger") for leg in legs_of(row)]
        return sum(leg.points for leg in legs if leg.account == account)

    def balanced(self) -> None:
        """Every posting sums to nothing in each wallet, and every account is what its postings make of it."""
        sums: Counter[str] = Counter()
        for row in self.memory.scanned("ledger"):
            own: Counter[str] = Counter()
            for leg in legs_of(row):
                own[leg.account.partition("/")[2]] += leg.points
            assert not any(own.values()), row["k"]
            sums.update(own)
        assert not any(sums.values())
        for row in self.memory.scanned("accounts"):
            self.prove(row["a"])
        assert faults_found(self) == []


def opened(text: str = GIFTS) -> tuple[Club, str]:
    shop = Club(text)
    member = shop.join()
    shop.buy(bought("A-1", OPENED, ("CD-1", 1, 10_000)) | {"member_id": member})
    return shop, member


def test_a_certificate_is_used_in_parts_and_keeps_the_rest() -> None:
    shop, _ = opened()
    code = shop.sell("GC-1")
    shop.pay("R-1", code, total_minor=3_000)
    assert shop.left(code) == 2_000
    shop.capture("R-1")
    shop.pay("R-2", code, units=500)
    shop.capture("R-2", units=400)
    assert (shop.left(code), shop.found(code)) == (1_600, 1_600)
    shop.pay("R-3", code)
    shop.void("R-3")
    shop.reverse("R-2", "B-1")
    assert shop.found(code) == 2_000
    shop.balanced()


def test_the_code_is_told_again_to_whoever_issued_it_and_stands_in_no_row() -> None:
    shop, member = opened()
    code = shop.sell("GC-1")
    assert shop.sell("GC-1") == code
    refused("certificate_differs", lambda: shop.sell("GC-1", 4_999))
    shop.hold("R-1", member, reward="gift")
    row = shop.capture("R-1")
    taken = code_of_row(shop.club, row)
    assert code_of_row(shop.club, shop.capture("R-1")) == taken
    assert taken != code
    held = [row for table in ("ledger", "accounts", "aliases", "limits") for row in shop.memory.scanned(table)]  # type: ignore[arg-type]
    for secret in (code, taken):
        assert len(secret) == 14
        assert not any(secret in repr(row) or secret.replace("-", "") in repr(row) for row in held)


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code.replace('-', ' ')} "]
)
def test_a_code_is_read_as_people_type_it(typed: Any) -> None:
    shop, _ = opened()
    codes = [shop.sell(f"GC-{number}") for number in range(40)]
    twins = str.maketrans("10V", "lOu")
    for code in codes:
        assert shop.found(typed(code)) == shop.found(typed(code).translate(twins)) == 5_000
        shop.now += timedelta(minutes=1)
    assert any(set("10V") & set(code) for code in codes)


def test_a_certificate_is_taken_for_points_and_given_back_for_them_while_it_is_whole() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="gift")
    code = code_of_row(shop.club, shop.capture("R-1"))
    assert shop.account(member).posted == 50
    assert shop.found(code) == 2_500
    assert (shop.side("issued/certificate"), shop.side("sold/certificate")) == (-2_500, 0)
    shop.pay("P-1", code, units=1)
    refused("certificate_used", lambda: shop.reverse("R-1", "B-1"))
    shop.void("P-1")
    refused("invalid", lambda: shop.reverse("R-1", "B-1", units=20))
    shop.reverse("R-1", "B-1")
    shop.reverse("R-1", "B-1")
    assert shop.account(member).posted == 100
    refused("code_unusable", lambda: shop.found(code))
    assert shop.side("issued/certificate") == 0
    shop.balanced()


def test_what_is_on_a_certificate_lapses_after_its_last_day_and_no_sooner() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="gift")
    row = shop.capture("R-1")
    shop.sold[code := code_of_row(shop.club, row)] = json.loads(str(row["cf"]))[0]
    shop.now = OPENED + timedelta(days=30, hours=11)
    assert shop.found(code) == 2_500
    shop.pay("P-1", code, units=500)
    shop.capture("P-1")
    shop.now = OPENED + timedelta(days=31)
    refused("code_unusable", lambda: shop.found(code))
    assert state_of(shop.account(shop.sold[code]), shop.now.date()) == "lapsed"
    # What comes back to it has the day it had.
    shop.reverse("P-1", "B-1")
    refused("code_unusable", lambda: shop.found(code))
    shop.balanced()


class Counting:
    """How often each call of the store was made: what an answer's time is made of."""

    def __init__(self, shop: Club) -> None:
        self.calls: Counter[str] = Counter()
        for name in ("get", "get_many", "write", "counted"):
            setattr(shop.memory, name, self._counted(name, getattr(shop.memory, name)))

    def _counted(self, name: str, call: Any) -> Any:
        def counted(*given: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return call(*given, **named)

        return counted


def test_whatever_is_wrong_with_a_code_is_answered_alike_and_takes_as_long() -> None:
    shop, member = opened()
    other = shop.join()
    spent, mine, lapsing = shop.sell("GC-1", 100), shop.sell("GC-2", member_id=member), ""
    shop.pay("P-1", spent)
    shop.capture("P-1")
    shop.hold("R-1", member, reward="gift")
    lapsing = code_of_row(shop.club, shop.capture("R-1"))
    shop.now += timedelta(days=60)
    wrong = {
        "unknown": {"code": "0000-0000-0000"},
        "no code at all": {"code": "%"},
        "too long": {"code": "0" * 64},
        "used up": {"code": spent},
        "expired": {"code": lapsing},
        "another member's": {"code": mine},
    }
    counting, told = Counting(shop), set()
    # Whoever names a member is asked for who that is, whatever the code.
    asked = [(name, code | whose, whose) for whose in ({}, {"member_id": other}) for name, code in wrong.items()]
    for at, (name, named, whose) in enumerate(asked):
        counting.calls.clear()
        with pytest.raises(CodeUnusable) as by_hold:
            shop.pay(f"P-{10 + at}", **named)  # type: ignore[arg-type]
        holding = frozenset(counting.calls.items())
        counting.calls.clear()
        with pytest.raises(CodeUnusable) as by_lookup:
            shop.found(**named)  # type: ignore[arg-type]
        facts = (by_hold.value.code, repr(by_hold.value.facts), repr(by_lookup.value.facts))
        told.add((bool(whose), facts, holding, frozenset(counting.calls.items())))
        assert len(told) == 1 + bool(whose), name
    assert shop.found(mine, member_id=member) == 5_000
    shop.pay("P-2", mine, member_id=member)
    shop.balanced()


def test_whoever_guesses_codes_is_stopped_within_the_minute_by_either_door() -> None:
    shop, _ = opened()
    good = shop.sell("GC-1")
    for number in range(60):
        ask = shop.found if number % 2 else lambda code, number=number: shop.pay(f"P-{number}", code)
        refused("code_unusable", lambda ask=ask, number=number: ask(f"{number:012d}"))
    refused("lookups_exhausted", lambda: shop.found("0000-0000-0060"))
    refused("lookups_exhausted", lambda: shop.pay("P-60", "0000-0000-0061"))
    refused("lookups_exhausted", lambda: shop.pay("P-61", good))
    shop.now += timedelta(minutes=1)
    assert shop.found(good) == 5_000


def test_a_bearer_s_certificate_is_whoever_has_its_code() -> None:
    shop, member = opened(GIFTS + '[policies]\nassigned_certificate = "bearer"\n')
    code = shop.sell("GC-1", member_id=member)
    shop.pay("P-1", code)
    refused("member_unknown", lambda: shop.sell("GC-2", member_id="M" + "9" * 16))
    refused("member_unknown", lambda: shop.buy(bought("A-9", OPENED, ("CD-1", 1, 1)) | {"member_id": shop.sold[code]}))


def test_who_took_a_membership_over_has_its_certificates_and_nobody_else_does() -> None:
    shop, member = opened()
    into, other = shop.join(), shop.join()
    code = shop.sell("GC-1", member_id=member)
    merge(shop, member, into)
    refused("code_unusable", lambda: shop.found(code, member_id=other))
    assert shop.found(code, member_id=into) == shop.found(code, member_id=member) == 5_000
    shop.pay("P-1", code, member_id=into)
    later = shop.sell("GC-2", member_id=member)
    assert shop.account(shop.sold[later]).attributes["member"] == into
    shop.balanced()


def test_only_what_is_there_and_may_be_paid_is_held_of_a_certificate() -> None:
    shop, _ = opened()
    code = shop.sell("GC-1")
    refused("certificate_insufficient", lambda: shop.pay("P-1", code, units=5_001))
    refused("redemption_exceeds_total", lambda: shop.pay("P-1", code, units=5_000, total_minor=4_999))
    refused("currency_mismatch", lambda: shop.pay("P-1", code, currency="EUR"))
    refused("invalid", lambda: shop.pay("P-1", code, total_minor=0))
    refused("invalid", lambda: shop.sell("GC-2", currency="EUR"))
    shop.pay("P-1", code, currency="USD", total_minor=7_000)
    refused("code_unusable", lambda: shop.pay("P-2", code))
    negative, _ = opened(GIFTS + '[policies]\nredeem_more_than_balance = "negative"\n')
    refused("certificate_insufficient", lambda: negative.pay("P-1", negative.sell("GC-1"), units=5_001))
    clamping, _ = opened(GIFTS + '[policies]\nredeem_more_than_balance = "clamp"\n')
    clamping.pay("P-1", code := clamping.sell("GC-1"), units=5_001)
    assert clamping.left(code) == 0


@pytest.mark.parametrize("is_member", [True, False])
def test_a_return_gives_back_to_each_certificate_what_it_had_paid_once(is_member: bool) -> None:
    shop, member = opened()
    codes = [shop.sell("GC-1", 500), shop.sell("GC-2", 700)]
    for at, code in enumerate(codes):
        shop.pay(f"P-{at}", code, purchase_id="A-2")
        shop.capture(f"P-{at}")
    paid = bought("A-2", shop.now, ("CD-1", 2, 2_000), stored_value_payment_minor=1_200)
    shop.buy(paid | ({"member_id": member} if is_member else {}))
    shop.bring_back(came_back("B-1", shop.now, "A-2", lines=[{"sku": "CD-1", "quantity": 1}]))
    assert [shop.left(code) for code in codes] == [250, 350]
    refused("capture_exceeds_hold", lambda: shop.reverse("P-0", "B-1", units=251))
    shop.reverse("P-0", "B-1", units=50)
    shop.bring_back(came_back("B-2", shop.now, "A-2"))
    shop.bring_back(came_back("B-2", shop.now, "A-2"))
    assert [shop.left(code) for code in codes] == [500, 700]
    assert shop.account(member).posted == 100
    shop.balanced()


def test_a_return_that_waited_for_its_purchase_pays_back_to_the_certificate_as_well() -> None:
    shop, member = opened()
    code = shop.sell("GC-1")
    shop.pay("P-1", code, units=3_000, purchase_id="A-2")
    shop.capture("P-1")
    at = shop.now
    shop.bring_back(came_back("B-1", at, "A-2"))
    assert shop.left(code) == 2_000
    shop.buy(bought("A-2", at, ("CD-1", 1, 4_000), stored_value_payment_minor=3_000) | {"member_id": member})
    assert shop.left(code) == 5_000
    shop.balanced()


def test_a_top_up_is_bought_and_not_earned_and_goes_with_the_return_of_its_line() -> None:
    shop, member = opened()
    at = shop.now
    told = bought("A-2", at, ("CD-1", 1, 2_000), ("TOP", 2, 5_000)) | {"member_id": member}
    told["lines"][1] |= {"kind": "top_up"}
    row = shop.buy(told)
    assert [leg for leg in legs_of(row) if "/purse" in leg.account] == [
        (f"{member}/purse", 5_000),
        ("sold/purse", -5_000),
    ]
    account = shop.account(member)
    assert (account.posted, account.purses["purse"].posted) == (120, 5_000)
    shop.hold("R-1", member, units=4_000, wallet="purse")
    shop.capture("R-1")
    shop.bring_back(came_back("B-1", at, "A-2", lines=[{"sku": "TOP", "quantity": 1}]))
    account = shop.account(member)
    assert (account.posted, account.purses["purse"].posted) == (120, -1_500)
    shop.bring_back(came_back("B-2", at, "A-2", lines=[{"sku": "CD-1"}]))
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (100, -1_500)
    shop.reverse("R-1", "B-3")
    shop.bring_back(came_back("B-3", at, "A-2"))
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (100, 0)
    assert (shop.side("sold/purse"), shop.side("clawed_back/purse")) == (0, 0)
    shop.balanced()


def test_a_top_up_goes_back_just_so_when_its_return_is_told_late() -> None:
    shop, member = opened()
    at = shop.now = OPENED + timedelta(hours=1)
    told = bought("A-2", at, ("CD-1", 1, 2_000), ("TOP", 1, 5_000)) | {"member_id": member}
    told["lines"][1] |= {"kind": "top_up"}
    shop.buy(told)
    shop.now += timedelta(hours=2)
    shop.buy(bought("A-3", shop.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    shop.bring_back(came_back("B-1", at + timedelta(hours=1), "A-2", lines=[{"sku": "TOP"}]))
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (130, 0)
    shop.bring_back(came_back("B-2", at + timedelta(minutes=90), "A-2"))
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (110, 0)
    assert shop.side("sold/purse") == 0
    shop.balanced()


def test_whose_a_certificate_is_stands_in_its_ledger_and_not_in_its_account_alone() -> None:
    shop, member = opened()
    account = shop.account(shop.sold[shop.sell("GC-1", member_id=member)])
    rows = shop.club.store.story(account)
    assert rebuilt(rows, shop.club.laws.version)._replace(unknown={}) == account
    stolen = account._replace(attributes={**account.attributes, "member": "M" + "9" * 16})
    with pytest.raises(LedgerBroken, match="attributes"):
        proven(stolen, rows, shop.club.laws.version)


def test_a_discount_makes_no_money_and_a_guest_has_no_wallet_to_fill() -> None:
    shop, member = opened()
    told = bought("A-2", shop.now, ("TOP", 1, 5_000), discount_minor=1_000)
    told["lines"][0] |= {"kind": "top_up"}
    refused("invalid", lambda: shop.buy(told))
    shop.buy(told | {"member_id": member})
    assert shop.account(member).purses["purse"].posted == 4_000
    late = bought("A-0", OPENED - timedelta(hours=1), ("TOP", 1, 300)) | {"member_id": member}
    late["lines"][0] |= {"kind": "top_up"}
    shop.buy(late)
    shop.bring_back(came_back("B-1", shop.now, "A-2", amount_minor=1_000))
    assert shop.account(member).purses["purse"].posted == 3_300
    shop.bring_back(came_back("B-2", shop.now, "A-0"))
    shop.bring_back(came_back("B-3", shop.now, "A-2"))
    assert shop.account(member).purses["purse"].posted == 0
    shop.balanced()


def test_stored_value_is_money_that_points_become_and_goes_back_with_them() -> None:
    shop, member = opened()
    shop.hold("R-1", member, reward="money")
    shop.capture("R-1")
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (90, 700)
    shop.reverse("R-1", "B-1")
    assert (shop.account(member).posted, shop.account(member).purses["purse"].posted) == (100, 0)
    shop.balanced()


def test_two_tills_at_once_do_not_spend_the_same_money() -> None:
    shop, _ = opened()
    code = shop.sell("GC-1")
    write, raced = shop.memory.write, []

    def between(puts: Any) -> Any:
        """Another till comes between the first one's reading and its writing."""
        if not raced:
            raced.append(True)
            shop.pay("P-2", code, units=4_000)
        return write(puts)

    shop.memory.write = between  # type: ignore[method-assign]
    refused("certificate_insufficient", lambda: shop.pay("P-1", code, units=3_000))
    shop.memory.write = write  # type: ignore[method-assign]
    assert shop.left(code) == 1_000
    shop.balanced()


@drawn(30)
@given(data=st.data())
def test_a_certificate_has_what_was_put_on_it_less_what_was_used_and_not_given_back(data: st.DataObject) -> None:
    shop, member = opened()
    codes = [shop.sell("GC-1", 5_000), shop.sell("GC-2", 3_000)]
    bare = dict.fromkeys(codes, 0) | dict(zip(codes, (5_000, 3_000), strict=True))
    held: dict[str, tuple[str, int]] = {}
    taken: dict[str, list[Any]] = {}
    for at in range(data.draw(st.integers(1, 12))):
        name, code = f"P-{at}", data.draw(st.sampled_from(codes))
        free = bare[code] - sum(units for of, units in held.values() if of == code)
        match data.draw(st.sampled_from(["hold", "capture", "void", "reverse", "return", "wait"])):
            case "hold" if free and len(held) < HOLDS_MAX:
                units = data.draw(st.integers(1, free))
                shop.pay(name, code, units=units)
                held[name] = (code, units)
            case "capture" if held:
                one = data.draw(st.sampled_from(sorted(held)))
                of, most = held.pop(one)
                units = data.draw(st.integers(1, most))
                shop.capture(one, units=units, purchase_id=f"A-{one}")
                bare[of] -= units
                taken[one] = [of, units, units]
            case "void" if held:
                one = data.draw(st.sampled_from(sorted(held)))
                held.pop(one)
                shop.void(one)
            case "reverse" if any(left for _, left, _ in taken.values()):
                one = data.draw(st.sampled_from(sorted(of for of, (_, left, _) in taken.items() if left)))
                units = data.draw(st.integers(1, taken[one][1]))
                shop.reverse(one, f"B-{at}", units=units)
                taken[one][1] -= units
                bare[taken[one][0]] += units
            case "return" if any(spent for _, _, spent in taken.values()):
                one = data.draw(st.sampled_from(sorted(of for of, (_, _, spent) in taken.items() if spent)))
                whose = {"member_id": member} if data.draw(st.booleans()) else {}
                shop.buy(bought(f"A-{one}", shop.now, ("CD-1", 1, 9_000)) | whose)
                shop.bring_back(came_back(f"B-{at}", shop.now, f"A-{one}"))
                bare[taken[one][0]] += taken[one][1]
                taken[one][1:] = [0, 0]
            case "wait":
                shop.now += timedelta(minutes=16)
                held.clear()
        for code in codes:
            assert shop.left_now(code) == bare[code] - sum(units for of, units in held.values() if of == code)
        shop.balanced()
