"""Every key of every table on one page, each with the question it answers.

A realm keeps what test keys write apart from the club's own: `test!` stands before each key they make, and test members'
account ids begin with `T` where live ones begin with `M`, gift certificates' with `H` where live ones begin with `G`.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import Literal, NamedTuple

from shared.domain.contacts import ContactKind

Mode = Literal["live", "test"]

_REALM: dict[Mode, str] = {"live": "", "test": "test!"}
_REST, _STOCK, _COUPON = "rest#", "stock#", "coupon#"
_INITIAL: dict[Mode, str] = {"live": "M", "test": "T"}
_INITIAL_OF_CERTIFICATES: dict[Mode, str] = {"live": "G", "test": "H"}
# What an alias may stand for: a way to find a member, or the code of a gift certificate.
AliasKind = ContactKind | Literal["certificate"]


# The realm's initial and 80 random bits in base 32.
ACCOUNT_ID_LENGTH = 17


class KeyPattern(NamedTuple):
    """A key as documentation and the house test read it."""

    table: str
    key: str
    question: str


PATTERNS: tuple[KeyPattern, ...] = (
    KeyPattern("accounts", "a = M…", "What may this member do now?"),
    KeyPattern("accounts", "a = G…", "What is left on this gift certificate?"),
    KeyPattern("ledger", "k = purchase#<store>#<purchase id>", "Was this purchase seen, and what was answered?"),
    KeyPattern("ledger", "k = event#<store>#<kind>#<source id>", "Was this activity seen, and what was answered?"),
    KeyPattern("ledger", "k = return#<store>#<return id>", "Was this return seen, and what did it undo?"),
    KeyPattern("ledger", "k = difference#<key of what came late>", "What did it correct of what was posted before?"),
    KeyPattern(
        "ledger", "k = redemption#<store>#<redemption id>", "Was this redemption asked for, and what is held for it?"
    ),
    KeyPattern("ledger", "k = capture#<store>#<redemption id>[#<capture id>]", "Was it taken, and of which lots?"),
    KeyPattern("ledger", "k = void#<store>#<redemption id>", "Was it given back before it was taken?"),
    KeyPattern("ledger", "k = reversal#<store>#<redemption id>#<reversal id>", "Was what was taken given back?"),
    KeyPattern(
        "ledger", "k = certificate#<store>#<certificate id>", "Was this gift certificate issued, and for how much?"
    ),
    KeyPattern("ledger", "k = <key of a posting>@M…[/<wallet>]", "What did it change in this other account?"),
    KeyPattern("ledger", "k = adjust#<adjustment id>", "Was this adjustment made, by whom, and why?"),
    KeyPattern("ledger", "k = end#M…#<sequence>", "What became of rewards that waited when their card ended?"),
    KeyPattern("ledger", "k = transfer#<transfer id>", "Was this transfer made, by whom, and of which lots?"),
    KeyPattern("ledger", "k = untransfer#<transfer id>", "Was it taken back?"),
    KeyPattern("ledger", "k = extend#<extension id>", "Were these points made to live longer, and why?"),
    KeyPattern("ledger", "k = reinstate#expiry#M…#<sequence>", "Did what had lapsed by then come back?"),
    KeyPattern("ledger", "k = merge#<merge id>", "Were these two memberships made one, and why?"),
    KeyPattern("ledger", "k = expiry#M…#<sequence>", "What had lapsed by then?"),
    KeyPattern(
        "ledger", "k = due#<automation>#M…#<period>", "Was this automation due for this member, and what was given?"
    ),
    KeyPattern("ledger", "k = join#<store>#<idempotency key>", "Was this person's joining seen, and who is it?"),
    KeyPattern("ledger", "by_account: a = M…, n = sequence", "What happened to this member, in order?"),
    KeyPattern(
        "aliases",
        "k = <kind>#<pepper version>#<keyed hash>",
        "Whose card, phone, e-mail or ID is this? Of which certificate is this the code?",
    ),
    KeyPattern("people", "m = M…, p = profile", "Who is it?"),
    KeyPattern("people", "m = M…, p = consent#<at>#<kind>", "What did this person agree to, when, to which text?"),
    KeyPattern("people", "m = M…, p = zone", "By which clock does this person live, since when?"),
    KeyPattern("people", "m = M…, p = device#<hash of a token>", "Which phone can be pushed to, since when?"),
    KeyPattern("post", "m = M…, s = message#<message id>", "Was it said, by what, and why or why not?"),
    KeyPattern("post", "m = M…, s = suppressed#<channel>", "Did the address bounce, or its owner complain?"),
    KeyPattern("post", "m = M…, s = contacts", "How often was this member written to within a week, and what waits?"),
    KeyPattern(
        "post", "m = wait#<quarter of an hour>#<shard>, s = <message id>", "What waits for this quarter of an hour?"
    ),
    KeyPattern("post", "m = switch#<mode>, s = marketing", "Has somebody stopped all marketing, and why?"),
    KeyPattern("post", "m = switch#<mode>, s = automations", "Which automations have staff switched off, and why?"),
    KeyPattern("post", "m = switch#<mode>, s = budgets", "Which budgets have playbooks raised, and to what?"),
    KeyPattern(
        "post", "m = switch#<mode>, s = worths", "What is a message of each automation worth, as it was measured?"
    ),
    KeyPattern("post", "m = spent#<month>, s = <channel>#<shard>", "What did this channel cost in this month?"),
    KeyPattern(
        "post",
        "m = mails#<mode>#<day>, s = <minute>#<shard>",
        "How many mails of marketing left in this minute, and how many of them bounced or were called spam?",
    ),
    KeyPattern(
        "post", "m = breaker#<mode>, s = breaker", "Has the breaker stopped marketing, and since when does it count?"
    ),
    KeyPattern(
        "post",
        "m = source#<mode>#<automation>, s = <day>#<shard>",
        "What became of the mails of this automation of that day?",
    ),
    KeyPattern(
        "limits", "k = lookups#<key id>#<minute>, s = 0", "How often has this key looked members up this minute?"
    ),
    KeyPattern(
        "limits", "k = rest#<key of a purchase>, s = 0", "What of this purchase came back, and what paid for it?"
    ),
    KeyPattern("limits", "k = rest#<key of a capture>, s = 0", "How much of what was taken was given back?"),
    KeyPattern("limits", "k = coupon#<key of what gave it>, s = 0", "In which purchase was this coupon used?"),
    KeyPattern(
        "limits", "k = stock#<reward>, s = 0", "How many of this reward were taken, and how many are held until when?"
    ),
    KeyPattern(
        "limits", "k = card#<wallet>, s = 0", "How many rewards of this card were given, and how many came back?"
    ),
    KeyPattern("limits", "k = waiting#<mode>, s = <ms and a hash>", "Which adjustments wait for a second person?"),
    KeyPattern(
        "limits",
        "k = staff#<mode>#<person>#<day>#<wallet>, s = 0",
        "How much did this person give and take by hand that day?",
    ),
    KeyPattern("limits", "k = parked#<mode>#<store>, s = <ms and a hash>", "Which returns wait for their purchase?"),
    KeyPattern("club", "kind = programme, id = index", "Which version is the law from when?"),
    KeyPattern("club", "kind = programme, id = <version, 6 digits>", "What does this version say?"),
    KeyPattern("club", "kind = key, id = <key id>", "Which store and scopes does this secret open?"),
    KeyPattern("club", "kind = job, id = <job>", "Up to which day was this job of the clock done?"),
    KeyPattern("club", "kind = campaign, id = <campaign>", "Was this campaign asked for, for when, and is it begun?"),
    KeyPattern("club", "kind = store, id = <mode>#<store>", "Which keys of this store are alive?"),
    KeyPattern(
        "club", "kind = tally, id = epochs", "Since when are tallies counted anew, and which of them are whole?"
    ),
    KeyPattern(
        "club", "kind = tally#<mode>#<day>, id = <epoch>#<bucket>", "How much, that day, of what was recorded since?"
    ),
    KeyPattern(
        "club", "kind = tally#<mode>#<day>, id = <epoch>#before", "How much, that day, of all recorded earlier?"
    ),
    KeyPattern(
        "club", "kind = seen#<minute>#<bucket>, id = <page>", "Which postings recorded since then stand in the tallies?"
    ),
    KeyPattern(
        "club",
        "kind = count#<mode>#<day>, id = <parts>#<part>",
        "How many members of this part did the sweep find at the end of that day, and of what kind?",
    ),
    KeyPattern("club", "kind = kpi#<mode>#<year>, id = <day>", "With which figures was that day closed?"),
    KeyPattern(
        "club",
        "kind = census#<mode>#<month>#<parts>#<part>, id = <account before the first>",
        "Which figures do the members of this part have at the end of that month, each in a line?",
    ),
    KeyPattern(
        "club",
        "kind = census#<mode>#<month>#<parts>, id = <part>",
        "By which count is that part of the census counted?",
    ),
    KeyPattern(
        "club",
        "kind = census#<mode>#<month>#<parts>#<part>#<count>#<column>, id = <piece>",
        "Of that part: which sums, or which values in ascending sequence?",
    ),
    KeyPattern("club", "kind = month#<mode>, id = <month>#<chapter>", "With which figures was that month closed?"),
    KeyPattern(
        "club",
        "kind = playbook#<mode>#<playbook>, id = <day>",
        "Did this playbook fire on that day, and what did it do?",
    ),
    KeyPattern(
        "club",
        "kind = used#<month>, id = <day>#<function>#<environment>",
        "What did this function use that day besides its postings?",
    ),
    KeyPattern("club", "kind = used#<month>, id = <day>#<table>#stored", "How much was kept of this table that day?"),
    KeyPattern("club", "kind = poison, id = <place in the stream>", "What could not be counted, and why?"),
)


def account_id(mode: Mode, random_part: str) -> str:
    return _INITIAL[mode] + random_part


def is_account_id(mode: Mode, text: str) -> bool:
    """Whether a text can be an account of this realm at all: a live key never reaches a test member, nor the reverse."""
    return len(text) == ACCOUNT_ID_LENGTH and text.startswith(_INITIAL[mode]) and text.isascii() and text.isalnum()


def mode_of(key: str, account: str | None) -> Mode:
    """The realm of a posting, by the account that it is of; of a guest's by its key."""
    if account is not None:
        return "test" if account.startswith((_INITIAL["test"], _INITIAL_OF_CERTIFICATES["test"])) else "live"
    return "test" if key.startswith(_REALM["test"]) else "live"


