"""What the API answers to staff about automations and campaigns: whether they are on, who said so, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from shared.api.answers import instant_text
from shared.domain.delivering import ms_of
from shared.domain.money import exact_text
from shared.domain.rulebook import AutomationRule
from shared.domain.sentences import Speaker
from shared.domain.switched import Counts, Sent, Standing
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


def _campaign(sent: Sent, speaker: Speaker) -> shapes.CampaignState:
    one, begins_at = sent.rule.automation, sent.begins_at
    return {
        "campaign": one.id,
        "name": automation_name(speaker, one),
        "sentence": speaker.automation(sent.rule),
        "begins_at": instant_text(ms_of(begins_at)) if begins_at is not None else None,
    }


def _counted(rule: AutomationRule, counts: Counts, speaker: Speaker) -> shapes.GiverCounted:
    messages = counts.messages
    return {
        "due": counts.due,
        "held_out": counts.held_out,
        "granted": counts.granted,
        "units": counts.units,
        "decimals": speaker.book.decimals(rule.automation.wallet),
        "worth_minor": counts.worth_minor,
        "coupons_used": counts.used,
        "coupons_back": counts.used_back,
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
    automations: Sequence[tuple[Standing, Counts]], campaigns: Sequence[tuple[Sent, Counts]], first: date, last: date,
    speaker: Speaker,
) -> shapes.AutomationsAnswer:  # fmt: skip
    return {
        "from": first.isoformat(),
        "until": last.isoformat(),
        "language": speaker.language,
        "currency": speaker.book.programme.club.currency,
        "automations": [
            {**automation_answer(known, speaker), **_counted(known.rule, counts, speaker)}
            for known, counts in automations
        ],
        "campaigns": [
            {**_campaign(sent, speaker), **_counted(sent.rule, counts, speaker)} for sent, counts in campaigns
        ],
    }
