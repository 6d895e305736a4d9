"""Members by where they came from: what each joining named as its source, a short code of the shop's own (`till`, `web`, a
campaign). Sums of whole numbers, which the census adds up: how many there are, what they bought, what they were given."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.account import Account
from shared.domain.history import History
from shared.domain.kpi import ACTIVE_DAYS
from shared.domain.owed import Owed

# Who joined before sources were kept, or by a way that named none.
UNKNOWN = "unknown"
# Units used, by wallet, stand under `used`; all else under its own name.
USED = "used"


def sources_of(account: Account, history: History, last_day: date) -> Owed:
    """What one member adds, by source and figure. Purchases and what they took off count on their own day, also where they came
    back later: the till had its work all the same. Units that were given back count against those used in that month."""
    first, source = last_day.replace(day=1), account.source or UNKNOWN
    active_from = last_day - timedelta(days=ACTIVE_DAYS)
    bought = [one for one in history.purchases if first <= one.on <= last_day]
    figures: dict[tuple[str, ...], int] = {
        (source, "members"): 1,
        (source, "active"): int(any(active_from < one.on <= last_day for one in history.bought)),
        (source, "new"): int(account.joined_on >= first),
        (source, "purchases"): len(bought),
        (source, "spend_minor"): sum(one.kept_minor for one in bought),
        (source, "offers_minor"): sum(one.offers_minor for one in bought),
    }
    for one in history.moved:
        if one.account == "redeemed" and first <= one.on <= last_day:
            place = (source, USED, one.wallet)
            figures[place] = figures.get(place, 0) - one.units
    return {place: many for place, many in figures.items() if many}