def certificate_account_id(mode: Mode, random_part: str) -> str:
    return _INITIAL_OF_CERTIFICATES[mode] + random_part


def is_certificate(account: str) -> bool:
    """Whether an account is a gift certificate's, of either realm."""
    return account.startswith(tuple(_INITIAL_OF_CERTIFICATES.values()))


def in_realm(mode: Mode, key: str) -> str:
    """A key that the domain made, in its realm."""
    return _REALM[mode] + key


def certificate(mode: Mode, store: str, certificate_id: str) -> str:
    return f"{_REALM[mode]}certificate#{store}#{certificate_id}"


def purchase(mode: Mode, store: str, purchase_id: str) -> str:
    return f"{_REALM[mode]}purchase#{store}#{purchase_id}"


def event(mode: Mode, store: str, kind: str, source_id: str) -> str:
    return f"{_REALM[mode]}event#{store}#{kind}#{source_id}"


def return_of(mode: Mode, store: str, return_id: str) -> str:
    return f"{_REALM[mode]}return#{store}#{return_id}"


def adjustment(mode: Mode, adjustment_id: str) -> str:
    return f"{_REALM[mode]}adjust#{adjustment_id}"


def extension(mode: Mode, extension_id: str) -> str:
    return f"{_REALM[mode]}extend#{extension_id}"


