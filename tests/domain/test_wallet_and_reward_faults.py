"""What a programme must not say of wallets and rewards is told with its line, before anybody relies on it."""

from __future__ import annotations

import pytest

from shared.domain.rulebook import ProgrammeFaulty, rulebook
from shared.domain.wallet_tables import pays
from tests.domain.shop import BASE, CLUB, points, programme, tier

HEAD = CLUB.lstrip() + BASE.strip()
CREDIT = '[[wallet]]\nid = "credit"\ndecimals = 2\nvalue_minor = 100'
STAMPS = '[[wallet]]\nid = "stamps"\ngoal = 10'
TEA = '[[reward]]\nid = "tea"\nprice = 100\n'
DISCOUNT = TEA + 'kind = "discount"\namount_minor = 500\n'


def faults(*tables: str) -> list[tuple[int, str]]:
    """Line, counted from the first of `tables`, and sentence of every fault."""
    try:
        rulebook("\n".join((HEAD, *tables)))
    except ProgrammeFaulty as faulty:
        return [(fault.line - len(HEAD.splitlines()), fault.sentence) for fault in faulty.faults]
    return []


@pytest.mark.parametrize(
    ("kind", "fine"),
    [
        ("discount", "amount_minor = 1"),
        ("percent", "percent = 10\nmax_minor = 500"),
        ("product", 'sku = "A"\nquantity = 3'),
        ("gift_certificate", "amount_minor = 500\nexpiry = { months = 12 }"),
        ("stored_value", 'amount_minor = 500\ninto = "credit"'),
        ("club_only", 'text = { en = "Tea", he = "תה", fa = "چای" }'),
        ("club_only", 'sku = "A"'),
        ("conversion", 'gives = 1\ninto = "credit"'),
    ],
)
def test_a_reward_with_the_keys_of_its_kind_is_taken(kind: str, fine: str) -> None:
    assert faults(CREDIT, f'{TEA}kind = "{kind}"\n{fine}') == []


@pytest.mark.parametrize(
    ("keys", "line", "said"),
    [
        ('kind = "discount"', 4, "reward 'tea' is a discount and needs amount_minor"),
        ('kind = "percent"', 4, "reward 'tea' is a percent and needs percent"),
        ('kind = "percent"\npercent = 0', 5, "reward 'tea' takes nothing off"),
        ('kind = "product"', 4, "reward 'tea' is a product and needs sku"),
        ('kind = "product"\nsku = "A"\namount_minor = 1', 6, "reward 'tea' is a product, and amount_minor does not belong to it"),
        ('kind = "discount"\namount_minor = 5\nquantity = 2', 6, "is a discount, and quantity does not belong to it"),
        ('kind = "product"\nsku = "A"\ngives = 1', 6, "reward 'tea' is a product, and gives does not belong to it"),
        ('kind = "club_only"', 4, "reward 'tea' is for members only and needs either sku or text"),
        ('kind = "conversion"\ngives = 1\ninto = "points"', 6, "reward 'tea' takes from 'points' and gives into it again"),
        ('kind = "conversion"\ngives = 1\ninto = "gold"', 6, "reward 'tea' names 'gold', and there is no such [[wallet]]"),
        ('kind = "product"\nsku = "A"\nwallet = "gold"', 6, "reward 'tea' names 'gold', and there is no such [[wallet]]"),
        ('kind = "product"\nsku = "A"\ntiers = ["gold"]', 6, "reward 'tea' names a tier 'gold' that is not there"),
        ('kind = "product"\nsku = "A"\nprice_by_tier = { gold = 1 }', 6, "reward 'tea' names a tier 'gold' that is not there"),
        ('kind = "product"\nsku = "A"\nlimits = [{ per = "day", points = 5 }]', 6, "is limited by times, not by points"),
        ('kind = "product"\nsku = "A"\nname = { en = "Tea" }', 6, "name is missing in he, fa"),
        ('kind = "club_only"\ntext = { en = "Tea" }', 5, "text is missing in he, fa"),
        ('kind = "product"\nsku = "A"\nwhen = "member.tier == \'gold\'"', 6, "when of reward 'tea': there is no tier 'gold'"),
        ('kind = "product"\nsku = "A"\nhold_minutes = 10_081', 6, "reward.hold_minutes must be at most 10080"),
        ('kind = "gift_certificate"\namount_minor = 5\nexpiry = { days = 9, sliding = true }', 6, "is a certificate"),
        ('kind = "cake"', 4, "reward.kind must be one of"),
        ("", 1, "reward.kind is missing"),
    ],
)  # fmt: skip
def test_a_reward_that_says_what_does_not_fit_is_told_at_its_line(keys: str, line: int, said: str) -> None:
    ((where, sentence),) = faults(TEA + keys)
    assert where == line
    assert said in sentence


