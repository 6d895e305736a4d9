"""The programme's versions: published once, never changed, chosen by an event's own time, cached for a bounded while."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.domain.errors import Busy, ProgrammeUnknown
from shared.domain.rulebook import Rulebook, rulebook
from shared.store import keys
from shared.store.backend import Backend, Contended, Put

# Longer than any function's cache, so that no function can decide under a law that has ended.
LEAD = timedelta(seconds=120)
VERSIONS_MAX = 5_000
_PUBLISH_ATTEMPTS_MAX = 5


class Version(NamedTuple):
    version: int
    effective_ms: int
    digest: str


class Laws:
    """Reads the law. The index of versions is read again after `seconds`; a version, once read, is kept for good."""

    def __init__(self, backend: Backend, seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._seconds = seconds
        self._clock = clock
        self._index: list[Version] = []
        self._read_at = float("-inf")
        self._books: dict[int, Rulebook] = {}

    def at(self, instant: datetime) -> Rulebook:
        """The law at an instant; before the first version, the first. Raises ProgrammeUnknown when none is published."""
        index = self.index()
        if not index:
            raise ProgrammeUnknown
        when = int(instant.timestamp() * 1000)
        return self.version(max((one for one in index if one.effective_ms <= when), default=index[0]).version)

    def latest(self) -> Rulebook:
        """The newest version, also when it is not in force yet."""
        index = self.index()
        if not index:
            raise ProgrammeUnknown
        return self.version(index[-1].version)

    def version(self, version: int) -> Rulebook:
        """One version, as it was published."""
        if version not in self._books:
            row = self._backend.get("club", {"kind": keys.PROGRAMME, "id": keys.programme_version(version)})
            if row is None:
                raise ProgrammeUnknown(version=version)
            self._books[version] = rulebook(row["text"], version)
        return self._books[version]

    def index(self) -> list[Version]:
        if self._clock() - self._read_at >= self._seconds:
            row = self._backend.get("club", {"kind": keys.PROGRAMME, "id": keys.PROGRAMME_INDEX})
            self._index = [Version(*entry) for entry in row["versions"]] if row else []
            self._read_at = self._clock()
        return self._index


def publish(backend: Backend, text: str, now: datetime, *, at_once: bool) -> Version:
    """Publishes a programme as the next version; the newest version again when the text is the same.

    In force from `now` plus LEAD, or at once: the first version always is. Raises ProgrammeFaulty, or Busy when
    others publish at the same time.
    """
    rulebook(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    for _ in range(_PUBLISH_ATTEMPTS_MAX):
        row = backend.get("club", {"kind": keys.PROGRAMME, "id": keys.PROGRAMME_INDEX})
        index = [Version(*entry) for entry in row["versions"]] if row else []
        if index and index[-1].digest == digest:
            return index[-1]
        assert len(index) < VERSIONS_MAX
        effective = now if at_once or not index else now + LEAD
        new = Version(len(index) + 1, int(effective.astimezone(UTC).timestamp() * 1000), digest)
        key = {"kind": keys.PROGRAMME, "id": keys.programme_version(new.version)}
        newer = {"kind": keys.PROGRAMME, "id": keys.PROGRAMME_INDEX, "versions": [list(one) for one in (*index, new)]}
        try:
            refused = backend.write(
                [
                    Put("club", key | {"text": text, "digest": digest, "effective_ms": new.effective_ms}, absent=True),
                    Put(
                        "club", newer | {"n": new.version}, absent=not index, where=("n", len(index)) if index else None
                    ),
                ]
            )
        except Contended:
            continue
        if not refused:
            return new
    raise Busy(what="programme")
