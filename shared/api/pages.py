"""Which page of a list is asked for: `limit` and `cursor` of the query."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.api.resolver import Request
from shared.domain.errors import Invalid

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
