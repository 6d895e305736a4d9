"""What validators demand of a text, said as JSON Schema: as much of it as patterns can say, and never more.

The patterns read the same in every dialect (no `\\p{…}`); what they let pass, such as a letter that looks empty, is still
refused by the validator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What is added to the schema of an annotated type. It has no part in validation and costs a start nothing."""

    words: dict[str, Any]

    def __get_pydantic_json_schema__(self, core: Any, schema_of: Any) -> dict[str, Any]:
        made: dict[str, Any] = schema_of(core)
        return made | self.words


# Control characters of both kinds, zero-width space, direction marks and overrides, isolates, the byte order mark, and
# what stands for bytes that nobody could read.
_HIDDEN = r"\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd"
# ASCII punctuation but `-_.:`, which an id may have after its first character.
_FIRST = rf"[^{_HIDDEN} -/:-@\[-`{{-~\u00a0\u2000-\u200d]"
_NEXT = rf"[^{_HIDDEN} -,/;-@\[-^`{{-~\u00a0\u2000-\u200d]"

ID_PATTERN = f"^{_FIRST}{_NEXT}*$"


def an_id(
    length_max: int, example: str, description: str = "Letters, digits, `-_.:`; first a letter or a digit."
) -> Said:
    """For a text that `clean_id` reads."""
    return shown(example, description, minLength=1, maxLength=length_max, pattern=ID_PATTERN)


def a_text(length_max: int, example: str, description: str | None = None, *, without: str = "") -> Said:
    """For a text that `clean_text` reads; `without`: characters that this text may not have, as a class of a pattern."""
    seen, visible = rf"[^{_HIDDEN}{without}]", rf"[^{_HIDDEN}{without}\s\u200c\u200d]"
    pattern = f"^{seen}*{visible}{seen}*$"
    return shown(example, description, minLength=1, maxLength=length_max, pattern=pattern)


def shown(example: object, description: str | None = None, **words: Any) -> Said:
    """An example and a sentence for a field whose type says the rest."""
    return Said({**({"description": description} if description else {}), **words, "examples": [example]})
