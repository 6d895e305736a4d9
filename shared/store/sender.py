"""Sends requests to those services of AWS that speak JSON: signed, and repeated where a repetition may help.

boto3 can do this and four hundred services more: it takes several times the CPU for a request, and importing it is most of
a cold start. What is repeated, how often and after which pause is the same as in its `standard` mode.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from shared.settings import AwsKeys
from shared.store.answer import Answer
from shared.store.lines import LOST, Lines
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


class Service(NamedTuple):
    """One service of AWS: its name in addresses and signatures, its API's own name, the version of its JSON."""

    name: str
    api: str
    json: str


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0")
SSM = Service("ssm", "AmazonSSM", "1.1")
SQS = Service("sqs", "AmazonSQS", "1.0")


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


class Sender:
    """One service at one address. Several threads may share it. `keys` is asked at each attempt: those of a session end."""

    sleep: Callable[[float], None] = staticmethod(time.sleep)
    chance: Callable[[], float] = staticmethod(random.random)

    def __init__(self, service: Service, url: str, region: str, keys: Callable[[], AwsKeys]) -> None:
        """Raises ValueError when the address is not https, nor http on this machine itself."""
        self._service = service
        self._lines = Lines(url)
        self._region = region
        self._keys = keys
        self._patience = _Patience()

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The service's answer. Raises Refused or Lost, after every attempt where another one may help."""
        body = json.dumps(request, separators=(",", ":")).encode()
        attempts, taken = 1, 0
        while True:
            try:
                answer = _told(self.attempt(operation, body))
            except (Refused, Lost) as fault:
                throttled = isinstance(fault, Refused) and fault.is_throttled
                if attempts == ATTEMPTS_MAX or (isinstance(fault, Refused) and not fault.is_passing):
                    raise
                taken = self._patience.take(throttled)
                if not taken:
                    raise
            else:
                self._patience.give_back(taken)
                return answer
            self.sleep(self.chance() * (PAUSE_WHEN_THROTTLED_S if throttled else PAUSE_S) * 2 ** (attempts - 1))
            attempts += 1

    def attempt(self, operation: str, body: bytes) -> Answer:
        """One request, once over the wire. Raises Lost."""
        keys = self._keys()
        headers = {
            "content-type": f"application/x-amz-json-{self._service.json}",
            "host": self._lines.host,
            "x-amz-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()),
            "x-amz-target": f"{self._service.api}.{operation}",
        }
        if keys.token:
            headers["x-amz-security-token"] = keys.token
        headers["authorization"] = authorization(headers, body, keys, self._region, self._service.name)
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST / HTTP/1.1\r\n{told}accept-encoding: identity\r\ncontent-length: {len(body)}\r\n\r\n"
        try:
            return self._lines.ask(head.encode("latin-1") + body)
        except LOST as broken:
            raise Lost(operation) from broken


def _told(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body.decode())
    except ValueError as spoilt:
        if answer.status < 300:
            raise Lost("the answer is no JSON") from spoilt
        told = {}
    if answer.status < 300:
        assert isinstance(told, dict)
        return told
    said: Mapping[str, Any] = told if isinstance(told, dict) else {}
    named = answer.headers.get("x-amzn-errortype") or said.get("__type") or said.get("code") or ""
    raise Refused(str(named).partition(":")[0].rpartition("#")[2], answer.status, said)


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
