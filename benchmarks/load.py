"""Purchases through the whole local stack beside an empty function behind the same gate, in slices by turns."""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

from benchmarks.figures import Chapter, Figure, median, percentile
from benchmarks.functions import HERE, ROOM, TABLE
from benchmarks.members import Member
from benchmarks.shop import LINES_USUAL, lines, purchase
from benchmarks.stack import client
from club.up import OpenClub
from infra.packaging import this_machine

# More at once on a small machine would only measure the queue in front of the local AWS, which is one process; the crowd does.
CLIENTS, SLICES, SLICE_REQUESTS = 2, 12, 100
CROWD, CROWD_SECONDS = 16, 15.0
THROUGHPUT_MIN, P99_MAX = 0.6, 2
_PATIENCE_S = 60.0

PURCHASE = "/v1/purchases"
# Routes that the gate knows, given other functions in the benchmark's own club.
EMPTY, SPEAKING, FLOOR = "/v1/quotes", "/v1/members", "/v1/events"
_ANSWER = 'return {"statusCode": 201, "headers": {"content-type": "application/json"}, "body": "{}"}'
_EMPTY_SOURCE = f"""
def handler(event, context):
    {_ANSWER}
"""
# Empty, but for a line in its log as ours writes one: the local AWS waits 50 ms for the log of a function that says nothing.
_SPEAKING_SOURCE = f"""
def handler(event, context):
    print('{{"level":"info","route":"empty","status":201}}')
    {_ANSWER}
"""
_FLOOR_SOURCE = """
import floor

def handler(event, context):
    answer = floor.handler(event, context)
    print('{"level":"info","route":"floor","status":201}')
    return answer
"""


@dataclass
class Slice:
    """What several clients saw together."""

    seconds: float = 0
    latencies_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, other: Slice) -> None:
        self.seconds += other.seconds
        self.latencies_ms += other.latencies_ms
        self.errors += other.errors

    @property
    def per_s(self) -> float:
        return len(self.latencies_ms) / self.seconds

    @property
    def p50_ms(self) -> float:
        return median(self.latencies_ms)

    @property
    def p99_ms(self) -> float:
        return percentile(self.latencies_ms, 99)


def put_others_behind_the_gate(club: OpenClub) -> None:
    """The empty function and the floor, in the same API behind the same gate. They go with the benchmark's own club."""
    _put(club, EMPTY, {"empty.py": _EMPTY_SOURCE}, "empty.handler")
    _put(club, SPEAKING, {"speaking.py": _SPEAKING_SOURCE}, "speaking.handler")
    _put(club, FLOOR, {"said.py": _FLOOR_SOURCE, "floor.py": (HERE / "floor.py").read_text()}, "said.handler")


def _put(club: OpenClub, path: str, sources: dict[str, str], handler: str) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, source in sources.items():
            archive.writestr(name, source)
    lambda_, gateway = client(club, "lambda"), client(club, "apigatewayv2")
    function = f"bench-{handler.partition('.')[0]}"
    version = this_machine().python
    made = lambda_.create_function(
        FunctionName=function, Runtime=f"python{version[0]}.{version[1]}", Role=_role(club, function), Handler=handler,
        Code={"ZipFile": body.getvalue()}, MemorySize=ROOM.memory_mb, Timeout=ROOM.timeout_s,
        Environment={"Variables": {"TABLE_NAME": TABLE}},
    )  # fmt: skip
    lambda_.add_permission(
        FunctionName=function, StatementId="bench", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    api = club.url.rpartition("/")[2]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=made["FunctionArn"], PayloadFormatVersion="2.0"
    )["IntegrationId"]
    routes: list[Any] = gateway.get_routes(ApiId=api)["Items"]
    route = next(one["RouteId"] for one in routes if one["RouteKey"] == f"POST {path}")
    gateway.update_route(ApiId=api, RouteId=route, Target=f"integrations/{integration}")


