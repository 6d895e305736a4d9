"""Full cards: their rewards wait, are capped, run out, are owed, end with their card, and are taken back with what gave them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.actions.book_expiry import book_expiry
from shared.actions.merge_members import merge_members
from shared.actions.read_rewards import rewards_of
from shared.actions.return_purchase import return_purchase
from shared.actions.staff import Staff
from shared.api.entries import reason_of
from shared.domain.account import Purse, Waiting
from shared.domain.goals import Held, Shelf, ShelfMove
from shared.domain.ledger import legs_of
from shared.domain.purchase_return import Return
from shared.domain.sentences import Speaker
from shared.domain.staff_requests import Merge
from shared.store.laws import publish
from shared.store.rows import account_of, account_row
from tests.laws.drawn import drawn
from tests.laws.shop import HEAD, MAIN, OPENED, Shop, bought, came_back, plenty

DAY = timedelta(days=1)
CARD = """
[[earn]]
id = "euro"
wallet = "euros"
points = 1
per_minor = 100
[[wallet]]
id = "euros"
goal = 100
"""
WAITING = CARD + "reward_pending_days = 14\n"
LOSS = '[policies]\nclawback_when_spent = "record_loss"\n'
DROPPED = '[policies]\nexcess_above_reward_cap = "dropped"\nclawback_when_spent = "record_loss"\n'


class Club(Shop):
    """A shop with one member, who buys and brings back; every account is proven after each step."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.member = self.join()
        self.count = 0

    def buys(self, euros: int, member: str | None = None) -> str:
        self.count, self.now = self.count + 1, self.now + timedelta(minutes=1)
        self.buy(bought(f"A-{self.count}", self.now, ("CD-1", 1, euros * 100), member_id=member or self.member))
        self.prove(member or self.member)
        return f"A-{self.count}"

    def returns(self, purchase_id: str | None, euros: int | None = None) -> Any:
        self.count, self.now = self.count + 1, self.now + timedelta(minutes=1)
        more: dict[str, Any] = {} if euros is None else {"amount_minor": euros * 100}
        if purchase_id is None:
            more["member_id"] = self.member
        row = self.bring_back(came_back(f"R-{self.count}", self.now, purchase_id, **more))
        self.prove(self.member)
        return row

    @property
    def purse(self) -> Purse:
        return self.account(self.member).purses.get("euros", Purse())

    def held(self, member: str | None = None) -> Held:
        return rewards_of(self.club, "live", member or self.member).get("euros", Held(0, 0, 0, None))

    def publishes(self, text: str) -> None:
        self.now += timedelta(seconds=1)
        publish(self.memory, HEAD + text, self.now, at_once=True)
        self.now += timedelta(seconds=1)


def test_a_reward_waits_for_the_end_of_the_time_in_which_a_return_takes_it_back() -> None:
    club = Club(WAITING)
    club.buys(130)
    assert (club.purse.posted, club.held()) == (30, Held(0, 1, 0, (OPENED + 14 * DAY).date()))
    club.now += 13 * DAY
    assert club.held().issued == 0
    club.now += DAY
    assert club.held() == Held(1, 0, 0, None)


def test_a_reward_that_is_the_members_own_stays_and_the_balance_pays_for_the_return() -> None:
    club = Club(WAITING + LOSS)
    first = club.buys(130)
    club.now += 14 * DAY
    row = club.returns(first)
    assert (club.purse.posted, club.held()) == (0, Held(1, 0, 0, None))
    # 130 came back, 30 were there: 100 are the club's loss.
    assert ("lost/euros", -100) in legs_of(row)


def test_a_return_takes_rewards_that_wait_and_breaks_one_where_the_balance_has_too_little() -> None:
    club = Club(WAITING)
    first = club.buys(250)
    # 160 of 250: one reward whole (100), the balance (50) has no 60, so the other is broken and 40 are its change.
    club.returns(first, 160)
    assert (club.purse.posted, club.held().waiting, club.purse.completed) == (90, 0, 0)


def test_a_return_breaks_no_reward_as_long_as_the_balance_has_the_rest() -> None:
    club = Club(WAITING)
    first = club.buys(250)
    club.returns(first, 140)
    assert (club.purse.posted, club.held().waiting) == (10, 1)


@pytest.mark.parametrize(
    ("policy", "left", "cost"),
    [("dropped", 30, 430), ("kept", 260, 200)],
)
def test_what_is_above_the_most_rewards_of_one_purchase_waits_with_them_or_stays(
    policy: str, left: int, cost: int
) -> None:
    text = WAITING + f'rewards_per_purchase = 2\n[policies]\nexcess_above_reward_cap = "{policy}"\n'
    club = Club(text)
    club.buys(30)
    second = club.buys(430)
    assert (club.purse.posted, club.held().waiting, club.purse.waiting[0].cost) == (left, 2, cost)
    club.returns(second)
    assert (club.purse.posted, club.purse.completed, club.purse.waiting) == (30, 0, ())


