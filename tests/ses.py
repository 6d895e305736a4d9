"""Notices as SES publishes them, in the shapes that its developer guide shows, about mails and people of our own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.domain.notices import Label

DANA = "dana@example.com"


def notice(
    kind: str, label: Label | None, sent_at: datetime, about: dict[str, Any], *, to: Sequence[str] = (DANA,)
) -> str:
    """One notice. `about` stands under the kind's own name, as SES writes it."""
    tags = {
        "ses:configuration-set": ["club-dev"],
        "ses:source-ip": ["198.51.100.7"],
        "ses:from-domain": ["rimon.example"],
        "ses:caller-identity": ["club-dev-notify"],
    }
    if label is not None:
        tags |= {name: [value] for name, value in label.tags.items()}
    mail = {
        "timestamp": stamp(sent_at),
        "source": "Rimon <club@rimon.example>",
        "sourceArn": "arn:aws:ses:eu-central-1:000000000000:identity/rimon.example",
        "sendingAccountId": "000000000000",
        "messageId": "0107019a0000-5c1d-000000",
        "destination": list(to),
        "headersTruncated": False,
        "headers": [{"name": "From", "value": "Rimon <club@rimon.example>"}, {"name": "To", "value": ", ".join(to)}],
        "commonHeaders": {"from": ["Rimon <club@rimon.example>"], "to": list(to), "subject": "A gift"},
        "tags": tags,
    }
    key = {"Rendering Failure": "failure", "DeliveryDelay": "deliveryDelay"}.get(kind, kind.lower())
    return json.dumps({"eventType": kind, "mail": mail, key: about})


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def bounce(at: datetime, *whose: str, kind: str = "Permanent", why: str = "General") -> dict[str, Any]:
    people = [
        {"emailAddress": one, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 nobody here"}
        for one in whose
    ]
    return {
        "bounceType": kind,
        "bounceSubType": why,
        "bouncedRecipients": people,
        "timestamp": stamp(at),
        "feedbackId": "0107019a0000-77aa-000000",
        "reportingMTA": "dns; mx.example.com",
    }


def complaint(at: datetime, *whose: str, **more: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": one} for one in whose],
        "timestamp": stamp(at),
        "feedbackId": "0107019a0000-88bb-000000",
        "userAgent": "AnyCompany feedback loop (V0.01)",
        "complaintFeedbackType": "abuse",
        "arrivalDate": stamp(at),
    }
    return told | more


def delivery(at: datetime, *whose: str) -> dict[str, Any]:
    return {
        "timestamp": stamp(at),
        "processingTimeMillis": 1893,
        "recipients": list(whose),
        "smtpResponse": "250 2.6.0 taken",
        "reportingMTA": "mta.example.com",
    }


def opened(at: datetime) -> dict[str, Any]:
    return {"ipAddress": "198.51.100.9", "timestamp": stamp(at), "userAgent": "Mozilla/5.0 (a phone)"}


def clicked(at: datetime) -> dict[str, Any]:
    return opened(at) | {"link": "https://rimon.example/gift", "linkTags": {"place": ["button"]}}
