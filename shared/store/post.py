"""Messages as rows: what became of each, how often a member was written to, what waits for which quarter of an hour, and what
was spent. A row that changes names its version, which is a condition of the next change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from shared.domain.contact_tables import Channel
from shared.domain.delivering import Contacts, Pending, ms_of
from shared.domain.ledger import packed, unpacked
from shared.domain.messages import Intent, intent_in
from shared.domain.said import Said
from shared.store import keys
from shared.store.backend import Add, Backend, Drop, Item, Put

ENDS = frozenset({"SENT", "FAILED", "UNKNOWN", "EXPIRED", "REFUSED"})
QUARTER_MINUTES = 15
# A message is asked for by its member, and by who measures an automation, for so long.
KEPT_DAYS = 400
# Who was written to within a week; and what waits, a month at most.
_CONTACTS_KEPT_DAYS = 40
# A message waits for its quarter of an hour; where that is over for so many days, it was put there too late.
WAITED_DAYS_MAX = 31
# A millionth of a minor unit: mail costs a hundredth of a cent.
_SPENT_UNITS = 1_000_000
_SPENT_SHARDS = 8
_COST = "cost"
_WAIT_SHARDS = 4
_SOURCE_SHARDS = 4
# In the row of a message: the civil day of the club on which it was asked for, so that what its provider tells counts there too.
DAY = "dy"


_OWN = frozenset(("m", "s", "n", "st", "b", "d", "ch", "k", "l", "c", "p", "x", DAY))


def said_of(intent: Intent, row: Item | None) -> Said:
    if row is None:
        return Said(intent)
    decisions = tuple((at, state, reason) for at, state, reason in unpacked(row["d"]))
    unknown = {name: value for name, value in row.items() if name not in _OWN}
    return Said(
        intent_in(row["b"]), row["n"], row["st"], decisions, row.get("ch"), row["k"], row["l"], row["c"], row["p"], unknown
    )  # fmt: skip


def put_said(said: Said, day: date) -> Put:
    """`day`: the civil day of the club on which it was asked for."""
    row: dict[str, Any] = {
        **said.unknown, "m": said.intent.member, "s": keys.message(said.intent.id), "n": said.version + 1, "st": said.state,
        "b": said.intent.text, "d": packed([list(one) for one in said.decisions]), "k": said.claim, "l": said.lease_ms,
        "c": said.copies, "p": said.provider_id, "x": said.intent.created_ms // 1000 + KEPT_DAYS * 86_400,
        DAY: day.isoformat(),
    }  # fmt: skip
    if said.channel is not None:
        row["ch"] = said.channel
    return Put("post", row, absent=not said.version, where=("n", said.version) if said.version else None)


def contacts_of(row: Item | None) -> Contacts:
    if row is None:
        return Contacts()
    contacted, pending = unpacked(row["w"])
    return Contacts(row["n"], tuple(contacted), tuple(Pending(*one) for one in pending))


def put_contacts(member: str, contacts: Contacts, now: datetime) -> Put:
    body = [list(contacts.contacted_ms), [list(one) for one in contacts.pending]]
    expires_at = ms_of(now) // 1000 + _CONTACTS_KEPT_DAYS * 86_400
    row = {"m": member, "s": keys.CONTACTS, "n": contacts.version + 1, "w": packed(body), "x": expires_at}
    return Put("post", row, absent=not contacts.version, where=("n", contacts.version) if contacts.version else None)


def quarter_of(at: datetime) -> int:
    """The quarter of an hour in which it is worked off: the first that begins at an instant or after it."""
    quarter_ms = QUARTER_MINUTES * 60_000
    return -(-ms_of(at) // quarter_ms)


def put_waiting(intent: Intent, until: datetime) -> Put:
    row = {"m": keys.waiting_post(quarter_of(until), _shard(intent.id, _WAIT_SHARDS)), "s": intent.id, "b": intent.text}
    return Put("post", row)


def waiting_at(backend: Backend, quarter: int) -> Iterable[Item]:
    for shard in range(_WAIT_SHARDS):
        yield from backend.listed("post", keys.waiting_post(quarter, shard))


def drop_waiting(row: Item) -> Drop:
    return Drop("post", {"m": row["m"], "s": row["s"]})


def add_spent(day: date, channel: Channel, message_id: str, cost_minor: Fraction) -> Add:
    """What a message costs, counted in the month of a day; rounded up, so that many small ones are never nothing."""
    units = _spent_units(cost_minor)
    key = {"m": keys.spent(day), "s": f"{channel}#{_shard(message_id, _SPENT_SHARDS)}"}
    return Add("post", key, {"u": units, "c": 1 if units >= 0 else -1})


def _spent_units(cost_minor: Fraction) -> int:
    return -(-cost_minor.numerator * _SPENT_UNITS // cost_minor.denominator)


def add_source(said: Said, day: date, cost_minor: Fraction = Fraction(0)) -> Add:
    """How a message ended counts for its automation or campaign, and what it cost, on the civil day of the club on which it was
    asked for: as that of who was due."""
    intent = said.intent
    mode = keys.mode_of("", intent.member)
    part = keys.source_part(day, _shard(intent.id, _SOURCE_SHARDS))
    more = {said.state: 1} | ({_COST: _spent_units(cost_minor)} if cost_minor else {})
    return Add("post", {"m": keys.source(mode, intent.source), "s": part}, more)


def source_of(
    backend: Backend, mode: keys.Mode, source: str, first: date, last: date
) -> tuple[dict[str, int], Fraction]:
    """What became of the messages of an automation that were asked for within some civil days: by state, and by what their
    provider told; and what they cost, in minor units."""
    sums: dict[str, int] = {}
    for row in backend.listed("post", keys.source(mode, source)):
        if first.isoformat() <= row["s"].partition("#")[0] <= last.isoformat():
            for name, more in row.items():
                if name not in ("m", "s"):
                    sums[name] = sums.get(name, 0) + more
    return sums, Fraction(sums.pop(_COST, 0), _SPENT_UNITS)


def spent_in(backend: Backend, day: date) -> dict[Channel, Fraction]:
    """What each channel cost in the month of a day, in minor units."""
    spent: dict[Channel, Fraction] = {}
    for row in backend.listed("post", keys.spent(day)):
        channel = row["s"].partition("#")[0]
        spent[channel] = spent.get(channel, Fraction(0)) + Fraction(row["u"], _SPENT_UNITS)
    return spent


def messages_of(backend: Backend, member: str) -> list[Said]:
    """Everything that was to be said to a member, the newest first."""
    rows = [row for row in backend.listed("post", member) if row["s"].startswith(keys.MESSAGE)]
    return [said_of(intent_in(row["b"]), row) for row in reversed(rows)]


def _shard(text: str, among: int) -> int:
    return int(text[-8:], 16) % among
