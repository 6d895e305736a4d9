"""The wires of a function that sends, as its programme and settings name them; a gateway's parameter is read when asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache

from shared.domain.contact_tables import Channel, Contact
from shared.domain.devices import Device
from shared.domain.errors import Busy, DeviceRefused, PushNotConfigured
from shared.settings import settings
from shared.store import connection
from shared.store.parameters import Kept
from shared.store.sender import Lost
from shared.store.wires import Gateway, Refused, Wire, endpoint_of, wires_of


class GatewayUnreadable(ValueError):
    """The gateway's parameter is no JSON of url, token and countries. Its text is a secret, and is not repeated."""


def wires_for(contact: Contact) -> Mapping[Channel, Wire]:
    """Raises Busy, or GatewayUnreadable."""
    elsewhere = _gateway_of(_parameter().text()) if "sms" in contact.channels else None
    return wires_of(contact, connection.mail, connection.texts, settings().mail, elsewhere)


def endpoint_for(device: Device) -> str:
    """The endpoint of a phone, by the platform application that the stage names. Raises PushNotConfigured, DeviceRefused,
    Busy."""
    application = settings().push.get(device.platform)
    if application is None:
        raise PushNotConfigured(platform=device.platform)
    try:
        return endpoint_of(connection.texts(), application, device.token)
    except Refused as no:
        if no.why == "never":
            raise DeviceRefused(platform=device.platform) from None
        raise Busy(what="devices") from None
    except Lost:
        raise Busy(what="devices") from None


@cache
def _parameter() -> Kept:
    return Kept(settings().gateway, missing="")


@lru_cache(maxsize=2)
def _gateway_of(text: str) -> tuple[frozenset[str], Wire] | None:
    if not text:
        return None
    try:
        told = json.loads(text)
        url, token, countries = str(told["url"]), str(told["token"]), frozenset(map(str, told["countries"]))
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError("a token that no header holds")
        return countries, Gateway(url, lambda: token)
    except (ValueError, KeyError, TypeError):
        raise GatewayUnreadable("the gateway's parameter is no JSON of url, token and countries") from None
