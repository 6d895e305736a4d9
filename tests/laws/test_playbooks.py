"""What was decided in advance happens when the figures of a closed day say so: once a day, once in a while, and never on no
data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import resources
from typing import Any

import pytest

from club.playbooks import said_of
from functions.scheduler.jobs import Clock, run
from functions.scheduler.task import Task
from shared.actions.run_playbooks import Played, intents_of, judged, run_playbooks
from shared.actions.staff import Staff
from shared.actions.switch_automation import switch_automation
from shared.actions.write_letter import write_letter
from shared.domain.decide import ms
from shared.domain.errors import Busy
from shared.domain.figure_words import NOT_ASKED, figure_words
from shared.domain.kpi import FIGURES
from shared.domain.letters import shelf_of
from shared.domain.messages import intent_in
from shared.domain.months import KPIS
from shared.domain.playbooks import budget_of
from shared.domain.reports import Column, Report, Section, Value
from shared.domain.rulebook import ProgrammeFaulty, rulebook
from shared.domain.staff_requests import Switching
from shared.domain.target_tables import Playbook
from shared.store.backend import KEYS, Contended
from shared.store.kpi import Closed, close
from shared.store.laws import publish
from shared.store.memory import Memory
from shared.store.months import close_chapter
from shared.store.playbooks import firings_of, put_raised, raised_of
from shared.store.runs import put_last_day
from shared.store.switched import switched_of
from shared.store.table import Tables
from tests.laws.dynamo import Dynamo
from tests.laws.line import Dead, Fault, Line, answer_lost, conflicting, failing, never_sent, throttled
from tests.laws.post_office import PostOffice
from tests.laws.shop import HEAD, Shop, plenty

EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
GIFT = '[[automation]]\nid = "gift-of-spring"\non = "state"\nwhen = "member.purchases >= 0"\npoints = 10\nholdout = 0\n'
GIFT += 'no_holdout_because = "A test counts all"\n'
STAFF_EMAIL = (
    '[contact]\nchannels = ["email"]\nsender_email = "club@rimon.example.com"\nsender_address = "1 Orchard Street"\n'
)
STAFF_EMAIL += 'staff_email = "staff@rimon.example.com"\n'
DAY = date(2025, 3, 1)


def playbook(when: str, then: str, name: str = "one") -> str:
    return f'[[playbook]]\nid = "{name}"\nwhen = "{when}"\n{then}\n'


def club(*tables: str, purchases: int = 3, members: int | None = None) -> Shop:
    """The morning after DAY, on which so many purchases were told."""
    shop = Shop(EARN + "".join(tables), now=datetime(2025, 3, 2, 11, tzinfo=UTC))
    closed(shop, DAY, purchases, members)
    return shop


def closed(shop: Shop, day: date, purchases: int, members: int | None = None) -> None:
    counted = None if members is None else {"members": members}
    close(shop.memory, Closed("live", day, ms(shop.now), {"purchases": purchases}, counted))


def played(shop: Shop, day: date = DAY) -> Played:
    (one,) = run_playbooks(shop.club, "live", day, plenty)
    return one


def month(shop: Shop, name: str, *figures: tuple[str, str, Value], chapter: str = "kpi") -> None:
    columns = (Column("figure", "text"), Column("unit", "text"), Column("value", "by_row"))
    day = date.fromisoformat(f"{name}-01")
    report = Report(chapter, "USD", day, day, (Section("figures", columns, figures),))
    close_chapter(shop.memory, "live", name, report, shop.now)


OFF = 'switch_off = "gift-of-spring"'


def test_a_playbook_whose_figures_hold_switches_an_automation_off_and_leaves_a_record() -> None:
    shop = club(GIFT, playbook("day.purchases < 5", OFF))
    one = played(shop)
    assert one.verdict.outcome == "fires"
    word = switched_of(shop.memory, "live").words["gift-of-spring"]
    assert (word.enabled, word.actor, word.reason) == (False, "playbook:one", "day.purchases < 5, on 2025-03-01")
    (firing,) = firings_of(shop.memory, "live", "one")
    assert firing == one.firing
    assert (firing.day, firing.seen, firing.told) == (DAY, {"day.purchases": 3}, ("gift-of-spring is switched off",))
    assert said_of(one.verdict, firing) == "one fired: gift-of-spring is switched off."


def test_a_playbook_whose_figures_do_not_hold_does_nothing_and_says_which() -> None:
    shop = club(GIFT, playbook("day.joins == 0 && day.purchases < 3", OFF))
    one = played(shop)
    assert (one.verdict.outcome, one.verdict.why, one.firing) == ("does not hold", "day.purchases < 3", None)
    assert said_of(one.verdict, None) == "one does not fire: day.purchases < 3 does not hold, day.purchases is 3."
    assert switched_of(shop.memory, "live").words == {}


@pytest.mark.parametrize(
    "when",
    ["day.members < 5", "month.churn_rate > 100", "trend.purchases == 'fall'", "target.wanted == 'missed'"],
)
def test_a_figure_without_data_fires_nothing_and_is_named(when: str) -> None:
    target = '[[target]]\nid = "wanted"\nfigure = "members"\nat_least = 5\n'
    shop = club(GIFT, target, playbook(when, OFF))
    one = played(shop)
    assert (one.verdict.outcome, one.verdict.why, one.firing) == ("no data", when.split()[0], None)
    assert said_of(one.verdict, None) == f"one does not fire: {when.split()[0]} has no data."
    # Nor where another clause holds already that would have been enough.
    assert played(club(GIFT, target, playbook(f"day.purchases < 5 || {when}", OFF))).firing is None


def test_a_day_that_nobody_closed_has_no_data() -> None:
    shop = club(GIFT, playbook("day.purchases < 5", OFF))
    assert played(shop, DAY + timedelta(days=1)).verdict.outcome == "no data"


def test_members_that_were_counted_are_figures_of_the_day() -> None:
    assert played(club(GIFT, playbook("day.members < 5", OFF), members=4)).verdict.outcome == "fires"


def test_a_share_of_the_last_closed_month_is_asked_in_hundredths_of_a_percent() -> None:
    from fractions import Fraction

    shop = club(GIFT, playbook("month.churn_rate > 250 && month.basket_minor == 1234", OFF))
    month(shop, "2025-01", ("churn_rate", "share", Fraction(1, 40)), ("basket_minor", "minor", Fraction(12_345, 10)))
    assert played(shop).verdict.why == "month.churn_rate > 250"
    month(shop, "2025-02", ("churn_rate", "share", Fraction(26, 1000)), ("basket_minor", "minor", Fraction(12_345, 10)))
    assert played(shop).verdict.outcome == "fires"


def test_a_target_that_was_missed_fires_what_was_decided_for_it() -> None:
    target = '[[target]]\nid = "more-members"\nfigure = "members"\nat_least = 5\n'
    shop = club(GIFT, target, playbook("target.more_members == 'missed'", OFF))
    columns = tuple(Column(name, "text") for name in "abcdefgh")
    rows = (("more-members", "members", "month", "at_least", "number", "5", "4", "missed"),)
    report = Report("targets", "USD", DAY, DAY, (Section("targets", columns, rows),))
    close_chapter(shop.memory, "live", "2025-02", report, shop.now)
    assert played(shop).verdict.outcome == "fires"


def test_a_target_whose_figure_has_no_data_fires_nothing() -> None:
    target = '[[target]]\nid = "more-members"\nfigure = "members"\nat_least = 5\n'
    shop = club(GIFT, target, playbook("target.more_members != 'met'", OFF))
    columns = tuple(Column(name, "text") for name in "abcdefgh")
    rows = (("more-members", "members", "month", "at_least", "number", "5", "", "no data"),)
    report = Report("targets", "USD", DAY, DAY, (Section("targets", columns, rows),))
    close_chapter(shop.memory, "live", "2025-02", report, shop.now)
    assert played(shop).verdict.outcome == "no data"


def test_a_trend_that_falls_fires_what_was_decided_for_it() -> None:
    shop = Shop(EARN + GIFT + playbook("trend.purchases == 'fall'", OFF), now=datetime(2025, 3, 2, 11, tzinfo=UTC))
    for back in range(60, 0, -1):
        closed(shop, DAY - timedelta(days=back), 20 + back % 3)
    assert played(shop, DAY - timedelta(days=1)).verdict.outcome == "does not hold"
    # A day that is not closed yet is not judged by the one before it.
    assert played(shop).verdict.outcome == "no data"
    closed(shop, DAY, 2)
    assert played(shop).verdict.outcome == "fires"


def test_members_that_nobody_counted_have_no_trend_on_that_day() -> None:
    shop = Shop(EARN + GIFT + playbook("trend.members == 'fall'", OFF), now=datetime(2025, 3, 2, 11, tzinfo=UTC))
    for back in range(60, 0, -1):
        closed(shop, DAY - timedelta(days=back), 20, 100 - back % 3 - (50 if back == 1 else 0))
    closed(shop, DAY, 20)
    assert played(shop, DAY - timedelta(days=1)).verdict.outcome == "fires"
    assert played(shop).verdict.outcome == "no data"


def test_the_job_that_runs_twice_fires_once_and_says_the_same() -> None:
    raise_it = 'raise_budget = "gift-of-spring"\nraise_by = 5\nraise_up_to = 100'
    shop = club(GIFT + "budget = 20\n", playbook("day.purchases < 5", raise_it))
    first = played(shop)
    shop.now += timedelta(hours=1)
    assert played(shop) == first
    assert raised_of(shop.memory, "live").by_automation == {"gift-of-spring": (Decimal(25), "one")}


def test_a_firing_that_nobody_answered_is_one_firing() -> None:
    class Deaf(Memory):
        """What it writes first is written, and nobody hears of it."""

        deaf = False

        def write(self, puts: Any) -> Any:
            done = super().write(puts)
            if self.deaf and any(put.row.get("kind", "").startswith("playbook#") for put in puts):
                self.deaf = False
                raise Contended
            return done

    shop = Shop(
        EARN + GIFT + playbook("day.purchases < 5", OFF), now=datetime(2025, 3, 2, 11, tzinfo=UTC), memory=Deaf()
    )
    closed(shop, DAY, 3)
    shop.memory.deaf = True  # type: ignore[attr-defined]
    assert played(shop).firing is not None
    assert len(firings_of(shop.memory, "live", "one")) == 1


class Crowded(Memory):
    """Something else happens between what a playbook reads and what it writes."""

    meanwhile: Any = None

    def write(self, puts: Any) -> Any:
        if self.meanwhile is not None and any(put.row.get("kind", "").startswith("playbook#") for put in puts):
            act, self.meanwhile = self.meanwhile, None
            act()
        return super().write(puts)


RAISE = 'raise_budget = "gift-of-spring"\nraise_by = 5\nraise_up_to = 100'


def crowded(*tables: str) -> Shop:
    shop = Shop(EARN + "".join(tables), now=datetime(2025, 3, 2, 11, tzinfo=UTC), memory=Crowded())
    closed(shop, DAY, 3)
    return shop


def test_two_runs_at_once_are_one_firing() -> None:
    shop = crowded(GIFT + "budget = 20\n", playbook("day.purchases < 5", RAISE))
    shop.memory.meanwhile = lambda: played(shop)  # type: ignore[attr-defined]
    assert played(shop).firing == firings_of(shop.memory, "live", "one")[0]
    assert raised_of(shop.memory, "live").by_automation == {"gift-of-spring": (Decimal(25), "one")}


@pytest.mark.parametrize(
    "fault",
    [lambda: never_sent(1), lambda: never_sent(99), lambda: answer_lost(1), lambda: answer_lost(99), Dead, lambda: throttled(2),
     lambda: conflicting(2, mixed=False), lambda: conflicting(2, mixed=True), lambda: failing(after=True)],
)  # fmt: skip
def test_whatever_is_lost_on_the_line_a_firing_is_whole_or_not_there(fault: Callable[[], Fault]) -> None:
    line = Line(Dynamo())
    tables = Tables(line, {table: table for table in KEYS})
    text = EARN + GIFT + "budget = 20\n" + playbook("day.purchases < 5", RAISE + "\n" + OFF)
    shop = Shop(text, now=datetime(2025, 3, 2, 11, tzinfo=UTC), memory=tables)  # type: ignore[arg-type]
    closed(shop, DAY, 3)
    line.fault = fault()
    with suppress(Busy):
        played(shop)
    line.fault = Fault()
    fired = firings_of(tables, "live", "one")
    raised = raised_of(tables, "live").by_automation
    assert (raised.get("gift-of-spring") == (Decimal(25), "one")) == bool(fired)
    assert (switched_of(tables, "live").off == {"gift-of-spring"}) == bool(fired)
    # The message comes again.
    assert played(shop).firing is not None
    assert len(firings_of(tables, "live", "one")) == 1
    assert raised_of(tables, "live").by_automation == {"gift-of-spring": (Decimal(25), "one")}


def test_two_budgets_that_are_raised_at_once_are_both_raised() -> None:
    shop = crowded(GIFT + "budget = 20\n", playbook("day.purchases < 5", RAISE))
    for most in (7, 8):
        # One write before anybody wrote, and one over what was read.
        more = {f"other-{most}": (Decimal(most), "two")}
        shop.memory.meanwhile = lambda more=more: shop.memory.write(  # type: ignore[attr-defined]
            [put_raised("live", raised_of(shop.memory, "live"), more)]
        )
        played(shop, DAY + timedelta(days=(most - 7) * 10))
        closed(shop, DAY + timedelta(days=10), 3)
    raised = raised_of(shop.memory, "live").by_automation
    assert {name: int(value) for name, (value, _) in raised.items()} == {
        "gift-of-spring": 30,
        "other-7": 7,
        "other-8": 8,
    }


def test_a_budget_is_never_above_what_the_law_in_force_lets_it_be_raised_to() -> None:
    raised = {"gift-of-spring": (Decimal(90), "one")}
    for most, expected in ((60, 60), (100, 90), (10, 20)):
        lets = Playbook.model_construct(raise_budget="gift-of-spring", raise_up_to=Decimal(most))
        assert budget_of("gift-of-spring", Decimal(20), raised, (lets,)) == expected
    assert budget_of("gift-of-spring", Decimal(20), raised, ()) == 20
    assert budget_of("other", Decimal(20), raised, (lets,)) == 20


def test_somebody_who_switches_at_the_same_time_is_not_overwritten() -> None:
    other = GIFT.replace("gift-of-spring", "other")
    shop = crowded(GIFT, other, playbook("day.purchases < 5", OFF))
    shop.memory.meanwhile = lambda: switch(shop, "other", enabled=False)  # type: ignore[attr-defined]
    assert played(shop).firing is not None
    assert switched_of(shop.memory, "live").off == {"gift-of-spring", "other"}


def switch(shop: Shop, automation: str, *, enabled: bool) -> None:
    told = Switching(enabled=enabled, reason="By hand")
    switch_automation(shop.club, Staff("noa", ("manager",)), automation, told, plenty)


def test_after_it_fired_a_playbook_rests_for_its_days() -> None:
    shop = club(GIFT, playbook("day.purchases < 5", OFF + "\ncooldown_days = 3"))
    assert played(shop).firing is not None
    outcomes = []
    for after in (1, 2, 3):
        day = DAY + timedelta(days=after)
        closed(shop, day, 3)
        outcomes.append(played(shop, day).verdict)
    assert [one.outcome for one in outcomes] == ["rests", "rests", "fires"]
    assert (
        said_of(outcomes[0], None) == "one does not fire: it rests until 2025-03-03, since it fired a short while ago."
    )


def test_a_playbook_switches_on_what_a_playbook_switched_off_and_not_what_staff_did() -> None:
    on = playbook("day.purchases > 50", 'switch_on = "gift-of-spring"', "two")
    shop = club(GIFT, playbook("day.purchases < 5", OFF + "\ncooldown_days = 1"), on)
    run_playbooks(shop.club, "live", DAY, plenty)
    assert switched_of(shop.memory, "live").off == {"gift-of-spring"}
    closed(shop, DAY + timedelta(days=1), 60)
    run_playbooks(shop.club, "live", DAY + timedelta(days=1), plenty)
    assert switched_of(shop.memory, "live").off == frozenset()
    switch(shop, "gift-of-spring", enabled=False)
    closed(shop, DAY + timedelta(days=10), 60)
    run_playbooks(shop.club, "live", DAY + timedelta(days=10), plenty)
    assert switched_of(shop.memory, "live").off == {"gift-of-spring"}
    assert firings_of(shop.memory, "live", "two")[-1].told == ("gift-of-spring stays off: staff switched it off",)


def test_a_raised_budget_is_what_the_sweep_may_give_and_never_more_than_its_most() -> None:
    raise_it = 'raise_budget = "gift-of-spring"\nraise_by = 15\nraise_up_to = 40\ncooldown_days = 1'
    shop = club(
        GIFT.replace("member.purchases", "member.days_in_club") + "budget = 20\n",
        playbook("day.purchases < 5", raise_it),
    )
    members = [shop.join(shop.now) for _ in range(6)]
    from tests.laws.clockwork import Clockwork

    def given() -> int:
        return sum(shop.account(member).points_on(shop.now.date()).balance for member in members)

    Clockwork(shop).run("sweep")
    assert given() == 20
    for after, most in ((0, 30), (1, 40), (2, 40)):
        closed(shop, DAY + timedelta(days=after), 3)
        played(shop, DAY + timedelta(days=after))
        shop.now += timedelta(days=1)
        Clockwork(shop).run("sweep")
        assert given() == most
    assert [one.told for one in firings_of(shop.memory, "live", "one")] == [
        ("the budget of gift-of-spring is raised from 20 to 35",),
        ("the budget of gift-of-spring is raised from 35 to 40",),
        ("the budget of gift-of-spring stays at its most, 40",),
    ]
    # A law without the playbook is a law without what it raised.
    publish(shop.memory, HEAD + EARN + GIFT + "budget = 20\n", shop.now, at_once=True)
    shop.join(shop.now)
    shop.now += timedelta(days=1)
    Clockwork(shop).run("sweep")
    assert given() == 40


def test_a_playbook_that_is_switched_off_is_not_asked() -> None:
    shop = club(GIFT, playbook("day.purchases < 5", OFF + "\nenabled = false"))
    assert run_playbooks(shop.club, "live", DAY, plenty) == []


def test_what_would_fire_is_told_without_doing_it() -> None:
    shop = club(GIFT, playbook("day.purchases < 5", OFF))
    (one,) = judged(shop.club, "live", DAY, shop.club.laws.latest())
    assert said_of(one, None) == "one would fire."
    assert firings_of(shop.memory, "live", "one") == []
    assert switched_of(shop.memory, "live").words == {}


def test_the_clock_runs_playbooks_when_the_day_is_closed_and_staff_are_written_once() -> None:
    made = PostOffice("", contact='staff_email = "staff@rimon.example.com"\n')
    shelf = shelf_of(resources.files("functions.notify") / "templates")
    compose = partial(write_letter, made.shop.club, shelf, lambda: "https://club.rimon.example.com")
    made.post = dataclasses.replace(made.post, compose=compose)
    text = made.shop.head + made.shop.text + playbook("day.purchases < 5", 'notify = "Call the shop"')
    publish(made.memory, text, made.now, at_once=True)
    yesterday = made.now.date() - timedelta(days=1)
    put_last_day(made.memory, "kpi", yesterday - timedelta(days=1))
    close(made.memory, Closed("live", yesterday, ms(made.now), {"purchases": 3}, None))
    for _ in range(2):
        sent: list[str] = []
        clock = Clock(made.shop.club, plenty, lambda queue, told, sent=sent: sent.append(f"{queue} {told}"))
        run(clock, Task("kpi"))
        (told,) = sent
        queue, _, body = told.partition(" ")
        assert queue == "urgent"
        made.queue.append((made.now, intent_in(body)))
        made.work(made.now)
    assert [address for address, _ in made.told] == ["staff@rimon.example.com"]
    ((subject, words, _),) = [(one[0], one[1], one[2]) for one in made.sent]
    assert "Call the shop\n\nday.purchases = 3\n" in words
    assert intents_of([], "live") == []
    assert subject


@pytest.mark.parametrize(
    ("table", "said", "column"),
    [
        (
            playbook("day.purchaces < 5", OFF),
            "'day.purchaces' is not in the vocabulary; did you mean day.purchases?",
            12,
        ),
        (playbook("trend.purchases < 5", OFF), "cannot be applied to string and int", 25),
        (playbook("target.nothing == 'met'", OFF), "is not in the vocabulary", 15),
        (playbook("member.purchases > 5", OFF), "is not in the vocabulary", 15),
        (playbook("day.purchases < 5", 'switch_off = "gone"'), "there is no [[automation]] 'gone'", 1),
        (
            playbook("day.purchases < 5", 'raise_budget = "gift-of-spring"\nraise_by = 5\nraise_up_to = 9'),
            "has no budget",
            1,
        ),
        (playbook("day.purchases < 5", 'notify = "Call"'), "has no staff_email or does not send by email", 1),
        (playbook("day.purchases < 5", "cooldown_days = 3"), "it does nothing", 1),
        (
            playbook("day.purchases < 5", OFF + "\nraise_by = 5"),
            "raise_budget, raise_by and raise_up_to go together",
            1,
        ),
    ],
)
def test_a_playbook_that_could_not_be_asked_or_done_is_refused_with_its_place(
    table: str, said: str, column: int
) -> None:
    with pytest.raises(ProgrammeFaulty) as faulty:
        rulebook(HEAD + EARN + GIFT + table)
    (fault,) = faulty.value.faults
    assert said in fault.sentence
    assert fault.line > len((HEAD + EARN + GIFT).splitlines())
    assert fault.column == column


def test_each_figure_of_a_day_can_be_asked_but_for_what_functions_used() -> None:
    tier = '[[tier]]\nid = "gold"\nspend_minor = 5\n'
    words = figure_words(rulebook(HEAD + EARN + GIFT + tier).programme)
    asked = {word.removeprefix("day.").partition(".")[0] for word in words if word.startswith("day.")}
    assert {figure.name.removesuffix(".…") for figure in FIGURES} - asked == NOT_ASKED
    assert {word.removeprefix("month.") for word in words if word.startswith("month.")} == {kpi.name for kpi in KPIS}


def test_a_figure_of_an_automation_is_asked_with_underscores_and_one_that_cel_cannot_say_is_left_out() -> None:
    odd = GIFT.replace("gift-of-spring", "3-plus")
    book = rulebook(
        HEAD + EARN + GIFT + odd + playbook("day.treated.gift_of_spring == 0 && day.issued_back.points == 0", OFF)
    )
    assert book.playbooks[0].when.names == ("day.treated.gift_of_spring", "day.issued_back.points")
