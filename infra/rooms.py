"""The Lambdas as a table: size, patience, and every call each one may make. One loop builds them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from infra.tables import TABLES


class Grant(NamedTuple):
    """The exact DynamoDB calls one room may make on one table, or on one of its indexes.

    A transaction needs no action of its own: DynamoDB checks the calls inside it (`PutItem` for a Put, and so on). `of`: only
    rows of these partitions, with `*` for what follows.
    """

    table: str
    actions: tuple[str, ...]
    on_index: str | None = None
    of: tuple[str, ...] = ()


class Follows(NamedTuple):
    """The stream that a room is handed, from the first record that it still has. What cannot be handed over, after so many tries
    or so old, is told to the queue of dead letters. `carrying`: only rows with one of these attributes, and those at once; all
    others may gather."""

    table: str
    records_max: int
    tries_max: int
    age_hours_max: int
    carrying: tuple[str, ...] = ()


class Works(NamedTuple):
    """The queues that a room works off, so many messages at a time: one that failed so often lies with the dead letters.
    `side_by_side_max`: of a queue, how many invocations may work it off at once."""

    queues: tuple[str, ...]
    tries_max: int
    at_a_time: int = 1
    side_by_side_max: Mapping[str, int] = MappingProxyType({})


class Room(NamedTuple):
    """One Lambda. `reads_peppers`: it may read the parameter that keys the hashes of cards and phones. `carries`: files of
    the repository that lie beside its handler in the zip. `follows`: nobody calls it, a stream does; `works`: queues do.
    `clocked`: the clock itself, with no queue between; what it raises is tried again and then lies with the dead letters.
    `fits_models`: it has the layer of numeric libraries. `sends_to`: queues. `sends`: mail and text messages, with links to the
    API, whose address it may read.
    """

    name: str
    summary: str
    memory_mb: int
    timeout_s: int
    grants: tuple[Grant, ...]
    reads_peppers: bool = False
    carries: tuple[str, ...] = ()
    follows: Follows | None = None
    works: Works | None = None
    clocked: bool = False
    fits_models: bool = False
    sends_to: tuple[str, ...] = ()
    sends: bool = False

    @property
    def handler(self) -> str:
        return f"functions.{self.name}.handler.handler"

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables this room may touch, in the order of its grants, each once."""
        return tuple(dict.fromkeys(grant.table for grant in self.grants))


# What a room used itself: a row of its own.
TELLS = Grant("club", ("PutItem",), of=("used#*",))

# The authorizer of every route that a key opens. The gateway waits for it before the room behind it starts.
GATE = "gate"
# Where a member's phones are told of.
REGISTERS = "member"
# What nobody calls: the ledger's stream is handed to it.
RELAY = "relay"
# What postings ask to be said and done is handed to it at once.
OUTBOX = "outbox"
# What sends.
NOTIFY = "notify"
# What fits models: nothing of its size is carried to a till.
ANALYST = "analyst"
# The queues: of the clock, of messages that a person waits for, and of all others.
CLOCKED, URGENT, MARKETING = "scheduler", "urgent", "marketing"
# What SES tells of mails afterwards comes by this queue, into which its topic alone may write.
NOTICES = "notices"

# Half of the ten invocations that a new account of AWS may have at once: a backlog of marketing would take all of them, and a
# one-time code would wait for one to end. So many send about 50 messages a second; SES lets a new account send 14.
MARKETING_SIDE_BY_SIDE = 5

