"""The load's notebook: every purchase of the file and what the club answered, in one SQLite file that outlives a kill.

It is a plan and a journal, not the truth: the truth is the club's ledger. When the notebook is lost, or the club is,
the worst that happens is that purchases are sent again, and the club knows them again.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from club.load.client import Answer, Outcome
from club.load.plan import Plan, Unreadable
from club.load.problems import LoadRunning

FILE = "load.db"
BUYERS_PER_PAGE = 500

_SCHEMA = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE buyers (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, first_at INTEGER NOT NULL, joined TEXT,
    UNIQUE (kind, value)
);
CREATE TABLE purchases (
    line INTEGER PRIMARY KEY, purchase_id TEXT NOT NULL, store TEXT, buyer INTEGER, at INTEGER, currency TEXT,
    total_minor INTEGER, body TEXT, outcome TEXT, code TEXT, reason TEXT, points INTEGER, settled INTEGER
);
CREATE UNIQUE INDEX by_id ON purchases (store, purchase_id) WHERE body IS NOT NULL;
CREATE INDEX by_buyer ON purchases (buyer, at, line);
CREATE UNIQUE INDEX by_settled ON purchases (settled) WHERE settled IS NOT NULL;
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Open(NamedTuple):
    line: int
    body: str


class Buyer(NamedTuple):
    """Somebody with purchases that the club has not answered, in the order in which they were made."""

    id: int
    kind: str
    value: str
    first_at: datetime
    joined: bool
    purchases: list[Open]


class Notebook:
    """One load's notebook. `identity` says which load this is; a notebook of another load is begun anew."""

    def __init__(self, folder: Path, identity: Mapping[str, object]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise LoadRunning(f"Another load writes to {folder}: wait for it, or stop it.") from None
        text = json.dumps(identity, sort_keys=True)
        self._db = self._connect()
        if self.fact("identity") != text or not self.fact("planned"):
            self._begin(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.commit()
        self._db.close()
        self._lock.close()

    # The plan.

    @property
    def planned(self) -> bool:
        return self.fact("planned") == "yes"

    def plan(self, plan: Plan) -> None:
        """Take the whole file in, before anything is sent."""
        for each in plan:
            if isinstance(each, Unreadable):
                self._refuse(each)
                continue
            at = _micros(each.at)
            self._db.execute(
                "INSERT INTO buyers (kind, value, first_at) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, value) DO UPDATE SET first_at = min(first_at, excluded.first_at)",
                (each.buyer_kind, each.buyer, at),
            )
            row = (each.line, each.purchase_id, each.store, at, each.currency, each.total_minor, each.body)
            try:
                self._db.execute(
                    "INSERT INTO purchases (line, purchase_id, store, at, currency, total_minor, body, buyer)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT id FROM buyers WHERE kind = ? AND value = ?))",
                    (*row, each.buyer_kind, each.buyer),
                )
            except sqlite3.IntegrityError:
                where = (each.store, each.purchase_id)
                (line,) = self._db.execute(
                    "SELECT line FROM purchases WHERE body IS NOT NULL AND store = ? AND purchase_id = ?", where
                ).fetchone()
                reason = f"line {line} has this purchase_id already, and the rows of one purchase follow each other"
                self._refuse(Unreadable(each.line, each.purchase_id, "purchase_id_used_twice", reason))
        self.note("planned", "yes")

    def forget(self, *outcomes: Outcome) -> None:
        """Let the purchases with these answers be sent again; rows that cannot be read stay refused."""
        self._db.execute(
            "UPDATE purchases SET outcome = NULL, code = NULL, reason = NULL, points = NULL, settled = NULL"
            " WHERE body IS NOT NULL AND outcome IN (SELECT value FROM json_each(?))",
            (json.dumps(outcomes),),
        )
        self._db.execute(
            "UPDATE buyers SET joined = NULL WHERE EXISTS"
            " (SELECT 1 FROM purchases WHERE buyer = buyers.id AND outcome IS NULL)"
        )
        self._db.commit()

    # The answers.

    def open_buyers(self) -> Iterator[Buyer]:
        """Everybody with purchases to send, as they first appear in the file. Answers may be written meanwhile."""
        last = 0
        while True:
            page = self._db.execute(
                "SELECT id, kind, value, first_at, joined FROM buyers WHERE id > ? AND EXISTS"
                " (SELECT 1 FROM purchases WHERE buyer = buyers.id AND outcome IS NULL) ORDER BY id LIMIT ?",
                (last, BUYERS_PER_PAGE),
            ).fetchall()
            for last, kind, value, first_at, joined in page:
                purchases = self._db.execute(
                    "SELECT line, body FROM purchases WHERE buyer = ? AND outcome IS NULL ORDER BY at, line", (last,)
                )
                rows = [Open(*row) for row in purchases]
                yield Buyer(last, kind, value, _EPOCH + timedelta(microseconds=first_at), joined is not None, rows)
            if not page:
                return

    def settle(self, line: int, answer: Answer) -> None:
        self._db.execute(
            "UPDATE purchases SET outcome = ?, code = ?, reason = ?, points = ?,"
            " settled = (SELECT coalesce(max(settled), 0) + 1 FROM purchases WHERE settled IS NOT NULL) WHERE line = ?",
            (answer.outcome, answer.code, answer.reason, answer.points, line),
        )

    def joined(self, buyer: int, how: str) -> None:
        self._db.execute("UPDATE buyers SET joined = ? WHERE id = ?", (how, buyer))

    def last_taken(self) -> tuple[str, str] | None:
        """Store and purchase id of the last purchase that the club took, or None."""
        row: tuple[str, str] | None = self._db.execute(
            "SELECT store, purchase_id FROM purchases WHERE settled IS NOT NULL AND outcome IN ('accepted', 'repeated')"
            " ORDER BY settled DESC LIMIT 1"
        ).fetchone()
        return row

    def sendable(self) -> tuple[int, int]:
        """How many purchases can be sent, and how many of them are answered."""
        total, done = self._db.execute(
            "SELECT count(*), count(outcome) FROM purchases WHERE body IS NOT NULL"
        ).fetchone()
        return total, done

    def commit(self) -> None:
        self._db.commit()

    # Facts and questions.

    def fact(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def note(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))
        self._db.commit()

    def ask(self, question: str, *values: str | int) -> list[tuple[object, ...]]:
        """Any question in SQL, for the report."""
        return self._db.execute(question, values).fetchall()

    def each(self, question: str) -> Iterator[tuple[object, ...]]:
        """The same, row by row: a report of ten million rows is not held in memory."""
        yield from self._db.execute(question)

    def _refuse(self, row: Unreadable) -> None:
        self._db.execute(
            "INSERT INTO purchases (line, purchase_id, outcome, code, reason) VALUES (?, ?, 'refused', ?, ?)", row
        )

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.folder / FILE)
        db.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing that was committed; only a power cut could, and then rows are sent again.
        db.execute("PRAGMA synchronous = NORMAL")
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
            db.executescript(_SCHEMA)
        return db

    def _begin(self, identity: str) -> None:
        self._db.close()
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            (self.folder / name).unlink(missing_ok=True)
        self._db = self._connect()
        self.note("identity", identity)


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
