"""Who asks: somebody who works here, by the id that the pool of staff gave that person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from shared.actions.caller import Caller
from shared.store.keys import Mode


@dataclass(frozen=True, slots=True)
class Staff:
    """`actor` is Cognito's `sub`: no name, no e-mail. Staff work on the club's own members, never on those of test keys."""

    actor: str
    groups: tuple[str, ...]
    mode: ClassVar[Mode] = "live"

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> Self:
        """From the claims of an access token that the gateway has checked."""
        return cls(str(claims["sub"]), groups_of(claims.get("cognito:groups")))

    @property
    def caller(self) -> Caller:
        """The same person where an action asks for a caller: of no store, counted by person."""
        return Caller("", self.mode, self.actor)


def groups_of(claim: object) -> tuple[str, ...]:
    """The groups of a claim, sorted. An HTTP API hands lists over as one text; a name of a group has no space in it.

    >>> groups_of("[manager clerk]"), groups_of(["owner"]), groups_of(None)
    (('clerk', 'manager'), ('owner',), ())
    """
    if isinstance(claim, str):
        claim = claim.removeprefix("[").removesuffix("]").split()
    return tuple(sorted(map(str, claim))) if isinstance(claim, list) else ()
