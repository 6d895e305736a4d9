"""The loader's side of the HTTP API: bounded connections, bounded retries, and what each answer means for a row."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from typing import Literal, NamedTuple
from urllib.parse import quote, urlsplit

import urllib3
from urllib3.util import Retry, Timeout

from club.load.plan import Join
from club.load.problems import LoadStopped, SettingMissing

Outcome = Literal["accepted", "repeated", "refused"]

# The API is idempotent, so everything that may pass is tried again, a POST too; a crash of the function (500) may pass.
PASSING = (429, 500, 502, 503, 504)
# After all tries these mean that the club is not there, while a 500 may be about this one row.
CLUB_IS_NOT_THERE = (429, 502, 503, 504)
# Nothing a later row could change.
HOPELESS = ("programme_unknown",)
RETRIES_MAX = 8
BACKOFF_S = 0.2
REASON_CHARACTERS_MAX = 300
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Answer(NamedTuple):
    """What the club said of one request; `points` is what the purchase earned."""

    outcome: Outcome
    status: int
    code: str = ""
    reason: str = ""
    points: int = 0


class Club:
    """One club's HTTP API, for several threads at once."""

    def __init__(self, url: str, key: str, workers: int) -> None:
        scheme, host = _address(url)
        if scheme == "http" and host not in LOOPBACK and not host.endswith(".localhost"):
            raise SettingMissing("The key is sent over https alone, except to this machine.")
        if not key.isascii() or not key.isprintable():
            raise SettingMissing("CLUB_KEY is not a key of a club: `club key create` makes one.")
        self.url = url.rstrip("/")
        self.retries = 0
        self._counting = threading.Lock()
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=workers,
            block=True,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            timeout=Timeout(connect=5, read=35),
            # 0, 0.4, 0.8, 1.6 … 5 s and up to 0.2 s of chance: some twenty seconds, then the club is not there.
            retries=Retry(
                total=RETRIES_MAX,
                redirect=0,
                allowed_methods=None,
                status_forcelist=PASSING,
                backoff_factor=BACKOFF_S,
                backoff_jitter=BACKOFF_S,
                backoff_max=5,
                retry_after_max=10,
                raise_on_status=False,
                raise_on_redirect=False,
            ),
        )

    def purchase_at(self, store: str, purchase_id: str) -> datetime | None:
        """When the club says this purchase occurred, or None when it has none by this id."""
        path = f"/v1/purchases/{quote(store, safe='')}/{quote(purchase_id, safe='')}"
        reply = self._ask("GET", path)
        if reply.status == 404:
            return None
        recorded = reply.said.get("purchase")
        if reply.status != 200 or not isinstance(recorded, dict):
            raise LoadStopped(f"The club does not show purchase {purchase_id}: {_reason(reply)[1]}.")
        return datetime.fromisoformat(str(recorded["occurred_at"]))

    def join(self, join: Join) -> Answer:
        reply = self._ask("POST", "/v1/members", join.body, {"Idempotency-Key": join.idempotency_key})
        return _taken(reply, 0) if reply.status in (200, 201) else Answer("refused", reply.status, *_reason(reply))

    def record(self, body: str) -> Answer:
        """Post one purchase."""
        reply = self._ask("POST", "/v1/purchases", body)
        if reply.status not in (200, 201):
            return Answer("refused", reply.status, *_reason(reply))
        points = reply.said.get("points")
        earned = points.get("earned") if isinstance(points, dict) else None
        if not isinstance(earned, int):
            return Answer("refused", reply.status, "answer_unreadable", "the answer does not say what was earned")
        return _taken(reply, earned)

    def _ask(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> _Reply:
        try:
            response = self._pool.request(
                method,
                self.url + path,
                body=body.encode() if body else None,
                headers={**self._pool.headers, **(headers or {})},
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            cause = error.reason if isinstance(error, urllib3.exceptions.MaxRetryError) else error
            raise LoadStopped(
                f"The club at {self.url} cannot be reached: {_plain(str(cause).rpartition(': ')[2])}."
            ) from None
        if response.retries and response.retries.history:
            with self._counting:
                self.retries += len(response.retries.history)
        replayed = response.headers.get("Idempotency-Replayed", "").lower() == "true"
        reply = _Reply(response.status, _object(response.data), replayed)
        code, reason = _reason(reply)
        # One row of another store is that row's fault; any other refusal of the key is everybody's.
        if response.status in (401, 403) and code != "store_not_allowed":
            raise LoadStopped(f"The club refuses the key: {reason}.")
        if response.status in CLUB_IS_NOT_THERE:
            raise LoadStopped(f"The club at {self.url} is not able to answer: {reason}.")
        if code in HOPELESS or (response.status == 404 and "code" not in reply.said):
            raise LoadStopped(f"The club at {self.url} cannot take purchases: {reason}.")
        return reply


def _address(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingMissing(f"{url!r} is not the address of a club, such as https://club.example.")
    return parts.scheme, parts.hostname


class _Reply(NamedTuple):
    status: int
    said: dict[str, object]
    replayed: bool


def _taken(reply: _Reply, points: int) -> Answer:
    return Answer("repeated" if reply.replayed else "accepted", reply.status, points=points)


def _reason(reply: _Reply) -> tuple[str, str]:
    """The refusal's code and a sentence of its title and its facts; the gateway's own answers have a message alone."""
    said = reply.said
    code = str(said.get("code") or f"http_{reply.status}")
    text = str(said.get("title") or said.get("detail") or said.get("message") or f"HTTP {reply.status}").rstrip(".")
    if "field" in said and "reason" in said:
        return code, _plain(f"{said['field']} {said['reason']}")
    facts = [
        f"{name}: {value}"
        for name, value in said.items()
        if name not in ("type", "title", "detail", "status", "code", "message", "instance", "request_id")
    ]
    return code, _plain(f"{text} ({', '.join(facts)})" if facts else text)


def _plain(text: str) -> str:
    return " ".join(text.split())[:REASON_CHARACTERS_MAX]


def _object(data: bytes) -> dict[str, object]:
    try:
        said = json.loads(data)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
