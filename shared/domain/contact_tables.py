"""`[contact]`: when the club may write to its members, by what, how often, in whose name, and what it may cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from shared.domain.tables import Amount, Factor, Table, Text

Channel = Literal["email", "sms", "push", "whatsapp"]
Observance = Literal["sabbath", "jewish_holidays", "jewish_holidays_abroad", "iranian_holidays"]
LocalePack = Literal["plain", "israel"]

# A day's worth of a newsletter that nobody would stay for.
MESSAGES_MAX = 100
CLOSED_MAX = 60
HOSTS_MAX = 20
COUNTRIES_MAX = 50


def _time_of_day(value: str) -> str:
    hours, _, minutes = value.partition(":")
    if len(value) != 5 or not (value.replace(":", "", 1).isascii() and hours.isdigit() and minutes.isdigit()):
        raise ValueError(f'{value!r} is not a time of day, such as "21:00"')
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(f"{value!r} is not a time of day: it ends at 23:59")
    return value


def _closed(value: str) -> str:
    # Here and not above: a function reads a programme as published and never asks.
    from shared.domain.closed_days import days_told

    days_told(value)
    return value


def _host(value: str) -> str:
    labels = value.split(".")
    fine = all(
        label and len(label) <= 63 and label.strip("-") == label and set(label) <= _HOST_SIGNS for label in labels
    )
    if not fine or len(labels) < 2 or labels[-1].isdigit():
        raise ValueError(f'{value!r} is not a host in lower case without a scheme, such as "shop.example.com"')
    return value


_HOST_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
ClosedDays = Annotated[str, AfterValidator(_closed)]
Host = Annotated[str, AfterValidator(_host)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Many = Annotated[int, Field(ge=1, le=MESSAGES_MAX)]


class QuietHours(Table):
    """When nobody is written to, by the member's own clock: `quiet_hours = { from = "21:00", until = "08:00" }`."""

    from_: TimeOfDay = Field("21:00", alias="from")
    """From this minute on."""
    until: TimeOfDay = "08:00"
    """To the minute before this one; of the next day, if it is earlier than `from`."""


class DayOfRest(Table):
    """How long Sabbath and a holiday that begins with its evening last: `rest = { from = "15:00", until = "21:00" }`."""

    from_: TimeOfDay = Field("15:00", alias="from")
    """On the day before, by the member's own clock: before the earliest sunset of the year where the members are."""
    until: TimeOfDay = "21:00"
    """On the day itself: after the latest nightfall."""


class Contact(Table):
    """How the club writes to its members. One-time codes and receipts are urgent: neither hours nor caps hold them up."""

    channels: Annotated[tuple[Channel, ...], Field(max_length=4)] = ()
    """What the club sends by; without it the club writes to nobody."""
    sender: Text | None = None
    """Who writes, as members read it; the club's name, if it is not written."""
    sender_email: Text | None = None
    """The address that mail comes from."""
    sender_address: Text | None = None
    """The postal address at the foot of mail."""
    staff_email: Text | None = None
    """Where automations with a `staff_note` write to."""
    finance_email: Text | None = None
    """Where the report of each month goes when it is closed."""
    quiet_hours: QuietHours = QuietHours.plain()
    """When nobody is written to."""
    day_max: Many = 1
    """The most marketing messages to one member within 24 hours, of all channels and campaigns together."""
    week_max: Many = 3
    """The same within seven times 24 hours."""
    observes: Annotated[tuple[Observance, ...], Field(max_length=4)] = ()
    """Days on which nobody is written to: Sabbath; the Jewish holidays on which no work is done, as kept in Israel or abroad
    (with their second days); Iran's public holidays of the solar year."""
    rest: DayOfRest = DayOfRest.plain()
    """How long Sabbath and Jewish holidays last."""
    closed: Annotated[tuple[ClosedDays, ...], Field(max_length=CLOSED_MAX)] = ()
    """The club's own such days: `2026-12-25`, `2026-08-01/2026-08-07`, each year `12-25`, `jalali 01-13`, `hebrew 05-09`."""
    price_minor: dict[Channel, Factor] = Field(default_factory=dict)
    """What one message costs, in minor units; of SMS, one part of it."""
    month_max_minor: dict[Channel, Amount] = Field(default_factory=dict)
    """The most that a channel may cost in a calendar month of the club; what is above it waits for the next one."""
    link_hosts: Annotated[tuple[Host, ...], Field(max_length=HOSTS_MAX)] = ()
    """The only hosts that links in messages may lead to."""
    sms_countries: Annotated[tuple[Country, ...], Field(max_length=COUNTRIES_MAX)] = ()
    """The only countries (ISO 3166) that text messages are sent to."""
    locale_pack: LocalePack = "plain"
    """Whose law marks an advertisement: `israel` puts the word פרסומת before it."""
