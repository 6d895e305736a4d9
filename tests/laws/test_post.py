"""What the club says to its members: once, by what reaches, when they may be written to, whatever fails (M1 to M12)."""

from __future__ import annotations

import dataclasses
import itertools
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from club.home import ROOT
from shared.actions.caller import Caller
from shared.actions.deliver import deliver
from shared.actions.devices import register_device
from shared.actions.move_member import move_member
from shared.actions.publish_worths import publish_worths
from shared.domain.clocks import Moving
from shared.domain.devices import Device
from shared.domain.notices import Label
from shared.store.backend import Unanswered
from shared.store.post import ENDS, source_of, spent_in
from shared.store.sender import Lost
from shared.store.wires import Refused
from shared.store.worths import worths_of
from tests.laws.post_office import ALL, NOON, Killed, PostOffice, automation
from tests.laws.shop import bought, plenty

A_WEEK = NOON + timedelta(days=7)


def test_a_message_goes_once_by_the_first_channel_that_reaches() -> None:
    office = PostOffice(automation("news"))
    member, by_text = office.join(), office.join(email=None, phone="+1 201 555 0123")
    office.sweep()
    office.sweep()
    office.work(A_WEEK)
    assert sorted(channel for channel, _, _ in office.sent) == ["email", "sms"]
    assert office.states(member) == office.states(by_text) == {"news": ("SENT", "allowed")}
    (said,) = office.said(member)
    assert ("dana1@example.com", Label(member, said.intent.id, "news", "marketing")) in office.told
    assert (said.channel, said.provider_id != "", said.copies) == ("email", True, 1)


def test_a_message_counts_on_the_civil_day_of_the_club_on_which_it_was_asked_for() -> None:
    # In New York it is still the evening of the tenth: the day of whoever was due, and not the next one, which UTC has.
    evening = datetime(2025, 3, 11, 1, tzinfo=UTC)
    office = PostOffice(automation("news"), now=evening)
    member = office.join()
    office.sweep()
    office.work(A_WEEK)
    assert office.states(member) == {"news": ("SENT", "allowed")}
    (said,) = office.said(member)
    assert said.intent.created.date() == date(2025, 3, 11)
    (counted,) = office.memory.listed("post", "source#live#news")
    assert (counted["s"][:10], counted["SENT"]) == ("2025-03-10", 1)
    assert source_of(office.memory, "live", "news", date(2025, 3, 11), date(2025, 3, 31)) == ({}, 0)


def test_who_did_not_agree_is_not_written_to_and_the_reason_is_kept() -> None:
    office = PostOffice(automation("news"))
    member = office.join("profiling")
    office.sweep()
    office.work(A_WEEK)
    assert office.sent == []
    assert office.states(member) == {"news": ("REFUSED", "no_consent")}


def test_who_agreed_to_text_messages_alone_gets_one() -> None:
    office = PostOffice(automation("news"))
    member = office.join("sms_marketing", phone="+1 201 555 0123")
    office.sweep()
    office.work(A_WEEK)
    assert [channel for channel, _, _ in office.sent] == ["sms"]
    assert office.states(member)["news"][0] == "SENT"


def test_a_number_abroad_is_no_address() -> None:
    office = PostOffice(automation("news"))
    member = office.join("sms_marketing", email=None, phone="+44 20 7946 0018")
    office.sweep()
    office.work(A_WEEK)
    assert office.states(member) == {"news": ("REFUSED", "no_address")}


def test_in_quiet_hours_a_message_waits_in_a_row_and_goes_when_they_end() -> None:
    at_night = datetime(2025, 3, 10, 8, 30, tzinfo=UTC)
    office = PostOffice(automation("news"), now=at_night)
    member = office.join()
    office.sweep()
    office.work(at_night + timedelta(hours=1))
    assert office.states(member) == {"news": ("PENDING", "quiet_hours")}
    office.work(A_WEEK)
    ((_, _, at),) = office.sent
    assert at == datetime(2025, 3, 10, 13, tzinfo=UTC)
    assert [row for row in office.memory.scanned("post") if row["m"].startswith("wait#")] == []