@pytest.mark.parametrize("word", ["member.purchasez >= 3", "purchase.units >= 3", "member.purchases"])
def test_a_condition_of_a_reward_is_on_the_member_and_is_checked_with_the_draft(word: str) -> None:
    ((where, sentence),) = faults(f'{DISCOUNT}when = "{word}"')
    assert where == 6
    assert sentence.startswith("when of reward 'tea': ")


def test_two_rewards_of_one_id_are_refused() -> None:
    assert faults(DISCOUNT, DISCOUNT) == [(8, "the id 'tea' of [[reward]] stands twice")]


def test_a_price_for_a_tier_that_may_not_take_it_is_a_mistake() -> None:
    keys = 'tiers = ["gold"]\nprice_by_tier = { silver = 90 }'
    ((_, sentence),) = faults(tier("silver", 1), tier("gold", 2), DISCOUNT + keys)
    assert sentence == "reward 'tea' has a price for tier 'silver', which may not take it"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((DISCOUNT.replace("100", "0.5"),), "reward 'tea' asks for 0.5 of 'points', which has 0 decimals"),
        ((CREDIT, TEA + 'kind = "conversion"\ngives = 0.005\ninto = "credit"'), "asks for 0.005 of 'credit', which has 2"),
        ((STAMPS, DISCOUNT.replace("100", "10") + 'wallet = "stamps"'), "costs as much as completes the card 'stamps'"),
        ((STAMPS, TEA + 'kind = "stored_value"\namount_minor = 5\ninto = "stamps"'), "puts money into 'stamps', which"),
    ],
)  # fmt: skip
def test_an_amount_that_no_balance_can_have_is_refused(tables: tuple[str, ...], said: str) -> None:
    ((_, sentence),) = faults(*tables)
    assert said in sentence


@pytest.mark.parametrize(
    "key", ["rewards_per_purchase = 1", "reward_pending_days = 3", "reward_stock = 5", 'after_end = "issue"']
)
def test_keys_of_a_card_s_rewards_go_with_its_goal(key: str) -> None:
    assert faults(f"{STAMPS}\n{key}") == []
    ((where, sentence),) = faults(f'[[wallet]]\nid = "miles"\n{key}')
    assert (where, sentence) == (3, f"wallet 'miles': {key.split(' = ')[0]} goes with goal")


@pytest.mark.parametrize(
    ("tables", "line", "said"),
    [
        (('[[wallet]]\nid = "w"\ntop_up = true',), 3, "wallet 'w' cannot hold every amount"),
        (('[[wallet]]\nid = "w"\nvalue_minor = 3\ndecimals = 2\ntop_up = true',), 5, "wallet 'w' cannot hold every amount"),
        ((f"{CREDIT}\ntop_up = true\ngoal = 5",), 5, "money completes no card"),
        ((f"{CREDIT}\ntop_up = true", f'{CREDIT.replace("credit", "more")}\ntop_up = true'), 10, "and so is 'credit'"),
    ],
)  # fmt: skip
def test_stored_value_goes_into_one_wallet_that_counts_money(tables: tuple[str, ...], line: int, said: str) -> None:
    ((where, sentence),) = faults(*tables)
    assert where == line
    assert said in sentence


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("payment = { enabled = true }", "neither value_minor nor minor_per_step says what is paid"),
        ("payment = { step = 100, min_points = 150 }", "min_points is no whole number of steps"),
        ("payment = { max_percent = 0 }", "write enabled = false"),
        ('expiry = { days = 9, at = "day" }', "expiry.at goes with months"),
        ('expiry = { dates = ["03-31", "03-31"] }', "a day of expiry.dates stands twice"),
    ],
)
def test_points_that_speak_against_themselves_are_told_at_their_line(keys: str, said: str) -> None:
    ((where, sentence),) = faults("[points]", keys)
    assert where == 2
    assert said in sentence


