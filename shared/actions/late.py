"""What comes late: the member's story is read and told again, as far back as the programme lets a report be late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.actions.club import Club, Known
from shared.domain.account import Account
from shared.domain.decide import POSTINGS_MAX, is_late
from shared.domain.errors import TooLate
from shared.domain.ledger import Posting
from shared.domain.rulebook import Rulebook
from shared.domain.story import tell_again
from shared.domain.telling import News


def told_again(club: Club, account: Account, news: Sequence[News], book: Rulebook) -> Posting:
    """The posting of news that are not the newest. Raises TooLate, and Known where the first of them was recorded before."""
    known = club.store.posting(news[0].key)
    if known is not None and known["c"] != "parked":
        raise Known(known)
    late_days = book.programme.club.late_days
    late = [one for one in news if is_late(account, one.at, one.key)]
    since = club.now() - timedelta(days=late_days)
    if any(one.at < since for one in late) or account.sequence > POSTINGS_MAX:
        raise TooLate(field="occurred_at", late_days=late_days)
    rows = club.store.story(account)
    return tell_again(account, rows, news, club.laws.version, club.now())
