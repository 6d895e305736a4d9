"""Codes of 60 bits that people read, write down and type: those of gift certificates and of coupons."""

from __future__ import annotations

import unicodedata

from shared.domain.text import ascii_digits

# Without look-alikes, as the ids of accounts: no I, L, O, U. Twelve of them are 60 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TWINS = str.maketrans("ILOU", "110V")
_LENGTH, _GROUP = 12, 4


def code_of(number: int) -> str:
    """The canonical code of a number of 60 bits and more.

    >>> code_of(0x123456789ABCDEF)
    '28T5CY4TQKFF'
    """
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LENGTH - 1, -1, -1))


def code_shown(code: str) -> str:
    """A code as people write it down.

    >>> code_shown("28T5CY4TQKFF")
    '28T5-CY4T-QKFF'
    """
    return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def code_canonical(typed: str) -> str:
    """A code as it was typed, without spaces and dashes, in capitals, with each look-alike as the character it is taken for. What
    cannot be a code becomes one that nobody has.

    >>> code_canonical(" 28t5-cy4t qkff ")
    '28T5CY4TQKFF'
    """
    plain = ascii_digits(unicodedata.normalize("NFKC", typed)).upper()
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Zs", "Pd")).translate(_TWINS)
