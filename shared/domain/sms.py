"""How many parts a short message is sent and billed as, what that costs, and which countries it may go to.

A part has 140 bytes: 160 septets of the GSM alphabet, or 70 units of UCS-2 as soon as one character is beyond it. Of a message of
several parts each loses six bytes to say which it is. Source: 3GPP TS 23.038 (alphabet, extension), TS 23.040 (concatenation).
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Literal, NamedTuple

Encoding = Literal["gsm", "ucs2"]

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of them is an escape and a septet.
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")


class _Room(NamedTuple):
    """Units in a part that stands alone, and in each of several."""

    alone: int
    of_several: int


_ROOM: dict[Encoding, _Room] = {"gsm": _Room(160, 153), "ucs2": _Room(70, 67)}


def encoding(text: str) -> Encoding:
    """What a phone network sends the text as: one emoji, or one letter of Hebrew or Persian, makes all of it UCS-2."""
    return "gsm" if set(text) <= GSM_BASIC | GSM_EXTENSION else "ucs2"


def parts(text: str) -> int:
    """The number of parts of a text; 0 of none.

    >>> parts("a" * 160), parts("a" * 161), parts("א" * 70), parts("א" * 71)
    (1, 2, 1, 2)
    """
    kind = encoding(text)
    widths = [_width(character, kind) for character in text]
    room = _ROOM[kind]
    if sum(widths) <= room.alone:
        return 1 if text else 0
    count, left = 1, room.of_several
    for width in widths:
        # Neither an escape and its septet nor the two halves of an emoji may lie in two parts.
        if width > left:
            count, left = count + 1, room.of_several
        left -= width
    return count


def cost_minor(text: str, part_minor: Fraction) -> Fraction:
    """What sending it costs, in minor units; `part_minor` is the price of one part."""
    return parts(text) * part_minor


def country_of(number: str) -> str | None:
    """The country (ISO 3166) of a number in E.164; None of one that belongs to none, such as a satellite's."""
    # 40 ms of CPU at the first call: only who sends a message pays for it.
    import phonenumbers

    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return None if region in (None, "001") else str(region)


def may_be_texted(number: str, countries: Collection[str]) -> bool:
    """Whether the club sends to the number's country: elsewhere a message may cost fifty times as much (M9)."""
    return country_of(number) in countries


def _width(character: str, kind: Encoding) -> int:
    if kind == "gsm":
        return 2 if character in GSM_EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1