def test_what_was_lost_above_the_most_rewards_is_not_asked_for_again() -> None:
    club = Club(CARD + "rewards_per_purchase = 1\n" + DROPPED)
    club.buys(40)
    second = club.buys(180)
    assert (club.purse.posted, club.purse.completed) == (40, 1)
    # 80 of the 180 were never the member's.
    assert legs_of(club.returns(second, 80)) == ()
    assert club.purse.posted == 40
    assert ("lost/euros", -60) in legs_of(club.returns(second))
    assert club.purse.posted == 0


def test_stamps_may_stay_when_goods_come_back_and_the_answer_says_so() -> None:
    club = Club(WAITING + '[policies]\nstamps_on_return = "kept"\n')
    row = club.returns(club.buys(130))
    assert (club.purse.posted, club.held().waiting) == (30, 1)
    assert '{"euros":130}]' in str(row["rt"])


amounts = st.integers(1, 400)


@drawn(60)
@given(
    before=st.integers(0, 99), amount=amounts, parts=st.lists(st.integers(1, 150), max_size=4),
    keys=st.sampled_from(["", "rewards_per_purchase = 2\n", "rewards_per_purchase = 1\n"]),
    policies=st.sampled_from(["", LOSS, DROPPED]),
)  # fmt: skip
def test_partial_returns_take_what_one_whole_return_takes(
    before: int, amount: int, parts: list[int], keys: str, policies: str
) -> None:
    left = []
    for whole in (True, False):
        club = Club(WAITING + keys + policies)
        if before:
            club.buys(before)
        of = club.buys(amount)
        rest = amount
        for part in () if whole else parts:
            if part < rest:
                club.returns(of, part)
                rest -= part
        club.returns(of)
        left.append((club.purse.posted, club.purse.completed, club.purse.waiting))
    assert left[0] == left[1] == (before, 0, ())


@drawn(40)
@given(
    before=st.integers(0, 99), amounts=st.lists(amounts, min_size=1, max_size=4),
    keys=st.sampled_from(["", "reward_pending_days = 3\n", "reward_pending_days = 3\nrewards_per_purchase = 1\n"]),
    policies=st.sampled_from(["", DROPPED]),
)  # fmt: skip
def test_whoever_buys_and_returns_again_and_again_has_what_there_was_at_the_beginning(
    before: int, amounts: list[int], keys: str, policies: str
) -> None:
    club = Club(CARD + keys + policies)
    if before:
        club.buys(before)
    for amount in amounts:
        club.returns(club.buys(amount))
        if "pending" in keys:
            assert (club.purse.posted, club.held().waiting, club.purse.completed) == (before, 0, 0)
        else:
            # A reward that does not wait is the member's: what it took is owed, or the club's loss.
            assert 0 <= club.purse.posted <= before or club.purse.posted + club.purse.completed * 100 == before


def test_a_debt_completes_no_card() -> None:
    club = Club(CARD)
    for _ in range(3):
        club.returns(club.buys(100))
    # The first reward was given and is owed; the second and the third purchase only repay.
    assert (club.purse.completed, club.purse.posted) == (1, -100)


STOCK = CARD + "reward_stock = {stock}\n"
OWED = '[policies]\nreward_out_of_stock = "owe"\n'


def test_no_more_rewards_are_given_than_there_are_and_the_card_stays_full() -> None:
    club = Club(STOCK.replace("{stock}", "1"))
    other = club.join()
    club.buys(100)
    club.buys(120, other)
    assert (club.held().issued, club.held(other).issued) == (1, 0)
    assert club.account(other).purses["euros"].posted == 120
    club.publishes(STOCK.replace("{stock}", "3"))
    club.buys(1, other)
    assert (club.held(other), club.account(other).purses["euros"].posted) == (Held(1, 0, 0, None), 21)


def test_rewards_that_are_owed_are_given_first_when_more_arrive() -> None:
    club = Club(STOCK.replace("{stock}", "0") + OWED)
    second, third = club.join(), club.join()
    club.buys(230)
    club.buys(100, second)
    assert (club.held(), club.purse.posted) == (Held(0, 0, 2, None), 30)
    club.publishes(STOCK.replace("{stock}", "1") + OWED)
    assert (club.held().issued, club.held(second).issued) == (1, 0)
    club.buys(100, third)
    club.publishes(STOCK.replace("{stock}", "3") + OWED)
    assert [club.held(one).owed for one in (None, second, third)] == [0, 0, 1]
    club.publishes(STOCK.replace("{stock}", "4") + OWED)
    assert club.held(third) == Held(1, 0, 0, None)


@drawn(50)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(50, 250), st.booleans()), max_size=9), st.integers(0, 4))
def test_members_never_have_more_rewards_than_the_club_and_all_it_has_if_it_owes_any(
    doings: list[tuple[int, int, bool]], stock: int
) -> None:
    club = Club(STOCK.replace("{stock}", str(stock)) + "reward_pending_days = 5\n" + OWED)
    members = [club.member, club.join(), club.join()]
    for who, euros, comes_back in doings:
        member = members[who]
        of = club.buys(euros, member)
        if comes_back:
            club.count += 1
            told = Return.model_validate(came_back(f"R-{club.count}", club.now, of))
            return_purchase(club.club, MAIN, told, plenty)
            club.prove(member)
    club.now += 5 * DAY
    held = [club.held(member) for member in members]
    issued, owed = sum(one.issued for one in held), sum(one.owed for one in held)
    assert issued <= stock
    assert issued == stock or not owed


