"""The census of a month as pages: lines of members, packed. Each page says where the next one begins, and only what is
reached from the first page counts: a part that is walked twice, or killed on the way, is counted once."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from shared.domain.census import Census, Line
from shared.domain.decide import ms
from shared.domain.ledger import packed, unpacked
from shared.store import keys
from shared.store.backend import Backend, Item, Put

# About 40 bytes a member when packed: a page stays far below the 100 KB that a row may have (L21).
PAGE_LINES_MAX = 1_000
# And about 6 bytes for each name under which something is summed: of points that live for years there are thousands.
PAGE_NAMES_MAX = 8_000
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
    sums = [
        [[*name, many] for name, many in sorted(some.items())] for some in (census.owed, census.effects, census.sources)
    ]
    content = packed([[list(line) for line in census.lines], sorted(census.gaps.items()), *sums])
    row = {
        "kind": keys.census_of(mode, month, part, parts), "id": after or _FIRST, "z": zlib.compress(content.encode(), 9),
        "x": ms(now) // 1000 + KEPT_DAYS * _DAY_S, **({"on": on} if on is not None else {}),
    }  # fmt: skip
    backend.write([Put("club", row)])


def pages_in(backend: Backend, mode: keys.Mode, month: str, part: int, parts: int) -> Iterator[Census] | None:
    """The pages of a part, one by one; None until it was walked to its end. Raises Busy."""
    pages = {str(row["id"]): row for row in backend.listed("club", keys.census_of(mode, month, part, parts))}
    found: list[Item] = []
    place: str | None = _FIRST
    while place is not None:
        page = pages.get(place)
        if page is None:
            return None
        found.append(page)
        place = page.get("on")
    return map(_read, found)


def census_pages(backend: Backend, mode: keys.Mode, month: str, parts: int) -> Iterator[Census] | None:
    """The pages of all parts, one by one; None until each was walked to its end. Raises Busy."""
    walked = [pages_in(backend, mode, month, part, parts) for part in range(parts)]
    known = [pages for pages in walked if pages is not None]
    return chain.from_iterable(known) if len(known) == parts else None


def _read(page: Item) -> Census:
    lines, gaps, *sums = unpacked(zlib.decompress(bytes(page["z"])).decode())
    # Pages of an earlier release have fewer sums.
    known = ({tuple(name): many for *name, many in some} for some in sums)
    return Census(tuple(Line(*one) for one in lines), dict(map(tuple, gaps)), *known)
