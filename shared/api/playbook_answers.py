"""What the API answers to staff about playbooks: what was decided in advance, what each came to on a day, and each firing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from shared.api.answers import instant_text
from shared.domain.errors import Invalid
from shared.domain.playbooks import Firing, Shown
from shared.domain.sentences import Speaker
from shared.domain.told_targets import deeds_of, told_playbook
from shared.domain.vocabulary import Value

if TYPE_CHECKING:
    from shared.api import shapes

_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def day_asked(query: Mapping[str, str], today: date) -> date:
    """The closed day that `on` names; yesterday where it is not written. Raises Invalid."""
    told = query.get("on")
    if told is None:
        return today - timedelta(days=1)
    try:
        day = date.fromisoformat(told if _DAY.fullmatch(told) else "")
    except ValueError:
        raise Invalid("on", "must be a day of this century as YYYY-MM-DD") from None
    if day >= today:
        raise Invalid("on", "must be a day that is over")
    return day


def playbooks_answer(shown: Sequence[Shown], day: date, speaker: Speaker) -> shapes.PlaybooksAnswer:
    return {
        "on": day.isoformat(),
        "language": speaker.language,
        "playbooks": [_playbook(one, speaker) for one in shown],
    }


def _playbook(one: Shown, speaker: Speaker) -> shapes.PlaybookTold:
    playbook, verdict = one.rule.playbook, one.verdict
    return {
        "playbook": playbook.id,
        "sentence": told_playbook(speaker, playbook),
        "when": playbook.when,
        "then": list(deeds_of(speaker, playbook)),
        "cooldown_days": playbook.cooldown_days,
        "enabled": playbook.enabled,
        "came_to": one.came_to,
        "because": verdict.why if verdict is not None and one.fired is None and verdict.why else None,
        "figures": _figures(verdict.seen) if verdict is not None else [],
        "firings": [_firing(firing) for firing in one.firings],
        "has_older": one.has_older,
    }


def _firing(firing: Firing) -> shapes.PlaybookFired:
    return {
        "on": firing.day.isoformat(),
        "at": instant_text(firing.at_ms),
        "programme_version": firing.version,
        "figures": _figures(firing.seen),
        "done": list(firing.told),
    }


def _figures(seen: Mapping[str, Value]) -> list[shapes.FigureSeen]:
    """Words of figures are whole numbers, texts and yes or no."""
    return [{"figure": name, "value": value} for name, value in seen.items() if isinstance(value, int | str)]
