"""The zone of each version of the programme, read out of its text alone: who only asks for the day compiles no law."""

from __future__ import annotations

import tomllib
from zoneinfo import ZoneInfo

from shared.store import keys
from shared.store.backend import Backend


class Zones:
    """Kept for good: a version never changes."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._known: dict[int, ZoneInfo] = {}

    def of(self, version: int) -> ZoneInfo:
        """One round trip for each version. Raises LookupError where there is none that was published."""
        if version not in self._known:
            row = self._backend.get("club", {"kind": keys.PROGRAMME, "id": keys.programme_version(version)})
            if row is None:
                raise LookupError(version)
            self._known[version] = ZoneInfo(tomllib.loads(row["text"])["club"]["time_zone"])
        return self._known[version]
