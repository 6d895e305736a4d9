"""Who is due for an automation on a civil day, or because of what happened, or for a campaign; held out or not.

`due#<automation>#<member>#<period>` is grant and record in one: an automation is due once in a period, however often it is asked.
What an account remembers of it (`auto:<id>`) is when it was last due, and how often.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from shared.domain.account import Account
from shared.domain.automation_tables import EVENTS, Automation, Giver
from shared.domain.comparisons import Facts
from shared.domain.coupons import has_room
from shared.domain.facts import facts_of
from shared.domain.lately import Lately
from shared.domain.money import ratio
from shared.domain.rulebook import AutomationRule, Rulebook
from shared.domain.tiers import tiers_on
from shared.domain.vocabulary import Scene

# Where an account remembers when an automation was due.
AUTOMATION_USED = "auto:"
LAST = "last"
# A campaign is sent once.
_SENT = "sent"
# Who changes the birthday, or moves it to another calendar, has no second gift within a year of the first; a birthday of another
# calendar than ours may come ten days and more early.
_YEARLY_DAYS_MIN = 330
_ARMS = 10_000
Arm = Literal["treated", "held_out"]
# No automation may be called so: ids have no spaces.
_CLUB = "the club"
# Where nothing is known of what staff switched off.
NONE_OFF: frozenset[str] = frozenset()


class Due(NamedTuple):
    """An automation that is due for a member: once in its `period`, or for its `cause`, the key of what happened. `offer` is what
    it gives a coupon of, "" for none."""

    rule: AutomationRule
    day: date
    period: str
    arm: Arm
    units: int
    cause: str = ""
    offer: str = ""


def due_on(
    account: Account, day: date, book: Rulebook, lately: Lately | None = None, *, states: bool = True,
    off: frozenset[str] = NONE_OFF,
) -> Iterator[Due]:  # fmt: skip
    """The automations that are due for a member on a civil day. `states` False: only those of a day, where one is caught up.

    `lately` is what the ledger tells of the member's purchases: without it nothing is due that asks for it. `off` are those that
    staff switched off.
    """
    for rule in _called_on(account, day, book, book.automations, states=states, off=off):
        one, offer = rule.automation, _offer(rule, lately, day, book)
        assert isinstance(one, Automation), "a campaign is due when it is sent"
        if offer is not None and _by_ledger(rule, account, day, book, lately):
            yield Due(rule, day, _period(one, day), arm_of(one, account.id, book), _units(one, book), "", offer)


def asks_ledger(
    account: Account, day: date, book: Rulebook, *, states: bool = True, kind: str = "", off: frozenset[str] = NONE_OFF
) -> bool:
    """Whether the ledger has to be read before it is known what is due for a member: the account answers all the rest. `kind`:
    not of the day, but of a posting of this kind."""
    rules = book.ledger_automations
    called = (
        _called_by(account, kind, day, book, rules, off)
        if kind
        else _called_on(account, day, book, rules, states=states, off=off)
    )
    return any(True for _ in called)


def _called_on(
    account: Account, day: date, book: Rulebook, rules: Sequence[AutomationRule], *, states: bool, off: frozenset[str]
) -> Iterator[AutomationRule]:
    """The automations of a day that are due as far as the account tells."""
    if account.status:
        return
    facts = None
    for rule in rules:
        one = rule.automation
        assert isinstance(one, Automation), "a campaign is due when it is sent"
        if not one.enabled or one.id in off or one.on in EVENTS or (one.on == "state" and not states):
            continue
        if not _is_its_day(one, account, day) or not _is_its_turn(one, account, day):
            continue
        facts = facts or _facts(account, day, book)
        if rule.figures.failing(facts) is None:
            yield rule


def caused_by(
    account: Account, kind: str, cause: str, day: date, book: Rulebook, lately: Lately | None = None,
    off: frozenset[str] = NONE_OFF,
) -> Iterator[Due]:  # fmt: skip
    """The automations that something which happened calls for: `kind` of posting, with the key `cause`. `lately` and `off` as in
    `due_on`."""
    for rule in _called_by(account, kind, day, book, book.automations, off):
        one, offer = rule.automation, _offer(rule, lately, day, book)
        if offer is not None and _by_ledger(rule, account, day, book, lately):
            yield Due(rule, day, _of_cause(cause), arm_of(one, account.id, book), _units(one, book), cause, offer)


def _called_by(
    account: Account, kind: str, day: date, book: Rulebook, rules: Sequence[AutomationRule], off: frozenset[str]
) -> Iterator[AutomationRule]:
    """The automations that a posting of a kind calls for, as far as the account tells."""
    if account.status:
        return
    for rule in rules:
        one = rule.automation
        if (
            one.enabled
            and one.id not in off
            and one.on == kind
            and _is_its_turn(one, account, day)
            and holds(rule, account, day, book)
        ):
            yield rule


def is_addressee(account: Account, rule: AutomationRule, day: date, book: Rulebook) -> bool:
    """Whether a campaign is for a member: of its segment, and without it yet."""
    return not account.status and _is_its_turn(rule.automation, account, day) and holds(rule, account, day, book)


def addressed(account: Account, rule: AutomationRule, day: date, book: Rulebook, lately: Lately | None) -> Due | None:
    """A campaign for a member. `lately` as in `due_on`."""
    one, offer = rule.automation, _offer(rule, lately, day, book)
    if offer is None or not is_addressee(account, rule, day, book) or not _by_ledger(rule, account, day, book, lately):
        return None
    return Due(rule, day, _SENT, arm_of(one, account.id, book), _units(one, book), "", offer)


def is_due_still(due: Due, account: Account, book: Rulebook, lately: Lately | None) -> bool:
    """Whether what was due for a member as they were read is due for them as they are now."""
    if due.cause:
        return due in caused_by(account, due.rule.automation.on, due.cause, due.day, book, lately)
    if due.rule.automation.on == "campaign":
        return due == addressed(account, due.rule, due.day, book, lately)
    return due in due_on(account, due.day, book, lately)


def holds(rule: AutomationRule, account: Account, day: date, book: Rulebook) -> bool:
    """Whether an automation's condition holds for a member on a day, as far as the account tells."""
    return not rule.figures.clauses or rule.figures.failing(_facts(account, day, book)) is None


