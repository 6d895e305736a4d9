"""What a member lets the club write to them: which kinds there are to choose from, and which words a choice adds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.domain.contact_gate import Consent, Purpose
from shared.domain.contact_tables import Channel, Contact

# The wording that the page shows: evidence names it (X8).
TEXT_VERSION = "page-1"
# What a mail program says when somebody presses its own button (RFC 8058).
ONE_CLICK = ("List-Unsubscribe", "One-Click")
# Where the words of a choice came from.
FROM_PAGE, FROM_BUTTON = "page", "one_click"
_STEP = timedelta(milliseconds=1)


class Kind(NamedTuple):
    """One thing to choose: a channel, and what for."""

    channel: Channel
    purpose: Purpose

    @property
    def name(self) -> str:
        return f"{self.channel}_{self.purpose}"


class Word(NamedTuple):
    """What a member said of one kind, and when: the newest stands."""

    kind: str
    granted: bool
    at: datetime


def kinds(contact: Contact) -> tuple[Kind, ...]:
    """All that there is to choose from, marketing first. What somebody waits for, such as a one-time code, is not among it."""
    return tuple(Kind(channel, purpose) for purpose in _CHOSEN for channel in contact.channels)


def is_granted(kind: Kind, consents: Mapping[str, Consent]) -> bool:
    """As the gate has it: marketing is opted into, the rest is opted out of."""
    consent = consents.get(kind.name)
    return kind.purpose != "marketing" if consent is None else consent.granted


def one_click(consents: Mapping[str, Consent], now: datetime) -> list[Word]:
    """The button of a mail program ends marketing by mail, whatever the programme writes by today."""
    return chosen([Kind("email", "marketing")], (), consents, now)


def chosen(
    shown: Collection[Kind], ticked: Collection[str], consents: Mapping[str, Consent], now: datetime
) -> list[Word]:
    """The words that a choice adds: of each kind that was shown and is now another. Each is later than the last of its kind, even
    where a clock goes back."""
    words = []
    for kind in shown:
        granted = kind.name in ticked
        if granted != is_granted(kind, consents):
            last = consents.get(kind.name)
            words.append(Word(kind.name, granted, now if last is None else max(now, last.at + _STEP)))
    return words


_CHOSEN: tuple[Purpose, ...] = ("marketing", "service")
