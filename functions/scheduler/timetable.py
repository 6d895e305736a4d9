"""What runs when: every job of the clock on one page. Times are of the club's zone (`-c zone=…`)."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One job, at these minutes of these hours of each day: never before four, since a day of daylight saving may lack the hour.

    `parts`: into so many messages a run is cut, which are worked off side by side; 0 where one does all.
    """

    job: str
    hours: str
    minutes: str
    parts: int
    what: str

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler writes it."""
        return f"cron({self.minutes} {self.hours} * * ? *)"

    @property
    def when(self) -> str:
        """For people."""
        if self.hours.isdigit() and self.minutes.isdigit():
            return f"{int(self.hours):02d}:{int(self.minutes):02d}"
        return f"from {self.hours.replace('-', ' to ')} o'clock, at minute {self.minutes.replace(',', ', ')}"


TIMETABLE: tuple[Entry, ...] = (
    Entry("sweep", "4", "30", 8, "Each account once: what its night books, and every automation that is due"),
    Entry("verify", "5", "0", 8, "Members that changed, and a 28th of all others, proven by their postings"),
    Entry("kpi", "5", "30", 0, "The day before is closed: its figures are written once and stay as they are"),
    Entry("retention", "6", "0", 0, "Forgets what nobody needs any more and no time to live takes away"),
    Entry(
        "waiting",
        "4-23",
        "0,15,30,45",
        0,
        "What waited until now: messages go to their queue again, campaigns begin",
    ),
)
BY_NAME = {entry.job: entry for entry in TIMETABLE}
