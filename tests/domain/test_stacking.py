"""What happens when several rules match, what multipliers reach, and how long limits hold."""

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from shared.domain.reasons import Fired
from tests.domain.shop import (
    BASE,
    after,
    earned,
    fired,
    line,
    member,
    not_fired,
    points,
    posted,
    programme,
    purchase,
    rule,
    tier,
)

PRIORITY = '[policies]\nseveral_rules = "priority"'
BEST = '[policies]\nseveral_rules = "best"'


def gift(rule_id, amount, **keys):
    return rule(rule_id, points=amount, per="purchase", **keys)


def flag(table, **flags):
    return "\n".join((table, *(f"{key} = {str(value).lower()}" for key, value in flags.items())))


def test_all_matching_rules_add_unless_the_programme_says_otherwise():
    assert earned(purchase(100), programme(gift("a", 5), gift("b", 7))).points == 12


def test_the_rule_of_highest_priority_that_is_not_stackable_gives_alone():
    book = programme(
        PRIORITY, gift("a", 5), flag(gift("b", 50, priority=5), stackable=False),
        flag(gift("c", 20, priority=20), stackable=False), gift("d", 1, priority=99),
    )  # fmt: skip
    told = earned(purchase(100), book)
    assert told.points == 20
    assert {name: one.why for name, one in not_fired(told).items()} == dict.fromkeys("abd", "outdone")


def test_rules_that_are_stackable_add_when_no_other_matches():
    book = programme(
        PRIORITY, gift("a", 5), gift("b", 7), flag(gift("c", 20, when="purchase.units > 9"), stackable=False)
    )
    assert earned(purchase(100), book).points == 12


def test_only_the_best_rule_gives_and_multipliers_apply_to_it():
    told = earned(purchase(1_200), programme(BEST, gift("visit", 5), BASE, rule("double", multiply=2)))
    assert told.points == 24
    assert not_fired(told)["visit"].why == "outdone"


def test_no_later_rule_gives_once_a_rule_that_stops_gave_points():
    stops = flag(gift("a", 5, when="purchase.units >= 2"), stop=True)
    book = programme(stops, gift("b", 7))
    assert earned(purchase(line(100, quantity=2)), book).points == 5
    assert earned(purchase(100), book).points == 7


def test_an_addition_to_other_points_gives_nothing_without_them():
    book = programme(rule(points=1, per_minor=1_000, steps="whole"), flag(gift("more", 3), needs_base=True))
    assert earned(purchase(1_000), book).points == 4
    assert not_fired(earned(purchase(999), book))["more"].why == "base"


def test_the_smallest_part_of_a_point_is_points_enough_to_add_to():
    assert earned(purchase(1), programme(BASE, flag(gift("more", 3), needs_base=True))).points == 3


@pytest.mark.parametrize(("policy", "total"), [("before_multipliers", 20), ("after_multipliers", 10)])
def test_a_cap_counts_before_or_after_multipliers_as_the_programme_says(policy, total):
    book = programme(
        f'[policies]\nrule_cap = "{policy}"', rule(points=1, per_minor=100, cap=10), rule("double", multiply=2)
    )
    told = earned(purchase(5_000), book)
    assert told.points == total
    assert sum(one.points for one in fired(told).values()) == total


@pytest.mark.parametrize(("scope", "total"), [("all", 30), ("amount", 25)])
def test_multipliers_reach_all_points_or_only_those_per_amount(scope, total):
    book = programme(f'[policies]\nmultiplier_scope = "{scope}"', BASE, gift("gift", 5), rule("double", multiply=2))
    assert earned(purchase(1_000), book).points == total


def test_a_rule_may_keep_its_points_from_multipliers():
    book = programme(BASE, flag(gift("gift", 5), multiplied=False), rule("double", multiply=2))
    assert earned(purchase(1_000), book).points == 25


def test_fractions_are_rounded_for_each_line_where_the_programme_says_so():
    lines = [line(150), line(150)]
    assert earned(purchase(*lines), programme(points(rounding='{ per = "line" }'), BASE)).points == 2
    assert earned(purchase(*lines), programme(BASE)).points == 3


def test_a_point_may_have_decimals():
    told = earned(purchase(1_999), programme(points(decimals=1), BASE))
    assert told.points == 199


