"""The gate of every message: who is written to, when, and how often (M3, M4, M7, S4, P6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.closed_days import closure_at
from shared.domain.contact_gate import (
    DAY,
    MESSAGE_LIFE_MAX,
    WEEK,
    Consent,
    Contactable,
    Message,
    Sending,
    Suppression,
    Verdict,
    most_valuable,
    room,
    verdict,
)
from shared.domain.contact_tables import Contact
from tests.domain.post import AGREED, JERUSALEM, NOON, TEHRAN, asked, jerusalem, member, message, rules

LATER = NOON + timedelta(days=1)
BEFORE = NOON - timedelta(days=1)


def test_a_member_who_agreed_is_written_to() -> None:
    assert asked() == Verdict("send", "allowed")


@pytest.mark.parametrize(
    "consents", [{}, {"email_marketing": Consent(False, BEFORE)}, {"sms_marketing": Consent(True, BEFORE)}]
)
def test_marketing_needs_consent_for_its_own_channel(consents: dict[str, Consent]) -> None:
    assert asked(whom=member(consents=consents)) == Verdict("refuse", "no_consent")


@pytest.mark.parametrize("purpose", ["service", "urgent"])
def test_what_a_member_caused_is_sent_without_consent_to_marketing(purpose: str) -> None:
    assert asked(message(purpose), member(consents={})).outcome == "send"


@pytest.mark.parametrize("purpose", ["service", "urgent"])
def test_and_is_not_sent_to_whom_refused_that_very_kind(purpose: str) -> None:
    refused = member(consents=AGREED | {f"email_{purpose}": Consent(False, BEFORE)})
    assert asked(message(purpose), refused) == Verdict("refuse", "no_consent")


def test_an_erased_member_is_never_written_to() -> None:
    for purpose in ("marketing", "service", "urgent"):
        assert asked(message(purpose), member(is_erased=True)) == Verdict("refuse", "erased")


def test_a_channel_that_the_club_has_not_is_not_used() -> None:
    assert asked(law=rules(channels=("sms",))) == Verdict("refuse", "channel_off")


def test_a_member_without_an_address_is_not_written_to() -> None:
    assert asked(whom=member(addresses=frozenset({"sms"}))) == Verdict("refuse", "no_address")


@pytest.mark.parametrize(
    ("kind", "held"),
    [
        ("hard_bounce", {"marketing", "service"}),
        ("complaint", {"marketing", "service"}),
        ("unsubscribe", {"marketing"}),
    ],
)
def test_a_suppression_holds_back_what_it_is_about(kind: str, held: set[str]) -> None:
    for purpose in ("marketing", "service", "urgent"):
        told = asked(message(purpose), member(suppressions=(Suppression(kind, "email", BEFORE),)))
        assert told == (Verdict("refuse", kind) if purpose in held else Verdict("send", "allowed"))


def test_a_suppression_of_one_channel_leaves_the_others() -> None:
    bounced = member(suppressions=(Suppression("hard_bounce", "email", BEFORE),))
    assert asked(message(channel="sms"), bounced).outcome == "send"


def test_who_unsubscribes_from_everything_is_left_alone_on_every_channel() -> None:
    gone = member(suppressions=(Suppression("unsubscribe", None, BEFORE),))
    assert {asked(message(channel=channel), gone).reason for channel in ("email", "sms", "push")} == {"unsubscribe"}


def test_consent_given_after_unsubscribing_counts_again() -> None:
    left = (Suppression("unsubscribe", "email", BEFORE),)
    back = {"email_marketing": Consent(True, BEFORE + timedelta(minutes=1))}
    assert asked(whom=member(consents=back, suppressions=left)).outcome == "send"
    assert (
        asked(whom=member(consents={"email_marketing": Consent(True, BEFORE)}, suppressions=left)).outcome == "refuse"
    )


@pytest.mark.parametrize("kind", ["hard_bounce", "complaint"])
def test_a_bounce_or_a_complaint_is_not_lifted_by_consent(kind: str) -> None:
    again = {"email_marketing": Consent(True, NOON)}
    assert asked(whom=member(consents=again, suppressions=(Suppression(kind, "email", BEFORE),))).outcome == "refuse"


@pytest.mark.parametrize("stop", ["marketing_stopped", "breaker_open"])
def test_one_switch_stops_all_marketing_and_nothing_else(stop: str) -> None:
    stopped = Sending(JERUSALEM, stop)
    assert asked(sending=stopped) == Verdict("refuse", stop)
    assert asked(message("service"), sending=stopped).outcome == "send"


def test_who_is_no_longer_dormant_gets_no_win_back() -> None:
    assert asked(is_due=False) == Verdict("expire", "no_longer_due")


def test_a_message_expires_when_its_reason_or_its_offer_ends() -> None:
    assert asked(message(due_until=NOON)) == Verdict("expire", "no_longer_due")
    assert asked(message(valid_until=NOON)) == Verdict("expire", "no_longer_valid")
    assert asked(message("urgent", valid_until=NOON)) == Verdict("expire", "no_longer_valid")
    assert asked(message(created=NOON - MESSAGE_LIFE_MAX, valid_until=None)) == Verdict("expire", "no_longer_valid")
    assert asked(message(valid_until=NOON + timedelta(seconds=1))).outcome == "send"


def test_at_night_a_message_waits_for_the_members_own_morning() -> None:
    at = jerusalem("2026-11-25", "23:00")
    assert asked(now=at) == Verdict("wait", "quiet_hours", jerusalem("2026-11-26", "08:00"))
    assert asked(now=jerusalem("2026-11-26", "07:59")).outcome == "wait"
    assert asked(now=jerusalem("2026-11-26", "08:00")).outcome == "send"
    assert asked(now=jerusalem("2026-11-25", "20:59")).outcome == "send"


def test_who_moved_to_another_zone_is_asked_by_its_clock() -> None:
    at = jerusalem("2026-11-25", "13:00")
    assert asked(whom=member(ZoneInfo("Asia/Tokyo")), now=at).outcome == "send"
    assert asked(whom=member(ZoneInfo("America/Los_Angeles")), now=at).reason == "quiet_hours"


def test_a_one_time_code_waits_for_nothing() -> None:
    full = member(contacted=(NOON,) * 3, consents={})
    law = rules(observes=("sabbath",), month_max_minor={"sms": 0})
    saturday_night = jerusalem("2026-11-28", "03:00")
    code = message("urgent", "sms", created=saturday_night, cost_minor=Fraction(5))
    assert asked(code, full, law, saturday_night) == Verdict("send", "allowed")


def test_the_caps_count_all_campaigns_and_channels_together() -> None:
    law = rules(day_max=1, week_max=2)
    assert asked(whom=member(contacted=(NOON - DAY,)), law=law).outcome == "send"
    yesterday = NOON - DAY + timedelta(hours=1)
    assert asked(message(channel="sms"), member(contacted=(yesterday,)), law) == Verdict(
        "wait", "day_cap", yesterday + DAY
    )
    twice = (NOON - timedelta(days=6), NOON - timedelta(days=2))
    assert asked(whom=member(contacted=twice), law=law) == Verdict("wait", "week_cap", twice[0] + WEEK)
    assert asked(message("service"), member(contacted=twice), law).outcome == "send"


def test_a_cap_that_frees_at_night_frees_in_the_morning() -> None:
    last = jerusalem("2026-11-24", "22:00")
    at = jerusalem("2026-11-25", "20:00")
    assert asked(whom=member(contacted=(last,)), now=at) == Verdict("wait", "day_cap", jerusalem("2026-11-26", "08:00"))


def test_nobody_is_written_to_on_sabbath_where_the_club_keeps_it() -> None:
    law = rules(observes=("sabbath",))
    friday = jerusalem("2026-11-27", "15:00")
    # Saturday's night is quiet anyhow when Sabbath ends.
    assert asked(law=law, now=friday) == Verdict("wait", "sabbath", jerusalem("2026-11-29", "08:00"))
    assert asked(message("service"), law=law, now=friday).outcome == "wait"
    assert asked(law=law, now=jerusalem("2026-11-27", "14:59")).outcome == "send"
    assert asked(law=rules(), now=friday).outcome == "send"


def test_a_feast_beside_a_sabbath_is_one_long_rest() -> None:
    # New Year 5787 is a Saturday and a Sunday: from Friday afternoon to Sunday night.
    law = rules(observes=("sabbath", "jewish_holidays"), quiet_hours={"from": "23:00", "until": "07:00"})
    friday = jerusalem("2026-09-11", "16:00")
    new_year = message(created=friday, valid_until=friday + timedelta(days=9))
    assert asked(new_year, law=law, now=friday).until == jerusalem("2026-09-13", "21:00")


def test_nowruz_is_by_the_programmes_own_day() -> None:
    at = datetime(2027, 3, 21, 12, tzinfo=TEHRAN)
    greeting = message(created=at, valid_until=at + timedelta(days=9))
    told = asked(greeting, member(TEHRAN), rules(closed=("jalali 01-01",)), at)
    assert told == Verdict("wait", "closed_day", datetime(2027, 3, 22, 8, tzinfo=TEHRAN).astimezone(UTC))


def test_what_would_still_be_held_up_when_it_ends_expires_at_once() -> None:
    at = jerusalem("2026-11-25", "22:00")
    assert asked(message(due_until=jerusalem("2026-11-26", "00:00")), now=at) == Verdict("expire", "quiet_hours")


def test_a_channel_that_cost_its_most_waits_for_the_next_month() -> None:
    law = rules(month_max_minor={"sms": 100})
    spent = Sending(JERUSALEM, None, {"sms": Fraction(99)})
    dear = message(channel="sms", cost_minor=Fraction("1.5"))
    assert asked(dear, law=law, sending=spent) == Verdict("wait", "cost_ceiling", jerusalem("2026-12-01", "08:00"))
    assert asked(message(channel="sms", cost_minor=Fraction(1)), law=law, sending=spent).outcome == "send"
    assert asked(message(cost_minor=Fraction(9)), law=law, sending=spent).outcome == "send"


def test_the_next_month_after_december_is_january() -> None:
    law, spent = rules(month_max_minor={"sms": 0}), Sending(JERUSALEM)
    at = jerusalem("2026-12-31", "12:00")
    dear = message(channel="sms", cost_minor=Fraction(1), created=at, valid_until=at + timedelta(days=3))
    assert asked(dear, law=law, sending=spent, now=at).until == jerusalem("2027-01-01", "08:00")


def test_a_morning_that_the_clock_skips_comes_an_hour_later_by_it() -> None:
    # 27 March 2026 has no 02:30 in Jerusalem.
    law = rules(quiet_hours={"from": "21:00", "until": "02:30"})
    at = jerusalem("2026-03-26", "23:00")
    told = asked(message(created=at, valid_until=at + timedelta(days=2)), law=law, now=at)
    assert told.until == jerusalem("2026-03-27", "03:30")


def test_the_most_valuable_message_goes_and_the_others_wait() -> None:
    cheap = message(id="a", value_minor=500, cost_minor=Fraction(1))
    dear = message(id="b", value_minor=520, cost_minor=Fraction(30))
    best = message(id="c", value_minor=900, cost_minor=Fraction(30))
    chosen = most_valuable([dear, cheap, best], 2)
    assert [one.id for one in chosen.go] == ["c", "a"]
    assert [one.id for one in chosen.wait] == ["b"]


def test_of_equal_messages_the_older_goes_and_then_the_lower_id() -> None:
    young, old = message(id="a", created=NOON), message(id="z", created=BEFORE)
    assert [one.id for one in most_valuable([message(id="b"), young, old], 2).go] == ["z", "a"]


def test_no_room_is_no_message() -> None:
    assert most_valuable([message()], 0) == ((), (message(),))


def test_room_is_what_both_caps_leave() -> None:
    law = rules(day_max=2, week_max=3)
    assert room([], law, NOON) == 2
    assert room([NOON - timedelta(hours=1)], law, NOON) == 1
    assert room([NOON - timedelta(days=2)] * 2, law, NOON) == 1
    assert room([NOON - timedelta(days=2)] * 5, law, NOON) == 0
    assert room([NOON - WEEK] * 5, law, NOON) == 2


# -- whatever the draw ------------------------------------------------------------------------------------------------


ZONES = tuple(
    map(ZoneInfo, ("Asia/Jerusalem", "Asia/Tehran", "America/New_York", "Africa/Cairo", "Pacific/Kiritimati", "UTC"))
)
INSTANTS = st.integers(1_704_067_200, 2_240_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
SUPPRESSIONS = st.builds(
    Suppression,
    st.sampled_from(("hard_bounce", "complaint", "unsubscribe")),
    st.sampled_from(("email", "sms", None)),
    INSTANTS,
)


@dataclass
class Case:
    message: Message
    member: Contactable
    rules: Contact
    sending: Sending
    now: datetime

    def told(self, now: datetime | None = None, **changed: object) -> Verdict:
        sending = changed.get("sending", self.sending)
        return verdict(self.message, self.member, self.rules, sending, now or self.now)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    now = draw(INSTANTS)
    begins, ends = draw(CLOCKS), draw(CLOCKS)
    law = rules(
        quiet_hours={"from": begins, "until": ends if ends != begins else "12:34"},
        day_max=draw(st.integers(1, 2)),
        week_max=draw(st.integers(2, 4)),
        observes=draw(
            st.sampled_from(((), ("sabbath",), ("sabbath", "jewish_holidays_abroad"), ("iranian_holidays",)))
        ),
        closed=draw(st.sampled_from(((), ("jalali 01-01", "hebrew 05-09"), ("12-25", "02-29")))),
        month_max_minor=draw(st.sampled_from(({}, {"email": 100}))),
    )
    ages = draw(st.lists(st.integers(0, 9 * 24 * 60), max_size=5))
    whom = member(
        draw(st.sampled_from(ZONES)),
        contacted=tuple(now - timedelta(minutes=age) for age in sorted(ages, reverse=True)),
        consents=draw(
            st.dictionaries(
                st.sampled_from(("email_marketing", "sms_marketing", "email_service", "email_urgent")),
                st.builds(Consent, st.booleans(), INSTANTS),
            )
        ),
        suppressions=tuple(draw(st.lists(SUPPRESSIONS, max_size=1))),
    )
    what = message(
        draw(st.sampled_from(("marketing", "marketing", "service", "urgent"))),
        created=now - timedelta(minutes=draw(st.integers(0, 60 * 24 * 10))),
        valid_until=now + timedelta(minutes=draw(st.integers(-9, 60 * 24 * 20))),
        cost_minor=Fraction(draw(st.integers(0, 99))),
    )
    stop = draw(st.sampled_from((None, None, None, "breaker_open")))
    return Case(what, whom, law, Sending(JERUSALEM, stop, {"email": Fraction(draw(st.integers(0, 120)))}), now)


@given(cases())
def test_marketing_is_never_sent_without_consent_in_a_closed_hour_or_above_the_cap(case: Case) -> None:
    if case.told().outcome != "send" or case.message.purpose != "marketing":
        return
    assert case.member.consents["email_marketing"].granted
    assert case.sending.stop is None
    assert not [one for one in case.member.suppressions if one.channel != "sms" and one.kind != "unsubscribe"]
    local = case.now.astimezone(case.member.zone).replace(tzinfo=None)
    assert closure_at(case.rules, local) is None
    assert not _is_between(local.strftime("%H:%M"), case.rules.quiet_hours.from_, case.rules.quiet_hours.until)
    assert sum(one > case.now - DAY for one in case.member.contacted) < case.rules.day_max
    assert sum(one > case.now - WEEK for one in case.member.contacted) < case.rules.week_max
    assert case.now < case.message.valid_until


@given(cases())
def test_what_waits_may_be_sent_when_its_time_comes(case: Case) -> None:
    told = case.told()
    assert (told.until is not None) == (told.outcome == "wait")
    if told.until is None:
        return
    assert case.now < told.until < case.message.valid_until
    # A month that is new has cost nothing so far, whatever else it was that held the message up first.
    is_new_month = told.until.astimezone(JERUSALEM).month != case.now.astimezone(JERUSALEM).month
    then = Sending(JERUSALEM) if is_new_month else case.sending
    assert case.told(told.until, sending=then).outcome == "send"


@given(cases())
def test_what_waits_may_not_be_sent_a_minute_before(case: Case) -> None:
    told = case.told()
    if told.until is not None and told.until - timedelta(minutes=1) >= case.now:
        assert case.told(told.until - timedelta(minutes=1)).outcome != "send"


@given(cases())
def test_urgent_messages_never_wait(case: Case) -> None:
    if case.message.purpose == "urgent":
        assert case.told().outcome != "wait"


def _is_between(clock: str, begins: str, ends: str) -> bool:
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends
