"""Delivers a message: reads what is known at this moment, decides, claims, sends, and writes down what became of it.

Claim before send (M2): whoever claimed may send, until the lease is over. What was claimed and never heard of again may have
gone: of marketing it is UNKNOWN and never sent again, of what is urgent a second copy goes. The caps hold because who was written
to is a row that every claim of marketing demands as it was read (M4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache, partial
from typing import NamedTuple

from shared.actions.club import Club, attempts
from shared.domain.account import Account
from shared.domain.automations import holds
from shared.domain.contact_gate import Sending, Stop, Verdict
from shared.domain.contact_tables import Channel
from shared.domain.delivering import GATHERED, Contacts, Decision, decision, ms_of
from shared.domain.errors import Busy
from shared.domain.messages import REPORT, STAFF, Intent, State
from shared.domain.notices import Label
from shared.domain.rulebook import Rulebook
from shared.domain.said import Said
from shared.store import keys
from shared.store.backend import Add, Contended, Item, Put, Unanswered
from shared.store.people import Person, person_of, suppressions_of
from shared.store.post import (
    ENDS,
    QUARTER_MINUTES,
    add_source,
    add_spent,
    contacts_of,
    put_contacts,
    put_said,
    put_waiting,
    said_of,
    spent_in,
)
from shared.store.sender import Lost
from shared.store.wires import Letter, Refused, Wire

# Longer than a function may run, so that nobody sends what somebody else is sending.
LEASE = timedelta(seconds=120)
# A one-time code that may not have gone goes once more (P6).
COPIES_MAX = 2
# What is refused for too many requests goes a little later; where the whole account is paused, somebody has to see to it.
_PAUSES: Mapping[str, timedelta] = {"throttled": timedelta(seconds=60), "paused": timedelta(hours=1)}
# What is left for writing down how a sending ended.
_ENDING_S = 30.0
_MARKETING = "marketing"
_STATES: Mapping[str, State] = {"expire": "EXPIRED", "refuse": "REFUSED"}


class Unwritable(Exception):
    """The words of a message cannot be made: its template or its facts are wrong, and no repetition mends it."""


# Writes a message's words for a person by a channel. Raises Unwritable.
Compose = Callable[[Intent, Person, Account, Rulebook, Channel], Letter]
# What sending costs, in minor units; the letter is asked for where it depends on its length.
Cost = Callable[[Channel, Callable[[], Letter], Rulebook], Fraction]


@dataclass(frozen=True)
class Post:
    """What delivering needs besides the club. `again` puts a message on its queue once more, after so many seconds; `off` are
    the automations that staff switched off; `worths` are the margins that a message of an automation was measured to bring."""

    club: Club
    wires: Callable[[Rulebook], Mapping[Channel, Wire]]
    compose: Compose
    cost: Cost
    again: Callable[[Intent, int], None]
    stop: Callable[[], Stop | None]
    off: Callable[[], frozenset[str]]
    worths: Callable[[], Mapping[str, int]]


class Delivered(NamedTuple):
    """What became of a message now, and why. `paused`: nothing more of its channel goes until somebody has seen to it."""

    state: State
    reason: str
    paused: bool = False


class _Known(NamedTuple):
    said: Said
    contacts_row: Mapping[str, object] | None
    person: Person | None
    account: Account | None


class Claimed(Exception):
    """Somebody else is sending it: it has to come again."""

    code = "claimed"


def deliver(post: Post, intent: Intent, seconds_left: Callable[[], float]) -> Delivered:
    """Raises Busy or Claimed where it has to come again."""
    for _ in attempts(post.club, seconds_left):
        try:
            done = _delivered(post, intent)
        except Contended:
            continue
        if done is not None:
            return done
    raise AssertionError("attempts end with Busy")


def _delivered(post: Post, intent: Intent) -> Delivered | None:
    """None where somebody changed what was read. Raises Busy, Claimed."""
    club, now = post.club, post.club.now()
    # What was measured since it was written stands above what the programme declared.
    intent = intent._replace(worth_minor=post.worths().get(intent.source, intent.worth_minor))
    known = _known(club, intent)
    said = known.said
    if said.state in ENDS:
        return Delivered(said.state, said.decisions[-1][2])
    if said.state == "CLAIMED":
        if ms_of(now) < said.lease_ms:
            raise Claimed
        if intent.purpose != "urgent" or said.copies >= COPIES_MAX:
            return _written(club, said.decided(now, "UNKNOWN", "no_answer"))
    book = club.laws.at(now)
    if intent.purpose == _MARKETING and not said.version:
        # Its rivals of the same night have to be known before one of them goes.
        return _later(post, known, intent, now, Verdict("wait", "gathering", now + GATHERED))
    letter = _writer(post, known, intent, book)
    state: State = "FAILED"
    reason = "unwritable"
    try:
        told = _decided(post, known, intent, book, now, letter)
        if told.verdict.outcome == "wait":
            return _later(post, known, intent, now, told.verdict)
        if told.verdict.outcome == "send":
            assert told.channel is not None
            letter(told.channel)
            return _sent(post, known, intent, now, told, letter, book)
        state, reason = _STATES[told.verdict.outcome], told.verdict.reason
    except Unwritable:
        pass
    contacts = contacts_of(known.contacts_row).without(intent.id)
    return _written(club, said.decided(now, state, reason), _about(intent, contacts, now))


def _known(club: Club, intent: Intent) -> _Known:
    """Three round trips, strongly read: what was said and what holds back, the person, the account."""
    if intent.member == STAFF:
        return _of_staff(club, intent)
    rows = {
        str(row["s"]): row
        for row in club.store.backend.get_many(
            "post",
            [{"m": intent.member, "s": name} for name in (keys.message(intent.id), keys.CONTACTS, *keys.SUPPRESSED)],
        )
    }
    suppressed = [row for name, row in rows.items() if name in keys.SUPPRESSED]
    person = person_of(club.store.backend.listed("people", intent.member))
    if person is not None and suppressed:
        person = _suppressed(club, intent.member, person, suppressed)
    said = said_of(intent, rows.get(keys.message(intent.id)))
    return _Known(said, rows.get(keys.CONTACTS), person, club.store.account(intent.member))


def _of_staff(club: Club, intent: Intent) -> _Known:
    """Staff have an address in the programme, and no account."""
    row = club.store.backend.get("post", {"m": STAFF, "s": keys.message(intent.id)})
    book = club.laws.at(club.now())
    contact = book.programme.contact
    email = contact.finance_email if intent.template == REPORT else contact.staff_email
    person = Person("", book.programme.club.languages[0], {"email": email} if email else {}, {})
    return _Known(said_of(intent, row), None, person, Account(STAFF, club.now().astimezone(book.zone).date()))


def _writer(post: Post, known: _Known, intent: Intent, book: Rulebook) -> Callable[[Channel], Letter]:
    """Writes the words by a channel once, when they are asked for."""

    @cache
    def letter(channel: Channel) -> Letter:
        assert known.person is not None
        assert known.account is not None
        return post.compose(intent, known.person, known.account, book, channel)

    return letter


def _suppressed(club: Club, member: str, person: Person, rows: list[Item]) -> Person:
    """What is held against an address that they have no longer is not held against them."""
    email = person.addresses.get("email")
    mine = club.peppers.aliases(keys.mode_of("", member), "email", email) if email is not None else []
    return person._replace(suppressions=suppressions_of([row for row in rows if row["address"] in mine]))


def _decided(
    post: Post, known: _Known, intent: Intent, book: Rulebook, now: datetime, letter: Callable[[Channel], Letter]
) -> Decision:
    if known.person is None or known.account is None:
        return Decision(Verdict("refuse", "erased"))
    person, account = known.person, known.account
    contacts = contacts_of(known.contacts_row)

    def cost(channel: Channel) -> Fraction:
        return post.cost(channel, lambda: letter(channel), book)

    sending = Sending(book.zone, post.stop(), spent_in(post.club.store.backend, now.astimezone(book.zone).date()))
    member = person.contactable(book, contacts.at(now))
    return decision(
        intent, contacts, member, book.programme.contact, sending, now, book.zone, cost,
        is_due=_is_due(intent, account, book, now, post.off()),
    )  # fmt: skip


def _is_due(intent: Intent, account: Account, book: Rulebook, now: datetime, off: frozenset[str]) -> bool:
    """Whether what called for the message still does: who bought meanwhile is not dormant (S4)."""
    if account.status:
        return False
    rules = (rule for rules in (book.automations, book.campaigns) for rule in rules)
    rule = next((rule for rule in rules if rule.automation.id == intent.source), None)
    if rule is None or not rule.automation.enabled:
        # What is urgent the member asked for; what the programme has no longer is not written.
        return intent.purpose == "urgent"
    if intent.source in off:
        return False
    # Staff are told what was so: it is no condition on them.
    asked_again = rule.automation.on in ("state", "campaign") and intent.member != STAFF
    return not asked_again or holds(rule, account, now.astimezone(book.zone).date(), book)


def _later(post: Post, known: _Known, intent: Intent, now: datetime, verdict: Verdict) -> Delivered | None:
    """It waits: a short while in its queue, longer in a row that the clock finds."""
    assert verdict.until is not None
    contacts = contacts_of(known.contacts_row).waiting(intent, verdict.until)
    soon = verdict.until <= now + timedelta(minutes=QUARTER_MINUTES)
    besides = [*_about(intent, contacts, now), *(() if soon else (put_waiting(intent, verdict.until),))]
    done = _written(post.club, known.said.decided(now, "PENDING", verdict.reason), besides)
    if done is not None and soon:
        post.again(intent, max(1, round((verdict.until - now).total_seconds())))
    return done


def _sent(
    post: Post, known: _Known, intent: Intent, now: datetime, told: Decision, letter: Callable[[Channel], Letter],
    book: Rulebook,
) -> Delivered | None:  # fmt: skip
    channel = told.channel
    assert channel is not None
    assert known.person is not None
    # Before the claim: a wire that cannot be had now is no message that may have gone.
    wire, label = post.wires(book)[channel], Label(intent.member, intent.id, intent.source, intent.purpose)
    said, day = known.said, now.astimezone(book.zone).date()
    claim = post.club.new_id()
    claimed = said.decided(now, "CLAIMED", "allowed")._replace(
        channel=channel, claim=claim, lease_ms=ms_of(now + LEASE), copies=said.copies + 1
    )
    contacts = contacts_of(known.contacts_row).sent(intent.id, now)
    spent = partial(add_spent, day, channel, intent.id)
    try:
        if _written(post.club, claimed, [*_about(intent, contacts, now), spent(told.cost_minor)]) is None:
            return None
    except Unanswered:
        # It may be ours all the same: then nobody else sends it.
        if _known(post.club, intent).said.claim != claim:
            raise
    try:
        provider_id = wire.send(known.person.addresses[channel], letter(channel), label).id
    except Refused as no:
        return _unsent(post, claimed, intent, no, spent(-told.cost_minor), ms_of(now))
    except Lost:
        if intent.purpose != "urgent" or claimed.copies >= COPIES_MAX:
            return _ended(post.club, claimed, "UNKNOWN", "no_answer", told.cost_minor)
        raise Claimed from None
    return _ended(post.club, claimed._replace(provider_id=provider_id), "SENT", "allowed", told.cost_minor)


def _unsent(post: Post, claimed: Said, intent: Intent, no: Refused, unspent: Add, claimed_ms: int) -> Delivered:
    """It was refused for certain: a pause makes it slower (M12), anything else ends it. Nobody was written to."""
    club, now = post.club, post.club.now()
    pause = _PAUSES.get(no.why)
    state: State = "FAILED" if pause is None else "PENDING"
    for _ in attempts(club, lambda: _ENDING_S):
        known = _known(club, intent)
        if known.said.claim != claimed.claim:
            raise Busy
        contacts = contacts_of(known.contacts_row).unsent(claimed_ms)
        besides: list[Put | Add] = [unspent]
        if pause is not None:
            contacts = contacts.waiting(intent, now + pause)
            besides += [put_waiting(intent, now + pause)] if no.why == "paused" else []
        besides += _about(intent, contacts, now)
        done = _written(club, known.said.decided(now, state, no.code)._replace(claim="", lease_ms=0), besides)
        if done is None:
            continue
        if no.why == "throttled":
            post.again(intent, round(_PAUSES["throttled"].total_seconds()))
        return done._replace(paused=no.why == "paused")
    raise AssertionError("attempts end with Busy")


def _ended(club: Club, claimed: Said, state: State, reason: str, cost_minor: Fraction) -> Delivered:
    """The end is written however often it takes: a notice of the provider's may have come in between. Raises Busy."""
    for _ in attempts(club, lambda: _ENDING_S):
        said = _known(club, claimed.intent).said
        if said.claim != claimed.claim or said.state in ENDS:
            return Delivered(state, reason)
        try:
            ended = said.decided(club.now(), state, reason)._replace(provider_id=claimed.provider_id)
            done = _written(club, ended, cost_minor=cost_minor)
        except (Contended, Unanswered):
            continue
        if done is not None:
            return done
    raise AssertionError("attempts end with Busy")


def _about(intent: Intent, contacts: Contacts, now: datetime) -> list[Put | Add]:
    """The row of who was written to: marketing alone is counted and capped."""
    return [put_contacts(intent.member, contacts, now)] if intent.purpose == _MARKETING else []


def _written(
    club: Club, said: Said, besides: list[Put | Add] | None = None, cost_minor: Fraction = Fraction(0)
) -> Delivered | None:
    """None where somebody came first. Raises Busy."""
    # Notes to staff are no messages of the automation.
    day = said.intent.created.astimezone(club.laws.at(said.intent.created).zone).date()
    counted = [add_source(said, day, cost_minor)] if said.state in ENDS and said.intent.member != STAFF else []
    if club.store.backend.write([put_said(said, day), *(besides or ()), *counted]):
        return None
    return Delivered(said.state, said.decisions[-1][2])
