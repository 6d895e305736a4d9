"""Sends requests to AWS, most of them to services that speak JSON: signed, and repeated where a repetition may help.

boto3 can do this and four hundred services more: it takes several times the CPU for a request, and importing it is most of
a cold start. What is repeated, how often and after which pause is the same as in its `standard` mode.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from copy import copy
from typing import Any, NamedTuple, TypeVar

from shared.settings import AwsKeys
from shared.store.answer import Answer
from shared.store.lines import LOST, Lines, Unreached
from shared.store.signature import authorization

# One request is sent at most this often (F4); what is left after that is the caller's decision. DynamoDB answers within
# 20 ms: with the patience of `lines.py` all attempts together end before the function's own 10 s do (F15).
ATTEMPTS_MAX = 3
# The first pause is a part by chance of this, the second of twice this: long for those who ask for a pause.
PAUSE_S = 0.025
PAUSE_WHEN_THROTTLED_S = 1.0

_THROTTLED = frozenset(
    "BandwidthLimitExceeded LimitExceededException PriorRequestNotComplete ProvisionedThroughputExceededException "
    "RequestLimitExceeded RequestThrottled RequestThrottledException SlowDown Throttling ThrottledException "
    "ThrottlingException TooManyRequestsException TransactionInProgressException".split()
)
_TRANSIENT = frozenset({"RequestTimeout", "RequestTimeoutException"})
_TRANSIENT_STATUS = frozenset({500, 502, 503, 504})


T = TypeVar("T")


class Service(NamedTuple):
    """One service of AWS: its name in addresses and signatures; of one that speaks JSON its API's own name, and the version.
    `host`: its name in addresses, where that is another."""

    name: str
    api: str = ""
    json: str = ""
    host: str = ""


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SSM = Service("ssm", "AmazonSSM", "1.1")
SQS = Service("sqs", "AmazonSQS", "1.0")
# Mail has paths and JSON of its own, text messages a form and XML: `wires.py` speaks both.
SES = Service("ses", host="email")
SNS = Service("sns")
# Cost Explorer, which is in one region for all of them.
CE = Service("ce", "AWSInsightsIndexService", "1.1")


class Refused(Exception):
    """The service said no. `code`: the error's name without its namespace; `answer`: what was said, {} if that was no JSON."""

    def __init__(self, code: str, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{code or status}: {answer.get('message') or answer.get('Message') or ''}")
        self.code = code
        self.status = status
        self.answer = answer

    @property
    def is_throttled(self) -> bool:
        return self.code in _THROTTLED or self.status == 429

    @property
    def is_passing(self) -> bool:
        """Whether the same request may be answered a moment later."""
        return self.is_throttled or self.status in _TRANSIENT_STATUS or self.code in _TRANSIENT


class Lost(Exception):
    """No answer came, or none that is whole. What was asked may have been done."""


class Unsent(Lost):
    """Nobody opened: what was asked was not done."""


class Patient:
    """Asks again where that may help, a few times and after a pause. Several threads may share it."""

    sleep: Callable[[float], None] = staticmethod(time.sleep)
    chance: Callable[[], float] = staticmethod(random.random)
    attempts_max = ATTEMPTS_MAX

    def __init__(self) -> None:
        self._patience = _Patience()

    def carefully(self, once: Callable[[], T]) -> T:
        """What must not be done twice: it is asked again only where it was not done for sure, because of too many requests or
        because nobody opened (F23). Raises Refused or Lost."""
        return self._repeated(once, _was_not_done)

    def _repeated(self, once: Callable[[], T], may_be_asked_again: Callable[[Refused | Lost], bool]) -> T:
        attempts, taken = 1, 0
        while True:
            try:
                answer = once()
            except (Refused, Lost) as fault:
                throttled = isinstance(fault, Refused) and fault.is_throttled
                if attempts >= self.attempts_max or not may_be_asked_again(fault):
                    raise
                taken = self._patience.take(throttled)
                if not taken:
                    raise
            else:
                self._patience.give_back(taken)
                return answer
            self.sleep(self.chance() * (PAUSE_WHEN_THROTTLED_S if throttled else PAUSE_S) * 2 ** (attempts - 1))
            attempts += 1


class Sender(Patient):
    """One service at one address. `keys` is asked at each attempt: those of a session end."""

    def __init__(
        self,
        service: Service,
        url: str,
        region: str,
        keys: Callable[[], AwsKeys],
        read_seconds_max: float | None = None,
    ) -> None:
        """Raises ValueError when the address is not https, nor http on this machine itself."""
        super().__init__()
        self._service = service
        self._lines = Lines(url, read_seconds_max)
        self._region = region
        self._keys = keys

    def once(self) -> Sender:
        """The same line, on which nothing is asked again: for what may as well be said later."""
        hurried = copy(self)
        hurried.attempts_max = 1
        return hurried

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The service's answer. Raises Refused or Lost, after every attempt where another one may help."""
        body = json.dumps(request, separators=(",", ":")).encode()
        return self._repeated(lambda: told(self.attempt(operation, body)), _helps)

    def attempt(self, operation: str, body: bytes) -> Answer:
        """One request of JSON, once over the wire. Raises Lost."""
        return self.post(
            "/",
            {
                "content-type": f"application/x-amz-json-{self._service.json}",
                "x-amz-target": f"{self._service.api}.{operation}",
            },
            body,
        )

    def post(self, path: str, said: Mapping[str, str], body: bytes) -> Answer:
        """One request with these headers besides those of its signature, once over the wire. Raises Lost."""
        keys = self._keys()
        headers = {
            **said,
            "host": self._lines.host,
            "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
        }
        if keys.token:
            headers["x-amz-security-token"] = keys.token
        headers["authorization"] = authorization(headers, body, keys, self._region, self._service.name, path)
        return posted(self._lines, path, headers, body)


def posted(lines: Lines, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """One request with just these headers, once over the wire. Raises Lost."""
    written = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\n{written}accept-encoding: identity\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        return lines.ask(head.encode("latin-1") + body)
    except Unreached as closed:
        raise Unsent(lines.host) from closed.__cause__
    except LOST as broken:
        raise Lost(lines.host) from broken


def _helps(fault: Refused | Lost) -> bool:
    return isinstance(fault, Lost) or fault.is_passing


def _was_not_done(fault: Refused | Lost) -> bool:
    return isinstance(fault, Unsent) or (isinstance(fault, Refused) and fault.is_throttled)


def told(answer: Answer) -> dict[str, Any]:
    """What an answer of JSON says. Raises Refused, or Lost where it is none."""
    try:
        said = json.loads(answer.body.decode())
    except ValueError as spoilt:
        if answer.status < 300:
            raise Lost("the answer is no JSON") from spoilt
        said = {}
    if answer.status < 300:
        assert isinstance(said, dict)
        return said
    why: Mapping[str, Any] = said if isinstance(said, dict) else {}
    named = answer.headers.get("x-amzn-errortype") or why.get("__type") or why.get("code") or ""
    raise Refused(str(named).partition(":")[0].rpartition("#")[2], answer.status, why)


class _Patience:
    """How much may be repeated. It is used up where nothing has answered for long: each request is then sent once, until
    answers come again, so that a service in trouble is not asked three times as much."""

    _MAX = 500
    _COST, _COST_THROTTLED = 14, 5

    def __init__(self) -> None:
        self._left = self._MAX
        self._lock = threading.Lock()

    def take(self, throttled: bool) -> int:
        """What one more attempt takes; 0 when there is not so much left."""
        cost = self._COST_THROTTLED if throttled else self._COST
        with self._lock:
            if cost > self._left:
                return 0
            self._left -= cost
        return cost

    def give_back(self, taken: int) -> None:
        """An answer came: what its last attempt took, or one."""
        with self._lock:
            self._left = min(self._MAX, self._left + (taken or 1))
