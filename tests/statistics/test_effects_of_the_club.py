"""What automations did: counted from members as they were assigned, and told with its doubt from sums alone."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from club.effect import shown
from shared.domain.automations import arm_of, is_held_out_of_all
from shared.domain.effect_report import effects_in, report_of_effects, sums_of
from shared.domain.effects import CLUB, WINDOW_DAYS, effects_of
from shared.domain.history import Bought, Called, History
from shared.domain.owed import Owed
from shared.domain.rulebook import rulebook
from shared.domain.sums import added
from shared.domain.voice import Voice
from shared.statistics.effects import Arm, Sums, effect, effect_of_sums
from shared.statistics.told_effects import effects_told, sentence, shares_of
from tests.domain.shop import BASE
from tests.laws.shop import HEAD

DUE, LAST = date(2026, 9, 1), date(2026, 10, 31)
VOICE = Voice("en", "USD")


def bought(day: date, minor: int, margin: int | None = 100) -> Bought:
    return Bought(day, f"purchase#main#{day}-{minor}", "main", "", minor, 0, margin, is_back=False)


def history(arm: str, *purchases: Bought, due: date = DUE) -> History:
    return History(date(2025, 1, 1), tuple(sorted(purchases)), (), (Called(due, "win-back", "2026", arm, 0),))


def counted(*members: History, held_out_of_all: bool | None = None) -> Owed:
    return added(effects_of(one, LAST, held_out_of_all=held_out_of_all) for one in members)


def test_what_was_bought_within_the_days_after_counts_and_the_days_before_are_the_past() -> None:
    before, after = DUE - timedelta(days=1), DUE + timedelta(days=WINDOW_DAYS - 1)
    sums = counted(
        history(
            "treated", bought(before, 300), bought(DUE, 500), bought(after, 700), bought(after + timedelta(days=1), 900)
        )
    )
    found = sums_of(sums, "win-back", "treated", "spend")
    assert found is not None
    assert (found.members, found.y, found.x, found.xy) == (1, 1_200, 300, 1_200 * 300)
    visits = sums_of(sums, "win-back", "treated", "visits")
    assert visits is not None
    assert (visits.y, visits.yy) == (2, 4)


def test_who_was_due_and_bought_nothing_counts_as_much_as_who_bought() -> None:
    sums = counted(history("treated"), history("treated", bought(DUE, 500)), history("held_out"))
    assert sums["win-back", "treated", "members", ""] == 2
    assert sums["win-back", "held_out", "members", ""] == 1


def test_a_window_that_has_not_ended_says_nothing_yet() -> None:
    assert counted(history("treated", due=LAST - timedelta(days=WINDOW_DAYS - 2))) == {}
    assert counted(history("treated", due=LAST - timedelta(days=WINDOW_DAYS - 1))) != {}


def test_where_the_cost_of_goods_is_not_known_margin_is_no_data() -> None:
    sums = counted(*[history("treated", bought(DUE, 500, None))] * 40, *[history("held_out")] * 40)
    assert sums_of(sums, "win-back", "treated", "margin") is None
    told = {one.outcome: one for one in effects_told(sums, {"win-back": 0.1})}
    assert "cost of some goods" in told["margin"].why


def test_sums_tell_the_same_as_the_members_themselves() -> None:
    chance = np.random.default_rng(11)
    arms, sums = [], []
    for size, more in ((900, 40.0), (100, 0.0)):
        past = chance.exponential(500, size)
        outcome = past * 0.6 + chance.exponential(300, size) + more
        arms.append(Arm(outcome, past[:, None]))
        sums.append(Sums(size, outcome.sum(), (outcome**2).sum(), past.sum(), (past**2).sum(), (past * outcome).sum()))
    assert effect_of_sums(*sums) == pytest.approx(effect(*arms), rel=1e-6)


def test_of_whole_numbers_no_digit_is_lost_however_large_the_club_is() -> None:
    # Ten million members who spend a million minor units each, give or take one.
    n = 10_000_000
    y, yy = n * 10**6, n * 10**12 + n
    found = effect_of_sums(Sums(n, y, yy, 0, 0, 0), Sums(n, y, yy, 0, 0, 0))
    assert found.error == pytest.approx((2 / n) ** 0.5, rel=1e-6)


def many(more: int, share: float = 0.1) -> Owed:
    chance = np.random.default_rng(12)
    members = []
    for _ in range(4_000):
        arm = "held_out" if chance.random() < share else "treated"
        spend = int(chance.exponential(2_000)) + (more if arm == "treated" else 0)
        members.append(history(arm, bought(DUE, spend)))
    return counted(*members)


def test_an_automation_that_works_is_told_to_work_and_one_that_does_not_is_not() -> None:
    for more, says in ((600, "it made members spend"), (0, "which may be chance")):
        found = list(effects_told(many(more), {"win-back": 0.1}))
        spend = next(one for one in found if one.outcome == "spend")
        assert spend.is_trial
        assert says in sentence(spend, VOICE)
    assert len(shown(found, VOICE).rows) == 4


def test_where_the_arms_are_not_as_the_programme_says_nothing_is_called_an_effect() -> None:
    spend = next(one for one in effects_told(many(600, share=0.4), {"win-back": 0.1}) if one.outcome == "spend")
    assert not spend.is_trial
    assert "effect" not in sentence(spend, VOICE)
    assert "made members" not in sentence(spend, VOICE)


def test_the_club_as_a_whole_is_unknown_until_somebody_is_held_out_of_all() -> None:
    assert (CLUB, "treated", "members", "") not in counted(history("treated"))
    sums = counted(history("treated"), held_out_of_all=True)
    assert sums[CLUB, "held_out", "members", ""] == 1
    notes = report_of_effects(counted(history("treated")), "USD", DUE, LAST).notes
    assert any("unknown" in note for note in notes)


def test_a_closed_month_keeps_the_sums_from_which_the_doubt_is_told() -> None:
    sums = counted(history("treated", bought(DUE, 500)), history("held_out"))
    assert effects_in(report_of_effects(sums, "USD", DUE, LAST)) == sums


def test_each_automation_is_measured_by_the_share_that_itself_holds_out() -> None:
    text = HEAD.replace('languages = ["en"]', 'languages = ["en"]\nholdout = 20') + BASE
    text += '[[automation]]\nid = "win-back"\non = "birthday"\npoints = 5\n'
    assert shares_of(rulebook(text, 1)) == pytest.approx({CLUB: 0.2, "win-back": 0.1})


def test_who_is_held_out_of_all_is_no_part_of_an_automations_own_trial() -> None:
    sums = counted(history("held_out", bought(DUE, 500)), held_out_of_all=True)
    assert {name[0] for name in sums} == {CLUB}


def test_the_past_of_who_is_held_out_for_good_is_an_effect_already_and_is_left_out() -> None:
    first = LAST - timedelta(days=WINDOW_DAYS - 1)
    sums = counted(history("treated", bought(first, 500), bought(first - timedelta(days=1), 700)), held_out_of_all=True)
    found = sums_of(sums, CLUB, "held_out", "spend")
    assert found is not None
    assert (found.y, found.x) == (500, 0)


def test_of_a_handful_of_members_nothing_is_told() -> None:
    sums = counted(*[history("treated", bought(DUE, 500))] * 40, *[history("held_out")] * 29)
    assert {one.why for one in effects_told(sums, {"win-back": 0.4})} == {
        "not enough data: an arm has 29 members, and it takes 30"
    }


def test_who_is_held_out_of_all_gets_no_automation_but_what_was_promised_to_everybody() -> None:
    promised = (
        '[[automation]]\nid = "promised"\non = "birthday"\npoints = 5\nholdout = 0\nno_holdout_because = "promised"\n'
    )
    text = HEAD.replace('languages = ["en"]', 'languages = ["en"]\nholdout = 20') + BASE
    book = rulebook(text + '[[automation]]\nid = "gift"\non = "birthday"\npoints = 5\n' + promised, 1)
    gift, birthday = (rule.automation for rule in book.automations)
    members = [f"M{number:016d}" for number in range(4_000)]
    held = [one for one in members if is_held_out_of_all(one, book)]
    assert 700 < len(held) < 900
    assert {arm_of(gift, one, book) for one in held} == {"held_out"}
    assert {arm_of(birthday, one, book) for one in members} == {"treated"}
    share = sum(arm_of(gift, one, book) == "held_out" for one in members) / len(members)
    assert 0.26 < share < 0.30