def test_a_message_waits_for_the_morning_of_the_clock_that_its_member_lives_by() -> None:
    noon = datetime(2025, 3, 10, 16, tzinfo=UTC)
    office = PostOffice(automation("news"), now=noon)
    here, tokyo = office.join(), office.join(zone="Asia/Tokyo")
    office.sweep()
    office.work(A_WEEK)
    times = {label.member: at for (_, label), (_, _, at) in zip(office.told, office.sent, strict=True)}
    assert times == {here: noon + timedelta(minutes=1), tokyo: datetime(2025, 3, 11, tzinfo=UTC)}


@pytest.mark.parametrize(("zone", "at"), [
    ("America/Los_Angeles", datetime(2025, 3, 11, 16, tzinfo=UTC)), ("Asia/Tokyo", datetime(2025, 3, 12, 0, tzinfo=UTC)),
])  # fmt: skip
def test_who_moves_while_a_message_waits_is_not_woken_by_it(zone: str, at: datetime) -> None:
    office = PostOffice(automation("news"), now=datetime(2025, 3, 11, 1, 30, tzinfo=UTC))
    member = office.join()
    office.sweep()
    office.work(datetime(2025, 3, 11, 2, tzinfo=UTC))
    assert office.states(member) == {"news": ("PENDING", "quiet_hours")}
    move_member(office.shop.club, Caller("main"), member, Moving(zone=zone))
    office.work(A_WEEK)
    ((_, _, sent_at),) = office.sent
    assert sent_at == at


def test_where_one_may_go_the_most_valuable_goes_and_the_others_the_next_days_until_they_end() -> None:
    names = {"cheap": 10, "dear": 900, "middle": 300, "short": 1}
    office = PostOffice(
        "".join(automation(name, worth, ", days = 1" if name == "short" else "") for name, worth in names.items())
    )
    member = office.join()
    office.sweep()
    office.work(A_WEEK)
    assert [source for _, source, _ in office.sent] == ["dear", "middle", "cheap"]
    days = [at.date() for _, _, at in office.sent]
    assert days == [date(2025, 3, 10), date(2025, 3, 11), date(2025, 3, 12)]
    assert office.states(member)["short"] == ("EXPIRED", "day_cap")


def test_what_was_measured_stands_above_what_was_declared_also_for_messages_written_before() -> None:
    office = PostOffice(automation("dear", 900) + automation("middle", 300))
    office.join()
    office.sweep()
    for _ in range(2):
        publish_worths(office.shop.memory, "live", {"dear": 20})
    assert worths_of(office.memory, "live") == (1, {"dear": 20})
    office.work(A_WEEK)
    assert [source for _, source, _ in office.sent] == ["middle", "dear"]


def test_a_worth_that_is_measured_no_more_is_as_it_was_declared() -> None:
    office = PostOffice(automation("dear", 900) + automation("middle", 300))
    office.join()
    publish_worths(office.shop.memory, "live", {"dear": 20})
    publish_worths(office.shop.memory, "live", {})
    office.sweep()
    office.work(A_WEEK)
    assert [source for _, source, _ in office.sent] == ["dear", "middle"]


def test_nobody_gets_more_than_the_caps_of_a_day_and_a_week_over_all_automations() -> None:
    office = PostOffice("".join(automation(f"news-{number}", number, ", days = 31") for number in range(8)))
    member = office.join()
    office.sweep()
    office.work(NOON + timedelta(days=40))
    times = [at for _, _, at in office.sent]
    assert len(times) == 8
    for span, most in ((timedelta(days=1), 1), (timedelta(days=7), 3)):
        assert max(sum(at - span < one <= at for one in times) for at in times) == most
    assert {state for state, _ in office.states(member).values()} == {"SENT"}


