"""A member's phones: told of by the club's app through the storefront, and forgotten when the member says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.domain.devices import DEVICES_MAX, Device
from shared.store import keys
from shared.store.backend import Drop, Put

# The endpoint of a phone. Raises PushNotConfigured, DeviceRefused, Busy.
Endpoint = Callable[[Device], str]


class Registered(NamedTuple):
    device: Device
    at: str


def register_device(club: Club, caller: Caller, member_id: str, device: Device, endpoint: Endpoint) -> Registered:
    """The phone is the one that messages are pushed to from now on; of too many the one told longest ago is forgotten. Raises
    MemberUnknown, PushNotConfigured, DeviceRefused, Busy."""
    account = account_of(club, caller, member_id)
    made = endpoint(device)
    phones = [row for row in club.store.backend.listed("people", account.id) if str(row["p"]).startswith(keys.DEVICE)]
    others = sorted((row for row in phones if row["p"] != keys.device(device.id)), key=lambda row: str(row["at"]))
    at = club.now().isoformat(timespec="milliseconds")
    row = {"m": account.id, "p": keys.device(device.id), "platform": device.platform, "endpoint": made, "at": at}
    forgotten = others[: max(0, len(others) + 1 - DEVICES_MAX)]
    club.store.backend.write(
        [Put("people", row), *(Drop("people", {"m": one["m"], "p": one["p"]}) for one in forgotten)]
    )
    return Registered(device, at)


def forget_device(club: Club, caller: Caller, member_id: str, device: Device) -> None:
    """Whether it was known or not: it is not from now on. Raises MemberUnknown, Busy."""
    account = account_of(club, caller, member_id)
    club.store.backend.write([Drop("people", {"m": account.id, "p": keys.device(device.id)})])
