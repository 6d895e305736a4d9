"""What conditions and formulas may know of a scene: the vocabulary's values, each computed when it is first asked for."""

from __future__ import annotations

from shared.domain.comparisons import Facts
from shared.domain.purchase import Line
from shared.domain.rulebook import Rulebook
from shared.domain.vocabulary import ATTRIBUTE_PREFIX, LINE_TERM_BY_NAME, TERM_BY_NAME, Scene, Value


def facts_of(scene: Scene, book: Rulebook) -> Facts:
    """The vocabulary's values for a scene, each computed when it is first asked for."""
    known: dict[str, Value] = {}

    def fact(name: str) -> Value:
        if name not in known:
            term = TERM_BY_NAME.get(name)
            if term is None:
                known[name] = book.attribute(scene.account, name.removeprefix(ATTRIBUTE_PREFIX))
            elif term.of is not None:
                known[name] = term.of(scene)
            else:
                assert term.by_law is not None, "a word is asked of the scene or of the law"
                known[name] = term.by_law(scene, book)
        return known[name]

    return fact


def facts_at(line: Line, net: int, facts: Facts) -> Facts:
    """The vocabulary where a line's own words are known as well."""
    here = line_facts(line, net)
    return lambda name: here(name) if name in LINE_TERM_BY_NAME else facts(name)


def line_facts(line: Line, net: int) -> Facts:
    """The words about one line, and no others."""
    return lambda name: LINE_TERM_BY_NAME[name].of(line, net)


def observed(names: tuple[str, ...], facts: Facts) -> tuple[int | str | bool, ...]:
    if any(name.startswith(ATTRIBUTE_PREFIX) for name in names):
        return ()
    values = [facts(name) for name in names]
    return tuple(value for value in values if not isinstance(value, list | dict)) if len(values) <= 2 else ()
