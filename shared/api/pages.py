"""Which page of a list is asked for: `limit` and `cursor` of the query; and in which `language`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.api.resolver import Request
from shared.domain.errors import Invalid, LanguageUnknown
from shared.domain.rulebook import Rulebook

_LIMIT = re.compile(r"[1-9][0-9]{0,2}")


def page_asked(request: Request, limit_default: int, limit_max: int) -> tuple[str | None, int]:
    """Cursor and limit. Raises Invalid, for any other parameter too."""
    query = request.query(frozenset({"limit", "cursor"}))
    return query.get("cursor"), limit_asked(query, limit_default, limit_max)


def limit_asked(query: Mapping[str, str], limit_default: int, limit_max: int) -> int:
    """How many. Raises Invalid."""
    limit = query.get("limit", str(limit_default))
    if not _LIMIT.fullmatch(limit) or int(limit) > limit_max:
        raise Invalid("limit", f"must be a whole number from 1 to {limit_max}")
    return int(limit)


def language_asked(query: Mapping[str, str], book: Rulebook) -> str:
    """One of the programme's languages, the first where none is asked for. Raises LanguageUnknown."""
    languages = book.programme.club.languages
    language = query.get("language", languages[0])
    if language not in languages:
        raise LanguageUnknown(
            field="language", reason="is not one that the programme is written in", languages=list(languages)
        )
    return language
