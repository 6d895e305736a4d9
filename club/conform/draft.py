"""A programme being drafted: the tables of a TOML file, as a club manager would write it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from club.conform.cases import Case, Untranslatable
from club.conform.words import Table, exponent_of
from shared.domain.money import decimals

CURRENCIES = {0: "JPY", 2: "USD", 3: "KWD"}


@dataclass
class Draft:
    """The tables of the file, and which of the case's rules each rule of ours stands for, by our rule's id."""

    case: Case
    programme: Mapping[str, Any]
    tables: dict[str, Table] = field(default_factory=dict)
    lists: dict[str, list[Table]] = field(default_factory=dict)
    stands_for: dict[str, Table] = field(default_factory=dict)

    @property
    def exponent(self) -> int:
        return exponent_of(self.programme)

    @property
    def currency(self) -> str:
        if self.exponent not in CURRENCIES:
            raise Untranslatable(f"a currency of {self.exponent} decimals is unknown here")
        # A club's cards are in its own currency: where a case names theirs, that is the club's.
        cards = next((event["gift_currency"] for event in self.case.events if "gift_currency" in event), None)
        named = str(self.programme.get("money", {}).get("pricelist_currency", cards or CURRENCIES[self.exponent]))
        if decimals(named) != self.exponent:
            raise Untranslatable(f"{named} with {self.exponent} decimals is unknown here")
        return named

    def put(self, table: str, **keys: Any) -> None:
        self.tables.setdefault(table, {}).update(keys)

    def add(self, table: str, row: Table) -> None:
        self.lists.setdefault(table, []).append({key: value for key, value in row.items() if value is not None})

    def ask(self, wallet: str, row: Table) -> None:
        """A rule that only asks: it gives to a wallet of its own, before all others and whatever they do."""
        self.add("wallet", {"id": wallet})
        self.add("earn", {"id": wallet, "wallet": wallet, "on_top": True} | row)
        rules = self.lists["earn"]
        rules.insert(0, rules.pop())

    def once(self, table: str, row: Table) -> None:
        """Adds a row whose id is not there yet."""
        if row["id"] not in {one["id"] for one in self.lists.get(table, ())}:
            self.add(table, row)

    def text(self) -> str:
        parts = [f"[{name}]\n" + _rows(table) for name, table in self.tables.items()]
        parts += [f"[[{name}]]\n" + _rows(row) for name, rows in self.lists.items() for row in rows]
        return "\n\n".join(parts) + "\n"


def only(named: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raises Untranslatable for the first key that has no meaning here."""
    for key in given:
        if key not in known:
            raise Untranslatable(f"{named} has no {key!r} here yet")


def moment(text: str) -> date | datetime:
    """A day alone is in force from its first moment."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _rows(table: Table) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
