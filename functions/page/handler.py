"""The page behind the link of every message: what a member lets the club write. No login; looking changes nothing (M6)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from shared.actions import opening
from shared.actions.metered import metered
from shared.actions.set_preferences import Preferences, preferences_of, set_preferences, stop_by_one_click
from shared.api.form import form_of
from shared.api.preferences_page import (
    HEADERS,
    SHOWN,
    STOP,
    TICKED,
    Choice,
    Done,
    broken_page,
    preferences_page,
)
from shared.api.problems import problem_of
from shared.domain.errors import Refused
from shared.domain.preferences import ONE_CLICK
from shared.observe import log, logged
from shared.store import connection

# Left for the answer to travel before the function's time is up.
_RESERVE_S = 0.5

connection.dynamodb()


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    started = time.perf_counter()
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    said: dict[str, Any] = {}
    try:
        status, page = _answered(event, lambda: deadline - time.monotonic())
        headers: Mapping[str, str] = HEADERS
    except Refused as refusal:
        problem = problem_of(refusal)
        said = {"code": problem.code}
        status, page = problem.status, broken_page(_asked(event) or "en", "failed")
        headers = HEADERS | ({"retry-after": str(problem.retry_after_s)} if problem.retry_after_s else {})
    except Exception as mistake:  # noqa: BLE001  # The one place where a mistake of ours becomes an answer.
        said = {"code": "internal_error", "error": getattr(mistake, "code", type(mistake).__name__)}
        status, page, headers = 500, broken_page(_asked(event) or "en", "failed"), HEADERS
    took_ms = round((time.perf_counter() - started) * 1000)
    level = "error" if status >= 500 else "info"
    log(level, route=event["routeKey"], status=status, ms=took_ms, request=context.aws_request_id, **said)
    return {"statusCode": status, "headers": headers, "body": page}


def _answered(event: Mapping[str, Any], seconds_left: Callable[[], float]) -> tuple[int, str]:
    club = opening.club()
    found = preferences_of(club, str(event["pathParameters"]["token"]))
    if found is None:
        return 404, broken_page(_asked(event) or club.laws.at(club.now()).programme.club.languages[0])
    done: Done = ""
    if event["requestContext"]["http"]["method"] == "POST":
        form = form_of(event)
        name, value = ONE_CLICK
        if value in form.get(name, ()):
            found, done = stop_by_one_click(club, found, seconds_left), "stopped_by"
        elif STOP in form:
            marketing = [kind.name for kind in found.kinds if kind.purpose == "marketing"]
            found, done = set_preferences(club, found, marketing, (), seconds_left), "stopped"
        else:
            shown, ticked = form.get(SHOWN, ()), form.get(TICKED, ())
            # A form without its own fields was not sent by the page: it decides on nothing.
            done = "saved" if shown else "failed"
            found = set_preferences(club, found, shown, ticked, seconds_left)
    return 400 if done == "failed" else 200, _page(event, found, done)


def _page(event: Mapping[str, Any], found: Preferences, done: Done) -> str:
    club = found.book.programme.club
    asked = _asked(event)
    language = asked if asked in club.languages else found.language
    choices = [Choice(kind, found.is_granted(kind)) for kind in found.kinds]
    return preferences_page(club.name, language, club.languages, choices, done)


def _asked(event: Mapping[str, Any]) -> str | None:
    """The language that the link names, of those that there are."""
    asked = (event.get("queryStringParameters") or {}).get("language")
    return asked if asked in ("en", "he", "fa") else None
