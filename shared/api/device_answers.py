"""What the API answers of a member's phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.devices import Device

if TYPE_CHECKING:
    from shared.api import shapes


def device_answer(device: Device, at: str) -> shapes.DeviceAnswer:
    return {"device": device.id, "platform": device.platform, "registered_at": at}


def forgotten_answer(device_id: str) -> shapes.DeviceForgotten:
    return {"device": device_id, "forgotten": True}