def test_who_bought_meanwhile_is_not_told_that_they_are_missed() -> None:
    at_night = datetime(2025, 3, 10, 8, 30, tzinfo=UTC)
    dormant = 'on = "state"\nwhen = "member.purchases_12m >= 1 && member.days_since_purchase > 60"\n'
    office = PostOffice(automation("win-back", on=dormant), now=at_night)
    member = office.join()
    office.shop.buy(bought("A-1", at_night - timedelta(days=80), ("CD-1", 1, 1_000)) | {"member_id": member})
    office.sweep()
    office.work(at_night + timedelta(hours=1))
    office.shop.buy(bought("A-2", office.now, ("CD-1", 1, 1_000)) | {"member_id": member})
    office.work(A_WEEK)
    assert office.sent == []
    assert office.states(member) == {"win-back": ("EXPIRED", "no_longer_due")}


def test_a_switch_that_stops_marketing_refuses_what_comes_and_what_waits() -> None:
    office = PostOffice(automation("news"))
    member = office.join()
    office.sweep()
    office.stop = "marketing_stopped"
    office.work(A_WEEK)
    assert office.sent == []
    assert office.states(member) == {"news": ("REFUSED", "marketing_stopped")}


def test_what_may_have_gone_is_never_sent_again() -> None:
    def silent(_: int) -> None:
        raise Lost("SendEmail")

    office = PostOffice(automation("news"), wire=silent)
    member = office.join()
    office.sweep()
    office.work(A_WEEK)
    assert next(office.sendings) == 2
    assert office.states(member) == {"news": ("UNKNOWN", "no_answer")}


def test_what_was_refused_for_good_has_failed_with_its_reason_and_counts_for_no_cap() -> None:
    def refused(number: int) -> None:
        if number == 1:
            raise Refused("never", "MessageRejected")

    office = PostOffice(automation("first", 9) + automation("second", 1), wire=refused)
    member = office.join()
    office.sweep()
    office.work(NOON + timedelta(hours=4))
    assert office.states(member) == {"first": ("FAILED", "MessageRejected"), "second": ("SENT", "allowed")}
    assert spent_in(office.memory, NOON.date()) == {"email": pytest.approx(0.01)}


@pytest.mark.parametrize("every", range(1, 8))
def test_whichever_sendings_fail_every_message_comes_to_an_end_and_is_sent_at_most_once(every: int) -> None:
    faults = itertools.cycle(
        [Refused("throttled", "TooManyRequestsException"), Lost("SendEmail"), Refused("never", "BadRequest")]
    )

    def failing(number: int) -> None:
        if number % every == 0 and number < 60:
            raise next(faults)

    office = PostOffice(automation("news"), wire=failing)
    members = [office.join() for _ in range(20)]
    office.sweep()
    office.work(A_WEEK)
    ended = [office.states(member)["news"][0] for member in members]
    assert set(ended) <= ENDS
    assert ended.count("SENT") == len(office.sent)
    assert len(ended) == 20


def test_a_provider_that_is_throttled_or_paused_makes_it_slower_and_fails_nothing() -> None:
    def slow(number: int) -> None:
        if number < 4:
            raise Refused("throttled", "TooManyRequestsException")
        if number < 6:
            raise Refused("paused", "SendingPausedException")

    office = PostOffice(automation("news"), wire=slow)
    member = office.join()
    office.sweep()
    office.work(A_WEEK)
    assert office.states(member) == {"news": ("SENT", "allowed")}
    ((_, _, at),) = office.sent
    assert timedelta(hours=2) < at - NOON < timedelta(hours=3)


def test_a_pause_of_the_whole_account_is_told_to_somebody_and_a_throttle_is_not() -> None:
    told = {}
    for why in ("paused", "throttled"):

        def refuses(_: int, why: str = why) -> None:
            raise Refused(why, "Because")  # type: ignore[arg-type]

        office = PostOffice(automation("news"), wire=refuses)
        office.join()
        office.sweep()
        ((_, intent),) = office.queue
        deliver(office.post, intent, plenty)
        office.move(NOON + timedelta(minutes=2))
        done = deliver(office.post, intent, plenty)
        told[why] = (done.state, done.reason, done.paused)
    assert told == {"paused": ("PENDING", "Because", True), "throttled": ("PENDING", "Because", False)}


