"""What a row of the ledger adds to the tallies of its day: how often each thing happened, its money, and units by wallet.

The day is the civil day on which it happened, in the zone of the programme that decided it. Every figure is a whole number that
is added, so the tallies of a day do not depend on the sequence in which its postings are counted. Names of figures:

    purchases, spend_minor, returns …    how often, and the money of it; with `guest_` before it where nobody is known, with
                                         `certificate_` where a gift certificate was used instead of a member's wallet
    treated.birthday, held_out.birthday  members who were due for an automation, by what became of them; `gave.birthday`: units;
                                         `used.birthday`: coupons of it that purchases used; `used_back.birthday`: those of them
                                         that came back with the whole purchase
    issued.points, redeemed.stars …      units that the club's own accounts moved, by wallet, and `issued_back.points` for those
                                         that went the other way: so nothing given hides behind what was taken
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.coupons import giver_of
from shared.domain.ledger import USED, Leg, Row, legs_of, unpacked
from shared.domain.row_bytes import row_bytes
from shared.domain.tables import CERTIFICATE, MAIN_WALLET

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What waits at a key and has moved nothing yet, or never will: returns before their purchase, adjustments before a second person.
NOT_POSTINGS = frozenset({"parked", "waiting", "refused"})
# Above anything that a row of ours can say: what is larger is a broken row, and would end in numbers that DynamoDB rounds.
NUMBER_MAX = 10**16
# What a posting says of what was used, behind the function's name.
_USED_BY, _UNIT_BYTES = ("calls", "half_reads", "compute"), 1_024
# What a wallet or an automation may be called.
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Kind(NamedTuple):
    """What one row of a kind counts: one more of `times`, and of `money` what stands in the row at `at` (its key, its place).

    `in_parts`: a row that is a part of another posting (`<key>@<account>`) is one more of it as well.
    """

    times: str
    money: str = ""
    at: tuple[str, int] = ("", 0)
    in_parts: bool = False


KINDS: Mapping[str, Kind] = {
    "join": Kind("joins"),
    "purchase": Kind("purchases", "spend_minor", ("s", 0)),
    "event": Kind("events"),
    "return": Kind("returns", "returned_minor", ("s", 1)),
    "difference": Kind("differences"),
    "hold": Kind("holds"),
    "capture": Kind("redemptions", "redeemed_minor", ("rd", 2)),
    "void": Kind("voids"),
    "reversal": Kind("reversals"),
    "expiry": Kind("expiries"),
    "end": Kind("cards_ended"),
    "adjust": Kind("adjustments"),
    "opening": Kind("openings"),
    "extend": Kind("extensions"),
    "reinstate": Kind("reinstatements"),
    "transfer": Kind("transfers"),
    "merge": Kind("merges"),
    # Who was due for an automation, those held out included: they have no legs.
    "due": Kind("dues"),
    "issue": Kind("certificates", "certificates_minor", ("gc", 0), in_parts=True),
}

# The club's own accounts, and on which side of their legs what they are named for stands: -1 where it came to members.
CLUB_ACCOUNTS: Mapping[str, int] = {
    "issued": -1,
    "sold": -1,
    "adjusted": -1,
    "opening": -1,
    "lost": -1,
    "redeemed": 1,
    "expired": 1,
    "clawed_back": 1,
    "completed": 1,
}
# What goes from one account of a member's to another is nothing to the club.
BETWEEN_MEMBERS = frozenset({"clearing", "merging"})


class Uncountable(Exception):
    """A row that is none of ours, or of a later release. `why` says nothing of a person."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Counted(NamedTuple):
    """What a row adds, on which day. Figures that stay as they are are not named."""

    day: date
    figures: Mapping[str, int]


def is_posting(row: Row) -> bool:
    """Whether a row is one at all. A stub that waits at a key has moved nothing, and is replaced."""
    return row.get("c") not in NOT_POSTINGS


def counted(row: Row, zone: ZoneInfo) -> Counted:
    """Raises Uncountable."""
    try:
        figures: dict[str, int] = {}
        for name, more in (*_happened(row), *_moved(row), *_cost(row), *_rules(row)):
            figures[name] = figures.get(name, 0) + more
        day = (_EPOCH + timedelta(milliseconds=whole(row.get("o", row["t"])))).astimezone(zone).date()
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as broken:
        raise Uncountable(f"it cannot be read: {type(broken).__name__}") from broken
    return Counted(day, {name: more for name, more in figures.items() if more})


