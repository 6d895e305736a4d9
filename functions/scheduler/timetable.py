"""What runs when: every job of the clock on one page. Times are of the club's zone (`-c zone=…`)."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One job, at these minutes of these hours of each day: never before four, since a day of daylight saving may lack the hour.

    `parts`: into so many messages a run is cut, which are worked off side by side; 0 where one does all. `day`: of each month,
    where it is not of every day, until `until_day` where it is of several. `room`: who does it, where it is not the scheduler.
    """

    job: str
    hours: str
    minutes: str
    parts: int
    what: str
    day: int | None = None
    until_day: int | None = None
    room: str = "scheduler"

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler writes it."""
        days = f"{self.day}-{self.until_day}" if self.until_day is not None else str(self.day or "*")
        return f"cron({self.minutes} {self.hours} {days} * ? *)"

    @property
    def when(self) -> str:
        """For people."""
        if self.day is not None:
            days = f"day {self.day}" if self.until_day is None else f"days {self.day} to {self.until_day}"
            return f"{self._replace(day=None).when} on {days} of each month"
        if self.hours.isdigit() and self.minutes.isdigit():
            return f"{int(self.hours):02d}:{int(self.minutes):02d}"
        return f"from {self.hours.replace('-', ' to ')} o'clock, at minute {self.minutes.replace(',', ', ')}"


TIMETABLE: tuple[Entry, ...] = (
    Entry("sweep", "4", "30", 8, "Each account once: what its night books, and every automation that is due"),
    Entry("verify", "5", "0", 8, "Members that changed, and a 28th of all others, proven by their postings"),
    Entry("kpi", "5", "30", 0, "The day before is closed: its figures are written once and stay as they are"),
    Entry("retention", "6", "0", 0, "Forgets what nobody needs any more and no time to live takes away"),
    # What is told late of the last days of a month has two days to come.
    Entry("census", "7", "0", 8, "Each member once: figures of the month that ended, read from the postings", day=3),
    Entry("month", "8", "0", 0, "The month that ended is closed, written once, and finance has a mail of it", day=3),
    # A month that is not closed yet is asked for again the day after; what is closed stays as it is.
    Entry(
        "estimates",
        "9",
        "30",
        0,
        "Of the month that was closed: what automations brought, and what members will buy, each with its doubt",
        day=3,
        until_day=9,
        room="analyst",
    ),
    # AWS closes a month's bill within its first days of the next.
    Entry("bill", "9", "0", 0, "AWS's bill is set beside what was metered, where `-c bill=yes` asks for it", day=8),
    Entry(
        "waiting",
        "4-23",
        "0,15,30,45",
        0,
        "What waited until now: messages go to their queue again, campaigns begin",
    ),
)
BY_NAME = {entry.job: entry for entry in TIMETABLE}
