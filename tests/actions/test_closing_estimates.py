"""The estimates of a month: closed once, from the month that is closed, and the same as a recount of each member by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shared.actions.close_estimates import close_estimates
from shared.actions.walking import Unfinished
from shared.domain.census import Census, Line
from shared.domain.effect_report import report_of_effects
from shared.domain.effects import CLUB, effects_of
from shared.domain.history import Bought as Purchase
from shared.domain.history import Called, History
from shared.domain.reports import Report
from shared.domain.rulebook import Rulebook
from shared.domain.sums import added
from shared.statistics.buying import Bought, fitted
from shared.store import keys
from shared.store.backend import Drop
from shared.store.census import put_page
from shared.store.memory import Memory
from shared.store.months import chapter_of, close_chapter
from shared.store.worths import worths_of
from tests.domain.shop import BASE, programme

LAST, NOW = date(2026, 10, 31), datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
DUE = date(2026, 9, 10)
GIFTS = "".join(
    f'[[automation]]\nid = "{name}"\non = "birthday"\nmessage = {{ template = "welcome", worth_minor = 900 }}\n'
    f"holdout = {share}\n"
    for name, share in (("works", 50), ("other-split", 10), ("few", 50))
)


def law() -> Rulebook:
    return programme(BASE, GIFTS)


def members(automation: str, more: int, many: int, seed: int) -> list[tuple[str, str, int, int]]:
    """Automation, arm, what was spent in the days before, and after: half of them held out, by turns."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(many):
        arm = "held_out" if number % 2 else "treated"
        past = int(chance.exponential(2_000)) + 1
        found.append(
            (automation, arm, past, past // 2 + int(chance.exponential(900)) + (more if arm == "treated" else 1))
        )
    return found


MEMBERS = [*members("works", 600, 800, 1), *members("other-split", 600, 800, 2), *members("few", 600, 40, 3)]


def history(automation: str, arm: str, past: int, spent: int) -> History:
    purchases = [
        Purchase(day, f"purchase#main#{day}", "main", "", minor, 0, minor // 2, is_back=False)
        for day, minor in ((DUE - timedelta(days=3), past), (DUE + timedelta(days=3), spent))
    ]
    return History(date(2025, 1, 1), tuple(purchases), (), (Called(DUE, automation, "2026", arm, 0),))


def lines(many: int) -> tuple[Line, ...]:
    """Buyers who come again at their own pace for some time, and some who never bought."""
    chance, found, end = np.random.default_rng(5), [], LAST.toordinal()
    for number in range(many):
        first = end - int(chance.integers(30, 360))
        gap, stays = float(chance.gamma(2.0, 20.0)) + 2, float(chance.exponential(200))
        days = int(min(stays, end - first) // gap)
        spent = days * int(chance.gamma(6.0, 400.0))
        found.append(Line(first, first, first + int(days * gap), days + 1, days + 1, again_minor=spent))
        if number % 10 == 0:
            found.append(Line(first))
    return tuple(found)


def club(buyers: int = 400, parts: int = 2, month: str = "2026-10") -> Memory:
    """A month that was closed, and its census in so many parts."""
    memory = Memory()
    last = LAST if month == "2026-10" else date(2026, 11, 30)
    sums = added(effects_of(history(*one), LAST, held_out_of_all=None) for one in MEMBERS)
    close_chapter(memory, "live", month, report_of_effects(sums, "USD", last.replace(day=1), last), NOW)
    known = lines(buyers)
    for part in range(parts):
        put_page(memory, "live", month, part, parts, "", Census(known[part::parts]), None, NOW)
    return memory


def closed(memory: Memory, parts: int = 2, last: date = LAST, now: datetime = NOW) -> tuple[Report, Report]:
    uplift, expected = close_estimates(memory, law(), now, "live", last, parts)
    return uplift.report, expected.report


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    section = next(one for one in report.sections if one.name == name)
    return [dict(zip([column.name for column in section.columns], row, strict=True)) for row in section.rows]


def test_what_an_automation_brought_is_what_a_recount_of_each_member_says() -> None:
    report, _ = closed(club())
    told = {(row["automation"], row["outcome"]): row for row in rows(report, "uplift")}
    assert {name for name, _ in told} == {"works"}
    arms = {
        arm: np.array(
            [[past, spent] for name, one, past, spent in MEMBERS if (name, one) == ("works", arm)], dtype=float
        )
        for arm in ("treated", "held_out")
    }
    middle = np.vstack(list(arms.values()))[:, 0].mean()
    means, errors = [], []
    for arm in arms.values():
        slope, _ = np.polyfit(arm[:, 0], arm[:, 1], 1)
        left = arm[:, 1] - arm[:, 1].mean() - slope * (arm[:, 0] - arm[:, 0].mean())
        means.append(arm[:, 1].mean() + slope * (middle - arm[:, 0].mean()))
        errors.append(left @ left / (len(arm) - 2) / len(arm))
    spend = told["works", "spend"]
    assert (spend["unit"], spend["treated"], spend["held_out"]) == ("minor", 400, 400)
    assert float(spend["difference"]) == pytest.approx(means[0] - means[1], rel=1e-6)
    free = sum(errors) ** 2 / sum(error**2 / 399 for error in errors)
    reach = stats.t.ppf(0.975, free) * sum(errors) ** 0.5
    assert [float(spend[name]) for name in ("low", "high")] == pytest.approx(
        [means[0] - means[1] - reach, means[0] - means[1] + reach], rel=1e-6
    )
    assert spend["ever_low"] < spend["low"] < 600 < spend["high"] < spend["ever_high"]
    assert spend["split_p"] == 1
    assert any(note.startswith("works: it made members spend") for note in report.notes)


def test_where_chance_did_not_decide_nothing_is_called_an_uplift() -> None:
    report, _ = closed(club())
    assert {row["automation"] for row in rows(report, "differences")} == {"other-split"}
    assert {row["split_p"] for row in rows(report, "differences")} == {Fraction(0)}
    (note,) = (note for note in report.notes if note.startswith("other-split"))
    assert "nobody knows why" in note
    assert "uplift" not in note
    assert "effect" not in note


def test_of_a_handful_of_members_it_is_said_why_nothing_is_told() -> None:
    report, _ = closed(club())
    assert {(row["automation"], row["treated"], row["why"]) for row in rows(report, "untold")} == {
        ("few", 20, "not enough data: an arm has 20 members, and it takes 30")
    }
    assert any(CLUB in note and "unknown" in note for note in report.notes)


def test_messages_are_ranked_by_what_the_month_measured() -> None:
    memory = club()
    report, _ = closed(memory)
    (worth,) = rows(report, "worths")
    margin = next(row for row in rows(report, "uplift") if row["outcome"] == "margin")
    assert (worth["automation"], worth["worth"]) == ("works", round(margin["difference"]))
    assert worths_of(memory, "live").by_source == {"works": worth["worth"]}


def test_a_run_that_was_killed_before_it_told_the_worths_tells_them_when_it_comes_again() -> None:
    memory = club()
    first = closed(memory)
    told = worths_of(memory, "live").by_source
    memory.write([Drop("post", {"m": keys.switch("live"), "s": keys.WORTHS})])
    assert closed(memory, now=NOW + timedelta(days=1)) == first
    assert worths_of(memory, "live").by_source == told != {}


def test_an_earlier_month_that_is_closed_later_does_not_rank_messages() -> None:
    memory = club(month="2026-11")
    closed(memory, last=date(2026, 11, 30))
    newest = worths_of(memory, "live")
    for part in range(2):
        put_page(memory, "live", "2026-10", part, 2, "", Census(lines(40)[part::2]), None, NOW)
    close_chapter(memory, "live", "2026-10", report_of_effects({}, "USD", LAST.replace(day=1), LAST), NOW)
    closed(memory)
    assert newest.by_source
    assert worths_of(memory, "live") == newest


def test_who_will_buy_again_is_what_the_model_says_of_each_member() -> None:
    _, report = closed(club())
    known = [line for line in lines(400) if line.first]
    seen = [Bought(line.days - 1, (line.last - line.first) / 7, (LAST.toordinal() - line.first) / 7) for line in known]
    model = fitted(Counter(seen))
    bands = rows(report, "bands")
    assert [row["alive_from"] for row in bands] == [Fraction(4, 5), Fraction(1, 2), Fraction(1, 5), 0]
    assert sum(row["members"] for row in bands) == len(known) == 400
    assert sum(float(row["alive"]) for row in bands) == pytest.approx(sum(map(model.alive, seen)), abs=1e-3)
    assert sum(float(row["purchases"]) for row in bands) == pytest.approx(
        sum(model.expected(one, 90 / 7) for one in seen), abs=1e-3
    )
    assert all(row["spend"] is not None for row in bands)
    parameters = {(row["model"], row["parameter"]): float(row["value"]) for row in rows(report, "parameters")}
    assert {name: parameters["BG/NBD", name] for name in "r alpha a b".split()} == pytest.approx(
        model._asdict(), rel=1e-4
    )
    assert {parameter for name, parameter in parameters if name == "Gamma-Gamma"} == {"p", "q", "v"}
    learned = {row["what"]: row["value"] for row in rows(report, "learned_from")}
    assert learned == {"members": 400, "on_two_days_or_more": sum(line.days > 1 for line in known), "days_ahead": 90}


def test_a_club_too_young_for_a_model_is_told_why() -> None:
    _, report = closed(club(buyers=40))
    assert rows(report, "bands") == rows(report, "parameters") == []
    assert any(
        note.startswith("How members buy cannot be told: not enough data: 40 customers") for note in report.notes
    )


def test_until_the_month_is_closed_and_counted_nothing_is_closed() -> None:
    memory = Memory()
    with pytest.raises(Unfinished):
        closed(memory)
    assert chapter_of(memory, "live", "2026-10", "uplift") is None
    uncounted = club(parts=0)
    with pytest.raises(Unfinished):
        closed(uncounted)
    assert chapter_of(uncounted, "live", "2026-10", "expected") is None
    put_page(uncounted, "live", "2026-10", 0, 1, "", Census(lines(40)), None, NOW)
    assert closed(uncounted, parts=8)[1].name == "expected"


def test_what_is_closed_stays_as_it_is() -> None:
    memory = club()
    first = closed(memory)
    put_page(memory, "live", "2026-10", 0, 2, "", Census(lines(40)), None, NOW)
    assert closed(memory, now=NOW + timedelta(days=5)) == first
    chapter = chapter_of(memory, "live", "2026-10", "expected")
    assert chapter is not None
    assert chapter.closed_ms == int(NOW.timestamp() * 1000)
