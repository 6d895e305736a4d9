"""A notice comes back: what happened is marked on the message once, counted once, and a dead address is written to no more.

The first notice of a kind counts, whichever comes first; a time that turns out to be earlier replaces the later one and counts
nothing (M7, T8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal

from shared.actions.club import Club, attempts
from shared.domain.breaker import Mails
from shared.domain.contacts import ContactInvalid, email_canonical
from shared.domain.notices import Label, Notice, notice_in
from shared.domain.said import MARKS
from shared.store import keys
from shared.store.backend import Add, Contended, Item, Put, Unanswered
from shared.store.breaker import add_mail, judge, shard_of
from shared.store.post import DAY

# What became of a notice: `marked` for the first time, `known` before, `suppressed` alone where no message of ours is named,
# `stopped` where it opened the breaker besides, or `ignored`.
Effect = Literal["marked", "known", "suppressed", "stopped", "ignored"]

_CHANNEL = "email"
_COUNTED = frozenset({"sent", "bounced", "complained"})


def take_notice(club: Club, text: str, seconds_left: Callable[[], float]) -> Effect:
    """Raises NoticeUnreadable, or Busy where it has to come again. What it has done it does not do twice."""
    notice = notice_in(text)
    if notice is None:
        return "ignored"
    label = notice.label
    mode = keys.mode_of("", label.member if label else None)
    suppressed = False
    if notice.suppresses:
        for address in notice.recipients:
            suppressed |= _suppressed(club, mode, notice, address, seconds_left)
    effect: Effect = "suppressed" if suppressed else "ignored"
    if label is not None:
        effect = _marked(club, mode, notice, label, seconds_left) or effect
    if label is not None and label.purpose == "marketing" and notice.mark in ("bounced", "complained"):
        # Even if it was marked before: whoever marked it may have been stopped before it judged.
        now = club.now()
        if judge(club.store.backend, mode, now).opened == now:
            return "stopped"
    return effect


def _marked(
    club: Club, mode: keys.Mode, notice: Notice, label: Label, seconds_left: Callable[[], float]
) -> Effect | None:
    """None where the club has said no such thing, or has forgotten it."""
    key = {"m": label.member, "s": keys.message(label.message_id)}
    at = _ms(notice.at)
    for _ in attempts(club, seconds_left):
        row = club.store.backend.get("post", key)
        if row is None:
            return None
        marks: dict[str, int] = dict(row.get(MARKS, {}))
        is_first = notice.mark not in marks
        if not is_first and marks[notice.mark] <= at:
            return "known"
        marks[notice.mark] = at
        puts: list[Put | Add] = [Put("post", {**row, MARKS: marks, "n": row["n"] + 1}, where=("n", row["n"]))]
        if is_first:
            # What an earlier release wrote says no day: then it is that of UTC on which the mail left.
            day = date.fromisoformat(row[DAY]) if DAY in row else notice.sent_at.date()
            puts += _counts(mode, notice, label, day)
        try:
            if not club.store.backend.write(puts):
                return "marked" if is_first else "known"
        except (Contended, Unanswered):
            continue
    raise AssertionError("attempts end with Busy")


def _counts(mode: keys.Mode, notice: Notice, label: Label, day: date) -> list[Add]:
    """What a mark adds: for the automation, on the day on which the mail was asked for, and for the breaker, when it left."""
    source = {"m": keys.source(mode, label.source), "s": keys.source_part(day, shard_of(label.message_id))}
    adds = [Add("post", source, {notice.mark: 1})]
    if label.purpose == "marketing" and notice.mark in _COUNTED and notice.counts:
        adds.append(add_mail(mode, notice.sent_at, label.message_id, Mails(**{notice.mark: 1})))
    return adds


def _suppressed(club: Club, mode: keys.Mode, notice: Notice, address: str, seconds_left: Callable[[], float]) -> bool:
    """Whether the owner of an address is written to no more by it."""
    try:
        aliases = club.peppers.aliases(mode, "email", email_canonical(address))
    except ContactInvalid:
        return False
    owner = club.store.account_id_of(aliases)
    if owner is None and notice.label is not None and len(notice.recipients) == 1:
        # The address was theirs when the mail left, and may be so again.
        owner = notice.label.member
    if owner is None:
        return False
    key = {"m": owner, "s": keys.suppressed(_CHANNEL)}
    for _ in attempts(club, seconds_left):
        row = club.store.backend.get("post", key)
        told = _suppression(row, notice, aliases)
        if told is None:
            return True
        version = row["n"] if row else 0
        put = Put(
            "post", {**key, **told, "n": version + 1}, absent=not version, where=("n", version) if version else None
        )
        try:
            if not club.store.backend.write([put]):
                return True
        except (Contended, Unanswered):
            continue
    raise AssertionError("attempts end with Busy")


def _suppression(row: Item | None, notice: Notice, aliases: list[str]) -> dict[str, Any] | None:
    """What has to stand there from now on; None where it stands already. A complaint is worse than a bounce, of one address the
    first counts, of two the later."""
    told = {"kind": notice.suppresses, "at": notice.at.isoformat(timespec="milliseconds"), "address": aliases[0]}
    if row is None:
        return told
    if row["address"] in aliases:
        is_worse = row["kind"] != "complaint" and told["kind"] == "complaint"
        is_same = row["kind"] == told["kind"] and str(told["at"]) < str(row["at"])
        return told if is_worse or is_same else None
    return told if str(told["at"]) > str(row["at"]) else None


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
