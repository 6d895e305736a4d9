"""Figures that are added up, by their names: those of any parts of the club together are those of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

# A name is of texts and whole numbers.
Sums = dict[tuple[Any, ...], int]
Name = TypeVar("Name")


def add(to: dict[Name, int], name: Name, more: int) -> None:
    to[name] = to.get(name, 0) + more


def add_all(to: dict[Name, int], more: Mapping[Name, int]) -> None:
    for name, many in more.items():
        add(to, name, many)


def added(parts: Iterable[Mapping[Name, int]]) -> dict[Name, int]:
    """Those of all parts.

    >>> added([{"a": 1}, {"a": 2, "b": 3}])
    {'a': 3, 'b': 3}
    """
    sums: dict[Name, int] = {}
    for part in parts:
        add_all(sums, part)
    return sums


def under(sums: Sums, *began: Any) -> Sums:
    """Those whose names begin so, by the rest of their names.

    >>> under({("gap", 3): 1, ("new",): 2}, "gap")
    {(3,): 1}
    """
    return {name[len(began) :]: many for name, many in sums.items() if name[: len(began)] == began}
