"""What a draft may say and its club should know: rules under which more spend can earn less (L15), rewards that cost a higher
tier more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.domain.earn_tables import Earn
from shared.domain.faults import Fault, place
from shared.domain.programme import Programme

# An amount or a number of units that must not be exceeded, or must be met exactly.
_MEASURE = r"(?:purchase|line)\.(?:\w+_minor|units|quantity)"
_FROM_ABOVE = re.compile(rf"({_MEASURE})\s*(?:<=?|==)|\d\s*(?:>=?|==)\s*({_MEASURE})")


def warnings(text: str, programme: Programme) -> list[Fault]:
    """Each with its place in the file; none of them keeps a programme from being published."""
    return [*_warnings(text, programme), *_dearer_for_more(text, programme)]


def _warnings(text: str, programme: Programme) -> Iterator[Fault]:
    for index, rule in enumerate(programme.earn):
        if not rule.enabled or rule.event is not None:
            continue
        for key, why in _ways_to_earn_less(rule, programme):
            yield Fault(
                *place(text, ("earn", index, key)),
                f"rule {rule.id!r} {why}: a larger purchase may earn less than a smaller one",
            )


def _ways_to_earn_less(rule: Earn, programme: Programme) -> Iterator[tuple[str, str]]:
    later = programme.earn[programme.earn.index(rule) + 1 :]
    if rule.stop and any(one.enabled and one.event is None for one in later):
        yield "stop", "stops the rules after it"
    if not rule.stackable and programme.policies.several_rules == "priority":
        yield "stackable", "excludes all others"
    if rule.multiply is not None and rule.multiply < 1 and (rule.when or rule.lines):
        yield "multiply", "takes points away"
    for key in ("when", "lines"):
        found = _FROM_ABOVE.search(getattr(rule, key) or "")
        if found:
            yield key, f"ends where {found[1] or found[2]} grows"


def _dearer_for_more(text: str, programme: Programme) -> Iterator[Fault]:
    """Whoever reaches a tier should not pay more than before: not than a lower tier of its set, and not than nobody's price."""
    for index, reward in enumerate(programme.reward):
        lowest = {tier.set: reward.price for tier in programme.tier}
        for tier in programme.tier:
            price = reward.price_by_tier.get(tier.id, reward.price)
            if price > lowest[tier.set]:
                yield Fault(
                    *place(text, ("reward", index, "price_by_tier")),
                    f"reward {reward.id!r} costs tier {tier.id!r} more than a member below it",
                )
            lowest[tier.set] = min(lowest[tier.set], price)
