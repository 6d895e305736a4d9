"""The person behind a member id, as rows of `people` tell: name, language, addresses, and the last word on each consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from shared.domain.clocks import clock_of
from shared.domain.contact_gate import Consent, Contactable, Suppression
from shared.domain.contact_tables import Channel
from shared.domain.rulebook import Rulebook
from shared.domain.sms import may_be_texted
from shared.store import keys
from shared.store.backend import Item


class Person(NamedTuple):
    """`addresses`: where each channel reaches them."""

    name: str
    language: str
    addresses: Mapping[Channel, str]
    consents: Mapping[str, Consent]
    suppressions: tuple[Suppression, ...] = ()
    zone: str = ""
    """That the member lives by; "" where none was told."""

    def contactable(self, book: Rulebook, contacted: tuple[datetime, ...]) -> Contactable:
        """What the gate asks. A number in a country that the club does not send to is no address."""
        countries = book.programme.contact.sms_countries
        reached = frozenset(
            channel
            for channel, address in self.addresses.items()
            if channel != "sms" or may_be_texted(address, countries)
        )
        return Contactable(clock_of(self.zone, book.zone), reached, self.consents, self.suppressions, contacted)


def person_of(rows: Sequence[Item]) -> Person | None:
    """None where nobody is known any more: who was erased has no rows."""
    profile = next((row for row in rows if row["p"] == keys.PROFILE), None)
    if profile is None:
        return None
    contacts = profile.get("contacts", {})
    addresses: dict[Channel, str] = {}
    if "email" in contacts:
        addresses["email"] = contacts["email"]
    if "phone" in contacts:
        addresses["sms"] = contacts["phone"]
    phones = [row for row in rows if row["p"].startswith(keys.DEVICE)]
    if phones:
        # A person looks at the phone that was told of last.
        addresses["push"] = max(phones, key=lambda row: str(row["at"]))["endpoint"]
    consents: dict[str, Consent] = {}
    # By their time, so the last word on each kind stands.
    for row in rows:
        if row["p"].startswith(keys.CONSENT):
            _, at, kind = row["p"].split("#", 2)
            consents[kind] = Consent(bool(row["granted"]), datetime.fromisoformat(at).astimezone(UTC))
    zone = next((str(row["zone"]) for row in rows if row["p"] == keys.ZONE), "")
    return Person(profile["name"], profile["language"], addresses, consents, zone=zone)


def zone_row(member: str, zone: str, now: datetime) -> dict[str, str]:
    return {"m": member, "p": keys.ZONE, "zone": zone, "at": now.isoformat(timespec="milliseconds")}


def suppressions_of(rows: Iterable[Item]) -> tuple[Suppression, ...]:
    return tuple(
        Suppression(row["kind"], row["s"].partition("#")[2], datetime.fromisoformat(row["at"])) for row in rows
    )
