"""The breaker: when too much of the club's last mail bounced or was called spam, marketing stops until somebody has looked.

Whoever goes on writing to dead addresses is shut out by SES itself, at 5 % bounces and 0.1 % complaints, for receipts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

LAST_MAILS = 1_000
BOUNCED_MAX = Fraction(2, 100)
COMPLAINED_MAX = Fraction(5, 10_000)
# One bounce of ten mails is no tenth of anything: below so many nothing is judged. Of a thousand one complaint is twice too many
# already; of fewer one alone may be chance.
MAILS_MIN = 100
COMPLAINTS_MIN_OF_FEW = 2


class Mails(NamedTuple):
    """How many mails of marketing, and what became of them."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0

    def and_(self, more: Mails) -> Mails:
        return Mails(self.sent + more.sent, self.bounced + more.bounced, self.complained + more.complained)


def last_mails(newest_first: Iterable[Mails]) -> Mails:
    """The sum of the last groups until they are a thousand mails: a group counts as a whole, so they may be some more."""
    total = Mails()
    for group in newest_first:
        total = total.and_(group)
        if total.sent >= LAST_MAILS:
            break
    return total


def breaker_open(last: Mails) -> bool:
    """Whether marketing has to stop. Shares are of the mails there were, of less than a thousand too.

    >>> breaker_open(Mails(1000, 19, 0)), breaker_open(Mails(1000, 20, 0))
    (False, True)
    """
    if last.sent < MAILS_MIN:
        return False
    too_many_bounced = last.bounced >= BOUNCED_MAX * last.sent
    is_chance = last.sent < LAST_MAILS and last.complained < COMPLAINTS_MIN_OF_FEW
    too_many_complained = last.complained >= COMPLAINED_MAX * last.sent and not is_chance
    return too_many_bounced or too_many_complained