# Memory buys CPU in proportion (1,769 MB is one processor), and these functions use CPU, not memory: twice the memory
# costs the same for half the time, until the waiting for DynamoDB is all that is left. Nobody at a till waits 10 s.
ROOMS: tuple[Room, ...] = (
    Room(
        "purchase",
        "Storefronts and tills: purchases, quotes, returns, redemptions, certificates, activities",
        memory_mb=512,
        timeout_s=10,
        reads_peppers=True,
        grants=(
            Grant("accounts", ("GetItem", "PutItem")),
            # A purchase reads no history; what comes late, and returns where that matters, read the member's.
            Grant("ledger", ("BatchGetItem", "GetItem", "PutItem")),
            Grant("ledger", ("Query",), on_index="by_account"),
            Grant("aliases", ("BatchGetItem", "GetItem")),
            # Under which a gift certificate's code is found.
            Grant("aliases", ("PutItem",)),
            # What of a purchase came back, and returns that wait for theirs.
            Grant("limits", ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query")),
            # Counts who names members that nobody knows; a report that names none, or one who is there, makes no such call.
            Grant("limits", ("UpdateItem",)),
            Grant("club", ("GetItem",)),
            TELLS,
        ),
    ),
    Room(
        "member",
        "Members, through a storefront: join, balance, statement, look-up, rules",
        memory_mb=512,
        timeout_s=10,
        reads_peppers=True,
        grants=(
            Grant("accounts", ("GetItem", "PutItem")),
            Grant("ledger", ("BatchGetItem", "GetItem", "PutItem")),
            Grant("ledger", ("Query",), on_index="by_account"),
            Grant("aliases", ("BatchGetItem", "GetItem", "PutItem")),
            # Who joins, and the phones of who is there.
            Grant("people", ("DeleteItem", "PutItem", "Query")),
            # What is left of a reward or an offer, and which coupons were used; and who names members that nobody knows.
            Grant("limits", ("BatchGetItem", "GetItem", "UpdateItem")),
            # What was said to a member.
            Grant("post", ("Query",), of=("M*", "T*")),
            Grant("club", ("GetItem",)),
            TELLS,
        ),
    ),
    Room(
        "office",
        "People who work here, by their groups: balances, statements, what is done by hand, switches, counts, reports",
        memory_mb=512,
        # A report of a year reads a row for each day, another one every account.
        timeout_s=25,
        reads_peppers=True,
        grants=(
            # Reports read all accounts, a part at a time.
            Grant("accounts", ("GetItem", "PutItem", "Scan")),
            Grant("ledger", ("BatchGetItem", "GetItem", "PutItem")),
            Grant("ledger", ("Query",), on_index="by_account"),
            # What waits for a second person, and how much somebody moved that day.
            Grant("limits", ("DeleteItem", "GetItem", "PutItem", "Query")),
            # What was said to a member, and what became of an automation's messages.
            Grant("post", ("Query",), of=("M*", "source#*")),
            # Whether marketing goes, and which automations. Nobody here writes or unwrites a message.
            Grant("post", ("GetItem", "PutItem"), of=("switch#*", "breaker#*")),
            Grant("club", ("GetItem",)),
            # How much, day by day.
            Grant("club", ("Query",), of=("tally#*", "kpi#*")),
            TELLS,
        ),
    ),
    Room(
        GATE,
        "The API's authorizer: whose key is this, and may it?",
        memory_mb=256,
        timeout_s=8,
        grants=(Grant("club", ("GetItem",)), TELLS),
    ),
    Room(
        RELAY,
        "The ledger's stream: each posting is counted in the tallies of its day, once",
        memory_mb=256,
        timeout_s=25,
        grants=(
            # The zone of a version, and which tallies are counted now.
            Grant("club", ("GetItem",), of=("programme", "tally")),
            Grant("club", ("Query",), of=("seen#*",)),
            # What it could not count, what it has counted, and what it used itself.
            Grant("club", ("PutItem",), of=("poison", "seen#*", "used#*")),
            Grant("club", ("UpdateItem",), of=("tally#*",)),
        ),
        # A thousand rows are far below the 6 MB that Lambda may be handed. A stream keeps a day: what fails for longer is counted
        # by `club tallies --recount`; until then it is tried again, each time after a longer pause.
        follows=Follows("ledger", records_max=1_000, tries_max=1_000, age_hours_max=24),
    ),
    Room(
        OUTBOX,
        "What postings ask for: messages to their queues, and what happened to the clock, which asks the automations",
        memory_mb=256,
        timeout_s=25,
        grants=(TELLS,),
        follows=Follows("ledger", records_max=100, tries_max=1_000, age_hours_max=24, carrying=("ms", "tr")),
        sends_to=(URGENT, MARKETING, CLOCKED),
    ),
    Room(
        "scheduler",
        "The clock: the jobs of the timetable, cut into parts",
        memory_mb=512,
        timeout_s=600,
        reads_peppers=True,
        grants=(
            # The sweep reads all accounts, and books what is due.
            Grant("accounts", ("GetItem", "PutItem", "Scan")),
            Grant("ledger", ("BatchGetItem", "GetItem", "PutItem")),
            # What a member bought within a year, of the few whom an automation asks.
            Grant("ledger", ("Query",), on_index="by_account"),
            # What is left of an automation's budget; what stands beside the ledger, when it is proven.
            Grant("limits", ("BatchGetItem", "GetItem", "PutItem")),
            # Messages that waited.
            Grant("post", ("DeleteItem",), of=("wait#*",)),
            # These, and what messages cost, when a month is closed.
            Grant("post", ("Query",), of=("wait#*", "spent#*", "source#*")),
            # What staff switched off, and what playbooks switch and raise.
            Grant("post", ("GetItem", "PutItem"), of=("switch#*",)),
            # How far each job has come; the day's tallies and the sweep's counts, of which the day is closed; campaigns.
            Grant("club", ("GetItem",), of=("programme", "job", "tally", "kpi#*", "month#*")),
            Grant(
                "club",
                ("Query",),
                of=("campaign", "tally#*", "count#*", "census#*", "kpi#*", "playbook#*", "poison", "used#*"),
            ),
            # The census and the month that is closed from it.
            Grant(
                "club",
                ("PutItem",),
                of=("campaign", "job", "count#*", "kpi#*", "census#*", "month#*", "playbook#*", "used#*"),
            ),
            # How much is kept of each table, and whether it can be restored, for the price of it.
            *(Grant(table.name, ("DescribeContinuousBackups", "DescribeTable")) for table in TABLES),
            # What says nothing any more.
            Grant("club", ("DeleteItem",), of=("tally#*", "poison")),
        ),
        works=Works((CLOCKED,), tries_max=5),
        sends_to=(CLOCKED, MARKETING, URGENT),
    ),
    Room(
        ANALYST,
        "Of a closed month: what automations brought, with its doubt, and what members will probably buy",
        # One processor: nothing here waits for DynamoDB.
        memory_mb=1_769,
        timeout_s=900,
        grants=(
            # The law, and the month that is closed.
            Grant("club", ("GetItem",), of=("programme", "month#*")),
            Grant("club", ("Query",), of=("census#*",)),
            # Its chapters, and what it used itself.
            Grant("club", ("PutItem",), of=("month#*", "used#*")),
            # What messages were measured to be worth.
            Grant("post", ("GetItem", "PutItem"), of=("switch#*",)),
        ),
        clocked=True,
        fits_models=True,
    ),
    Room(
        NOTIFY,
        "The queues of messages: each goes once, by what reaches, when its member may be written to",
        memory_mb=512,
        timeout_s=60,
        reads_peppers=True,
        grants=(
            # What was said and what holds back; the claim, the caps, what waits, what was spent.
            Grant("post", ("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem")),
            Grant("people", ("Query",)),
            Grant("accounts", ("GetItem",)),
            # The law, and the closed months that finance is written of.
            Grant("club", ("GetItem",), of=("programme", "month#*")),
            TELLS,
        ),
        works=Works(
            (URGENT, MARKETING),
            tries_max=10,
            at_a_time=10,
            side_by_side_max=MappingProxyType({MARKETING: MARKETING_SIDE_BY_SIDE}),
        ),
        sends_to=(URGENT, MARKETING),
        sends=True,
    ),
    Room(
        NOTICES,
        "What SES tells of mails afterwards: marked on the message, counted, dead addresses suppressed, the breaker opened",
        memory_mb=256,
        timeout_s=25,
        reads_peppers=True,
        grants=(
            # Whose address it is.
            Grant("aliases", ("BatchGetItem", "GetItem")),
            # A member's message and what holds mail back from them; the breaker.
            Grant("post", ("GetItem", "PutItem"), of=("M*", "T*", "breaker#*")),
            Grant("post", ("UpdateItem",), of=("mails#*", "source#*")),
            Grant("post", ("Query",), of=("mails#*",)),
            TELLS,
        ),
        works=Works((NOTICES,), tries_max=5, at_a_time=10),
    ),
    Room(
        "page",
        "What a member lets the club write: the page behind the link of every message, for whoever has the link",
        memory_mb=512,
        timeout_s=10,
        reads_peppers=True,
        grants=(
            Grant("people", ("PutItem", "Query")),
            Grant("club", ("GetItem",), of=("programme",)),
            TELLS,
        ),
    ),
    Room(
        "docs",
        "The API's own page and its OpenAPI document, for anybody",
        memory_mb=512,
        timeout_s=5,
        grants=(TELLS,),
        carries=(
            "docs/openapi.json",
            "node_modules/swagger-ui-dist/LICENSE",
            "node_modules/swagger-ui-dist/NOTICE",
            "node_modules/swagger-ui-dist/swagger-ui-bundle.js",
            "node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
            "node_modules/swagger-ui-dist/swagger-ui.css",
        ),
    ),
)
