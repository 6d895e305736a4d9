"""All that an account and its postings say, as a text that a person can check: what is not said there is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.domain.account import Account
from shared.domain.ledger import Row, unpacked
from tests.laws.shop import OPENED, Shop

FIRST = OPENED.date().toordinal()
# Of a row: what every test else proves (the chain), and what the story itself told.
_LEFT_OUT = frozenset("h f p r a l k".split())
_PACKED = frozenset("s e g d b u w ti y x gc cf tu rt pb rd wy pt of au sh gi co z".split())


def statement(shop: Shop, *members: str) -> str:
    """The postings of accounts, then what they hold. The first member is M, the next N; days count from the shop's first, `_` is
    none."""
    names = {member: "MNOP"[place] for place, member in enumerate(members)}
    lines = []
    for member in members:
        lines += [_posting(row, names) for row in shop.rows(member)] + [holding(shop.account(member), names)]
    return "\n".join(lines) + "\n"


def holding(account: Account, names: Mapping[str, str]) -> str:
    """What an account holds; what is empty is left out."""
    told = {name: value for name, value in account._asdict().items() if value not in (0, "", (), {}, b"", False, None)}
    for name in ("last_hash", "last_key", "language", "source", "joined_on"):
        told.pop(name, None)
    own = names.get(told.pop("id"), "")
    return f"{own} = " + " ".join(f"{name}:{_said(value, names)}" for name, value in told.items())


def _posting(row: Row, names: Mapping[str, str]) -> str:
    key = str(row["k"]).partition("#")[2].removeprefix("main#")
    told = {name: unpacked(value) if name in _PACKED else value for name, value in row.items() if name not in _LEFT_OUT}
    kind, number = told.pop("c"), told.pop("n")
    for name in ("t", "o"):
        if name in told:
            told[name] = (datetime.fromtimestamp(int(told[name]) / 1000, UTC) - OPENED) / timedelta(days=1)
    if told["v"] == 1:
        del told["v"]
    legs = " ".join(f"{_name(account, names)}{points:+}" for account, points in told.pop("g"))
    rest = " ".join(f"{name}:{_said(value, names)}" for name, value in told.items())
    return f"{number} {kind} {_name(key, names)} [{legs}] {rest}"


def _said(value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == date.max:
        return "_"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return f"d{value.toordinal() - FIRST}"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"d{value - FIRST}" if 700_000 < value < 800_000 else str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_said(key, names)}:{_said(one, names)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "(" + " ".join(_said(one, names) for one in value) + ")"
    text = str(value)
    try:
        return _said(date.fromisoformat(text), names)
    except ValueError:
        return _name(text, names) or "''"


def _name(text: str, names: Mapping[str, str]) -> str:
    for account, name in names.items():
        text = text.replace(account, name)
    return text