def reinstatement(expiry_key: str) -> str:
    return f"reinstate#{expiry_key}"


def merge(mode: Mode, merge_id: str) -> str:
    return f"{_REALM[mode]}merge#{merge_id}"


def waiting(mode: Mode) -> str:
    return f"waiting#{mode}"


def done_by(mode: Mode, actor: str, day: str, wallet: str) -> str:
    return f"staff#{mode}#{actor}#{day}#{wallet}"


def redemption(mode: Mode, store: str, redemption_id: str) -> str:
    return f"{_REALM[mode]}redemption#{store}#{redemption_id}"


def ending(how: Literal["capture", "void", "reversal"], redemption_key: str, part: str = "") -> str:
    """The key of what becomes of a redemption; `part` tells several of one apart."""
    realm, _, named = redemption_key.rpartition("redemption#")
    return f"{realm}{how}#{named}" + (f"#{part}" if part else "")


def elsewhere(key: str, account: str, wallet: str = "") -> str:
    """The key of what a posting changes in another account than its own."""
    return f"{key}@{account}" + (f"/{wallet}" if wallet else "")


def rest(purchase_key: str) -> str:
    return _REST + purchase_key


def stock(mode: Mode, reward_id: str) -> str:
    return f"{_REALM[mode]}{_STOCK}{reward_id}"


def coupon(due_key: str) -> str:
    return _COUPON + due_key


def is_coupon(key: str) -> bool:
    return key.startswith(_COUPON)


def is_rest(key: str) -> bool:
    return key.startswith(_REST)


def of_rest(key: str) -> str:
    """The key of the purchase or the capture that a rest is of."""
    return key.removeprefix(_REST)


def is_stock(key: str) -> bool:
    return key.rpartition("!")[2].startswith(_STOCK)


def of_stock(key: str) -> tuple[Mode, str]:
    """The realm and the reward of a stock."""
    realm, _, reward_id = key.rpartition(_STOCK)
    return ("test" if realm else "live"), reward_id


def shelf(mode: Mode, wallet: str) -> str:
    return f"{_REALM[mode]}card#{wallet}"


def transfer(mode: Mode, transfer_id: str) -> str:
    return f"{_REALM[mode]}transfer#{transfer_id}"


def transfer_back(mode: Mode, transfer_id: str) -> str:
    return f"{_REALM[mode]}untransfer#{transfer_id}"


def parked(mode: Mode, store: str) -> str:
    return f"parked#{mode}#{store}"


def parts(key: str) -> tuple[str, ...]:
    """What a key names: store, kind and source id of an event; store and id of anything else that a till reports."""
    kind, _, named = key.rpartition("!")[2].partition("#")
    return tuple(named.split("#", 2 if kind == "event" else 1))


def join(mode: Mode, store: str, idempotency_key: str) -> str:
    return f"{_REALM[mode]}join#{store}#{idempotency_key}"


def alias(mode: Mode, kind: AliasKind, canonical: str, version: int, pepper: bytes) -> str:
    """A contact's key: the canonical form never reaches the table, only its keyed hash."""
    digest = hmac.new(pepper, f"{_REALM[mode]}{kind}#{canonical}".encode(), hashlib.sha256).hexdigest()
    return f"{kind}#{version}#{digest[:40]}"


def device(device_id: str) -> str:
    return DEVICE + device_id


def consent(at: str, kind: str) -> str:
    return f"{CONSENT}{at}#{kind}"


def lookups(key_id: str, minute: int) -> str:
    return f"lookups#{key_id}#{minute}"


def message(message_id: str) -> str:
    return MESSAGE + message_id


def switch(mode: Mode) -> str:
    return f"switch#{mode}"


def waiting_post(quarter: int, shard: int) -> str:
    return f"wait#{quarter}#{shard}"


