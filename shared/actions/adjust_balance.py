"""Staff give or take points by hand: with a reason, once, and never much without a second person.

What waits for a second person stands at the adjustment's own key, as a return that waits for its purchase does: nothing has
moved. The posting replaces it when somebody else approves; a refusal replaces it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from zlib import crc32

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.find_member import account_of
from shared.actions.recording import Committing, Recorded, Recording, record
from shared.actions.staff import Staff
from shared.domain.account import Account
from shared.domain.decide import ms
from shared.domain.errors import AdjustmentDiffers, AdjustmentEnded, AdjustmentUnknown, Invalid, SecondPersonNeeded
from shared.domain.ledger import Row, packed
from shared.domain.rulebook import Rulebook
from shared.domain.staff_requests import Adjustment
from shared.domain.staffing import Adjusting, post_adjustment
from shared.domain.tables import MAIN_WALLET
from shared.domain.wallet_tables import Points, Wallet
from shared.store import keys
from shared.store.backend import Contended, Drop, Put
from shared.store.counts import count_of, put_count
from shared.store.store import NO_STUBS

# An adjustment that nobody decided on in this time is void: the reason for it has been forgotten.
WAITING_DAYS_MAX = 14
# What an adjustment's row says when it was made: `kind` of what was asked for.
_DONE = ("adjust", "opening")
Seconds = Callable[[], float]


class _Waits(Exception):
    """One person alone may not do this."""


def adjust_balance(
    club: Club, caller: Caller, account_id: str, adjustment_id: str, what: Adjusting, seconds_left: Seconds
) -> Recorded:
    """An adjustment that somebody may make. Raises MemberUnknown, PointsInsufficient, AdjustmentDiffers (the id is known with
    other content), Busy."""
    content = (
        f"{account_id}#{packed([*what[:-2], what.expires_on.isoformat() if what.expires_on else None, what.kind])}"
    )
    return _recorded(club, caller, account_id, adjustment_id, content, what, seconds_left, lambda: ())


def ask_adjustment(club: Club, staff: Staff, told: Adjustment, seconds_left: Seconds) -> Recorded:
    """Adjusts, or lets the adjustment wait where it is more than one person may do: then the row's kind is `waiting`.

    Raises Invalid, MemberUnknown, PointsInsufficient, AdjustmentDiffers, Busy.
    """
    known = _known_before(club, keys.adjustment(staff.mode, told.adjustment_id), _content(told), told.adjustment_id)
    if known is not None:
        return known
    book = club.laws.at(club.now())
    unit = 10 ** _known_wallet(told.wallet, book).decimals
    rules, size = book.programme.staff, abs(told.units)
    if rules.approved_max is not None and size > rules.approved_max * unit:
        raise Invalid("units", f"are above {rules.approved_max} points, the most that two people may give or take")
    _check_last_day(club, told, book)
    account_of(club, staff.caller, told.member_id)

    def counted() -> Sequence[Put]:
        counts = counted_alone(club, staff, {told.wallet: size}, book)
        if counts is None:
            raise _Waits
        return counts

    try:
        return _recorded(
            club, staff.caller, told.member_id, told.adjustment_id, _content(told), _what(told, staff.actor, ""), seconds_left,
            counted,
        )  # fmt: skip
    except _Waits:
        return _wait(club, staff, told)


def counted_alone(club: Club, staff: Staff, moved: Mapping[str, int], book: Rulebook) -> Sequence[Put] | None:
    """The writes that count what one person moves by hand today, units by wallet; None where it is more than one may alone."""
    rules, puts = book.programme.staff, list[Put]()
    today = club.now().astimezone(book.zone).date().isoformat()
    for wallet, units in moved.items():
        unit = 10 ** book.decimals(wallet)
        count = count_of(club.store.backend, keys.done_by(staff.mode, staff.actor, today, wallet))
        if units > rules.adjustment_max * unit or count.units + units > rules.day_max * unit:
            return None
        puts.append(put_count(count, units, club.now()))
    return puts


def approve_adjustment(club: Club, staff: Staff, adjustment_id: str, seconds_left: Seconds) -> Recorded:
    """A second person lets it be done. Raises AdjustmentUnknown, AdjustmentEnded, SecondPersonNeeded, PointsInsufficient,
    Busy."""
    row = _decidable(club, staff, adjustment_id)
    if row["c"] in _DONE:
        return Recorded(row, replayed=True)
    told = Adjustment.model_validate_json(str(row["z"]))
    what = _what(told, str(row["by"]), staff.actor)
    stubs = {str(row["k"]): int(row["m"])}
    listed = _listed(staff, row)
    _check_last_day(club, told, club.laws.at(club.now()))
    recorded = _recorded(
        club, staff.caller, told.member_id, adjustment_id, _content(told), what, seconds_left, lambda: (listed,), stubs
    )
    if recorded.row["c"] not in _DONE:
        # Somebody else was as quick to refuse it.
        raise AdjustmentEnded(how="refused")
    return recorded


def refuse_adjustment(club: Club, staff: Staff, adjustment_id: str) -> Recorded:
    """Whoever may approve, or who asked, lets it be. Raises AdjustmentUnknown, AdjustmentEnded, Busy."""
    key = keys.adjustment(staff.mode, adjustment_id)
    row = club.store.posting(key)
    if row is None:
        raise _unknown()
    if row["c"] == "refused":
        return Recorded(row, replayed=True)
    if row["c"] in _DONE:
        raise AdjustmentEnded(how="approved")
    refused = {**row, "c": "refused", "m": int(row["m"]) + 1, "no": staff.actor}
    if club.store.backend.write([Put("ledger", refused, where=("m", int(row["m"]))), _listed(staff, row)]):
        raise Contended
    return Recorded(refused, replayed=False)


def waiting_adjustments(club: Club, staff: Staff, limit: int) -> list[Row]:
    """Those that wait for a second person and are not void yet, those that have waited longest first."""
    since = ms(club.now() - timedelta(days=WAITING_DAYS_MAX)) * 1_000_000
    listed = [one for one in club.store.backend.listed("limits", keys.waiting(staff.mode)) if one["s"] >= since][:limit]
    rows = {row["k"]: row for row in club.store.backend.get_many("ledger", [{"k": one["r"]} for one in listed])}
    return [rows[one["r"]] for one in listed if one["r"] in rows and rows[one["r"]]["c"] == "waiting"]


def _recorded(
    club: Club, caller: Caller, account_id: str, adjustment_id: str, content: str, what: Adjusting, seconds_left: Seconds,
    besides: Callable[[], Sequence[Put | Drop]], stubs: Mapping[str, int] = NO_STUBS,
) -> Recorded:  # fmt: skip
    key = keys.adjustment(caller.mode, adjustment_id)
    fingerprint = club.peppers.fingerprint(content)
    now = club.now()
    book = club.laws.at(now)

    def decided(account: Account | None) -> Committing:
        assert account is not None, "an adjustment is of a member"
        posting = post_adjustment(what, account, book, now, key=key, fingerprint=fingerprint)
        return Committing(posting, besides(), stubs)

    return record(club, caller, Recording(key, content, account_id, decided, _differs(adjustment_id)), seconds_left)


def _wait(club: Club, staff: Staff, told: Adjustment) -> Recorded:
    """Lets an adjustment wait for a second person; nothing moves."""
    key, content, at = keys.adjustment(staff.mode, told.adjustment_id), _content(told), ms(club.now())
    place = at * 1_000_000 + crc32(key.encode()) % 1_000_000
    row: Row = {
        "k": key,
        "c": "waiting",
        "m": 1,
        "t": at,
        "f": club.peppers.fingerprint(content),
        "by": staff.actor,
        "s": place,
        "z": told.model_dump_json(exclude_defaults=True),
    }
    listed = Put("limits", {"k": keys.waiting(staff.mode), "s": place, "r": key}, absent=True)
    refused = club.store.backend.write([Put("ledger", row, absent=True), listed])
    if not refused:
        return Recorded(row, replayed=False)
    known = refused.get(0)
    if known is None:
        raise Contended
    if not club.peppers.same(known["f"], content):
        raise AdjustmentDiffers(adjustment_id=told.adjustment_id)
    return Recorded(known, replayed=True)


def _decidable(club: Club, staff: Staff, adjustment_id: str) -> Row:
    """The row of an adjustment that waits, or that was approved before."""
    row = club.store.posting(keys.adjustment(staff.mode, adjustment_id))
    if row is None:
        raise _unknown()
    if row["c"] in _DONE:
        return row
    if row["c"] == "refused":
        raise AdjustmentEnded(how="refused")
    if row["by"] == staff.actor:
        raise SecondPersonNeeded(adjustment_id=adjustment_id)
    if int(row["t"]) < ms(club.now() - timedelta(days=WAITING_DAYS_MAX)):
        raise AdjustmentEnded(how="lapsed")
    return row


def _listed(staff: Staff, row: Row) -> Drop:
    return Drop("limits", {"k": keys.waiting(staff.mode), "s": row["s"]})


def _what(told: Adjustment, actor: str, approver: str) -> Adjusting:
    own_day = told.expires_on is not None
    return Adjusting(told.wallet, told.units, told.reason, actor, approver, own_day, told.expires_on, told.kind)


def _content(told: Adjustment) -> str:
    return told.model_dump_json(exclude_defaults=True)


def _known_wallet(wallet: str, book: Rulebook) -> Points | Wallet:
    if wallet not in (MAIN_WALLET, *(one.id for one in book.programme.wallet)):
        raise Invalid("wallet", "is no [[wallet]] of the programme")
    return book.wallet(wallet)


def _known_before(club: Club, key: str, content: str, named: str) -> Recorded | None:
    """What was asked for once is answered so, whatever would be refused today. Raises AdjustmentDiffers."""
    row = club.store.posting(key)
    if row is None:
        return None
    known = row["f"]
    assert isinstance(known, bytes)
    if not club.peppers.same(known, content):
        raise AdjustmentDiffers(adjustment_id=named)
    return Recorded(row, replayed=True)


def _check_last_day(club: Club, told: Adjustment, book: Rulebook) -> None:
    if told.expires_on is not None and told.expires_on < club.now().astimezone(book.zone).date():
        raise Invalid("expires_on", "is in the past")


def _differs(adjustment_id: str) -> Callable[[], AdjustmentDiffers]:
    return lambda: AdjustmentDiffers(adjustment_id=adjustment_id)


def _unknown() -> AdjustmentUnknown:
    return AdjustmentUnknown(field="adjustment_id", reason="is of no adjustment that anybody asked for")
