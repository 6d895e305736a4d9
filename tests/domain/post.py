"""Messages, members and programmes to ask the gate about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.contact_gate import Consent, Contactable, Message, Sending, Verdict, verdict
from shared.domain.contact_tables import Contact

JERUSALEM, TEHRAN = ZoneInfo("Asia/Jerusalem"), ZoneInfo("Asia/Tehran")
# A Wednesday, noon in Jerusalem.
NOON = datetime(2026, 11, 25, 10, tzinfo=UTC)
CHANNELS = ("email", "sms", "push")
AGREED = {f"{channel}_marketing": Consent(True, NOON - timedelta(days=90)) for channel in CHANNELS}


def rules(**keys: Any) -> Contact:
    """`[contact]` as a file would have it, with its checks."""
    return Contact.model_validate({"channels": CHANNELS, "week_max": 3, "day_max": 1} | keys)


def message(purpose: str = "marketing", channel: str = "email", **more: Any) -> Message:
    facts = {"id": "M-1", "source": "birthday", "created": NOON, "valid_until": NOON + timedelta(days=14)}
    return Message(purpose=purpose, channel=channel, **(facts | more))


def member(zone: ZoneInfo = JERUSALEM, **more: Any) -> Contactable:
    facts = {"addresses": frozenset(CHANNELS), "consents": AGREED}
    return Contactable(zone=zone, **(facts | more))


def asked(
    what: Message | None = None,
    whom: Contactable | None = None,
    law: Contact | None = None,
    now: datetime = NOON,
    **more: Any,
) -> Verdict:
    sending = more.pop("sending", Sending(JERUSALEM))
    return verdict(what or message(), whom or member(), law or rules(), sending, now, **more)


def jerusalem(day: str, clock: str) -> datetime:
    """An instant by the clock of Jerusalem."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=JERUSALEM).astimezone(UTC)
