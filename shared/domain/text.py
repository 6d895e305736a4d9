"""Text at the door: one canonical form for what people and shops type; what hides, controls or reorders is refused.

Every refusal is a `ValueError` whose sentence never repeats the value: it may be somebody's name.
"""

import re
import unicodedata

# NFC shortens a text to a quarter at most (a Greek vowel with three marks becomes one character), so a longer raw text
# can be refused before it is normalised: sorting a megabyte of combining marks is an attack, not a name.
RAW_LENGTH_PER_CHARACTER_MAX = 4

ZWNJ, ZWJ = "\u200c", "\u200d"  # Persian spelling and emoji families are wrong without them.

# Letters, marks and symbols by category, nothing by sight: a name of them looks empty, and two ids look like one.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")

# Control, format (bidi overrides and isolates, zero-width space, BOM, tags), lone surrogate, private, unassigned, line
# and paragraph separator: none of them is text that a person reads.
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# What begins a new line, in mail or on a screen.
_NEW_LINES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
_ASCII_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_ID_PUNCTUATION = frozenset("-_.:")
_VARIATION_SELECTORS = frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


def clean_text(value: str, max_length: int) -> str:
    """The text in NFC, trimmed, with every run of spaces as one space; 1 to `max_length` characters.

    Zero-width joiner and non-joiner stay between visible characters (they are spelling there) and go at the ends.

    >>> clean_text("  Noa   Levi ", 100)
    'Noa Levi'
    """
    _bounded(value, max_length)
    for character in value:
        if character in INVISIBLE or (character not in (ZWNJ, ZWJ) and _category(character) in REFUSED_CATEGORIES):
            raise ValueError("must not contain control, invisible or direction-changing characters")
    spaced = "".join(
        " " if _category(character) == "Zs" else character for character in unicodedata.normalize("NFC", value)
    )
    text = " ".join(word for word in spaced.split(" ") if word).strip(f" {ZWNJ}{ZWJ}")
    if not any(_category(character)[0] in "LNPS" for character in text):
        raise ValueError("must not be empty")
    if len(text) > max_length:
        raise ValueError(f"must be at most {max_length} characters long")
    return text


def clean_id(value: str, max_length: int) -> str:
    """A shop's own identifier in NFC: letters, digits and marks of any script, `-_.:`; first a letter or a digit.

    Case is kept, nothing is trimmed: two ids are one only when they are one in NFC.

    >>> clean_id("A-1001", 64)
    'A-1001'
    """
    _bounded(value, max_length)
    if value.isascii():
        fits = _ASCII_ID.fullmatch(value) is not None
    else:
        value = unicodedata.normalize("NFC", value)
        fits = _category(value[0]) in _STARTS and all(map(_is_id_character, value))
    if not fits:
        raise ValueError("must consist of letters, digits, '-', '_', '.' and ':', and start with a letter or a digit")
    if len(value) > max_length:
        raise ValueError(f"must be at most {max_length} characters long")
    return value


def cleaned(text: str, length_max: int) -> str:
    """A text on its way out, on one line, without what controls, hides or reorders; what is too long ends with a sign of that.

    >>> cleaned("Noa\\r\\nBcc: all\\u202e", 40)
    'Noa Bcc: all'
    """
    spaced = (" " if one in _NEW_LINES else one for one in text[: RAW_LENGTH_PER_CHARACTER_MAX * length_max])
    kept = "".join(
        one for one in spaced if one in (ZWNJ, ZWJ) or not (one in INVISIBLE or _category(one) in REFUSED_CATEGORIES)
    )
    line = " ".join(kept.split()).strip(f" {ZWNJ}{ZWJ}")
    return line if len(line) <= length_max else line[: length_max - 1].rstrip() + "…"


def ascii_digits(value: str) -> str:
    """The same text with the decimal digits of every script (Persian, Arabic-Indic, full-width …) as 0 to 9.

    >>> ascii_digits("\u06f1\u06f2\u06f3-\u0661\u0662\u0663")
    '123-123'
    """
    return "".join(str(unicodedata.decimal(character, character)) for character in value)


_STARTS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"})
_ID_CATEGORIES = _STARTS | {"Mn", "Mc"}
_category = unicodedata.category


def _is_id_character(character: str) -> bool:
    if character in _ID_PUNCTUATION:
        return True
    return _category(character) in _ID_CATEGORIES and character not in INVISIBLE | _VARIATION_SELECTORS


def _bounded(value: str, max_length: int) -> None:
    if not value:
        raise ValueError("must not be empty")
    if len(value) > max_length * RAW_LENGTH_PER_CHARACTER_MAX:
        raise ValueError(f"must be at most {max_length} characters long")
