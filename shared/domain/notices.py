"""What SES tells of a mail afterwards: that it arrived, was opened, bounced, or was called spam. Read from its own JSON.

Source: SES developer guide, contents of event data published to SNS. A notice may be of several recipients, come up to three
times, and before another that happened earlier.
"""

from __future__ import annotations

import base64
import json
import re
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

from shared.domain.contact_gate import Purpose, SuppressionKind

# What is marked on a message, each with its first time.
Mark = Literal["sent", "delivered", "opened", "clicked", "bounced", "complained", "rejected", "delayed", "soft_bounced"]

RECIPIENTS_MAX = 50
_PLAIN_MARKS: Mapping[str, Mark] = {
    "Send": "sent",
    "Delivery": "delivered",
    "Open": "opened",
    "Click": "clicked",
    "Reject": "rejected",
    "DeliveryDelay": "delayed",
}
# SES itself does not count what it did not even try against the account, so neither does the breaker.
_NOT_TRIED = "OnAccountSuppressionList"
# Said by a member who took a mail out of the spam folder.
_NOT_SPAM = "not-spam"
# SES writes so into a topic when it is made to publish there.
_GREETING = "Successfully validated SNS topic"
# What SES takes as the value of a tag.
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PURPOSES: frozenset[str] = frozenset(get_args(Purpose))


class NoticeUnreadable(ValueError):
    """It is none of SES's notices; the sentence says what is missing, and repeats nothing."""


class Label(NamedTuple):
    """What a message is called on its way out and in the notices that come back. `source`: its automation or campaign."""

    member: str
    message_id: str
    source: str
    purpose: Purpose

    @property
    def tags(self) -> dict[str, str]:
        """As SES takes them: letters, digits, `_` and `-`. An automation's id may have others."""
        tags = {
            "message": f"{self.member}_{self.message_id}",
            "purpose": self.purpose,
            "source": base64.urlsafe_b64encode(self.source.encode()).rstrip(b"=").decode(),
        }
        assert label_in({name: [value] for name, value in tags.items()}) == self, "SES would not bring it back"
        return tags


class Notice(NamedTuple):
    """One notice. `sent_at` is when SES took the mail; `counts`: against the club's good name, where it is a bounce or complaint.
    `suppresses`: `recipients` are not to be written to any more."""

    mark: Mark
    at: datetime
    sent_at: datetime
    label: Label | None
    recipients: tuple[str, ...] = ()
    suppresses: SuppressionKind | None = None
    counts: bool = True


def label_in(tags: Mapping[str, Any]) -> Label | None:
    """The label of a mail's tags, each a list of one; None for a mail that is none of ours."""
    named = {name: tags[name][0] for name in ("message", "purpose", "source") if _is_tag(tags.get(name))}
    member, parted, message_id = named.get("message", "").partition("_")
    if len(named) < 3 or not (member and parted and message_id) or named["purpose"] not in _PURPOSES:
        return None
    source = named["source"]
    try:
        known = base64.urlsafe_b64decode(source + "=" * (-len(source) % 4)).decode()
    except (NotBase64, UnicodeDecodeError):
        return None
    return Label(member, message_id, known, named["purpose"])


def notice_in(text: str) -> Notice | None:
    """None for what has no effect here. Raises NoticeUnreadable."""
    if text.startswith(_GREETING):
        return None
    try:
        told = json.loads(text)
        # As feedback of an identity, and not of a configuration set, SES calls it otherwise; the rest is the same.
        kind, mail = told["eventType"] if "eventType" in told else told["notificationType"], told["mail"]
        sent_at = _instant(mail["timestamp"])
        label = label_in(mail.get("tags") or {})
        if kind in _PLAIN_MARKS:
            about = told.get(kind[0].lower() + kind[1:]) or {}
            return Notice(_PLAIN_MARKS[kind], _instant(about.get("timestamp", mail["timestamp"])), sent_at, label)
        if kind == "Bounce":
            return _bounce(told["bounce"], sent_at, label)
        if kind == "Complaint":
            return _complaint(told["complaint"], sent_at, label)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise NoticeUnreadable("it has not the shape of a notice of SES") from None
    if not isinstance(kind, str):
        raise NoticeUnreadable("it does not say what happened")
    return None


def _bounce(told: Mapping[str, Any], sent_at: datetime, label: Label | None) -> Notice:
    at, recipients = _instant(told["timestamp"]), _recipients(told["bouncedRecipients"])
    if told["bounceType"] != "Permanent":
        return Notice("soft_bounced", at, sent_at, label, recipients)
    counts = told.get("bounceSubType") != _NOT_TRIED
    return Notice("bounced", at, sent_at, label, recipients, "hard_bounce", counts)


def _complaint(told: Mapping[str, Any], sent_at: datetime, label: Label | None) -> Notice | None:
    if told.get("complaintFeedbackType") == _NOT_SPAM:
        return None
    at, recipients = _instant(told["timestamp"]), _recipients(told["complainedRecipients"])
    counts = told.get("complaintSubType") != _NOT_TRIED
    return Notice("complained", at, sent_at, label, recipients, "complaint", counts)


def _recipients(told: Any) -> tuple[str, ...]:
    addresses = tuple(dict.fromkeys(str(one["emailAddress"]) for one in told))
    if not 0 < len(addresses) <= RECIPIENTS_MAX:
        raise ValueError("nobody, or more than a mail can have")
    return addresses


def _instant(text: Any) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _is_tag(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) and bool(_TAG.fullmatch(value[0]))