def quarter_of_waiting(partition: str) -> int | None:
    """The quarter of an hour whose waiting messages a partition of `post` holds; None where it holds something else."""
    kind, _, named = partition.partition("#")
    return int(named.partition("#")[0]) if kind == "wait" else None


def spent(day: date) -> str:
    return f"spent#{day:%Y-%m}"


def suppressed(channel: str) -> str:
    return f"suppressed#{channel}"


def mails(mode: Mode, day: date) -> str:
    return f"mails#{mode}#{day.isoformat()}"


def mails_of(minute: int, shard: int) -> str:
    return f"{minute:04d}#{shard}"


def breaker(mode: Mode) -> str:
    return f"{BREAKER}#{mode}"


def source(mode: Mode, automation: str) -> str:
    return f"source#{mode}#{automation}"


def source_part(day: date, shard: int) -> str:
    return f"{day.isoformat()}#{shard}"


PROFILE = "profile"
ZONE = "zone"
DEVICE = "device#"
CONSENT = "consent#"
MESSAGE = "message#"
CONTACTS = "contacts"
SWITCH = "marketing"
SWITCHED = "automations"
RAISED = "budgets"
WORTHS = "worths"
# What holds messages of a channel back from a member.
SUPPRESSED = ("suppressed#email", "suppressed#sms", "suppressed#push")
BREAKER = "breaker"
PROGRAMME = "programme"
JOB = "job"
CAMPAIGN = "campaign"
PROGRAMME_INDEX = "index"
KEY = "key"
STORE = "store"
TALLY = "tally"
TALLY_EPOCHS = "epochs"
POISON = "poison"


def programme_version(version: int) -> str:
    return f"{version:06d}"


def store_keys(mode: Mode, store: str) -> str:
    return f"{mode}#{store}"


def tallies_of(mode: Mode, day: date) -> str:
    return f"{TALLY}#{mode}#{day.isoformat()}"


def counts_of(mode: Mode, day: date) -> str:
    return f"count#{mode}#{day.isoformat()}"


def counts_part(part: int, parts: int) -> str:
    return f"{parts:04d}#{part:04d}"


def used(day: date) -> str:
    return f"used#{day:%Y-%m}"


def used_by(day: date, function: str, environment: str) -> str:
    return f"{day.isoformat()}#{function}#{environment}"


def function_of(used_id: str) -> str:
    """Which function's use, or which table's, a row is of."""
    return used_id.split("#")[1]


def census_of(mode: Mode, month: str, part: int, parts: int) -> str:
    return f"census#{mode}#{month}#{parts:04d}#{part:04d}"


def census_parts(mode: Mode, month: str, parts: int) -> str:
    return f"census#{mode}#{month}#{parts:04d}"


def census_column(mode: Mode, month: str, part: int, parts: int, counted: str, column: str) -> str:
    """`counted`: which of several counts of the part."""
    return f"{census_of(mode, month, part, parts)}#{counted}#{column}"


def months(mode: Mode) -> str:
    return f"month#{mode}"


def chapter_of(month: str, name: str) -> str:
    return f"{month}#{name}"


def playbook(mode: Mode, name: str) -> str:
    return f"playbook#{mode}#{name}"


def closed_days(mode: Mode, day: date) -> str:
    return f"kpi#{mode}#{day.year}"


def tally_part(epoch: int, bucket: int) -> str:
    return f"{epoch:06d}#{bucket}"


def tally_before(epoch: int) -> str:
    return f"{epoch:06d}#before"


def counts_in(part: str, whole: int) -> bool:
    """Whether a row of a day's tallies counts, where this is the epoch that has all that was recorded earlier."""
    epoch = int(part.partition("#")[0])
    return epoch == whole if part == tally_before(epoch) else epoch >= whole


def seen(minute: int, bucket: int) -> str:
    return f"seen#{minute}#{bucket}"


def seen_page(page: int) -> str:
    return f"{page:06d}"
