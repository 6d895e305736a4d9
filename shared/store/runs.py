"""Up to which civil day each job of the clock has come: what it missed, it catches up."""

from __future__ import annotations

from datetime import date

from shared.store import keys
from shared.store.backend import Backend, Put


def last_day(backend: Backend, job: str) -> date | None:
    """The last day that a job was done for; None before the first."""
    row = backend.get("club", {"kind": keys.JOB, "id": job})
    return date.fromisoformat(row["day"]) if row is not None else None


def put_last_day(backend: Backend, job: str, day: date) -> None:
    backend.write([Put("club", {"kind": keys.JOB, "id": job, "day": day.isoformat()})])


def last_quarter(backend: Backend, job: str) -> int | None:
    """The last quarter of an hour, counted since 1970, that a job was done for; None before the first."""
    row = backend.get("club", {"kind": keys.JOB, "id": job})
    return int(row["quarter"]) if row is not None else None


def put_last_quarter(backend: Backend, job: str, quarter: int) -> None:
    backend.write([Put("club", {"kind": keys.JOB, "id": job, "quarter": quarter})])
