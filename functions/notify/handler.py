"""The queues of messages: each is delivered once, by what reaches its member, when they may be written to, or says why not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache, partial
from importlib import resources
from typing import Any

from shared.actions import opening
from shared.actions.club import Club
from shared.actions.deliver import Post, deliver
from shared.actions.metered import metered
from shared.actions.wiring import wires_for
from shared.actions.write_letter import cost, write_letter
from shared.domain.contact_gate import Stop
from shared.domain.contact_tables import Channel
from shared.domain.letters import Shelf, shelf_of
from shared.domain.messages import Intent, intent_in
from shared.domain.rulebook import Rulebook
from shared.observe import log, logged
from shared.settings import settings
from shared.store import connection
from shared.store.breaker import breaker_of
from shared.store.parameters import Kept
from shared.store.queue import send
from shared.store.switch import marketing_is_stopped
from shared.store.switched import switched_of
from shared.store.wires import Wire
from shared.store.worths import worths_of

# Left for the last words before the function's time is up.
_RESERVE_S = 5.0
# How long a switch may go unnoticed.
_STOP_SECONDS = 15.0

connection.dynamodb()


@metered(log, logged)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Each message by itself: one that fails comes again, and after some tries lies with the dead letters."""
    deadline = time.monotonic() + context.get_remaining_time_in_millis() / 1000 - _RESERVE_S
    failed, rings = [], set[tuple[str, str]]()
    for record in event["Records"]:
        try:
            intent = intent_in(record["body"])
            done = deliver(_post(opening.club()), intent, lambda: deadline - time.monotonic())
            log("info", outcome=done.state, code=done.reason, request=context.aws_request_id)
            if done.paused:
                rings.add(("sending_paused", done.reason))
            elif done.reason == "cost_ceiling":
                rings.add(("ceiling_reached", done.reason))
        except Exception as fault:  # noqa: BLE001  # Whatever it is, the other messages are done.
            name = getattr(fault, "code", type(fault).__name__)
            log("error", code="message_failed", error=name, request=context.aws_request_id)
            failed.append({"itemIdentifier": record["messageId"]})
    # Once for all messages that were handed over together: who is woken wants to know that, and not how many there are.
    for code, why in sorted(rings):
        log("error", code=code, error=why, request=context.aws_request_id)
    return {"batchItemFailures": failed}


def _post(club: Club) -> Post:
    switches = _switches()
    letter = partial(write_letter, club, _shelf(), _address().text)
    return Post(
        club, _wires, letter, cost, _again, partial(switches.stop, club), partial(switches.off, club),
        partial(switches.worths, club)
    )  # fmt: skip


def _wires(book: Rulebook) -> Mapping[Channel, Wire]:
    """Raises Busy."""
    return wires_for(book.programme.contact)


def _again(intent: Intent, seconds: int) -> None:
    urgent = intent.purpose == "urgent"
    url = settings().queues["urgent" if urgent else "marketing"]
    send(connection.queues(), url, [intent.text], delay_s=seconds)


@cache
def _shelf() -> Shelf:
    return shelf_of(resources.files("functions.notify") / "templates")


@cache
def _address() -> Kept:
    return Kept(settings().api)


class Switches:
    """Whether marketing is stopped, by a person or by the breaker, which automations are off, and what their messages
    are worth, as they were read last."""

    def __init__(self) -> None:
        self._stop: Stop | None = None
        self._off: frozenset[str] = frozenset()
        self._worths: Mapping[str, int] = {}
        self._read_at = float("-inf")

    def stop(self, club: Club) -> Stop | None:
        """Raises Busy."""
        self._read(club)
        return self._stop

    def off(self, club: Club) -> frozenset[str]:
        """Raises Busy."""
        self._read(club)
        return self._off

    def worths(self, club: Club) -> Mapping[str, int]:
        """Raises Busy."""
        self._read(club)
        return self._worths

    def _read(self, club: Club) -> None:
        if time.monotonic() - self._read_at >= _STOP_SECONDS:
            backend = club.store.backend
            stopped, opened = marketing_is_stopped(backend, "live"), breaker_of(backend, "live").opened
            self._stop = "marketing_stopped" if stopped else "breaker_open" if opened is not None else None
            self._off = switched_of(backend, "live").off
            self._worths = worths_of(backend, "live").by_source
            self._read_at = time.monotonic()


@cache
def _switches() -> Switches:
    return Switches()