def _happened(row: Row) -> Iterator[tuple[str, int]]:
    kind = KINDS.get(str(row["c"]))
    if kind is None:
        raise Uncountable("it is of a kind that is not known")
    if _is_part(row) and not kind.in_parts:
        return
    if "au" in row:
        yield from _called_for(row)
    prefix = "" if "a" in row else "guest_"
    if "rd" in row and unpacked(row["rd"])[4] == CERTIFICATE:
        prefix = "certificate_"
    yield prefix + kind.times, 1
    if "of" in row:
        taken = unpacked(row["of"])
        yield f"{prefix}offers", len(taken)
        yield f"{prefix}offers_minor", sum(whole(one[1]) for one in taken)
        yield from _by_giver("used", [coupon for _, _, _, *coupons in taken for coupon in coupons])
    if "cb" in row:
        yield from _by_giver("used_back", unpacked(row["cb"]))
    if "cp" in row:
        yield "coupons", 1
    if kind.money:
        name, place = kind.at
        yield prefix + kind.money, whole(unpacked(row[name])[place])


def _by_giver(what: str, coupons: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Coupons by what gave them."""
    for coupon in coupons:
        giver = giver_of(coupon)
        if _ID.fullmatch(giver) is None:
            raise Uncountable("it names a coupon that nothing gave")
        yield f"{what}.{giver}", 1


def _called_for(row: Row) -> Iterator[tuple[str, int]]:
    """What became of who was due, by automation: its effect is measured from these."""
    automation_id, _, _, arm, units = unpacked(row["au"])
    if _ID.fullmatch(automation_id) is None or arm not in ("treated", "held_out"):
        raise Uncountable("it is of an automation that none is called")
    yield f"{'held_out' if arm == 'held_out' else 'treated'}.{automation_id}", 1
    yield f"gave.{automation_id}", whole(units)


def _cost(row: Row) -> Iterator[tuple[str, int]]:
    """What writing it cost, by function: its row by DynamoDB's rule and its account with one unit, both twice in a
    transaction, and one for the index; and what the function used since the posting before. Rows that no function wrote say
    nothing of it."""
    if USED not in row:
        return
    function, *used = str(row[USED]).split(",")
    if _ID.fullmatch(function) is None or len(used) != len(_USED_BY) or not all(one.isdecimal() for one in used):
        raise Uncountable("it says no numbers of what it used")
    units = -(-row_bytes(row) // _UNIT_BYTES)
    yield f"writes.{function}", 2 * units + (3 if "a" in row else 0)
    for name, more in zip(_USED_BY, used, strict=True):
        yield f"{name}.{function}", whole(int(more))


def _rules(row: Row) -> Iterator[tuple[str, int]]:
    """How often each rule gave something, and how much in thousandths; in which tier members bought, for how much, with what
    taken off, and what was theirs of what they used."""
    for reason in unpacked(row["e"]) if "e" in row else ():
        if isinstance(reason, list) and isinstance(reason[0], str) and _ID.fullmatch(reason[0]):
            yield f"gave_by.{reason[0]}", 1
            # A rule may give a part of a point; what is below a thousandth is left out, in each posting alike.
            points = Fraction(reason[2])
            yield f"gave_milli_by.{reason[0]}", whole(points.numerator * 1_000 // points.denominator)
    tier = unpacked(row["b"])[2] if "a" in row and "b" in row and row["c"] in ("purchase", "capture") else ""
    if not tier:
        return
    if row["c"] == "capture":
        yield f"tier_used_minor.{tier}", whole(unpacked(row["rd"])[2])
        return
    yield f"tier_purchases.{tier}", 1
    yield f"tier_spend_minor.{tier}", whole(unpacked(row["s"])[0])
    yield f"tier_offers_minor.{tier}", sum(whole(one[1]) for one in unpacked(row["of"])) if "of" in row else 0


def _is_part(row: Row) -> bool:
    """Whether another row tells of the same thing: it is the part of one posting in this account."""
    return "a" in row and str(row["k"]).rpartition("@")[2].partition("/")[0] == row["a"]


def _moved(row: Row) -> Iterator[tuple[str, int]]:
    for leg in legs_of(row):
        name, _, wallet = leg.account.partition("/")
        if name == row["a"] or name in BETWEEN_MEMBERS:
            continue
        yield _figure(name, wallet or MAIN_WALLET, leg), abs(whole(leg.points))


def _figure(name: str, wallet: str, leg: Leg) -> str:
    side = CLUB_ACCOUNTS.get(name)
    if side is None:
        raise Uncountable("it moves units of an account that is not known")
    if _ID.fullmatch(wallet) is None:
        raise Uncountable("it moves units of a wallet that none is called")
    return f"{name}.{wallet}" if leg.points * side > 0 else f"{name}_back.{wallet}"


def whole(value: object) -> int:
    """Raises ValueError for what is no whole number, or above anything that a row of ours can say."""
    if type(value) is not int or abs(value) > NUMBER_MAX:
        raise ValueError("no whole number")
    return value
