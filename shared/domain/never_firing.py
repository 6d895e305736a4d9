"""Rules of a draft that could never give anything, and rewards that nobody could ever take.

They harm nobody who decides by them, but no one means them: `club check` and `club publish` refuse them; a version that was
published stays the law.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from shared.domain.earn_tables import Earn, Limit
from shared.domain.faults import Fault, place
from shared.domain.programme import Programme

Said = Iterator[Fault]

# The least and the most that a word can be; all others are whole numbers from 0.
_RANGES = {
    "purchase.weekday": (1, 7), "event.weekday": (1, 7), "purchase.hour": (0, 23), "event.hour": (0, 23),
    "purchase.minute": (0, 59), "purchase.month": (1, 12), "purchase.day": (1, 31), "member.birth_month": (0, 12),
    "purchase.number": (1, math.inf), "purchase.units": (1, math.inf), "line.quantity": (1, math.inf),
    "member.days_since_purchase": (-1, math.inf), "member.days_in_tier": (-1, math.inf),
    "member.silence_percent": (-1, math.inf),
    "member.balance": (-math.inf, math.inf),
}  # fmt: skip
# These may be below zero as a member's own number may.
_UNBOUND = "member.attributes."
_NAME, _NUMBER, _TEXT = r"[a-z][a-z_0-9]*(?:\.[a-z_0-9]+)+", r"-?\d+", r"'[^']*'|\"[^\"]*\""
_COMPARED = re.compile(rf"\s*(?:({_NAME})\s*(==|>=|<=|>|<)\s*({_NUMBER})|({_NUMBER})\s*(==|>=|<=|>|<)\s*({_NAME}))\s*")
_IS_TEXT = re.compile(rf"\s*({_NAME})\s*==\s*({_TEXT})\s*")
_MIRRORED = {"==": "==", ">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_KINDS_ASKED = re.compile(r"\s*line\.kind\s*==\s*['\"](\w+)['\"]\s*")


def never_firing(text: str, programme: Programme) -> list[Fault]:
    """Every such rule, told where it stands."""
    return list(_never(text, programme))


def _never(text: str, programme: Programme) -> Said:
    stopped_by: Earn | None = None
    for index, rule in enumerate(programme.earn):
        where = place(text, ("earn", index, "id"))
        if rule.from_ and rule.until and _day(rule.until) < _day(rule.from_):
            yield Fault(
                *place(text, ("earn", index, "until")), f"rule {rule.id!r} can never fire: until is before from"
            )
        if rule.event is None and rule.enabled:
            if stopped_by is not None:
                yield Fault(
                    *where, f"rule {rule.id!r} can never fire: rule {stopped_by.id!r} before it stops every purchase"
                )
            if rule.stop and stopped_by is None and _always(rule):
                stopped_by = rule
        if rule.multiply == 1:
            yield Fault(
                *place(text, ("earn", index, "multiply")), f"rule {rule.id!r} multiplies by 1: it changes nothing"
            )
        for key in ("when", "lines"):
            why = _impossible(getattr(rule, key) or "")
            if why:
                yield Fault(*place(text, ("earn", index, key)), f"rule {rule.id!r} can never fire: {why} its {key}")
        yield from _excluded(text, index, rule, programme)
        yield from _limits(text, ("earn", index, "limits"), f"rule {rule.id!r}", rule.limits)
        if rule.kind_is_added and not any(
            one.wallet == rule.wallet and one.enabled and not one.kind_is_added and one.event is None
            for one in programme.earn[:index]
        ):
            yield Fault(
                *where, f"rule {rule.id!r} can never fire: no rule before it gives points to multiply or to add to"
            )
    for index, reward in enumerate(programme.reward):
        if reward.from_ and reward.until and _day(reward.until) < _day(reward.from_):
            where = place(text, ("reward", index, "until"))
            yield Fault(*where, f"reward {reward.id!r} can never be taken: until is before from")
        yield from _limits(text, ("reward", index, "limits"), f"reward {reward.id!r}", reward.limits)
    for table in ("achievement", "reward", "segment"):
        for index, one in enumerate(getattr(programme, table)):
            why = _impossible(one.when or "")
            if why:
                yield Fault(
                    *place(text, (table, index, "when")), f"{table} {one.id!r} holds for nobody: {why} its when"
                )


def _impossible(condition: str) -> str:
    """Why no purchase, member or line could meet a condition, as far as its parts say so one by one; empty if one might."""
    if "||" in condition or "?" in condition:
        return ""
    bounds: dict[str, tuple[float, float]] = {}
    texts: dict[str, str] = {}
    for part in condition.split("&&"):
        if part.strip() == "false":
            return "nothing meets"
        if re.search(r"\bin\s*\[\s*\]", part):
            return "nothing is in an empty list, so nothing meets"
        if is_text := _IS_TEXT.fullmatch(part):
            if texts.setdefault(is_text[1], is_text[2][1:-1]) != is_text[2][1:-1]:
                return f"no {is_text[1]} meets"
        elif found := _COMPARED.fullmatch(part):
            name = found[1] or found[6]
            sign, number = (found[2], int(found[3])) if found[1] else (_MIRRORED[found[5]], int(found[4]))
            low, high = bounds.get(name, (-math.inf, math.inf))
            low = max(low, {">=": number, "==": number, ">": number + 1}.get(sign, low))
            high = min(high, {"<=": number, "==": number, "<": number - 1}.get(sign, high))
            bounds[name] = (low, high)
    for name, (low, high) in bounds.items():
        least, most = _RANGES.get(name, (-math.inf if name.startswith(_UNBOUND) else 0, math.inf))
        if max(low, least) > min(high, most):
            return f"no {name} meets"
    return ""


def _excluded(text: str, index: int, rule: Earn, programme: Programme) -> Said:
    """A rule that chooses the very lines that `[basis]` takes out of every rule."""
    if "||" in (rule.lines or "") or rule.multiply is not None:
        return
    for part in (rule.lines or "").split("&&"):
        asked = _KINDS_ASKED.fullmatch(part)
        if asked and asked[1] in programme.basis.exclude_kinds:
            yield Fault(
                *place(text, ("earn", index, "lines")),
                f"rule {rule.id!r} can never fire: [basis] exclude_kinds takes {asked[1]!r} out of every rule",
            )


def _limits(text: str, loc: tuple[str | int, ...], named: str, all_limits: tuple[Limit, ...]) -> Said:
    sizes = {"day": 0, "month": 1, "year": 2, "member": 3}
    where = place(text, loc)
    for kind in ("points", "times"):
        limits: list[Limit] = [limit for limit in all_limits if getattr(limit, kind) is not None]
        if len({limit.per for limit in limits}) < len(limits):
            yield Fault(*where, f"{named} limits its {kind} twice for the same time")
        for short, long in pairwise(sorted(limits, key=lambda limit: sizes[limit.per])):
            if getattr(long, kind) < getattr(short, kind):
                yield Fault(*where, f"{named}: the limit per {short.per} is above the one per {long.per}")
    for limit in all_limits:
        if limit.points is not None and limit.points != int(limit.points):
            yield Fault(*where, f"{named}: a limit is a whole number of points")


def _always(rule: Earn) -> bool:
    """Whether a rule gives something for every purchase."""
    narrowed = rule.when or rule.lines or rule.from_ or rule.until or rule.limits or rule.cooldown_days
    return not (narrowed or rule.needs_base) and rule.per in ("purchase", "line", "unit", "product")


def _day(end: object) -> str:
    return str(end)[:10]
