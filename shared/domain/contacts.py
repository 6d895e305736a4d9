"""What a member is found by: card, phone, e-mail or ID number, each in one canonical form, so that it has one owner.

Every refusal is a `ContactInvalid` whose reason is a sentence without the value: a contact is personal, reasons travel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

from shared.domain.text import INVISIBLE, ascii_digits, clean_id

ContactKind = Literal["card", "phone", "email", "id_number"]

CARD_LENGTH_MAX = 64
# RFC 5321: 256 octets for a path, less its angle brackets; 64 for the part before the @.
EMAIL_LENGTH_MAX = 254
EMAIL_LOCAL_LENGTH_MAX = 64
# E.164 allows 15 digits; the rest is room for an international prefix and for the way people group a number.
PHONE_TYPED_LENGTH_MAX = 40
ID_NUMBER_LENGTH_MIN = 4
ID_NUMBER_LENGTH_MAX = 32


class ContactInvalid(ValueError):
    """A contact that cannot be one. `field` is its kind, `reason` a sentence for the caller."""

    def __init__(self, field: ContactKind, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class Contact(NamedTuple):
    """One way to find a member, in canonical form."""

    kind: ContactKind
    value: str


def contact_canonical(kind: ContactKind, text: str, region: str | None) -> Contact:
    """The contact in its canonical form; `region` is the programme's, for phones typed without a country code."""
    return Contact(kind, _CANONICAL[kind](text, region))


def card_canonical(text: str) -> str:
    """A card number without its spaces, in capitals: people read cards aloud, and print groups them in fours.

    >>> card_canonical("ab 12-34")
    'AB12-34'
    """
    if len(text) > 2 * CARD_LENGTH_MAX:
        raise ContactInvalid("card", f"must be at most {CARD_LENGTH_MAX} characters long")
    try:
        card = clean_id(_capitals("".join(c for c in text if unicodedata.category(c) != "Zs")), CARD_LENGTH_MAX)
    except ValueError as refusal:
        raise ContactInvalid("card", str(refusal)) from None
    if ":" in card:
        raise ContactInvalid("card", "must consist of letters, digits, '-', '_' and '.'")
    return card


def phone_canonical(text: str, region: str | None) -> str:
    """A phone number as E.164. Without `+` it is read as dialled in `region` (its international prefix included).

    >>> phone_canonical("\\u06f0\\u06f5\\u06f0-234 5678", "IL")
    '+972502345678'
    """
    if len(text) > PHONE_TYPED_LENGTH_MAX:
        raise ContactInvalid("phone", f"must be at most {PHONE_TYPED_LENGTH_MAX} characters long")
    dialled = "".join("+" if c == "\uff0b" else c for c in ascii_digits(text) if not _separates_digits(c))
    if _DIALLED.fullmatch(dialled) is None:
        raise ContactInvalid(
            "phone", "must be a phone number in digits; only a leading '+' and separators may be beside them"
        )
    if region is None and not dialled.startswith("+"):
        raise ContactInvalid("phone", "must start with '+' and the country code: this club has no country of its own")
    # Here and not above: 40 ms of CPU that a purchase by member id or card does not owe.
    import phonenumbers

    assert region is None or region in phonenumbers.SUPPORTED_REGIONS, "the programme's phone region is not checked"
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        raise ContactInvalid("phone", _NOT_A_PHONE) from None
    if not phonenumbers.is_valid_number(number):
        raise ContactInvalid("phone", _NOT_A_PHONE)
    if phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
    ):
        # A message to such a number is billed to the club: the oldest way to steal with a sign-up form.
        raise ContactInvalid("phone", "must not be a number that charges whoever calls it")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_phone_region(region: str) -> bool:
    """Whether phones can be read as dialled there (`IL`, `IR`, `US` …): what `club check` asks of a programme."""
    import phonenumbers

    return region in phonenumbers.SUPPORTED_REGIONS


def email_canonical(text: str) -> str:
    """An address in lower case with its domain as DNS knows it (punycode). `+tag` stays: it is another address.

    Only what can receive mail through SES: ASCII before the @ (it has no SMTPUTF8), a domain with a dot. Quoted local
    parts and addresses by IP are refused: hardly any member has one, every attacker does.

    >>> email_canonical("Noa+Club@B\\u00fccher.example")
    'noa+club@xn--bcher-kva.example'
    """
    if len(text) > EMAIL_LENGTH_MAX:
        raise ContactInvalid("email", f"must be at most {EMAIL_LENGTH_MAX} characters long")
    local, at, domain = ascii_digits(text).partition("@")
    if not at or "@" in domain:
        raise ContactInvalid("email", "must have exactly one '@'")
    if _LOCAL_PART.fullmatch(local) is None or len(local) > EMAIL_LOCAL_LENGTH_MAX:
        raise ContactInvalid(
            "email",
            "must have 1 to 64 ASCII letters, digits or marks such as '.', '_', '+', '-' before the '@', and no spaces",
        )
    local, domain = local.lower(), domain.lower()
    if not domain.isascii() or "xn--" in domain:
        domain = _dns_name(domain)
    if _DOMAIN.fullmatch(domain) is None:
        raise ContactInvalid("email", "must have a domain with a dot after the '@', such as example.com")
    if len(local) + 1 + len(domain) > EMAIL_LENGTH_MAX:
        raise ContactInvalid("email", f"must be at most {EMAIL_LENGTH_MAX} characters long")
    return f"{local}@{domain}"


def id_number_canonical(text: str) -> str:
    """A national ID or passport number: letters in capitals and digits, no spaces and dashes. Leading zeros are kept.

    >>> id_number_canonical("12-345 678 a")
    '12345678A'
    """
    if len(text) > 2 * ID_NUMBER_LENGTH_MAX:
        raise ContactInvalid("id_number", f"must be at most {ID_NUMBER_LENGTH_MAX} letters and digits long")
    number = _capitals("".join(c for c in text if unicodedata.category(c) not in ("Zs", "Pd")))
    if not all(unicodedata.category(c) in ("Lu", "Lo", "Nd") and c not in INVISIBLE for c in number):
        raise ContactInvalid("id_number", "must consist of letters and digits; spaces and dashes may group them")
    if not ID_NUMBER_LENGTH_MIN <= len(number) <= ID_NUMBER_LENGTH_MAX:
        raise ContactInvalid(
            "id_number", f"must have {ID_NUMBER_LENGTH_MIN} to {ID_NUMBER_LENGTH_MAX} letters and digits"
        )
    return number


_CANONICAL: dict[ContactKind, Callable[[str, str | None], str]] = {
    "card": lambda text, region: card_canonical(text),
    "phone": phone_canonical,
    "email": lambda text, region: email_canonical(text),
    "id_number": lambda text, region: id_number_canonical(text),
}

_NOT_A_PHONE = "must be a phone number that exists in its country's numbering plan"
_DIALLED = re.compile(r"\+?[0-9]+")
# Phone books wrap a number in direction marks, and copying one out of a chat brings them along; they carry no digit.
_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069")

# Matched before it is lowered: the Kelvin sign becomes a plain k, and somebody else's address.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last label has a letter: 127.0.0.1 is no domain.
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")


def _separates_digits(character: str) -> bool:
    return unicodedata.category(character) in ("Zs", "Pd") or character in "./()" or character in _DIRECTION_MARKS


def _capitals(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", ascii_digits(text)).upper())


def _dns_name(domain: str) -> str:
    import idna

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:  # Its message quotes the domain; ours does not.
        raise ContactInvalid("email", "must have a domain name that DNS allows after the '@'") from None