def test_a_table_within_a_table_has_its_faults_at_its_own_lines() -> None:
    wallets = (
        '[[wallet]]\nid = "a"\n[wallet.payment]\nstep = 5\n[[wallet]]\nid = "b"\n[wallet.payment]\n# steps\n  step = 0'
    )
    ((where, sentence),) = faults(wallets)
    assert (where, sentence) == (9, "wallet.payment.step must be at least 1")
    ((where, _),) = faults("[points.payment]\nenabled = true")
    assert where == 1


@pytest.mark.parametrize(
    ("expiry", "pending_days", "boundary", "fits"),
    [
        ('{ at = "month_end" }', 0, "end_of_day", True),
        ('{ at = "month_end" }', 1, "end_of_day", False),
        ('{ at = "month_end" }', 0, "at_instant", False),
        ('{ at = "year_end" }', 0, "end_of_month", True),
        ('{ dates = ["03-31"], min_days = 15 }', 14, "end_of_day", True),
        ('{ dates = ["03-31"], min_days = 14 }', 14, "end_of_day", False),
        ('{ dates = ["03-31"], min_days = 15 }', 14, "at_instant", False),
        ("{ days = 15 }", 14, "at_instant", False),
        ("{ days = 16 }", 14, "at_instant", True),
    ],
)
def test_points_that_could_lapse_before_they_can_be_used_are_refused(
    expiry: str, pending_days: int, boundary: str, fits: bool
) -> None:
    told = faults(
        points(expiry=expiry, pending_days=pending_days), f'[policies]\nexpiry_boundary = "{boundary}"'
    )  # fmt: skip
    assert (told == []) is fits


@pytest.mark.parametrize(
    ("keys", "paid"),
    [
        ({}, False),
        ({"value_minor": 1}, True),
        ({"value_minor": 1, "payment": "{ enabled = false }"}, False),
        ({"payment": "{ step = 100, minor_per_step = 400 }"}, True),
    ],
)
def test_points_pay_as_soon_as_they_are_worth_money_unless_the_club_says_no(
    keys: dict[str, str | int], paid: bool
) -> None:
    assert pays(programme(points(**keys), BASE).programme.points) is paid


def test_what_a_programme_does_not_say_of_the_ledger_has_its_default() -> None:
    law = programme(BASE).programme
    assert (law.club.late_days, law.club.hold_minutes) == (92, 15)
    assert (law.staff.adjustment_max, law.staff.approved_max) == (1_000, None)
    assert (law.reward, law.points.payment.step) == ((), None)
    policies = law.policies
    assert (policies.return_money_differs, policies.return_without_purchase) == ("smaller", "refuse")
    assert (policies.capture_rest, policies.stamps_on_return) == ("released", "taken_back")
    assert (policies.redemption_over_total, policies.transfer_expiry, policies.pending_at_end) == (
        "refuse",
        "kept",
        "issue",
    )


def test_two_of_the_staff_may_do_at_least_what_one_may_alone() -> None:
    ((where, sentence),) = faults("[staff]", "adjustment_max = 500", "approved_max = 499")
    assert where == 3
    assert sentence.startswith("two of the staff may do less than one of them alone")
    assert faults("[staff]", "adjustment_max = 500", "approved_max = 500") == []


@pytest.mark.parametrize("key", ["late_days = 3_661", "late_days = -1", "hold_minutes = 0", "hold_minutes = 10_081"])
def test_the_club_s_times_have_their_limits(key: str) -> None:
    with pytest.raises(ProgrammeFaulty) as refused:
        rulebook(CLUB.lstrip().rstrip() + f"\n{key}\n{BASE}")
    (fault,) = refused.value.faults
    assert fault.line == 7
    assert fault.sentence.startswith(f"club.{key.split(' = ')[0]} must be at ")


def test_no_wallet_is_called_as_what_gift_certificates_hold() -> None:
    assert faults('[[wallet]]\nid = "certificate"') == [(2, "'certificate' is what gift certificates hold")]