@pytest.mark.parametrize(
    ("per", "mode", "units"),
    [
        # 1.55 and 2.55 points on the lines, 4.10 in all, once more as much by the multiplier.
        ("purchase", "floor", 82),
        ("line", "floor", 31 + 51),
        ("line", "ceil", 31 + 51),
        ("rule", "floor", 41 + 41),
    ],
)
def test_a_rounding_to_tenths_loses_nothing_that_tenths_can_tell(per, mode, units):
    rounding = points(decimals=1, rounding=f'{{ mode = "{mode}", per = "{per}" }}')
    assert earned(purchase(155, 255), programme(rounding, BASE, rule("double", multiply=2))).points == units


@pytest.mark.parametrize(("mode", "units"), [("floor", 15 + 24), ("half_up", 15 + 25), ("ceil", 16 + 25)])
def test_each_line_is_rounded_to_tenths_in_the_way_that_the_programme_names(mode, units):
    """1.51 and 2.45 points."""
    rounding = points(decimals=1, rounding=f'{{ mode = "{mode}", per = "line" }}')
    assert earned(purchase(151, 245), programme(rounding, BASE)).points == units


@pytest.mark.parametrize(("mode", "units"), [("floor", 15 + 24), ("half_up", 15 + 25), ("ceil", 16 + 25)])
def test_each_rule_is_rounded_to_tenths_in_the_way_that_the_programme_names(mode, units):
    rounding = points(decimals=1, rounding=f'{{ mode = "{mode}", per = "rule" }}')
    book = programme(rounding, gift("first", 1.51), gift("second", 2.45))
    told = earned(purchase(100), book)
    assert told.points == units
    assert sum(one.points for one in fired(told).values()) * 10 == units


def test_rounded_rule_by_rule_a_factor_below_one_takes_whole_points_only():
    """Of one point three quarters would be taken, of five three and three quarters."""
    by_rule = points(rounding='{ mode = "floor", per = "rule" }')
    quarter = programme(by_rule, BASE, rule("quarter", multiply=0.25))
    assert [earned(purchase(cents), quarter).points for cents in (100, 500)] == [1, 2]


def test_shipping_and_the_purchase_as_a_whole_are_rounded_like_lines_of_their_own():
    """Half a point each for the goods, the shipping and the visit."""
    rounding = points(rounding='{ per = "line" }')
    tables = ("[basis]\nshipping = true", BASE, gift("visit", 0.5))
    assert earned(purchase(50, shipping_minor=50), programme(rounding, *tables)).points == 0
    assert earned(purchase(50, shipping_minor=50), programme(*tables)).points == 1


def test_the_cap_of_a_purchase_is_in_points_whatever_their_decimals():
    book = programme(points(decimals=1, cap_per_purchase=5), BASE)
    assert [earned(purchase(cents), book).points for cents in (499, 500, 501, 9_999)] == [49, 50, 50, 50]


def test_a_rule_s_cap_is_in_points_whatever_their_decimals():
    book = programme(points(decimals=1), rule(points=1, per_minor=100, cap=5))
    assert [earned(purchase(cents), book).points for cents in (499, 500, 501, 9_999)] == [49, 50, 50, 50]


# -- caps after multipliers ----------------------------------------------------------------------------------

LATE = '[policies]\nrule_cap = "after_multipliers"'


def test_what_a_rule_and_its_multipliers_are_over_its_cap_is_taken_off_and_told():
    """60 points, doubled; 10 may stay."""
    book = programme(LATE, rule(points=1, per_minor=100, cap=10), rule("double", multiply=2))
    assert earned(purchase(6_000), book).reasons == (
        Fired("base", 6_000, Fraction(60)), Fired("double", 6_000, Fraction(60)), Fired("cap:base", 10, Fraction(-110)),
    )  # fmt: skip


@pytest.mark.parametrize(("cents", "total"), [(499, 9), (500, 10), (501, 10)])
def test_a_rule_that_stays_within_its_cap_with_its_multipliers_is_left_alone(cents, total):
    book = programme(LATE, rule(points=1, per_minor=100, cap=10), rule("double", multiply=2))
    told = earned(purchase(cents), book)
    assert told.points == total
    assert ("cap:base" in fired(told)) is (cents > 500)


def test_a_late_cap_takes_from_its_own_rule_alone():
    book = programme(LATE, rule(points=1, per_minor=100, cap=10), gift("visit", 7), rule("double", multiply=2))
    assert earned(purchase(5_000), book).points == 10 + 14


def test_a_late_cap_counts_the_tier_too():
    book = programme(LATE, rule(points=1, per_minor=100, cap=10), tier("gold", 0, 3))
    assert earned(purchase(500), book).points == 10