def _role(club: OpenClub, name: str) -> str:
    """A role that may write the floor's table and its own log, since the local AWS asks for rights as AWS does."""
    iam = client(club, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    rights = [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            "Resource": f"arn:aws:dynamodb:*:*:table/{TABLE}",
        },
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"},
    ]
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy([trust]))
    iam.put_role_policy(RoleName=name, PolicyName="bench", PolicyDocument=_policy(rights))
    return str(made["Role"]["Arn"])


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def measured(club: OpenClub, members: list[Member]) -> Chapter:
    seen = {path: Slice() for path in (PURCHASE, EMPTY, SPEAKING, FLOOR)}
    for path in seen:  # So that nobody's cold start is in it.
        _slice(club, path, members, CLIENTS, lambda number: number < SLICE_REQUESTS)
    for _ in range(SLICES):
        for path, total in seen.items():
            total.add(_slice(club, path, members, CLIENTS, lambda number: number < SLICE_REQUESTS))
    gathering = _slice(club, PURCHASE, members, CROWD, lambda number: number < 2 * CROWD)
    until = time.monotonic() + CROWD_SECONDS
    crowd = _slice(club, PURCHASE, members, CROWD, lambda _: time.monotonic() < until)
    crowd.errors += gathering.errors
    ours, empty, speaking, floor = seen.values()
    errors = [error for one in seen.values() for error in one.errors]
    return Chapter(
        "Through the whole local stack",
        f"{CLIENTS} clients, purchases of {LINES_USUAL} lines by member id, {SLICES} slices of {SLICE_REQUESTS} requests each, "
        "in turns with an empty function, with one that is empty but for a line in its log, and with the floor, all behind the "
        "same gate; then a crowd. The local AWS and the clients share the machine. The local AWS waits 50 ms for the log of a "
        "function that says nothing, which flatters us beside the empty one; beside the one that speaks, what is left is mostly "
        "the local AWS's own work for two requests to DynamoDB, as the floor with its one request shows.",
        (
            Figure("Purchases a second, beside the empty function", ours.per_s / empty.per_s, "times", THROUGHPUT_MIN,
                   at_least=True, beside=f"ours {ours.per_s:.0f}/s, empty {empty.per_s:.0f}/s"),
            Figure("p99, beside the empty function", ours.p99_ms / empty.p99_ms, "times", P99_MAX,
                   beside=f"ours {ours.p99_ms:.0f} ms, empty {empty.p99_ms:.0f} ms"),
            Figure("Purchases a second, beside an empty function that logs", ours.per_s / speaking.per_s, "times",
                   beside=f"it {speaking.per_s:.0f}/s, its p99 {speaking.p99_ms:.0f} ms"),
            Figure("Purchases a second, beside the floor", ours.per_s / floor.per_s, "times",
                   beside=f"it {floor.per_s:.0f}/s, its p99 {floor.p99_ms:.0f} ms"),
            Figure("p50 of a purchase", ours.p50_ms, "ms",
                   beside=f"empty {empty.p50_ms:.0f} ms, one that logs {speaking.p50_ms:.0f} ms, floor {floor.p50_ms:.0f} ms"),
            Figure(f"Errors, {CLIENTS} clients", len(errors), limit=0, beside=_first(errors)),
            Figure(f"Errors, {CROWD} clients for {CROWD_SECONDS:.0f} s", len(crowd.errors), limit=0,
                   beside=_first(crowd.errors) or f"{len(crowd.latencies_ms):,} purchases, {crowd.per_s:.0f}/s, "
                                                  f"p99 {crowd.p99_ms:,.0f} ms"),
        ),
    )  # fmt: skip


def _slice(club: OpenClub, path: str, members: list[Member], clients: int, goes_on: Callable[[int], bool]) -> Slice:
    """So many clients at once, each with members of its own, until `goes_on` of the requests begun so far says no."""
    seen, lock, begun = Slice(), threading.Lock(), iter(range(1_000_000))

    def till(own: list[Member]) -> None:
        address = urlsplit(club.url)
        line = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE_S)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {club.key}"}
        for member in cycle(own):
            with lock:
                number = next(begun)
                if not goes_on(number):
                    break
            body = json.dumps(purchase(lines(LINES_USUAL, seed=number), member_id=member.id))
            before = time.perf_counter()
            error = None
            try:
                line.request("POST", address.path + path, body, headers)
                answer = line.getresponse()
                said = answer.read()
                if answer.status != 201:
                    error = f"{answer.status} {said[:200].decode(errors='replace')}"
            except (OSError, http.client.HTTPException) as broken:
                line.close()
                error = repr(broken)
            took_ms = (time.perf_counter() - before) * 1000
            with lock:
                seen.latencies_ms.append(took_ms)
                if error:
                    seen.errors.append(error)
        line.close()

    tills = [threading.Thread(target=till, args=(members[number::clients],)) for number in range(clients)]
    began = time.perf_counter()
    for one in tills:
        one.start()
    for one in tills:
        one.join()
    seen.seconds = time.perf_counter() - began
    return seen


def _first(errors: list[str]) -> str:
    return errors[0] if errors else ""
