"""What all letters of a club to one member share: who writes, in which language, where links may lead, by whose law."""

from __future__ import annotations

from collections.abc import Iterable
from email.header import Header
from email.utils import formataddr
from typing import NamedTuple

from shared.domain.contact_tables import LocalePack
from shared.domain.contacts import EMAIL_LENGTH_MAX
from shared.domain.programme import Programme
from shared.domain.text import cleaned

SENDER_LENGTH_MAX = 100
# What the law of a country wants to stand at the front of an advertisement. Israel: Communications Law, section 30A.
MARKS: dict[LocalePack, str] = {"plain": "", "israel": "פרסומת"}


class Frame(NamedTuple):
    """The frame of a letter. `link_hosts`: all that may be led to, that of `unsubscribe_link` too."""

    club: str
    sender: str
    sender_email: str
    address: str
    currency: str
    language: str
    link_hosts: tuple[str, ...]
    unsubscribe_link: str | None = None
    locale_pack: LocalePack = "plain"


def frame_of(
    programme: Programme, language: str, unsubscribe_link: str | None = None, own_hosts: Iterable[str] = ()
) -> Frame:
    """The frame as `[contact]` has it; `own_hosts` are those of the club itself, where its page to unsubscribe is."""
    club, contact = programme.club, programme.contact
    return Frame(
        club.name,
        contact.sender or club.name,
        contact.sender_email or "",
        contact.sender_address or "",
        club.currency,
        language,
        (*contact.link_hosts, *own_hosts),
        unsubscribe_link,
        contact.locale_pack,
    )


def sender_of(frame: Frame) -> str:
    """The From line: a name beyond ASCII is encoded as RFC 2047 has it, on one line.

    >>> sender_of(Frame("Rimon", "Rimon, Ltd", "club@example.com", "", "USD", "en", ()))
    '"Rimon, Ltd" <club@example.com>'
    """
    name, address = cleaned(frame.sender, SENDER_LENGTH_MAX), cleaned(frame.sender_email, EMAIL_LENGTH_MAX)
    if name.isascii():
        return formataddr((name, address))
    return f"{Header(name, 'utf-8', maxlinelen=75).encode(splitchars='', linesep='')} <{address}>"
