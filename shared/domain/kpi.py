"""The figures of a day: what each is called, in which unit, and what it counts. What happened that day is told by its tallies;
how many members there are at its end, and of what kind, is told by the accounts alone, which the sweep counts in the night after.

A figure of a day that was not counted is not there: it is never 0 instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from shared.domain.account import MERGED, Account
from shared.domain.rulebook import Rulebook
from shared.domain.tiers import tiers_on

# Who bought within so many days is active; who bought before that and not since is dormant.
ACTIVE_DAYS = 365


class Figure(NamedTuple):
    """One figure. A name that ends in `.…` is of one each: of a wallet, an automation, a tier."""

    name: str
    unit: str
    what: str


_MEMBERS, _TIMES, _MINOR, _UNITS = "members", "times", "minor units", "units of the wallet"
FIGURES: tuple[Figure, ...] = (
    Figure("members", _MEMBERS, "in the club at the end of the day; of two memberships that became one, one"),
    Figure("members_active", _MEMBERS, f"of these, those who bought within {ACTIVE_DAYS} days"),
    Figure("members_dormant", _MEMBERS, f"of these, those who bought before, and not within {ACTIVE_DAYS} days"),
    Figure("tier.…", _MEMBERS, "in this tier of the main set; of another set `tier.SET.TIER`"),
    Figure("joins", _TIMES, "somebody joined"),
    Figure("purchases", _TIMES, "a member bought; `guest_` before it where nobody was known"),
    Figure("spend_minor", _MINOR, "what these purchases came to; `guest_` as well"),
    Figure("offers", _TIMES, "an offer was taken in a purchase; `guest_` as well"),
    Figure("offers_minor", _MINOR, "what these took off; `guest_` as well"),
    Figure("coupons", _TIMES, "a coupon was given to a member"),
    Figure("events", _TIMES, "an activity was reported"),
    Figure("returns", _TIMES, "something came back; `guest_` as well"),
    Figure("returned_minor", _MINOR, "what came back; `guest_` as well"),
    Figure("differences", _TIMES, "something told late corrected what was posted before"),
    Figure("holds", _TIMES, "units were held for a redemption; `certificate_` where a gift certificate was used"),
    Figure("redemptions", _TIMES, "units were taken; `certificate_` as well"),
    Figure("redeemed_minor", _MINOR, "what these were worth; `certificate_` as well"),
    Figure("voids", _TIMES, "a redemption was given up before it was taken; `certificate_` as well"),
    Figure("reversals", _TIMES, "what was taken was given back; `certificate_` as well"),
    Figure("expiries", _TIMES, "units lapsed"),
    Figure("cards_ended", _TIMES, "a punch card's rewards came to their end"),
    Figure("adjustments", _TIMES, "staff changed a balance by hand"),
    Figure("openings", _TIMES, "a balance was taken over from another system"),
    Figure("extensions", _TIMES, "units were made to live longer"),
    Figure("reinstatements", _TIMES, "what had lapsed came back"),
    Figure("transfers", _TIMES, "units went from one member to another"),
    Figure("merges", _TIMES, "two memberships became one"),
    Figure("dues", _TIMES, "a member was due for an automation, held out or not"),
    Figure("certificates", _TIMES, "a gift certificate was issued; `guest_` before it where nobody was known"),
    Figure("certificates_minor", _MINOR, "what these are worth; `guest_` as well"),
    Figure("writes.…", "write units", "what postings of this function cost to write, by DynamoDB's rule"),
    Figure("half_reads.…", "halves of read units", "what this function read, as DynamoDB answered"),
    Figure("calls.…", _TIMES, "this function was called; it is told with its next posting"),
    Figure("compute.…", "thousandths of a GB-second", "how long it ran, times its memory"),
    Figure("gave_by.…", _TIMES, "this rule gave something"),
    Figure("gave_milli_by.…", "thousandths of a unit of its wallet", "what this rule gave, before all is rounded"),
    Figure("tier_purchases.…", _TIMES, "a member of this tier bought"),
    Figure("tier_spend_minor.…", _MINOR, "what these purchases came to"),
    Figure("tier_offers_minor.…", _MINOR, "what offers took off these purchases"),
    Figure("tier_used_minor.…", _MINOR, "what a member of this tier used of a wallet was worth"),
    Figure("treated.…", _MEMBERS, "due for this automation, and given what it gives"),
    Figure("held_out.…", _MEMBERS, "due for this automation, and held out"),
    Figure("gave.…", _UNITS, "what this automation gave"),
    Figure(
        "used.…",
        _TIMES,
        "a coupon of this automation was used; `used_back` for one that came back with all of its purchase",
    ),
    Figure(
        "issued.…",
        _UNITS,
        "given for purchases and activities; this and all below with `_back` for what went the other way",
    ),
    Figure("sold.…", _UNITS, "sold, as gift certificates are"),
    Figure("adjusted.…", _UNITS, "given by staff"),
    Figure("opening.…", _UNITS, "taken over from another system"),
    Figure("lost.…", _UNITS, "given in place of what was lost"),
    Figure("redeemed.…", _UNITS, "taken for rewards and payments"),
    Figure("expired.…", _UNITS, "lapsed"),
    Figure("clawed_back.…", _UNITS, "taken back with what was returned"),
    Figure("completed.…", _UNITS, "taken by full punch cards"),
)
_BY_NAME: Mapping[str, Figure] = {figure.name: figure for figure in FIGURES}
_BEFORE = ("guest_", "certificate_")


def figure_of(name: str) -> Figure | None:
    """What a figure of a day is; None for one that nobody knows."""
    head, dot, _ = name.partition(".")
    if dot:
        return _BY_NAME.get(f"{head}.…") or _BY_NAME.get(f"{head.removesuffix('_back')}.…")
    found = _BY_NAME.get(name)
    return found or next((_BY_NAME.get(name.removeprefix(one)) for one in _BEFORE if name.startswith(one)), None)


def value_in(figures: Mapping[str, int], name: str) -> int | None:
    """A figure of a closed day: what happened not at all is 0; members of a day that nobody counted are not known."""
    if not adds_up(name):
        return figures.get(name, 0 if "members" in figures else None)
    return figures.get(name, 0)


def adds_up(name: str) -> bool:
    """Whether a figure is of what happened, and adds up over days, or of what there is at the end of one."""
    return not name.startswith(("members", "tier."))


def counted_at(account: Account, day: date, book: Rulebook) -> Iterator[str]:
    """The figures in which an account counts one at the end of a day."""
    if account.status == MERGED or account.joined_on > day:
        return
    yield "members"
    if account.bought_within(day, ACTIVE_DAYS)[0] > 0:
        yield "members_active"
    elif account.purchases:
        yield "members_dormant"
    for name, tier in tiers_on(account, day, book).items():
        if tier:
            yield f"tier.{name}.{tier}" if name else f"tier.{tier}"
