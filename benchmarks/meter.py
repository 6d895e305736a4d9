"""Stands between a function and the local AWS and counts: requests, bytes, units. It knows nothing of how they were sent.

Write units are those that DynamoDB answers, since the meter asks for them on the function's behalf; read units are computed from
the rows by AWS's rule.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from club.ministack import HOST
from shared.domain.row_bytes import read_units, row_bytes

_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})
_READS = frozenset({"GetItem", "BatchGetItem"})
_UNIT_READ_BYTES = 4_096
_ASK = {"ReturnConsumedCapacity": "INDEXES"}
_HOP_BY_HOP = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}


@dataclass
class Count:
    """What left the function since the count began. `operations`: every request by name, the SDK's own retries included."""

    operations: list[str] = field(default_factory=list)
    write_units: int = 0
    read_units: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


class Meter(ThreadingHTTPServer):
    """`with Meter(port) as meter:` then give `meter.endpoint` to a function and read `meter.count`."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((HOST, 0), _Door)
        self.behind = port
        self.count = Count()

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def begin(self) -> None:
        self.count = Count()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Door(BaseHTTPRequestHandler):
    server: Meter
    protocol_version = "HTTP/1.1"
    # Head and body leave in one go; else the kernel waits for the other side's word between them.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        is_dynamodb = self.headers.get("X-Amz-Target", "").startswith("DynamoDB_")
        # The local AWS does not check the signature of its root, so the question may be added under way.
        asked = json.dumps(json.loads(body) | _ASK).encode() if is_dynamodb else body
        status, headers, answer = self._behind(asked)
        count = self.server.count
        count.operations.append(operation)
        count.bytes_sent += len(self.requestline) + 2 + len(self.headers.as_bytes()) + len(body)
        if is_dynamodb and status == 200:
            weigh(count, operation, json.loads(answer))
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _HOP_BY_HOP | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()
        count.bytes_received += len(answer)

    def _behind(self, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        line = http.client.HTTPConnection(HOST, self.server.behind, timeout=30)
        try:
            kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
            line.request("POST", self.path, body, kept)
            answer = line.getresponse()
            said = answer.read()
            # A checksum of the answer would be of the one without the units; the function is spared comparing it.
            headers = {name: value for name, value in answer.headers.items() if name.lower() != "x-amz-crc32"}
            return answer.status, headers, said
        finally:
            line.close()

    def log_message(self, *_: object) -> None:
        pass


def weigh(count: Count, operation: str, answer: Any) -> None:
    if operation in _WRITES:
        consumed = answer.get("ConsumedCapacity") or []
        for one in consumed if isinstance(consumed, list) else [consumed]:
            count.write_units += int(one["CapacityUnits"])
    elif operation in _READS:
        tables = [[answer.get("Item")]] if operation == "GetItem" else answer["Responses"].values()
        count.read_units += sum(read_units(row) for rows in tables for row in rows)
    elif operation == "Query":
        # All of its rows together, as of a strong read; a weak one costs half.
        count.read_units += max(1, -(-sum(map(row_bytes, answer["Items"])) // _UNIT_READ_BYTES))
