"""What the API answers about the messages of one member. Only they load it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.api.answers import instant_text
from shared.domain.account import Account
from shared.domain.rulebook import Rulebook
from shared.domain.said import Said
from shared.domain.sentences import Speaker
from shared.domain.told_messages import outcome, told_reason

if TYPE_CHECKING:
    from shared.api import shapes


def messages_answer(
    account: Account, said: Sequence[Said], cursor: str | None, book: Rulebook
) -> shapes.MessagesAnswer:
    """A page of messages, in the member's language."""
    speaker = Speaker(book, account.language or book.programme.club.languages[0])
    return {
        "member_id": account.id,
        "messages": [_message(one, speaker) for one in said],
        "next_cursor": cursor,
    }


def _message(said: Said, speaker: Speaker) -> shapes.MessageTold:
    intent, (_, _, reason) = said.intent, said.decisions[-1]
    sent_ms = next((at for at, state, _ in said.decisions if state == "SENT"), None)
    marks = {name: instant_text(at) for name, at in said.marks.items()}
    return {
        "message_id": intent.id,
        "source": intent.source,
        "name": _name(intent.source, speaker),
        "template": intent.template,
        "purpose": intent.purpose,
        "channel": said.channel,
        "state": said.state,
        "reason": told_reason(reason),
        "sentence": outcome(speaker, said.state, reason),
        "asked_at": instant_text(intent.created_ms),
        "last_day": intent.last_day.isoformat(),
        "sent_at": instant_text(sent_ms) if sent_ms is not None else None,
        "delivered_at": marks.get("delivered"),
        "opened_at": marks.get("opened"),
        "clicked_at": marks.get("clicked"),
        "bounced_at": marks.get("bounced"),
    }


def _name(source: str, speaker: Speaker) -> str:
    """As the programme calls its automation or campaign now; of one that is gone, the id."""
    rules = (*speaker.book.automations, *speaker.book.campaigns)
    names = {one.automation.id: one.automation.name for one in rules}
    return speaker.named(names.get(source, {}), source)
