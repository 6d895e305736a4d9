"""How a case writes things, in this club's own spelling: money, points, names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from club.conform.cases import Untranslatable

Table = dict[str, Any]


def exponent_of(programme: Mapping[str, Any]) -> int:
    """The decimals of the currency."""
    return int(programme.get("exponent", programme.get("money", {}).get("exponent", 2)))


def number(value: object) -> Decimal:
    """Points or a factor."""
    return Decimal(str(value))


def minor(value: object, exponent: int) -> int:
    """Money in minor units; a quoted decimal is major units."""
    if isinstance(value, str) and "." in value:
        return whole(Decimal(value).scaleb(exponent))
    return whole(Decimal(str(value)))


def whole(amount: Decimal) -> int:
    if amount != int(amount):
        raise Untranslatable(f"an amount of {amount} minor units has no feature here")
    return int(amount)


def kind_of(name: object) -> str:
    """The name of an activity as the id of an [[event]]."""
    return _spelt(name, "-", 40)


def store_of(name: object) -> str:
    return _spelt(name, "-", 32)


def channel_of(name: object) -> str:
    return _spelt(name, "-", 16)


def label_of(name: object) -> str:
    spelt = _spelt(name, "_", 30)
    return spelt if spelt[0].isalpha() else f"l_{spelt}"


def _spelt(name: object, between: str, length: int) -> str:
    spelt = re.sub(r"[^a-z0-9]+", between, str(name).lower()).strip(between)[:length]
    if not spelt:
        raise Untranslatable(f"{name!r} can be no name here")
    return spelt


def quoted(texts: Iterable[object]) -> str:
    """A list of texts in CEL."""
    return json.dumps([str(text) for text in texts], ensure_ascii=False)


def carries(pair: Iterable[object]) -> str:
    """The condition on a line that carries a label, [name, value]."""
    name, value = pair
    spelt, text = json.dumps(label_of(name)), json.dumps(str(value), ensure_ascii=False)
    return f"({spelt} in line.labels && line.labels[{spelt}] == {text})"
