"""What runs when: every job of the clock on one page. Times are of the club's zone (`-c zone=…`)."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One job. `minute` and `hour` of each day: never before four, since a day of daylight saving may lack the hour.

    `parts`: into so many messages a run is cut, which are worked off side by side.
    """

    job: str
    hour: int
    minute: int
    parts: int
    what: str

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler writes it."""
        return f"cron({self.minute} {self.hour} * * ? *)"


TIMETABLE: tuple[Entry, ...] = (
    Entry("sweep", 4, 30, parts=8, what="Each account once: what its night books, and every automation that is due"),
)
BY_NAME = {entry.job: entry for entry in TIMETABLE}
