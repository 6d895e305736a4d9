"""`club diff OLD NEW`: what a new programme changes for members, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from club.console import Trouble, say
from club.programme import read
from shared.domain.policies import QUESTIONS
from shared.domain.rulebook import Rulebook, answer_of
from shared.domain.sentences import Speaker
from shared.domain.voice import LANGUAGES


def diff(
    old: Annotated[Path, typer.Argument(help="The programme as it is.")],
    new: Annotated[Path, typer.Argument(help="The programme as it shall be.")],
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Say in sentences what a new programme changes for members: rules, tiers, points, and the answers to policies."""
    before, after = read(old), read(new)
    for book in (before, after):
        if language not in book.programme.club.languages:
            raise Trouble(
                f"Both programmes have to speak {language!r}; one speaks {', '.join(book.programme.club.languages)}."
            )
    changes = list(differences(before, after, language))
    for line in changes or ["Nothing changes for members."]:
        say(line)


def differences(before: Rulebook, after: Rulebook, language: str) -> Iterator[str]:
    """Each change as one line: `+` is new, `-` is gone, and what is changed is told as it was and as it will be."""
    old, new = Speaker(before, language), Speaker(after, language)
    pairs: tuple[tuple[Mapping[str, str], Mapping[str, str]], ...] = (
        (_rules(old), _rules(new)),
        (_tiers(old), _tiers(new)),
        (_points(old), _points(new)),
        (_rewards(old), _rewards(new)),
        (_offers(old), _offers(new)),
        (_automations(old), _automations(new)),
    )
    for was, will in pairs:
        for key in dict.fromkeys((*was, *will)):
            if was.get(key) == will.get(key):
                continue
            if key in was:
                yield f"- {was[key]}"
            if key in will:
                yield f"+ {will[key]}"
    for question in QUESTIONS:
        was_told, will_be = answer_of(before.programme, question), answer_of(after.programme, question)
        if was_told != will_be:
            yield f"- {question.question} {question.answers.get(was_told, was_told)}"
            yield f"+ {question.question} {question.answers.get(will_be, will_be)}"


def _rules(speaker: Speaker) -> dict[str, str]:
    book = speaker.book
    told = {f"rule {rule.earn.id}": speaker.rule(rule) for rule in book.rules + book.event_rules}
    return told | {f"achievement {one.id}": speaker.achievement(one, when) for one, when in book.achievements}


def _tiers(speaker: Speaker) -> dict[str, str]:
    return {tier.id: speaker.tier(tier) for tier in speaker.book.programme.tier}


def _points(speaker: Speaker) -> dict[str, str]:
    """These have no ids: a sentence that is in both is unchanged."""
    return {sentence: sentence for sentence in speaker.points_rules()}


def _rewards(speaker: Speaker) -> dict[str, str]:
    return {one.reward.id: speaker.reward(one) for one in speaker.book.rewards}


def _offers(speaker: Speaker) -> dict[str, str]:
    return {one.offer.id: speaker.offer(one) for one in speaker.book.offers}


def _automations(speaker: Speaker) -> dict[str, str]:
    return {one.automation.id: speaker.automation(one) for one in speaker.book.automations}
