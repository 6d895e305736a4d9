"""How long each row is kept, by what it is forgotten, and why so long: every pattern of `keys.py`, on one page."""

from __future__ import annotations

from typing import NamedTuple

from shared.store.backend import TableName
from shared.store.breaker import JUDGED_DAYS
from shared.store.census import KEPT_DAYS as CENSUS_KEPT_DAYS
from shared.store.counts import KEPT_DAYS as COUNTS_OF_STAFF_KEPT_DAYS
from shared.store.kpi import COUNTS_KEPT_DAYS
from shared.store.playbooks import KEPT_DAYS as PLAYBOOKS_KEPT_DAYS
from shared.store.post import KEPT_DAYS, WAITED_DAYS_MAX
from shared.store.tallies import MARKS_KEPT_DAYS, POISON_KEPT_DAYS
from shared.store.usage import KEPT_DAYS as USED_KEPT_DAYS

_TTL, _JOB = "time to live", "the job `retention`"


class Kept(NamedTuple):
    """`keys`: how the patterns of these rows begin, as `keys.py` writes them. `by` is empty for what stays."""

    table: TableName
    rows: str
    keys: tuple[str, ...]
    how_long: str
    by: str
    why: str


KEPT: tuple[Kept, ...] = (
    Kept("accounts", "accounts and certificates", ("a = ",), "for ever", "", "what the ledger's postings are of"),
    Kept("ledger", "postings", ("k = ", "by_account: "), "for ever", "",
         "a business key is unique for ever, and each balance is proven by all of its postings"),
    Kept("aliases", "ways to find a member", ("k = ",), "for ever", "", "a card that is shown after years is still the member's"),
    Kept("people", "the profile", ("m = M…, p = profile",), "as long as the member stays", "erasure", "it is the member's"),
    Kept("people", "the clock lived by", ("m = M…, p = zone",), "as long as the member stays", "erasure", "it is the member's"),
    Kept("people", "phones", ("m = M…, p = device#",), "as long as the member stays, or until it is forgotten", "erasure",
         "where messages are pushed to"),
    Kept("people", "consents", ("m = M…, p = consent",), "as long as the member stays", "erasure",
         "evidence of what was agreed to, when, to which text"),
    Kept("post", "messages", ("m = M…, s = message",), f"{KEPT_DAYS} days", _TTL,
         "members ask what was said, and an automation's effect is measured over a year"),
    Kept("post", "suppressions", ("m = M…, s = suppressed",), "for ever", "", "an address that bounced stays one"),
    Kept("post", "contacts of a week", ("m = M…, s = contacts",), "40 days", _TTL, "the caps of a week, and what waits"),
    Kept("post", "messages that wait", ("m = wait#",), f"until their quarter, {WAITED_DAYS_MAX} days after it at most", _JOB,
         "what was missed is caught up; what waited so long is handed over once more and expires"),
    Kept("post", "switches, raised budgets, measured worths and the breaker", ("m = switch#", "m = breaker#"), "for ever", "",
         "one row each"),
    Kept("post", "what a channel cost", ("m = spent#",), "for ever", "", "a few rows a month, of which costs are told"),
    Kept("post", "mails by the minute", ("m = mails#",), f"{JUDGED_DAYS + 1} days", _TTL, "the breaker judges the last thousand"),
    Kept("post", "what became of an automation's mails", ("m = source#",), "for ever", "",
         "a few rows a day, by which automations are judged"),
    Kept("limits", "look-ups by the minute", ("k = lookups#",), "an hour", _TTL, "the limit of a minute"),
    Kept("limits", "what came back", ("k = rest#",), "for ever", "", "a purchase may come back after years"),
    Kept("limits", "coupons that were used", ("k = coupon#",), "for ever", "", "a code is used once, for ever"),
    Kept("limits", "stocks and cards", ("k = stock#", "k = card#"), "for ever", "", "one row for each reward and budget"),
    Kept("limits", "what waits for a second person or a purchase", ("k = waiting#", "k = parked#"), "until it comes",
         "who takes it",
         "a purchase may be told late, and a decision is a person's"),
    Kept("limits", "what a person moved on a day", ("k = staff#",), f"{COUNTS_OF_STAFF_KEPT_DAYS} days", _TTL,
         "the limit of a day, in whatever zone"),
    Kept("club", "versions of the programme", ("kind = programme",), "for ever", "", "a return needs its purchase's version"),
    Kept("club", "keys of stores", ("kind = key", "kind = store"), "for ever", "", "postings name the key that made them"),
    Kept("club", "campaigns that were asked for", ("kind = campaign",), "for ever", "", "a campaign is sent once"),
    Kept("club", "how far jobs have come", ("kind = job",), "for ever", "", "one row for each job"),
    Kept("club", "tallies", ("kind = tally",), "for ever; of epochs before a recount 28 days after it at most", _JOB,
         "a day's figures; rows of earlier epochs say nothing any more"),
    Kept("club", "marks of what was counted", ("kind = seen#",), f"{MARKS_KEPT_DAYS} days", _TTL,
         "a stream keeps a day, and a table is restored to within 35"),
    Kept("club", "members counted by the sweep", ("kind = count#",), f"{COUNTS_KEPT_DAYS} days", _TTL,
         "a day is closed in the morning after it, or when the week is caught up"),
    Kept("club", "closed days", ("kind = kpi#",), "for ever", "", "one row a day: reports and targets compare years"),
    Kept("club", "the census of a month", ("kind = census#",), f"{CENSUS_KEPT_DAYS} days", _TTL,
         "a month is closed from it within days"),
    Kept("club", "closed months", ("kind = month#",), "for ever", "", "a few rows a month: a closed month never changes"),
    Kept("club", "what playbooks did", ("kind = playbook#",), f"{PLAYBOOKS_KEPT_DAYS} days", _TTL,
         "a firing is judged beside the year after it"),
    Kept("club", "what functions used", ("kind = used#",), f"{USED_KEPT_DAYS} days", _TTL,
         "a month's cost is closed from it, and set beside the bill"),
    Kept("club", "poison", ("kind = poison",), f"{POISON_KEPT_DAYS} days after it last came", _JOB,
         "a recount names again what it cannot count"),
)  # fmt: skip
