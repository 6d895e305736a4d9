"""What the API answers to staff about automations: whether they are on, who said so, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from shared.api.answers import instant_text
from shared.domain.delivering import ms_of
from shared.domain.money import exact_text
from shared.domain.sentences import Speaker
from shared.domain.switched import Counts, Standing
from shared.domain.told_automations import automation_name

if TYPE_CHECKING:
    from shared.api import shapes


def automation_answer(known: Standing, speaker: Speaker) -> shapes.AutomationState:
    one, word = known.rule.automation, known.word
    said: shapes.StaffWord | None = None
    if word is not None:
        at = instant_text(ms_of(datetime.fromisoformat(word.at)))
        said = {"enabled": word.enabled, "actor": word.actor, "reason": word.reason, "at": at}
    return {
        "automation": one.id,
        "name": automation_name(speaker, one),
        "sentence": speaker.automation(known.rule),
        "enabled": known.is_on,
        "enabled_by_programme": one.enabled,
        "staff": said,
    }


def _counted(known: Standing, counts: Counts, speaker: Speaker) -> shapes.AutomationTold:
    messages = counts.messages
    return {
        **automation_answer(known, speaker),
        "due": counts.due,
        "held_out": counts.held_out,
        "granted": counts.granted,
        "units": counts.units,
        "decimals": speaker.book.decimals(known.rule.automation.wallet),
        "worth_minor": counts.worth_minor,
        "messages": {
            "sent": messages.get("SENT", 0),
            "delivered": messages.get("delivered", 0),
            "opened": messages.get("opened", 0),
            "clicked": messages.get("clicked", 0),
            "bounced": messages.get("bounced", 0),
            "complained": messages.get("complained", 0),
            "refused": messages.get("REFUSED", 0),
            "expired": messages.get("EXPIRED", 0),
            "failed": messages.get("FAILED", 0),
            "unknown": messages.get("UNKNOWN", 0),
            "cost_minor": exact_text(counts.cost_minor.numerator, counts.cost_minor.denominator),
        },
    }


def automations_answer(
    told: Sequence[tuple[Standing, Counts]], first: date, last: date, speaker: Speaker
) -> shapes.AutomationsAnswer:
    return {
        "from": first.isoformat(),
        "until": last.isoformat(),
        "language": speaker.language,
        "currency": speaker.book.programme.club.currency,
        "automations": [_counted(known, counts, speaker) for known, counts in told],
    }