def test_a_late_cap_leaves_every_line_its_share_for_the_rounding():
    """15 and 5 points, 10 may stay: seven and a half and two and a half."""
    by_line = points(rounding='{ per = "line" }')
    book = programme(LATE, by_line, rule(points=1, per_minor=100, cap=10))
    assert earned(purchase(1_500, 500), book).points == 7 + 2


def test_the_cap_of_a_multiplier_holds_at_once_in_any_case():
    book = programme(LATE, BASE, rule("double", multiply=2, cap=3))
    assert earned(purchase(1_000), book).points == 13


# -- who gives alone -----------------------------------------------------------------------------------------


def whys(told):
    return {name: one.why for name, one in not_fired(told).items()}


def test_of_two_rules_that_give_the_same_the_first_one_gives():
    told = earned(purchase(500), programme(BEST, gift("visit", 5), BASE))
    assert list(fired(told)) == ["visit"]


def test_of_two_rules_of_the_same_priority_the_first_one_gives():
    first, second = (flag(gift(name, 5, priority=3), stackable=False) for name in ("first", "second"))
    assert list(fired(earned(purchase(500), programme(PRIORITY, first, second)))) == ["first"]


def test_a_rule_that_does_not_match_outdoes_no_other():
    never = gift("never", 99, when="purchase.units > 9")
    assert whys(earned(purchase(500), programme(BEST, never, BASE))) == {"never": "when"}
    late = gift("late", 99, until="2026-01-01")
    assert whys(earned(purchase(500), programme(BEST, late, BASE))) == {"late": "dates"}


@pytest.mark.parametrize("policy", [BEST, PRIORITY])
def test_a_rule_that_no_line_meets_outdoes_no_other(policy):
    shoes = flag(rule("shoes", points=99, per="line", lines="line.category == 'shoes'", priority=9), stackable=False)
    told = earned(purchase(500), programme(policy, shoes, flag(BASE, stackable=False)))
    assert (told.points, list(fired(told))) == (5, ["base"])


def test_an_addition_adds_to_the_best_rule_and_competes_with_none():
    more = flag(gift("more", 50), needs_base=True)
    told = earned(purchase(500), programme(BEST, gift("visit", 3), BASE, more))
    assert (told.points, whys(told)) == (55, {"visit": "outdone"})


def test_multipliers_alone_outdo_each_other_not():
    told = earned(purchase(500), programme(BEST, rule("double", multiply=2), rule("triple", multiply=3)))
    assert (told.points, whys(told)) == (0, {})


def test_a_rule_that_gives_alone_leaves_out_multipliers_and_additions():
    alone = flag(gift("alone", 20, priority=1), stackable=False)
    more = flag(gift("more", 50), needs_base=True)
    told = earned(purchase(500), programme(PRIORITY, alone, BASE, more, rule("double", multiply=2)))
    assert (told.points, whys(told)) == (20, dict.fromkeys(["base", "more", "double"], "outdone"))


def test_the_best_rule_is_the_one_that_gives_most_after_its_cap():
    told = earned(purchase(5_000), programme(BEST, rule(points=1, per_minor=100, cap=10), gift("visit", 12)))
    assert (told.points, whys(told)) == (12, {"base": "outdone"})


def test_the_best_rule_may_be_a_formula_and_one_without_a_value_is_never_the_best():
    """A tenth of a point is better than a formula that divides by the nought purchases before."""
    undefined, tenth = rule("share", formula="100 / member.purchases"), gift("tenth", 0.1)
    told = earned(purchase(500), programme(points(decimals=1), BEST, undefined, tenth))
    assert (told.points, whys(told)) == (1, {"share": "outdone"})
    by_line = rule("lines", formula="line.net_minor / 100 + member.purchases", per="line")
    told = earned(purchase(500, 500), programme(BEST, gift("visit", 11), by_line), member(purchases=1))
    assert (told.points, whys(told)) == (12, {"visit": "outdone"})


def test_a_rule_that_stops_and_gave_nothing_stops_nothing():
    stops = flag(rule("steps", points=1, per_minor=1_000, steps="whole"), stop=True)
    assert earned(purchase(999), programme(stops, gift("b", 7))).points == 7
    assert whys(earned(purchase(1_000), programme(stops, gift("b", 7), gift("c", 1)))) == dict.fromkeys("bc", "stopped")


def bought_on(days, book):
    """What purchases of 10.00 on these days earn one member, one after the other."""
    account, given = member(), []
    for number, day in enumerate(days):
        report = purchase(1_000, at=f"{day}T12:00:00-05:00", purchase_id=f"A-{number}")
        posting = posted(report, account, book, datetime.fromisoformat(f"{day}T23:00:00+00:00").astimezone(UTC))
        given.append(after(posting).posted - account.posted)
        account = after(posting)
    return given


