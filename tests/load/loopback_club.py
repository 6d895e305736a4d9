"""A club of the test's own on loopback: it speaks the API's contract from memory, and fails on demand.

Not the product: it lets the loader be tested against lost answers and refusals at will, in milliseconds.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import ValidationError

from shared.domain.member import Joining
from shared.domain.purchase import Purchase

KEY = "ck_test_loader_of_the_tests"
STORE = "main"

HELD_S_MAX = 30.0


class LoopbackClub:
    """What it was told and what it will do wrong: `faults[purchase_id]` is a list of `503`, `lost_before`, `lost_after` …"""

    def __init__(self) -> None:
        self.recorded: dict[str, tuple[Purchase, dict[str, Any]]] = {}
        self.cards: dict[str, dict[str, Any]] = {}
        self.join_keys: dict[str, str] = {}
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.posts: list[str] = []
        self.overlaps = 0
        self.pause_s = 0.0
        # After so many purchases nobody is answered until the test lets go: a load is then in the middle, however slow it is.
        self.holds_after: int | None = None
        self.let_go = threading.Event()
        self.url = ""
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @property
    def points(self) -> int:
        return sum(answer["points"]["earned"] for _, answer in self.recorded.values())

    def forget_everything(self) -> None:
        self.recorded.clear()
        self.cards.clear()
        self.join_keys.clear()

    def answer(self, method: str, path: str, body: bytes, headers: Any) -> tuple[int, dict[str, Any], bool] | None:
        """Status, body, replayed; None hangs up without a word."""
        if headers.get("Authorization") != f"Bearer {KEY}":
            return 401, {"message": "Unauthorized"}, False
        if method == "GET":
            purchase_id = path.rsplit("/", 1)[-1]
            with self._lock:
                found = self.recorded.get(purchase_id)
            return (200, found[1], False) if found else (404, _problem("purchase_unknown", "No such purchase."), False)
        if path == "/v1/members":
            with self._lock:
                return self._join(body, headers["Idempotency-Key"])
        return self._purchase(body)

    def _join(self, body: bytes, key: str) -> tuple[int, dict[str, Any], bool]:
        try:
            said = Joining.model_validate_json(body)
        except ValidationError as wrong:
            return 422, _problem("invalid", "A field cannot be accepted.", reason=str(wrong)), False
        card = said.card or ""
        if key in self.join_keys:
            if self.join_keys[key] != body.decode():
                return 409, _problem("idempotency_key_reused", "Used before with other content."), False
            return 201, {"member_id": key}, True
        if self.faults[f"join {card}"]:
            return 422, _problem("invalid", "A field cannot be accepted.", field="card"), False
        if card in self.cards:
            return 409, _problem("contact_taken", "This contact belongs to another member."), False
        self.join_keys[key] = body.decode()
        self.cards[card] = json.loads(body)
        return 201, {"member_id": key}, False

    def _purchase(self, body: bytes) -> tuple[int, dict[str, Any], bool] | None:
        try:
            purchase = Purchase.model_validate_json(body)
        except ValidationError as wrong:
            return 422, _problem("invalid", "A field cannot be accepted.", reason=wrong.errors()[0]["msg"]), False
        if purchase.store != STORE:
            return (
                403,
                _problem("store_not_allowed", "This key is bound to another store.", store=purchase.store),
                False,
            )
        who = purchase.card or ""
        with self._lock:
            self.posts.append(purchase.purchase_id)
            self.overlaps += bool(who and who in self._busy)
            self._busy.add(who)
            fault = self.faults[purchase.purchase_id].pop(0) if self.faults[purchase.purchase_id] else ""
        time.sleep(self.pause_s)
        if self.holds_after is not None and len(self.recorded) >= self.holds_after:
            self.let_go.wait(HELD_S_MAX)
        with self._lock:
            self._busy.discard(who)
            if fault.isdigit():
                return int(fault), {"message": "Try again"}, False
            if fault == "lost_before":
                return None
            answer = self._record(purchase)
            return None if fault == "lost_after" else answer

    def _record(self, purchase: Purchase) -> tuple[int, dict[str, Any], bool]:
        if purchase.card and purchase.card not in self.cards:
            return 404, _problem("member_unknown", "No member of this club is known by that."), False
        if before := self.recorded.get(purchase.purchase_id):
            if before[0] != purchase:
                return 409, _problem("purchase_differs", "Recorded before with other content."), False
            return 201, before[1], True
        earned = purchase.total_minor // 100 if purchase.card else 0
        answer = {"purchase": json.loads(purchase.model_dump_json()), "points": {"earned": earned}}
        self.recorded[purchase.purchase_id] = (purchase, answer)
        return 201, answer, False


def _problem(code: str, title: str, **facts: str) -> dict[str, Any]:
    return {"type": f"/problems/{code}", "title": title, "code": code, **facts, "request_id": "r"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    club: LoopbackClub

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.club.answer(self.command, self.path, body, self.headers)
        if answer is None:
            self.close_connection = True
            return
        status, said, replayed = answer
        data = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        if replayed:
            self.send_header("Idempotency-Replayed", "true")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _serve  # noqa: N815 (the names that http.server looks for)

    def log_message(self, *_: object) -> None:
        """Silent: a test's output is pytest's."""


class _Server(ThreadingHTTPServer):
    # A loader that is killed leaves half a request behind; that is the test's point, not an error to print.
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A dropped connection is no news."""


@contextmanager
def loopback_club() -> Iterator[LoopbackClub]:
    club = LoopbackClub()
    handler = type("Handler", (_Handler,), {"club": club})
    with _Server(("127.0.0.1", 0), handler) as server:
        club.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield club
        server.shutdown()
        thread.join()
