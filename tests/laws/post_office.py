"""A club that writes to its members, with a wire of the test's own: queues, clock and what was sent are lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

from shared.actions.caller import Caller
from shared.actions.deliver import Claimed, Delivered, Post, deliver
from shared.actions.enrol_member import enrol_member
from shared.actions.sweep import sweep
from shared.actions.wake_waiting import wake_waiting
from shared.domain.errors import Busy
from shared.domain.member import Joining
from shared.domain.messages import Intent, intent_in, intents_of
from shared.domain.notices import Label
from shared.domain.said import Said
from shared.store.post import messages_of
from shared.store.switched import switched_of
from shared.store.wires import Sent
from shared.store.worths import worths_of
from tests.laws.shop import Shop, plenty

ALL = 'holdout = 0\nno_holdout_because = "everybody gets it"\n'
EARN = '[[earn]]\nid = "base"\npoints = 1\nper_minor = 100\n'
CONTACT = """[contact]
channels = ["email", "sms"]
sender_email = "club@rimon.example.com"
sender_address = "1 Orchard Street"
quiet_hours = { from = "21:00", until = "09:00" }
day_max = 1
week_max = 3
link_hosts = ["rimon.example.com"]
sms_countries = ["US"]
price_minor = { email = 0.01, sms = 0.8 }
month_max_minor = { sms = 100 }
"""
NOON = datetime(2025, 3, 10, 16, tzinfo=UTC)
AGREED = ("email_marketing", "sms_marketing")


def automation(name: str, worth_minor: int = 0, more: str = "", on: str = 'on = "date"\nday = 2025-03-10\n') -> str:
    message = f'message = {{ template = "welcome", worth_minor = {worth_minor}{more} }}\n'
    return f'[[automation]]\nid = "{name}"\n{on}{message}{ALL}'


@dataclass(frozen=True)
class Words:
    text: str


class Killed(BaseException):
    """The process is gone, at this very step."""


@dataclass(frozen=True)
class Line:
    """A wire of the test's own. The letter's text is the name of what called for it."""

    office: PostOffice
    channel: str

    def send(self, address: str, letter: Words, label: Label) -> Sent:
        number = next(self.office.sendings)
        self.office.wire(number)
        self.office.sent.append((self.channel, letter.text, self.office.now))
        self.office.told.append((address, label))
        self.office.answering(number)
        return Sent(f"P-{number}")


@dataclass
class PostOffice:
    """`wire` is asked before each sending, `answering` after it: they may raise what a provider's refusal or silence raises."""

    text: str
    now: datetime = NOON
    contact: str = ""
    channels: tuple[str, ...] = ("email", "sms")
    wire: Callable[[int], None] = lambda _: None
    answering: Callable[[int], None] = lambda _: None
    sent: list[tuple[str, str, datetime]] = field(default_factory=list)
    told: list[tuple[str, Label]] = field(default_factory=list)
    queue: list[tuple[datetime, Intent]] = field(default_factory=list)
    stop: Any = None

    def __post_init__(self) -> None:
        served = CONTACT.replace('channels = ["email", "sms"]', f"channels = {json.dumps(self.channels)}")
        self.shop = Shop(EARN + served + self.contact + self.text, now=self.now)
        self.memory = self.shop.memory
        self.sendings = count(1)
        wires = {name: Line(self, name) for name in self.channels}
        prices = {"email": Fraction(1, 100), "sms": Fraction(8, 10), "push": Fraction(0)}
        self.post = Post(
            self.shop.club, lambda _: wires, lambda intent, *_: Words(intent.source),
            lambda channel, *_: prices[channel], self._again, lambda: self.stop,
            lambda: switched_of(self.memory, "live").off, lambda: worths_of(self.memory, "live").by_source,
        )  # fmt: skip

    def _again(self, intent: Intent, seconds: int) -> None:
        self.queue.append((self.now + timedelta(seconds=seconds), intent))

    def move(self, now: datetime) -> None:
        self.now = self.shop.now = now

    def join(self, *agreed: str, **more: Any) -> str:
        number = len(list(self.memory.scanned("accounts"))) + 1
        told = {
            "name": "Dana", "language": "en", "source": "till", "email": f"dana{number}@example.com",
            "joined_at": (self.now - timedelta(days=100)).isoformat(),
            "consents": [{"kind": kind, "granted": True, "text_version": "1"} for kind in agreed or AGREED],
            **more,
        }  # fmt: skip
        told = {name: value for name, value in told.items() if value is not None}
        joining = Joining.model_validate(told)
        return str(enrol_member(self.shop.club, Caller("main"), f"J-{number}", joining, plenty).row["a"])

    def sweep(self, day: date = date(2025, 3, 10)) -> None:
        """The sweep of a day, and what it asks for on the queue."""
        before = {row["k"] for row in self.memory.scanned("ledger")}
        sweep(self.shop.club, "live", [day], plenty)
        for row in self.memory.scanned("ledger"):
            if row["k"] not in before and "ms" in row:
                self.queue += [(self.now, intent) for intent in intents_of(row)]

    def work(self, until: datetime, redelivered_after: timedelta = timedelta(minutes=6)) -> None:
        """Works the queue off, moving the clock, until nothing is left that is asked again before an instant."""
        for _ in range(2_000):
            ready = [at for at, _ in self.queue if at <= until]
            quarter = self._next_quarter()
            if not ready and (quarter is None or quarter > until):
                self.move(max(self.now, until))
                return
            self.move(max(self.now, min([*ready, *([quarter] if quarter else [])])))
            self._wake()
            due = [one for one in self.queue if one[0] <= self.now]
            self.queue = [one for one in self.queue if one[0] > self.now]
            for _, intent in due:
                self.handed(intent, redelivered_after)
        raise AssertionError("messages go round without end")

    def handed(self, intent: Intent, redelivered_after: timedelta = timedelta(minutes=6)) -> Delivered | None:
        """One delivery of the queue: what fails or is killed comes again."""
        try:
            return deliver(self.post, intent, plenty)
        except (Busy, Claimed, Killed):
            self.queue.append((self.now + redelivered_after, intent))
            return None

    def _wake(self) -> None:
        try:
            wake_waiting(self.memory, self.now, lambda text: self.queue.append((self.now, intent_in(text))))
        except (Busy, Killed):
            self._wake()

    def _next_quarter(self) -> datetime | None:
        waiting = [int(row["m"].split("#")[1]) for row in self.memory.scanned("post") if row["m"].startswith("wait#")]
        if not waiting:
            return None
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * min(waiting))

    def said(self, member: str) -> list[Said]:
        return messages_of(self.memory, member)

    def states(self, member: str) -> dict[str, tuple[str, str]]:
        return {one.intent.source: (one.state, one.decisions[-1][2]) for one in self.said(member)}