@pytest.mark.parametrize(
    ("limit", "given"),
    [
        ('{ per = "day", points = 15 }', [10, 5, 10, 10, 10]),
        ('{ per = "day", times = 1 }', [10, 0, 10, 10, 10]),
        ('{ per = "month", points = 25 }', [10, 10, 5, 10, 10]),
        ('{ per = "month", times = 2 }', [10, 10, 0, 10, 10]),
        ('{ per = "year", times = 4 }', [10, 10, 10, 10, 10]),
        ('{ per = "member", points = 32 }', [10, 10, 10, 2, 0]),
        ('{ per = "member", times = 1 }', [10, 0, 0, 0, 0]),
        ('{ per = "member", points = 21 }', [10, 10, 1, 0, 0]),
    ],
)
def test_a_limit_holds_within_its_time_and_no_longer(limit, given):
    book = programme(rule(points=1, per_minor=100, limits=f"[{limit}]"))
    assert bought_on(["2026-11-29", "2026-11-29", "2026-11-30", "2026-12-01", "2027-01-01"], book) == given


def test_a_rule_that_rests_gives_again_after_its_days():
    book = programme(rule(points=1, per_minor=100, cooldown_days=7))
    assert bought_on(["2026-11-01", "2026-11-07", "2026-11-08", "2026-11-14"], book) == [10, 0, 10, 0]


def test_a_purchase_reported_late_does_not_shorten_the_rest_of_a_rule():
    """The 8th gave; the 1st, told afterwards, lies a week before it and gives too. The next rest counts from the 8th."""
    book = programme(rule(points=1, per_minor=100, cooldown_days=7))
    assert bought_on(["2026-11-08", "2026-11-01", "2026-11-14", "2026-11-15"], book) == [10, 10, 0, 10]


def test_a_rule_rests_before_a_purchase_that_is_reported_late_as_well():
    book = programme(rule(points=1, per_minor=100, cooldown_days=7))
    assert bought_on(["2026-11-08", "2026-11-02", "2026-11-01"], book) == [10, 0, 10]


@pytest.mark.parametrize(
    ("limits", "given"),
    [
        ('{ per = "day", points = 15 }, { per = "month", points = 22 }', [10, 5, 7, 10]),
        ('{ per = "month", points = 22 }, { per = "day", points = 15 }', [10, 5, 7, 10]),
        ('{ per = "day", times = 1 }, { per = "member", points = 25 }', [10, 0, 10, 5]),
    ],
)
def test_of_several_limits_the_narrowest_holds(limits, given):
    book = programme(rule(points=1, per_minor=100, limits=f"[{limits}]"))
    assert bought_on(["2026-11-29", "2026-11-29", "2026-11-30", "2026-12-01"], book) == given


def test_a_limit_and_a_cap_both_hold():
    for cap, given in ((8, [8, 8, 4]), (40, [10, 10, 0])):
        book = programme(rule(points=1, per_minor=100, cap=cap, limits='[{ per = "month", points = 20 }]'))
        assert bought_on(["2026-11-01", "2026-11-02", "2026-11-03"], book) == given


def test_a_limit_is_in_points_whatever_their_decimals():
    book = programme(points(decimals=1), rule(points=1.5, per_minor=1_000, limits='[{ per = "month", points = 4 }]'))
    # A point and a half each time, and the one that is left of four.
    assert bought_on(["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"], book) == [15, 15, 10, 0]


def test_a_part_of_the_smallest_unit_counts_as_a_whole_one_towards_a_limit():
    """1.52 points are posted as 1.5 and leave 2.4 of four, then 0.8: a limit is never given more than it says."""
    book = programme(points(decimals=1), rule(points=1.52, per_minor=1_000, limits='[{ per = "month", points = 4 }]'))
    assert bought_on(["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"], book) == [15, 15, 8, 0]


def test_a_rule_that_used_up_its_limit_or_rests_says_so():
    limited = programme(rule(points=1, per_minor=100, limits='[{ per = "month", points = 10 }]'), gift("visit", 1))
    once = programme(rule(points=1, per_minor=100, limits='[{ per = "month", times = 1 }]'), gift("visit", 1))
    resting = programme(rule(points=1, per_minor=100, cooldown_days=7), gift("visit", 1))
    for book, why in ((limited, "limit"), (once, "limit"), (resting, "cooldown")):
        dana = after(posted(purchase(1_000), member(), book))
        assert whys(earned(purchase(1_000), book, dana)) == {"base": why}