def test_messages_that_come_up_to_three_times_in_any_sequence_are_sent_once() -> None:
    draws = random.Random(5)
    office = PostOffice(automation("a", 1, ", days = 31") + automation("b", 2, ", days = 31"))
    members = [office.join() for _ in range(10)]
    office.sweep()
    office.queue = [one for one in office.queue for _ in range(draws.randint(1, 3))]
    draws.shuffle(office.queue)
    office.work(A_WEEK)
    assert len(office.sent) == 20
    assert {state for member in members for state, _ in office.states(member).values()} == {"SENT"}


class Steps:
    """Counts writings and sendings, and kills the process at one: before it is done, or just after it."""

    def __init__(self, office: PostOffice, at: int, *, after: bool) -> None:
        self.left, self.after = at, after
        self.write = office.memory.write
        office.memory.write = self._write  # type: ignore[method-assign]
        if after:
            office.answering = self._sent
        else:
            office.wire = self._sent

    def _step(self) -> bool:
        self.left -= 1
        return self.left == 0

    def _write(self, puts):
        dies = self._step()
        if dies and not self.after:
            raise Killed
        refused = self.write(puts)
        if dies:
            raise Killed
        return refused

    def _sent(self, _: int) -> None:
        if self._step():
            raise Killed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 16))