def test_a_place_in_line_that_came_free_passes_the_next_one_on() -> None:
    # Two rewards; the third, fourth and fifth are owed, and the fourth comes back.
    shelf = Shelf(2, taken=5).after(ShelfMove(freed=(4,)))
    assert (shelf.left, shelf.served(3, 1), shelf.served(5, 1)) == (-2, 0, 0)
    assert shelf._replace(stock=3).served(3, 1) == 1
    assert shelf._replace(stock=4).served(5, 1) == 1
    # One of the first two comes back: the third has it.
    assert shelf.after(ShelfMove(back=1)).served(3, 1) == 1
    assert shelf.after(ShelfMove(back=1)).served(5, 1) == 0


@pytest.mark.parametrize(("fate", "issued"), [("issue", 2), ("delete", 0)])
def test_rewards_that_wait_are_given_or_lapse_when_their_card_ends(fate: str, issued: int) -> None:
    club = Club(WAITING)
    club.buys(230)
    club.publishes(f'[policies]\npending_at_end = "{fate}"\n[[earn]]\nid = "base"\npoints = 1\nper = "purchase"\n')
    assert book_expiry(club.club, MAIN, club.member, plenty) is not None
    club.prove(club.member)
    assert (club.purse.completed, club.purse.waiting, club.purse.posted) == (issued, (), 30)
    assert book_expiry(club.club, MAIN, club.member, plenty) is None


def test_a_card_may_say_itself_what_becomes_of_its_rewards() -> None:
    club = Club(WAITING + 'after_end = "delete"\n')
    club.buys(230)
    club.publishes('[[earn]]\nid = "base"\npoints = 1\nper = "purchase"\n')
    club.buys(1)
    assert (club.purse.completed, club.purse.waiting) == (0, ())


def test_a_law_from_before_a_card_does_not_end_it() -> None:
    club = Club('[[earn]]\nid = "base"\npoints = 1\nper = "purchase"\n')
    first = club.buys(10)
    club.publishes(WAITING)
    club.buys(230)
    club.returns(first)
    assert club.held().waiting == 2


def test_a_late_purchase_after_the_end_of_its_card_changes_nothing_that_lapsed_with_it() -> None:
    club = Club(WAITING + LOSS)
    club.now += 3 * DAY
    club.buys(150)
    club.publishes('[policies]\npending_at_end = "delete"\n[[earn]]\nid = "base"\npoints = 1\nper = "purchase"\n')
    book_expiry(club.club, MAIN, club.member, plenty)
    club.now += DAY
    club.buy(bought("LATE", OPENED + DAY, ("CD-1", 1, 20_000), member_id=club.member))
    club.prove(club.member)
    # 200 and 150 are three rewards and 50; all three lapsed with the card.
    assert (club.purse.posted, club.purse.completed, club.purse.waiting) == (50, 0, ())


def test_rewards_that_wait_stand_in_the_row_and_what_a_newer_release_adds_survives() -> None:
    club = Club(WAITING)
    club.buys(230)
    account = club.account(club.member)
    assert account_of(account_row(account)) == account
    waiting = Waiting((OPENED + 14 * DAY).date(), 2, 100, 200, 0, 1)
    assert account.purses["euros"].waiting == (waiting,)
    assert len(account_row(account)["z"]) < 300


def test_a_quote_takes_no_reward_off_the_shelf() -> None:
    from shared.actions.record_purchase import quote_purchase
    from shared.domain.purchase import Purchase

    club = Club(STOCK.replace("{stock}", "1"))
    body = bought("Q-1", club.now, ("CD-1", 1, 10_000), member_id=club.member)
    for _ in range(2):
        assert '"euros":[100,0,1' in str(quote_purchase(club.club, MAIN, Purchase.model_validate(body)).row["w"])
    club.buys(100)
    assert club.held().issued == 1


def test_a_member_reads_what_became_of_rewards_when_their_card_ended() -> None:
    club = Club(WAITING + 'after_end = "delete"\n')
    club.buys(230)
    club.publishes('[[earn]]\nid = "base"\npoints = 1\nper = "purchase"\n')
    row = book_expiry(club.club, MAIN, club.member, plenty)
    assert row is not None
    reason, _ = reason_of(row, (), Speaker(club.club.laws.latest(), "en"))
    assert reason == "A card ended: rewards that waited, 0 given and 2 lapsed."


def test_whoever_joins_two_memberships_keeps_the_rewards_that_wait() -> None:
    club = Club(WAITING)
    other = club.join()
    club.buys(230, other)
    told = Merge(merge_id="M-1", from_member_id=other, into_member_id=club.member, reason="One person")
    merge_members(club.club, Staff("noa", ("manager",)), told, plenty)
    club.prove(club.member)
    club.prove(other)
    assert (club.purse.posted, club.held().waiting) == (30, 2)
    assert club.account(other).purses["euros"] == Purse()
