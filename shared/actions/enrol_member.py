"""A person joins: one transaction of posting, account, aliases, profile and consents, once per Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.actions.caller import Caller
from shared.actions.club import Club, attempts, seen_after_all
from shared.actions.find_member import check_lookups, count_lookup
from shared.domain.account import Account, AttributeValue
from shared.domain.calendars import check_birthday
from shared.domain.contacts import Contact, ContactInvalid
from shared.domain.decide import post_join
from shared.domain.errors import ContactTaken, Invalid, JoinDiffers
from shared.domain.ledger import Row
from shared.domain.member import Joining
from shared.domain.rulebook import Rulebook
from shared.store import keys
from shared.store.backend import Contended, Unanswered
from shared.store.people import zone_row
from shared.store.store import Committed, Seen, Taken


@dataclass(frozen=True, slots=True)
class Enrolled:
    row: Row
    replayed: bool


def enrol_member(
    club: Club, caller: Caller, idempotency_key: str, joining: Joining, seconds_left: Callable[[], float]
) -> Enrolled:
    """Raises Invalid, ContactTaken, JoinDiffers (the Idempotency-Key is known with other content), LookupsExhausted, Busy."""
    now = club.now()
    book = club.laws.at(now)
    contacts = _checked(joining, book, now)
    check_lookups(club, caller)
    key = keys.join(caller.mode, caller.store, idempotency_key)
    content = joining.model_dump_json(exclude_defaults=True)
    joined_at = joining.joined_at or now
    account = Account(
        id=keys.account_id(caller.mode, club.new_id()),
        joined_on=joined_at.astimezone(book.zone).date(),
        language=joining.language,
        birthday=(joining.birthday.calendar, joining.birthday.month, joining.birthday.day)
        if joining.birthday
        else None,
        attributes=_declared(joining, book),
        source=joining.source,
    )
    fingerprint = club.peppers.fingerprint(content)
    posting = post_join(account, book, now, key=key, fingerprint=fingerprint, joined_at=joined_at)
    # Under every living pepper: a contact that another member registered under an older one is taken as well.
    aliases = [(one.kind, key) for one in contacts for key in club.peppers.aliases(caller.mode, one.kind, one.value)]
    people = [_profile(account.id, joining, contacts, now), *_consents(account.id, caller, joining, now)]
    if joining.zone is not None:
        people.append(zone_row(account.id, joining.zone, now))
    for _ in attempts(club, seconds_left):
        try:
            outcome = club.store.enrol(posting, aliases, people)
        except Contended:
            continue
        except Unanswered:
            outcome = seen_after_all(club, key)
        match outcome:
            case Committed():
                return Enrolled(posting.row, replayed=False)
            case Seen(row):
                known = row["f"]
                assert isinstance(known, bytes)
                if not club.peppers.same(known, content):
                    raise JoinDiffers(idempotency_key=idempotency_key)
                return Enrolled(row, replayed=True)
            case Taken(kind):
                # It tells that somebody is a member, and writes nothing: a look-up by another name.
                count_lookup(club, caller)
                raise ContactTaken(field=kind)
    raise AssertionError("attempts end with Busy")


def _checked(joining: Joining, book: Rulebook, now: datetime) -> tuple[Contact, ...]:
    club = book.programme.club
    if joining.language not in club.languages:
        raise Invalid("language", f"is not one of the programme's: {', '.join(club.languages)}")
    if joining.joined_at is not None and joining.joined_at > now:
        raise Invalid("joined_at", "is in the future")
    if joining.birthday is not None:
        try:
            check_birthday(joining.birthday, now.astimezone(book.zone).date())
        except ValueError as fault:
            raise Invalid("birthday", str(fault)) from None
    types = {"int": int, "string": str, "bool": bool}
    for attribute in book.programme.attribute:
        value = joining.attributes.get(attribute.id)
        if value is not None and type(value) is not types[attribute.type]:
            raise Invalid(f"attributes.{attribute.id}", f"must be of type {attribute.type}, as the programme declares")
    try:
        return joining.contacts(club.phone_region)
    except ContactInvalid as fault:
        raise Invalid(fault.field, fault.reason) from None


def _declared(joining: Joining, book: Rulebook) -> dict[str, AttributeValue]:
    """The attributes that the programme's conditions may ask for: copied into the account, the till reads nothing else."""
    values = {attribute.id: joining.attributes.get(attribute.id) for attribute in book.programme.attribute}
    return {name: value for name, value in values.items() if isinstance(value, str | int | bool)}


def _profile(account_id: str, joining: Joining, contacts: tuple[Contact, ...], now: datetime) -> dict[str, Any]:
    """The person. An ID number is not among it: only its keyed hash is kept, as an alias (X11)."""
    profile: dict[str, Any] = {
        "m": account_id,
        "p": keys.PROFILE,
        "name": joining.name,
        "language": joining.language,
        "source": joining.source,
        "joined_at": (joining.joined_at or now).isoformat(timespec="milliseconds"),
        "contacts": {one.kind: one.value for one in contacts if one.kind != "id_number"},
        "attributes": dict(joining.attributes),
    }
    if joining.birthday is not None:
        profile["birthday"] = joining.birthday.model_dump(exclude_none=True)
    return profile


def _consents(account_id: str, caller: Caller, joining: Joining, now: datetime) -> list[dict[str, Any]]:
    """One row for each answer, evidence that is only ever added to (X8)."""
    at = now.isoformat(timespec="milliseconds")
    return [
        {
            "m": account_id,
            "p": keys.consent(at, consent.kind),
            "granted": consent.granted,
            "text_version": consent.text_version,
            "source": joining.source,
            "store": caller.store,
        }
        for consent in joining.consents
    ]
