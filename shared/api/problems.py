"""From a refusal to an HTTP answer: one table of statuses, `application/problem+json`, a stable code and the facts."""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import ValidationError

from shared.domain import errors

# No name of a field begins with a digit or holds five in a row: a phone or an ID number does.
_NAME = re.compile(r"(?![A-Za-z0-9_]*[0-9]{5})[A-Za-z_][A-Za-z0-9_]{0,39}")

CONTENT_TYPE = "application/problem+json"


class Problem(NamedTuple):
    """One refusal on its way out. `retry_after_s` becomes a header."""

    status: int
    code: str
    title: str
    facts: dict[str, errors.Fact]
    retry_after_s: int | None = None

    def body(self, request_id: str) -> dict[str, errors.Fact]:
        """RFC 9457, with our stable code and the facts beside it."""
        known: dict[str, errors.Fact] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        return {**known, **self.facts, "request_id": request_id}


# The nearest class decides, so a family needs one line.
STATUSES: tuple[tuple[type[errors.Refused], int], ...] = (
    (errors.BodyTooLarge, 413),
    (errors.ContentTypeForeign, 415),
    (errors.BodyUnreadable, 400),
    (errors.CursorInvalid, 400),
    (errors.Invalid, 422),
    (errors.NotAllowed, 403),
    (errors.Unknown, 404),
    (errors.Differs, 409),
    (errors.ContactTaken, 409),
    (errors.Exceeded, 422),
    (errors.PushNotConfigured, 422),
    (errors.DeviceRefused, 422),
    (errors.LookupsExhausted, 429),
    (errors.Busy, 503),
)

RETRY_AFTER_S = {429: 60, 503: 1}


def problem_of(refusal: errors.Refused) -> Problem:
    status = next(status for kind, status in STATUSES if isinstance(refusal, kind))
    return Problem(status, refusal.code, refusal.title, refusal.facts, RETRY_AFTER_S.get(status))


class NotWhole:
    """A number of a body that is a fraction, an infinity, minus zero or too long: it fits no field."""

    def __init__(self, _text: str) -> None:
        """The text is not kept: it is the caller's."""


def refusal_of(fault: ValidationError) -> errors.Invalid:
    """The first fault of a body as a refusal that names field and reason, never the value: it may be personal."""
    error = fault.errors(include_url=False)[0]
    # What several fields contradict each other in is told at one of them, wherever they stand.
    within = error.get("ctx", {}).get("field")
    parts = [*(field_name(part) for part in error["loc"]), *([str(within)] if within is not None else [])]
    field = ".".join(parts) or "body"
    if error["type"] == "int_type" and isinstance(error["input"], NotWhole):
        return errors.Invalid(field, "must be a whole number of at most 18 digits; money is in minor units")
    if error["type"] == "extra_forbidden":
        return errors.Invalid(field, "is not a field of this request")
    if error["type"] == "missing":
        return errors.Invalid(field, "is missing")
    reason = error["msg"].removeprefix("Value error, ")
    return errors.Invalid(field, reason[0].lower() + reason[1:])


def field_name(part: str | int) -> str:
    """A part of a field's path. What does not look like a field's name is the caller's own text, and is not repeated."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?"


INTERNAL = Problem(500, "internal", "The club made a mistake; it was logged. The request may be repeated.", {})
