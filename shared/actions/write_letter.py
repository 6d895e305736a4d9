"""Writes the letter of a message: its template's words in the member's language, its facts, and the link that ends it all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import get_args
from urllib.parse import urlsplit

from shared.actions.club import Club
from shared.actions.coupons import code_of_coupon
from shared.actions.deliver import Unwritable
from shared.domain.account import Account
from shared.domain.codes import code_shown
from shared.domain.contact_tables import Channel
from shared.domain.coupons import coupons_of, due_key_of
from shared.domain.letter_facts import facts_of_letter
from shared.domain.letter_frames import frame_of, sender_of
from shared.domain.letter_templates import BY_NAME, Manner, variant_of
from shared.domain.letters import Letter, LetterChannel, LetterUnfit, Shelf, letter
from shared.domain.links import LinkElsewhere
from shared.domain.messages import PLAYBOOK, REPORT, STAFF, Intent
from shared.domain.report_letters import letter_of_reports
from shared.domain.reports import CHAPTERS
from shared.domain.rulebook import Rulebook
from shared.domain.segments import manner_for
from shared.domain.sms import parts
from shared.domain.text import cleaned
from shared.domain.voice import Voice
from shared.store.keys import mode_of
from shared.store.months import chapters_of
from shared.store.people import Person
from shared.store.wires import Letter as Carried

_SUBJECT_LENGTH_MAX, _NOTE_LENGTH_MAX = 80, 200
# The club's own address, where the page stands that ends it: `https://…`.
Address = Callable[[], str]


def write_letter(
    club: Club,
    shelf: Shelf,
    address: Address,
    intent: Intent,
    person: Person,
    account: Account,
    book: Rulebook,
    channel: Channel,
) -> Letter:
    """Raises Unwritable."""
    if intent.template == STAFF:
        return _note(intent, book)
    if intent.template == PLAYBOOK:
        return _of_playbook(intent, book)
    if intent.template == REPORT:
        return _report(club, intent, book)
    if intent.template not in BY_NAME or channel not in get_args(LetterChannel):
        raise Unwritable
    languages = book.programme.club.languages
    language = person.language if person.language in languages else languages[0]
    now = club.now().astimezone(book.zone)
    names = person.name.split()
    facts = facts_of_letter(
        intent, names[0] if names else "", account, book, now.date(), language, _code(club, intent, account)
    )
    page = f"{address().rstrip('/')}/v1/preferences/{club.peppers.sealed(account.id)}"
    frame = frame_of(book.programme, language, page, [urlsplit(page).hostname or ""])
    tone, look = manner_for(account, now, book)
    manner = Manner(tone, look, variant_of(intent.source, account.id))
    try:
        return letter(intent.template, facts, frame, channel, shelf, manner)  # type: ignore[arg-type]
    except (LetterUnfit, LinkElsewhere) as unfit:
        raise Unwritable from unfit


def _note(intent: Intent, book: Rulebook) -> Letter:
    """What staff read: the programme's own words, and whom it is about. Raises Unwritable."""
    giver = book.giver(intent.source)
    if giver is None or giver.staff_note is None:
        raise Unwritable
    language = book.programme.club.languages[0]
    name = cleaned(giver.name.get(language, giver.id), _SUBJECT_LENGTH_MAX)
    member = str(intent.facts["member"])
    text = f"{cleaned(giver.staff_note, _NOTE_LENGTH_MAX)}\n\n{member}\n"
    return Letter(f"{name}: {member}", text, sender=sender_of(frame_of(book.programme, language)))


def _of_playbook(intent: Intent, book: Rulebook) -> Letter:
    """What staff read of a playbook that fired: the programme's own words, the day, and the figures that it saw. Raises
    Unwritable where the law has it no more."""
    name = intent.source.removeprefix(f"{PLAYBOOK}:")
    playbook = next((one for one in book.programme.playbook if one.id == name), None)
    if playbook is None or playbook.notify is None:
        raise Unwritable
    language = book.programme.club.languages[0]
    title = f"{cleaned(playbook.name.get(language, playbook.id), _SUBJECT_LENGTH_MAX)}: {intent.facts['day']}"
    seen = "\n".join(f"{word} = {value}" for word, value in intent.facts.items() if word != "day")
    text = f"{cleaned(playbook.notify, _NOTE_LENGTH_MAX)}\n\n{seen}\n"
    return Letter(title, text, sender=sender_of(frame_of(book.programme, language)))


def _report(club: Club, intent: Intent, book: Rulebook) -> Letter:
    """What finance reads of a closed month, in the club's first language. Raises Unwritable where nothing of it is closed."""
    language, month = book.programme.club.languages[0], str(intent.facts["month"])
    closed = chapters_of(club.store.backend, mode_of(intent.key, None), month, CHAPTERS)
    if not closed:
        raise Unwritable
    voice = Voice(language, book.programme.club.currency)
    title = voice.say("report.of_month", club=cleaned(book.programme.club.name, _SUBJECT_LENGTH_MAX), month=month)
    return letter_of_reports(
        [one.report for one in closed], title, language, sender_of(frame_of(book.programme, language))
    )


def cost(channel: Channel, letter: Callable[[], Carried], book: Rulebook) -> Fraction:
    """What is paid for it: by the part of a text message, by the piece of all else."""
    each = Fraction(book.programme.contact.price_minor.get(channel, 0))
    return each * parts(letter().text) if channel == "sms" else each


def _code(club: Club, intent: Intent, account: Account) -> str | None:
    """The code of the coupon that the message's posting gave, as people write it."""
    mode = mode_of(intent.key, account.id)
    for coupon in coupons_of(account) if "offer" in intent.facts else ():
        if due_key_of(coupon.id, account.id) == intent.key.rpartition("!")[2]:
            code = code_of_coupon(club, mode, account, coupon)
            return code_shown(code) if code is not None else None
    return None