def test_a_time_in_which_a_rule_gave_nothing_is_none_of_its_times():
    book = programme(rule("steps", points=1, per_minor=1_500, steps="whole", limits='[{ per = "month", times = 1 }]'))
    dana = after(posted(purchase(1_000), member(), book))
    assert [after(posted(purchase(1_500, purchase_id="A-2"), one, book)).posted for one in (member(), dana)] == [1, 1]


def test_the_best_rule_gives_way_when_its_limit_leaves_less_than_another_gives():
    book = programme(BEST, gift("many", 50, limits='[{ per = "month", points = 60 }]'), gift("few", 20))
    assert bought_on(["2026-11-01", "2026-11-02", "2026-11-03", "2026-12-01"], book) == [50, 20, 20, 50]


def test_a_rule_that_used_up_its_limit_outdoes_no_other():
    book = programme(PRIORITY, flag(gift("alone", 50, limits='[{ per = "month", times = 1 }]'), stackable=False), BASE)
    assert bought_on(["2026-11-01", "2026-11-02"], book) == [50, 10]


@pytest.mark.parametrize(
    ("per", "first", "last_kept"),
    [("day", "2026-10-01", "2026-11-01"), ("month", "2026-01-15", "2026-03-31"), ("year", "2026-01-01", "2028-12-31")],
)
def test_what_a_rule_gave_is_remembered_as_long_as_a_late_purchase_may_ask_for_it(per, first, last_kept):
    """A day for 31 days more, a month for one more month and a year for one more year than any purchase comes late."""
    book = programme(rule(points=1, per_minor=100, limits=f'[{{ per = "{per}", points = 15 }}]'))
    late = purchase(1_000, at=f"{first}T12:00:00-05:00", purchase_id="A-3")
    dana = member(joined_on=date(2020, 1, 1))
    for number, day in enumerate((first, last_kept)):
        at = f"{day}T12:00:00-05:00"
        dana = after(posted(purchase(1_000, at=at, purchase_id=f"A-{number}"), dana, book))
    assert after(posted(late, dana, book, datetime(2028, 12, 31, 20, tzinfo=UTC))).posted - dana.posted == 5


# -- moments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "given"),
    [
        ("2026-12-01T09:59:59.999-05:00", 0),
        ("2026-12-01T10:00:00-05:00", 5),
        ("2026-12-01T17:00:00-05:00", 5),
        ("2026-12-01T17:00:00.001-05:00", 0),
        ("2026-12-01T15:00:00Z", 5),
        ("2026-12-01T14:59:00Z", 0),
    ],
)
@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-12-01T10:00:00", "2026-12-01T17:00:00"), ("2026-12-01T15:00:00Z", "2026-12-02T00:00:00+02:00")],
)
def test_a_rule_may_hold_from_one_moment_to_another_in_the_club_s_own_time(at, given, first, last):
    """From ten in the morning to five in the afternoon in New York, both included, however that is written."""
    assert earned(purchase(100, at=at), programme(gift("happy-hours", 5, from_=first, until=last))).points == given


def test_a_limit_in_tenths_of_a_point_does_not_keep_the_best_rule_from_giving():
    book = programme(points(decimals=1), BEST, gift("a", 4, limits='[{ per = "month", points = 10 }]'), gift("b", 1))
    assert bought_on(["2026-11-01", "2026-11-02", "2026-11-03"], book) == [40, 40, 20]


@pytest.mark.parametrize("policy", [BEST, PRIORITY])
def test_a_rule_that_had_nothing_to_give_is_not_told_as_outdone(policy):
    proud = gift("proud", 9, stackable="false") if policy == PRIORITY else gift("proud", 9)
    poster = rule("poster", points=1, per="line", lines="line.category == 'poster'")
    assert whys(earned(purchase(500), programme(policy, proud, poster, BASE))) == {"poster": "lines", "base": "outdone"}


def test_a_rule_on_top_competes_with_no_other():
    extra = gift("extra", 3, on_top="true")
    assert earned(purchase(500), programme(BEST, gift("visit", 12), BASE, extra)).points == 15
    proud = gift("proud", 70, stackable="false")
    assert earned(purchase(500), programme(PRIORITY, proud, BASE, extra)).points == 73
    assert (
        earned(
            purchase(500), programme(PRIORITY, proud, BASE, gift("base-only", 3, on_top="true", needs_base="true"))
        ).points
        == 73
    )
