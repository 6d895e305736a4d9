"""The census of a month as pages: lines of members, packed. Each page says where the next one begins, and only what is
reached from the first page counts: a part that is walked twice, or killed on the way, is counted once."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime

from shared.domain.census import Census, Line
from shared.domain.decide import ms
from shared.domain.ledger import packed, unpacked
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# About 40 bytes a member when packed: a page stays far below the 100 KB that a row may have (L21).
PAGE_LINES_MAX = 1_000
# A month is closed within days of its end; what was counted is not asked for again.
KEPT_DAYS = 120
_DAY_S = 86_400
# The first page of a part; what lies behind an account is named by its id.
_FIRST = "-"


def put_page(
    backend: Backend, mode: keys.Mode, month: str, part: int, parts: int, after: str, census: Census, on: str | None,
    now: datetime,
) -> None:  # fmt: skip
    """The lines of a part from behind the account `after` until `on`; `on` is None at the end of the part. Raises Busy."""
    content = packed([[list(line) for line in census.lines], sorted(census.gaps.items())])
    row = {
        "kind": keys.census_of(mode, month, part, parts), "id": after or _FIRST, "z": zlib.compress(content.encode(), 9),
        "x": ms(now) // 1000 + KEPT_DAYS * _DAY_S, **({"on": on} if on is not None else {}),
    }  # fmt: skip
    backend.write([Put("club", row)])


def census_in(backend: Backend, mode: keys.Mode, month: str, parts: int) -> Census | None:
    """All parts together; None until each of them was walked to its end. Raises Busy."""
    lines: list[Line] = []
    gaps: dict[int, int] = {}
    for part in range(parts):
        pages = {str(row["id"]): row for row in backend.listed("club", keys.census_of(mode, month, part, parts))}
        place: str | None = _FIRST
        while place is not None:
            page = pages.get(place)
            if page is None:
                return None
            lines += _lines(page, gaps)
            place = page.get("on")
    return Census(tuple(lines), gaps)


def _lines(page: Item, gaps: dict[int, int]) -> Iterator[Line]:
    told, between = unpacked(zlib.decompress(bytes(page["z"])).decode())
    for days, times in between:
        gaps[days] = gaps.get(days, 0) + times
    return (Line(*one) for one in told)