def test_killed_at_any_step_a_message_is_sent_at_most_once_and_ends(at: int, after: bool) -> None:
    office = PostOffice(automation("dear", 9) + automation("cheap", 1))
    member = office.join()
    office.sweep()
    Steps(office, at, after=after)
    office.work(A_WEEK)
    states = {state for state, _ in office.states(member).values()}
    assert states <= {"SENT", "UNKNOWN"}
    sources = [source for _, source, _ in office.sent]
    assert len(sources) == len(set(sources))
    times = [when for _, _, when in office.sent]
    assert all(later - earlier >= timedelta(days=1) for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("done", [False, True])
def test_a_writing_that_nobody_answered_loses_and_doubles_nothing(at: int, done: bool) -> None:
    office = PostOffice(automation("dear", 9) + automation("cheap", 1))
    member = office.join()
    office.sweep()
    write, left = office.memory.write, itertools.count(1)

    def unanswered(puts):
        number = next(left)
        if number != at:
            return write(puts)
        if done:
            write(puts)
        raise Unanswered

    office.memory.write = unanswered  # type: ignore[method-assign]
    office.work(A_WEEK)
    assert {state for state, _ in office.states(member).values()} <= {"SENT", "UNKNOWN"}
    sources = [source for _, source, _ in office.sent]
    assert len(sources) == len(set(sources))


def test_two_that_work_one_members_messages_off_at_once_keep_the_cap() -> None:
    office = PostOffice(automation("a", 5) + automation("b", 5))
    member = office.join()
    office.sweep()
    office.work(NOON)
    (_, first), (_, second) = office.queue
    office.move(NOON + timedelta(minutes=2))
    write = office.memory.write
    inner = []

    def meanwhile(puts):
        if not inner:
            inner.append(1)
            deliver(office.post, second, plenty)
        return write(puts)

    office.memory.write = meanwhile  # type: ignore[method-assign]
    deliver(office.post, first, plenty)
    assert len(office.sent) == 1
    assert sorted(state for state, _ in office.states(member).values()) == ["PENDING", "SENT"]


def test_what_a_channel_may_cost_in_a_month_is_kept() -> None:
    office = PostOffice(automation("news", more=', channels = ["sms"], days = 20'))
    members = [office.join("sms_marketing", email=None, phone=f"+1 201 555 {number:04d}") for number in range(100, 230)]
    office.sweep()
    office.work(NOON + timedelta(hours=6))
    assert len(office.sent) == 125
    waits = [office.states(member)["news"] for member in members]
    assert sorted({*waits}) == [("EXPIRED", "cost_ceiling"), ("SENT", "allowed")]


STAFF_TOLD = """[[automation]]
id = "call"
name = { en = "Call them" }
on = "state"
when = "member.purchases >= 1"
staff_note = "Bought often, then stopped: call."
"""


def noted(more: str = "") -> PostOffice:
    contact = 'staff_email = "team@rimon.example.com"\n'
    return PostOffice(f"{STAFF_TOLD}{more}", now=datetime(2025, 3, 10, 8, 30, tzinfo=UTC), contact=contact)


def test_staff_are_told_of_a_member_once_at_any_hour_and_the_member_reads_nothing_of_it() -> None:
    office = noted('holdout = 0\nno_holdout_because = "all"\n')
    member = office.join("profiling")
    office.shop.buy(bought("A-1", office.now - timedelta(days=1), ("CD-1", 1, 1_000)) | {"member_id": member})
    office.sweep()
    office.sweep()
    for _ in range(2):
        office.work(A_WEEK)
    assert [(address, label.member) for address, label in office.told] == [("team@rimon.example.com", "staff")]
    assert office.said(member) == []
    (said,) = office.said("staff")
    assert (said.state, said.intent.facts) == ("SENT", {"member": member})


def test_of_who_is_held_out_staff_are_not_told() -> None:
    office = noted("holdout = 100\n")
    office.shop.buy(bought("A-1", office.now - timedelta(days=1), ("CD-1", 1, 1_000)) | {"member_id": office.join()})
    office.sweep()
    office.work(A_WEEK)
    assert office.told == []


def test_a_wire_that_cannot_be_had_at_the_moment_leaves_the_message_to_be_sent_later() -> None:
    office = PostOffice(automation("news"))
    member = office.join()
    office.sweep()
    wires, asked = office.post.wires, itertools.count(1)

    def sometimes(book):
        if next(asked) == 1:
            raise Unanswered
        return wires(book)

    office.post = dataclasses.replace(office.post, wires=sometimes)
    office.work(A_WEEK)
    assert office.states(member) == {"news": ("SENT", "allowed")}
    assert len(office.sent) == 1


def test_who_agreed_to_pushes_gets_them_on_the_phone_told_of_last_and_nobody_else_does() -> None:
    office = PostOffice(automation("news", more=', channels = ["push"]'), channels=("email", "sms", "push"))
    phone = Device(platform="fcm", token="d7Xk2mQyT0uVn5cPz1aB")
    arn = "arn:aws:sns:us-east-1:1:endpoint/GCM/club/1"
    agreed, silent, without = (
        office.join("push_marketing"),
        office.join("email_marketing"),
        office.join("push_marketing"),
    )
    for member in (agreed, silent):
        register_device(office.shop.club, Caller("main"), member, phone, lambda _: arn)
    office.sweep()
    office.work(A_WEEK)
    assert [(channel, address) for (channel, _, _), (address, _) in zip(office.sent, office.told, strict=True)] == [
        ("push", arn)
    ]
    assert [office.states(member)["news"][1] for member in (agreed, silent, without)] == [
        "allowed",
        "no_consent",
        "no_address",
    ]


DEMO = (ROOT / "programmes" / "demo.toml").read_text("utf-8")
REACHED = "[[" + next(one for one in DEMO.split("\n[[") if 'id = "tier-reached"' in one).split("\n\n")[0] + "\n"
TIERS = '[tiers]\nwindow_days = 365\n[[tier]]\nid = "silver"\nspend_minor = 1000\n[[tier]]\nid = "gold"\nspend_minor = 9000\n'
SABBATH = 'observes = ["sabbath"]\nrest = { from = "15:00", until = "21:30" }\n'


@pytest.mark.parametrize("day", range(10, 17))
def test_who_reaches_a_tier_is_told_once_on_whatever_day_of_the_week_it_was(day: int) -> None:
    at = datetime(2025, 3, day, 16, tzinfo=UTC)
    office = PostOffice(TIERS + REACHED + ALL, now=at, contact=SABBATH)
    member = office.join()
    spent = {0: 5_000, 3: 5_000}
    for days in range(16):
        if days in spent:
            office.shop.buy(bought(f"P-{days}", office.now, ("cd", 1, spent[days]), member_id=member))
        night = at.replace(hour=8, minute=30) + timedelta(days=days + 1)
        office.work(night)
        office.sweep(night.date())
        office.work(night + timedelta(hours=7, minutes=30))
    # Silver at once, or when the Sabbath is over; gold when the week of the first letter is.
    assert [source for _, source, _ in office.sent] == ["tier-reached", "tier-reached"]
