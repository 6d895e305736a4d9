"""What the club owes its members at the end of a month, counted from each account's own postings: units by wallet as they
moved, as they are open by their last day, and when points that were given are used. Sums of any accounts are those of all,
in any sequence.

What is booked within a month counts in that month, whenever it happened: a closed month does not change, and what was told
late is told apart. `certificate` is the wallet of gift certificates, in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.account import Account
from shared.domain.civil_months import month_of
from shared.domain.ledger import Row, legs_of, unpacked
from shared.domain.lots import Lot
from shared.domain.rebuilding import instant
from shared.domain.tables import CERTIFICATE, MAIN_WALLET
from shared.domain.tallies import BETWEEN_MEMBERS

# What becomes of points that were given. What goes to another of a member's accounts is theirs still.
GIVEN, USED, EXPIRED, BACK = "given", "used", "expired", "back"
_WHITHER: Mapping[str, str] = {"redeemed": USED, "completed": USED, "expired": EXPIRED}
NEVER = ""
# Where a row tells its money, and which way it goes.
_SALES: Mapping[str, tuple[int, int]] = {"purchase": (0, 1), "return": (1, -1)}

# Figures by their names, of which the first says what is counted:
#
#   moved        wallet, account of the club's, "before" | "within" | "late": units that came to members, less those that went
#   between      wallet: what came from other accounts of members, less what went to them; 0 over all
#   outstanding  wallet, "usable" | "pending" | "lapsed", month of the last day or "": units that are open; those that lapsed
#                and are not booked yet are owed to nobody
#   debts        wallet: units that members owe
#   given        month: points given in it
#   members      month: members to whom
#   sales        what purchases that were booked within the month came to, less what was paid back within it
#   curve        month given, months after, "used" | "expired" | "back": what became of them. These three are by when it happened:
#                a shop's history that is loaded has ages
#   uncounted    accounts that are in no figure at all, since their postings cannot be followed
#   cohort       month in which points were booked, "given" | "used" | "expired" | "back": as the books have them
Owed = dict[tuple[str, ...], int]
UNCOUNTED = ("uncounted",)


def said_uncounted(owed: Owed) -> list[str]:
    """What a month says of accounts that it could not count; nothing where there is none."""
    many = owed.get(UNCOUNTED, 0)
    if not many:
        return []
    which = "1 account is" if many == 1 else f"{many:,} accounts are"
    return [
        f"{which} in no figure of this month: their postings cannot be followed. `club verify` names them and says what to do."
    ]


def those(owed: Owed, what: str) -> Owed:
    """One of the figures, by the rest of its names."""
    return {name[1:]: many for name, many in owed.items() if name[0] == what}


def owed_of(rows: Sequence[Row], then: Account, last_day: date, zone: ZoneInfo, *, is_certificate: bool) -> Owed:
    """One account's part. `rows` are all that were recorded by the end of `last_day`, oldest first, and `then` is the
    account as they make it."""
    owed: Owed = {}
    main = CERTIFICATE if is_certificate else MAIN_WALLET
    queue: list[list[int]] = []
    for row in rows:
        booked, happened = _month(row, "t", zone), _month(row, "o" if "o" in row else "t", zone)
        when = "before" if booked < month_of(last_day) else "late" if happened < booked else "within"
        if row["c"] in _SALES and booked == month_of(last_day):
            place, sign = _SALES[str(row["c"])]
            _add(owed, ("sales",), sign * int(unpacked(row["s"])[place]))
        for leg in legs_of(row):
            account, _, wallet = leg.account.partition("/")
            if account == row["a"]:
                continue
            units, name = -leg.points, wallet or main
            if account in BETWEEN_MEMBERS:
                _add(owed, ("between", name), units)
            else:
                _add(owed, ("moved", name, account, when), units)
            if name == MAIN_WALLET:
                _follow(owed, queue, account, units, happened, booked)
    for (given,) in those(owed, "given"):
        _add(owed, ("members", given), 1)
    _open(owed, main, then.posted, then.lots, then.held(MAIN_WALLET), last_day)
    for name, purse in then.purses.items():
        _open(owed, name, purse.posted, purse.lots, then.held(name), last_day)
    return owed


def _month(row: Row, name: str, zone: ZoneInfo) -> int:
    return month_of(instant(row, name).astimezone(zone).date())


def _follow(owed: Owed, queue: list[list[int]], account: str, units: int, happened: int, booked: int) -> None:
    """What was given first is used and lapses first; what comes back with goods is of what was given last."""
    if units > 0:
        if account not in BETWEEN_MEMBERS:
            _add(owed, ("given", str(happened)), units)
            _add(owed, ("cohort", str(booked), GIVEN), units)
        queue.append([happened, booked, units])
        return
    left = -units
    whither = None if account in BETWEEN_MEMBERS else _WHITHER.get(account, BACK)
    while left > 0 and queue:
        one = queue[-1 if whither == BACK else 0]
        part = min(left, one[2])
        one[2] -= part
        left -= part
        if whither is not None:
            _add(owed, ("curve", str(one[0]), str(max(0, happened - one[0])), whither), part)
            _add(owed, ("cohort", str(one[1]), whither), part)
        if not one[2]:
            queue.remove(one)


def _open(owed: Owed, name: str, posted: int, lots: Iterable[Lot], held: int, last_day: date) -> None:
    """What is held for a redemption is owed as well, and may be used to the last."""
    for lot in lots:
        if lot.points:
            kind = "usable" if lot.usable_on <= last_day else "pending"
            kind = "lapsed" if lot.expires_on is not None and lot.expires_on <= last_day else kind
            month = NEVER if lot.expires_on is None else f"{lot.expires_on:%Y-%m}"
            _add(owed, ("outstanding", name, kind, month), lot.points)
    if held:
        _add(owed, ("outstanding", name, "usable", NEVER), held)
    if posted < 0:
        _add(owed, ("debts", name), -posted)


def _add(to: Owed, name: tuple[str, ...], more: int) -> None:
    to[name] = to.get(name, 0) + more


def end_of(last_day: date, zone: ZoneInfo) -> int:
    """The last millisecond of a civil day, since 1970."""
    after = last_day + timedelta(days=1)
    midnight = datetime(after.year, after.month, after.day, tzinfo=zone)
    return int(midnight.timestamp() * 1000) - 1
