"""The breaker's rows: mails of marketing by the minute in which they left, and whether marketing is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.domain.breaker import Mails, breaker_open, last_mails
from shared.store import keys
from shared.store.backend import Add, Backend, Put

# Several at once write of one minute: each to one of so many rows.
SHARDS = 4
# Whom nothing was sent to for so long is not judged by it any more.
JUDGED_DAYS = 30
_DAY_S = 86_400


class Breaker(NamedTuple):
    """`opened` is None while marketing may go; `since`: mails that left before count no more."""

    opened: datetime | None = None
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    version: int = 0


def add_mail(mode: keys.Mode, sent_at: datetime, message_id: str, more: Mails) -> Add:
    """What became of a mail counts in the minute in which it left."""
    minute = sent_at.hour * 60 + sent_at.minute
    row = {"m": keys.mails(mode, sent_at.date()), "s": keys.mails_of(minute, shard_of(message_id))}
    counted = {name: count for name, count in more._asdict().items() if count}
    return Add("post", row, counted, {"x": int(sent_at.timestamp()) + (JUDGED_DAYS + 1) * _DAY_S})


def shard_of(message_id: str) -> int:
    return sum(message_id.encode()) % SHARDS


def breaker_of(backend: Backend, mode: keys.Mode) -> Breaker:
    row = backend.get("post", {"m": keys.breaker(mode), "s": keys.BREAKER})
    if row is None:
        return Breaker()
    opened = row.get("opened")
    return Breaker(_at(opened) if opened else None, _at(row["since"]), row["n"])


def put_breaker(mode: keys.Mode, breaker: Breaker) -> Put:
    row = {"m": keys.breaker(mode), "s": keys.BREAKER, "n": breaker.version + 1, "since": _text(breaker.since)}
    if breaker.opened is not None:
        row["opened"] = _text(breaker.opened)
    where = ("n", breaker.version) if breaker.version else None
    return Put("post", row, absent=where is None, where=where)


def mails_judged(backend: Backend, mode: keys.Mode, breaker: Breaker, now: datetime) -> Mails:
    """The last thousand mails that the breaker judges by, or as many as there are. Raises Busy."""
    return last_mails(_newest_first(backend, mode, breaker.since, now))


def judge(backend: Backend, mode: keys.Mode, now: datetime) -> Breaker:
    """The breaker as it has to be now; opened where too much of the last mail came back. Raises Busy."""
    breaker = breaker_of(backend, mode)
    if breaker.opened is None and breaker_open(mails_judged(backend, mode, breaker, now)):
        breaker = breaker._replace(opened=now)
        # Who was quicker has said the same, or has closed it: then the next notice judges again.
        backend.write([put_breaker(mode, breaker)])
    return breaker


def put_closed(mode: keys.Mode, breaker: Breaker, now: datetime) -> Put:
    """Somebody has looked: marketing may go, and what left before counts no more."""
    return put_breaker(mode, breaker._replace(opened=None, since=now))


def _newest_first(backend: Backend, mode: keys.Mode, since: datetime, now: datetime) -> Iterator[Mails]:
    """Minutes, the last first. A minute in which the breaker was closed counts as a whole with what follows."""
    for days in range(JUDGED_DAYS):
        day = (now - timedelta(days=days)).date()
        if day < since.date():
            return
        first = keys.mails_of(since.hour * 60 + since.minute, 0) if day == since.date() else ""
        for row in reversed(backend.listed("post", keys.mails(mode, day))):
            if row["s"] >= first:
                yield Mails(row.get("sent", 0), row.get("bounced", 0), row.get("complained", 0))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
