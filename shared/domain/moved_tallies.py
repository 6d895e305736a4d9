"""What moved a month's figure against the month before, as far as the days' tallies know a split of it: by tier, and members
beside guests. Each split adds up to the whole. No member's postings are read for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.domain.reports import Column, Section, Unit, Value

# A figure of a month: its unit, the tally of members, the tallies by tier (before `.TIER`), the tally of guests; "" for none.
_KNOWN: Mapping[str, tuple[Unit, str, str, str]] = {
    "purchases": ("number", "purchases", "tier_purchases", ""),
    "spend_minor": ("minor", "spend_minor", "tier_spend_minor", ""),
    "offers_used": ("number", "offers", "", "guest_offers"),
    "offers_minor": ("minor", "offers_minor", "tier_offers_minor", "guest_offers_minor"),
}
MOVED_BY_TALLIES = frozenset(_KNOWN)
_NO_TIER, _GUESTS, _MEMBERS = "no tier", "guests", "members"
Tallies = Mapping[str, int]


def moved_section(figures: Iterable[str], before: Tallies, now: Tallies) -> Section:
    """A row for each part. Of a month in which nothing was counted at all, nobody knows."""
    columns = (
        Column("figure", "text"), Column("split", "text"), Column("part", "text"), Column("unit", "text"),
        Column("month_before", "by_row"), Column("month", "by_row"), Column("change", "by_row"),
    )  # fmt: skip
    rows = [row for figure in dict.fromkeys(figures) if figure in _KNOWN for row in _rows(figure, before, now)]
    return Section("what_moved_it", columns, tuple(rows))


def not_split(figures: Iterable[str]) -> str:
    """What is said of figures that the tallies do not split; "" where there are none."""
    names = ", ".join(name for name in dict.fromkeys(figures) if name not in _KNOWN)
    if not names:
        return ""
    return (
        f"Tallies know no split of {names}. `club trends FIGURE --by month --moved` reads members' postings, and says of what it "
        "cannot."
    )


def _rows(figure: str, before: Tallies, now: Tallies) -> Iterator[tuple[Value, ...]]:
    unit, _, by_tier, _ = _KNOWN[figure]
    was, is_now = (_parts(figure, told) for told in (before, now))
    parts = sorted(was.keys() | is_now.keys(), key=lambda part: (part in (_NO_TIER, _MEMBERS, _GUESTS), part))
    split = "tier" if by_tier else "member"
    for part in parts:
        after, earlier = is_now.get(part, 0), was.get(part, 0) if before else None
        yield figure, split, part, unit, earlier, after, None if earlier is None else after - earlier


def _parts(figure: str, told: Tallies) -> dict[str, int]:
    """Those that are not 0, and what is left of members."""
    _, members, by_tier, guests = _KNOWN[figure]
    head = f"{by_tier}."
    parts = {name.removeprefix(head): many for name, many in told.items() if by_tier and name.startswith(head)}
    left = told.get(members, 0) - sum(parts.values())
    parts[_NO_TIER if by_tier else _MEMBERS] = left
    if guests:
        parts[_GUESTS] = told.get(guests, 0)
    return {name: many for name, many in parts.items() if many}
