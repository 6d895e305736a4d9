"""May the club advertise now? What the operator is told, and what the switch and the breaker do to each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from club.console import Trouble
from club.marketing import WHY_LENGTH_MAX, pressed, told
from shared.domain.breaker import Mails
from shared.store.backend import Put
from shared.store.breaker import Breaker, add_mail, breaker_of, judge, mails_judged
from shared.store.memory import Memory
from shared.store.switch import Switch, marketing_is_stopped, put_switch, switch_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def bad_mail(backend: Memory) -> None:
    """A hundred mails of which three bounced: the breaker opens."""
    for number in range(100):
        backend.write([add_mail("live", NOW - timedelta(minutes=9), f"m{number}", Mails(1, number < 3))])
    assert judge(backend, "live", NOW).opened == NOW


def test_a_club_that_has_sent_nothing_may_advertise() -> None:
    assert list(told(Switch(), Breaker(), Mails())) == [
        "Marketing may go.",
        "It stops by itself at 2.00 % bounces or 0.05 % complaints; fewer than 100 mails are not judged.",
    ]


def test_the_last_mails_are_told_with_their_shares_rounded_down() -> None:
    _, mails, _ = told(Switch(), Breaker(), Mails(1_001, 20, 0))
    assert mails == "Of the last 1,001 mails 20 bounced (1.99 %) and 0 were called spam (0.00 %)."


def test_who_stops_marketing_says_why_and_it_is_told() -> None:
    backend = Memory()
    pressed(backend, True, "dana", "the list was wrong", NOW)
    assert marketing_is_stopped(backend, "live")
    first, *_ = told(switch_of(backend, "live"), Breaker(), Mails())
    assert first == "Marketing is stopped by dana since 2026-11-27T12:00:00.000+00:00: the list was wrong"
    assert not marketing_is_stopped(backend, "test")


@pytest.mark.parametrize("why", ["", "x" * (WHY_LENGTH_MAX + 1)])
def test_without_a_reason_nothing_changes(why: str) -> None:
    backend = Memory()
    with pytest.raises(Trouble):
        pressed(backend, True, "dana", why, NOW)
    assert not marketing_is_stopped(backend, "live")


def test_whoever_lets_marketing_go_has_looked_at_the_breaker_and_what_was_counts_no_more() -> None:
    backend = Memory()
    bad_mail(backend)
    first, *_ = told(switch_of(backend, "live"), breaker_of(backend, "live"), Mails())
    assert first.startswith("Marketing is stopped by the breaker since 2026-11-27 12:00 UTC.")
    later = NOW + timedelta(minutes=5)
    pressed(backend, False, "dana", "the addresses are taken out", later)
    breaker = breaker_of(backend, "live")
    assert (breaker.opened, breaker.since) == (None, later)
    assert mails_judged(backend, "live", breaker, later) == Mails()
    assert judge(backend, "live", later).opened is None


def test_stopping_by_hand_leaves_the_breaker_as_it_is() -> None:
    backend = Memory()
    bad_mail(backend)
    pressed(backend, True, "dana", "for now", NOW)
    assert breaker_of(backend, "live").opened == NOW


class Meanwhile(Memory):
    """Somebody presses the switch between the reading and the writing."""

    def write(self, puts: object) -> dict[int, object]:  # type: ignore[override]
        if len(self.listed("post", "switch#live")) == 0:
            super().write([put_switch("live", Switch(), True, "noa", "first", NOW)])
        written: list[Put] = list(puts)  # type: ignore[call-overload]
        return dict(super().write(written))


def test_of_two_who_press_at_once_the_second_is_asked_to_look() -> None:
    backend = Meanwhile()
    with pytest.raises(Trouble):
        pressed(backend, False, "dana", "go", NOW)
    assert switch_of(backend, "live").actor == "noa"
