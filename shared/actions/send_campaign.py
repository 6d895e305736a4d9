"""A campaign: asked for at a time, begun when it has come, and worked off in parts as a sweep is. Each member has it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from shared.actions.caller import Caller
from shared.actions.club import Club
from shared.actions.read_lately import read_lately
from shared.actions.sweep import Swept, grant
from shared.actions.walking import WHOLE, Place, Seconds, walk
from shared.domain.account import Account
from shared.domain.automations import Due, addressed, is_addressee
from shared.domain.rulebook import AutomationRule, Rulebook
from shared.store import keys
from shared.store.backend import Backend, Item
from shared.store.campaigns import Asked, all_asked, asked_of, put_asked
from shared.store.rows import account_if_readable
from shared.store.store import Store


class CampaignUnknown(Exception):
    """The programme in force has no campaign of this name."""


class CampaignAsked(Exception):
    """It was asked for before, for that time: a campaign is sent once."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.campaign)
        self.asked = asked


def rule_of(book: Rulebook, campaign_id: str) -> AutomationRule:
    """Raises CampaignUnknown."""
    rule = next((rule for rule in book.campaigns if rule.automation.id == campaign_id), None)
    if rule is None:
        raise CampaignUnknown(campaign_id)
    return rule


def ask_campaign(club: Club, campaign_id: str, at: datetime, actor: str) -> Asked:
    """From a time on it is sent: the next quarter of an hour begins it. Raises CampaignUnknown, CampaignAsked, Busy."""
    rule_of(club.laws.at(club.now()), campaign_id)
    before = asked_of(club.store.backend, campaign_id)
    if before is not None:
        raise CampaignAsked(before)
    asked = Asked(campaign_id, at, actor)
    if club.store.backend.write([put_asked(asked)]):
        raise CampaignAsked(asked_of(club.store.backend, campaign_id) or asked)
    return asked


def begin_campaigns(backend: Backend, now: datetime, begin: Callable[[str], None]) -> int:
    """Hands those whose time has come to `begin`, then notes that they are begun: twice rather than never, since each member
    has one once."""
    begun = 0
    for asked in _waiting(backend):
        if asked.at <= now:
            begin(asked.campaign)
            backend.write([put_asked(asked._replace(begun=True))])
            begun += 1
    return begun


def addressees(
    store: Store, accounts: Iterable[Account], rule: AutomationRule, book: Rulebook, now: datetime
) -> Iterator[Due]:
    """Who would get it now, those held out included, and nothing is written."""
    day = now.astimezone(book.zone).date()
    for account in accounts:
        if is_addressee(account, rule, day, book):
            lately = read_lately(store, account, day, book) if rule.reads_ledger else None
            due = addressed(account, rule, day, book, lately)
            if due is not None:
                yield due


def send_campaign(club: Club, campaign_id: str, seconds_left: Seconds, place: Place = WHOLE) -> Swept:
    """A part of all accounts, as a sweep walks them. Raises CampaignUnknown, Unfinished, Busy."""
    swept, caller, book = Swept(), Caller("", "live"), club.laws.at(club.now())
    rule = rule_of(book, campaign_id)

    def seen(row: Item) -> None:
        swept.accounts += keys.is_account_id("live", row["a"])

    def do(row: Item) -> None:
        account = account_if_readable(row) if keys.is_account_id("live", row["a"]) else None
        for due in addressees(club.store, [account] if account is not None else [], rule, book, club.now()):
            grant(club, caller, row["a"], due, book, swept, seconds_left)

    walked = walk(club.store.backend, place, seen, do, seconds_left)
    swept.on, swept.failed = walked.on, walked.failed
    return swept


def _waiting(backend: Backend) -> Iterator[Asked]:
    return (asked for asked in all_asked(backend) if not asked.begun)
