"""The tables of the club: keys, index, time to live. DESIGN.md says which question each one answers."""

from __future__ import annotations

from typing import Literal, NamedTuple

KeyType = Literal["S", "N"]


class Key(NamedTuple):
    """One key attribute: a text (`S`) or a number (`N`)."""

    name: str
    type: KeyType


class Index(NamedTuple):
    """A second way to ask a table. Only `carries` is copied, because a wider index costs a write unit per purchase."""

    name: str
    partition: Key
    sort: Key
    carries: tuple[str, ...]


class Table(NamedTuple):
    """One table. `expires_at` names the attribute that DynamoDB's time to live reads. `streams`: each row that is written is
    told to whoever follows the table."""

    name: str
    question: str
    partition: Key
    sort: Key | None = None
    secondary: Index | None = None
    expires_at: str | None = None
    streams: bool = False


TABLES: tuple[Table, ...] = (
    Table("accounts", "What may this member do now?", Key("a", "S")),
    Table(
        "ledger",
        "Was this seen, and what was answered?",
        Key("k", "S"),
        secondary=Index("by_account", Key("a", "S"), Key("n", "N"), carries=("t", "c", "d", "h")),
        streams=True,
    ),
    Table("aliases", "Whose card, phone or e-mail is this?", Key("k", "S")),
    Table("people", "Who is it?", Key("m", "S"), sort=Key("p", "S")),
    Table("post", "Was it said?", Key("m", "S"), sort=Key("s", "S"), expires_at="x"),
    Table("limits", "Is there any left?", Key("k", "S"), sort=Key("s", "N"), expires_at="x"),
    Table(
        "club",
        "What is the law, who may call, and how much, that day?",
        Key("kind", "S"),
        sort=Key("id", "S"),
        expires_at="x",
    ),
)