def _by_ledger(rule: AutomationRule, account: Account, day: date, book: Rulebook, lately: Lately | None) -> bool:
    """Whether what the account does not tell holds too."""
    if not rule.ledger.clauses:
        return True
    return lately is not None and rule.ledger.failing(_facts(account, day, book, lately)) is None


def _offer(rule: AutomationRule, lately: Lately | None, day: date, book: Rulebook) -> str | None:
    """The offer that it gives a member a coupon of, "" for none. None: it has one, and the member may be given none such."""
    one = rule.automation
    if one.offer is None or not rule.guards:
        return one.offer or ""
    # The guard is read only where an offer has free units.
    from shared.domain.guard import offer_for

    return offer_for(one.offer, lately, day, book) if lately is not None else None


def _facts(account: Account, day: date, book: Rulebook, lately: Lately | None = None) -> Facts:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=book.zone)
    return facts_of(Scene(at, account, tiers_on(account, day, book), lately=lately), book)


def arm_of(automation: Giver, account_id: str, book: Rulebook) -> Arm:
    """Whether a member is held out: always the same answer for one automation, and for each another; and who is held out of all
    is held out of each that holds anybody out. An account's id is drawn by chance and told to no stranger: nobody chooses an
    arm."""
    if automation.held_out_percent and is_held_out_of_all(account_id, book):
        return "held_out"
    return "held_out" if _is_drawn(automation.id, account_id, automation.held_out_percent) else "treated"


def is_held_out_of_all(account_id: str, book: Rulebook) -> bool:
    """Whether a member is of those by whom the club as a whole is measured: always the same ones."""
    return _is_drawn(_CLUB, account_id, book.programme.club.holdout)


def _is_drawn(what: str, account_id: str, percent: Decimal) -> bool:
    digest = hmac.new(what.encode(), account_id.encode(), hashlib.sha256).digest()
    numerator, denominator = ratio(percent)
    drawn = int.from_bytes(digest[:8], "big") % _ARMS
    return drawn * denominator * 100 < numerator * _ARMS


def _is_its_day(one: Automation, account: Account, day: date) -> bool:
    if one.on == "state":
        return True
    on = day + timedelta(days=one.days_before)
    if one.on == "date":
        return on == one.day
    if one.on == "anniversary":
        return on.year > account.joined_on.year and on == _in_year(account.joined_on, on.year, one)
    if account.birthday is None:
        return False
    # The calendars are read only where somebody has a birthday.
    from shared.domain.calendars import Birthday, occurs_on

    calendar, month, in_month = account.birthday
    kept = Birthday.model_validate({"calendar": calendar, "month": month, "day": in_month})
    return on in occurs_on(kept, on.year, one.leap_day)


def _in_year(first: date, year: int, one: Automation) -> date:
    try:
        return first.replace(year=year)
    except ValueError:
        return date(year, 2, 28) if one.leap_day == "feb_28" else date(year, 3, 1)


def _is_its_turn(one: Giver, account: Account, day: date) -> bool:
    """Whether it was not due too often, or too lately, for this member."""
    if one.offer is not None and not has_room(account, day):
        return False
    used = account.used.get(AUTOMATION_USED + one.id, {})
    if LAST not in used:
        return True
    since = day.toordinal() - used[LAST][0]
    match one.on:
        case "birthday" | "anniversary":
            return since >= _YEARLY_DAYS_MIN
        case "state":
            return one.every_days is not None and since >= one.every_days
        case "purchase" | "return":
            return one.every_days is None or since >= one.every_days
        case _:
            return False


def _period(one: Automation, day: date) -> str:
    """What its key says of when: a date's automation is due once for ever, whatever day it is caught up on."""
    if one.on == "date":
        return str(one.day)
    return day.isoformat() if one.on == "state" else str((day + timedelta(days=one.days_before)).isoformat())


def _of_cause(cause: str) -> str:
    """A key as a part of other keys: short, and without what parts them."""
    return hashlib.sha256(cause.encode()).hexdigest()[:16]


def _units(one: Giver, book: Rulebook) -> int:
    return int(one.points * 10 ** book.decimals(one.wallet)) if one.points is not None else 0
