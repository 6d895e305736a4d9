"""What a member lets the club write to them, by the link of a message: read, and changed by words that are only ever added."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from typing import NamedTuple

from shared.actions.club import Club, attempts
from shared.domain import preferences
from shared.domain.preferences import Kind, Word
from shared.domain.rulebook import Rulebook
from shared.store import keys
from shared.store.backend import Contended, Put, Unanswered
from shared.store.people import Person, person_of


class Preferences(NamedTuple):
    """`person` is None of whoever is no member any more: they are answered alike, and nothing is written."""

    member: str
    book: Rulebook
    person: Person | None

    @property
    def language(self) -> str:
        languages = self.book.programme.club.languages
        known = self.person.language if self.person else languages[0]
        return known if known in languages else languages[0]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return preferences.kinds(self.book.programme.contact)

    def is_granted(self, kind: Kind) -> bool:
        return preferences.is_granted(kind, self.person.consents if self.person else {})


def preferences_of(club: Club, token: str) -> Preferences | None:
    """None where the link is none of ours. Raises Busy."""
    member = club.peppers.unsealed(token)
    return None if member is None else _read(club, member)


def stop_by_one_click(club: Club, found: Preferences, seconds_left: Callable[[], float]) -> Preferences:
    """Raises Busy."""

    def words(now: Preferences) -> list[Word]:
        assert now.person is not None
        return preferences.one_click(now.person.consents, club.now())

    return _said(club, found, words, preferences.FROM_BUTTON, seconds_left)


def set_preferences(
    club: Club,
    found: Preferences,
    shown: Collection[str],
    ticked: Collection[str],
    seconds_left: Callable[[], float],
) -> Preferences:
    """Only what was shown is changed: a page that is older than the programme decides on nothing that it did not have.

    Raises Busy.
    """

    def words(now: Preferences) -> list[Word]:
        assert now.person is not None
        kinds = [kind for kind in now.kinds if kind.name in shown]
        return preferences.chosen(kinds, ticked, now.person.consents, club.now())

    return _said(club, found, words, preferences.FROM_PAGE, seconds_left)


def _said(
    club: Club,
    found: Preferences,
    words: Callable[[Preferences], list[Word]],
    source: str,
    seconds_left: Callable[[], float],
) -> Preferences:
    """The preferences after it. Whoever says the same again adds nothing; of two at once the words of both stand, each once."""
    for _ in attempts(club, seconds_left):
        new = words(found) if found.person is not None else []
        if not new:
            return found
        with contextlib.suppress(Contended, Unanswered):
            club.store.backend.write([_put(found.member, word, source) for word in new])
        # Written, or somebody said something in the same millisecond: what stands now tells.
        found = _read(club, found.member)
    raise AssertionError("attempts end with Busy")


def _put(member: str, word: Word, source: str) -> Put:
    at = word.at.isoformat(timespec="milliseconds")
    row = {
        "m": member,
        "p": keys.consent(at, word.kind),
        "granted": word.granted,
        "text_version": preferences.TEXT_VERSION,
        "source": source,
    }
    return Put("people", row, absent=True)


def _read(club: Club, member: str) -> Preferences:
    return Preferences(member, club.laws.at(club.now()), person_of(club.store.backend.listed("people", member)))
