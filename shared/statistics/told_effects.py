"""What automations, campaigns and the club as a whole did, told from a month's sums: each with its doubt, as a sentence, and as
what its message is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from shared.domain.automation_tables import Automation, Giver
from shared.domain.effect_report import automations_in, sums_of
from shared.domain.effects import CLUB, HELD_OUT, OUTCOMES, TREATED, WINDOW_DAYS
from shared.domain.owed import Owed
from shared.domain.rulebook import Rulebook
from shared.domain.voice import Voice
from shared.statistics.effects import RATIO_P_MIN, Effect, Sums, TooFew, effect_of_sums, ratio_p
from shared.statistics.worth import worth_of

_SURE = 0.05
# Of fewer members in an arm their mean is not yet spread as the interval takes it to be.
ARM_MIN = 30
CLUB_UNKNOWN = (
    "What the club as a whole did is unknown: nobody is held out of all. [club] holdout = 5 would tell it, in time."
)


class Told(NamedTuple):
    """An automation in one outcome; `effect` None where `why` says that nothing can be said. `ratio`: by how rare a chance
    the arms have other sizes than the programme says."""

    automation: str
    outcome: str
    treated: int
    held_out: int
    effect: Effect | None
    ratio: float | None
    why: str = ""

    @property
    def is_trial(self) -> bool:
        return self.ratio is not None and self.ratio >= RATIO_P_MIN


def worths_of(found: Sequence[Told], book: Rulebook) -> dict[str, int]:
    """What a message of each automation is worth, in minor units, where that was measured; the others as they are declared."""
    givers: tuple[Giver, ...] = (*book.programme.automation, *book.programme.campaign)
    margins = {one.automation: one.effect for one in found if one.outcome == "margin" and one.is_trial}
    worths = {}
    for giver in givers:
        margin = margins.get(giver.id)
        if giver.message is None or margin is None or not _is_once(giver):
            continue
        worth = worth_of(margin, 1.0, giver.message.worth_minor)
        if worth is not None:
            worths[giver.id] = worth
    return worths


def _is_once(giver: Giver) -> bool:
    """Whether a member is due at most once within a window: else nobody knows how many messages a margin is of."""
    if not isinstance(giver, Automation) or giver.on not in ("state", "purchase", "return"):
        return True
    return giver.every_days >= WINDOW_DAYS if giver.every_days is not None else giver.on == "state"


def shares_of(book: Rulebook) -> dict[str, float]:
    """What part of members the programme holds out of each automation and campaign, and of all."""
    givers: tuple[Giver, ...] = (*book.programme.automation, *book.programme.campaign)
    return {CLUB: float(book.programme.club.holdout) / 100} | {
        one.id: float(one.held_out_percent) / 100 for one in givers
    }


def effects_told(effects: Owed, shares: Mapping[str, float]) -> Iterator[Told]:
    for automation in automations_in(effects):
        treated, held_out = (effects.get((automation, arm, "members", ""), 0) for arm in (TREATED, HELD_OUT))
        share = shares.get(automation)
        ratio = ratio_p([treated, held_out], [1 - share, share]) if share and treated + held_out else None
        for outcome in OUTCOMES:
            arms = [sums_of(effects, automation, arm, outcome) for arm in (TREATED, HELD_OUT)]
            found, why = None, ""
            if not held_out:
                why = "nobody is held out, so nobody knows"
            elif min(treated, held_out) < ARM_MIN:
                why = f"not enough data: an arm has {min(treated, held_out)} members, and it takes {ARM_MIN}"
            elif arms[0] is None or arms[1] is None:
                why = "no data: the cost of some goods is not known" if treated else "nobody was treated"
            else:
                try:
                    found = effect_of_sums(Sums(*arms[0]), Sums(*arms[1]))
                except TooFew as few:
                    why = f"not enough data: {few}"
            yield Told(automation, outcome, treated, held_out, found, ratio, why)


def sentence(one: Told, voice: Voice) -> str:
    """For people who know no statistics. Where chance did not decide, the word effect does not appear."""
    if one.effect is None:
        return f"{one.automation}: {one.why}."
    it, size = one.effect, voice.money(abs(round(one.effect.difference)))
    more = "more" if it.difference > 0 else "less"
    if not one.is_trial:
        return (
            f"{one.automation}: members who got it spent {size} {more} than the others; but the arms are not of the sizes that "
            "the programme says, so nobody knows why."
        )
    low, high = (voice.money(round(value)) for value in (it.low, it.high))
    if it.p < _SURE:
        ever = "" if it.ever_low > 0 or it.ever_high < 0 else " Who has looked before should wait for more."
        return f"{one.automation}: it made members spend {size} {more} within {WINDOW_DAYS} days, between {low} and {high}.{ever}"
    seen = voice.money(round(it.smallest))
    return (
        f"{one.automation}: members spent {size} {more}, which may be chance; an effect of {seen} would have been seen."
    )
