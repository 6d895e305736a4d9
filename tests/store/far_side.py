"""A service at the far end of a real line that answers as it is told to: well, badly, late or not at all."""

from __future__ import annotations

import gzip
import json
import socketserver
import ssl
import threading
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, Self

JSON = "application/x-amz-json-1.0"
PATIENCE_S = 20.0


class Request(NamedTuple):
    """One request as it came in: on which line (counted from 0), its headers, its body, the path that it asks for."""

    line: int
    headers: dict[str, str]
    body: bytes
    path: str = "/"

    @property
    def asked(self) -> Any:
        return json.loads(self.body)


class FarSide(socketserver.ThreadingTCPServer):
    """`ways` are for one request each, in turn; after the last of them every request is answered well."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *ways: Way, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.ways = list(ways)
        self.requests: list[Request] = []
        self.lines = 0
        self.hung_up = threading.Semaphore(0)
        self.over = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[Any, Any]:
        line, address = super().get_request()
        return (self._tls.wrap_socket(line, server_side=True) if self._tls else line), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that the near side leaves is no news."""

    def new_line(self) -> int:
        with self._lock:
            self.lines += 1
            return self.lines - 1

    def way_for(self, request: Request) -> Way:
        with self._lock:
            self.requests.append(request)
            return self.ways.pop(0) if self.ways else telling({"Item": {}})

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Line(socketserver.StreamRequestHandler):
    server: FarSide

    def handle(self) -> None:
        number = self.server.new_line()
        while first := self.rfile.readline():
            headers = {}
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            request = Request(
                number, headers, self.rfile.read(int(headers["content-length"])), first.split()[1].decode()
            )
            answer, stays = self.server.way_for(request)(request, self.server)
            self.wfile.write(answer)
            if not stays:
                break
        self.connection.close()

    def finish(self) -> None:
        super().finish()
        self.server.hung_up.release()


# What goes back over the line, and whether the line stays open after it.
Way = Callable[[Request, FarSide], tuple[bytes, bool]]


def answer(body: bytes, status: int = 200, **headers: str) -> bytes:
    told = {"Content-Type": JSON, "Content-Length": str(len(body)), "x-amz-crc32": str(zlib.crc32(body))} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"HTTP/1.1 {status} As it is\r\n{lines}\r\n".encode() + body


def telling(body: Any, status: int = 200, stays: bool = True, **headers: str) -> Way:
    return lambda request, far: (answer(json.dumps(body).encode(), status, **headers), stays)


def refusing(code: str, status: int = 400) -> Way:
    return telling({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}, status)


def echo(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(request.body), True


def packed(request: Request, far: FarSide) -> tuple[bytes, bool]:
    """As DynamoDB packs: the checksum is of what is sent."""
    return answer(gzip.compress(b'{"Item": {"a": {"S": "M1"}}}'), Content_Encoding="gzip"), True


def in_pieces(request: Request, far: FarSide) -> tuple[bytes, bool]:
    pieces = (b'{"Item": ', b'{"a": {"S": "M1"}}}', b"")
    head = answer(b"", Content_Length="", x_amz_crc32="", Transfer_Encoding="chunked")
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces), True


def closing(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return b"", False


def folded(request: Request, far: FarSide) -> tuple[bytes, bool]:
    """As mail folds a header: nobody knows any more which length is meant."""
    return answer(b'{"Item": {}}', Content_Length="1\r\n 2"), True


def of_two_lengths(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {}}', content_length="2"), True


def two_answers(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {}}') + answer(b'{"Item": {"a": {"S": "M2"}}}'), True


def an_endless_head(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return b"HTTP/1.1 200 OK\r\n" + b"x: more\r\n" * 10_000, True


def until_it_hangs_up(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {"a": {"S": "M1"}}}', Content_Length=""), False


def after_a_word(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b'{"Item": {"a": {"S": "M1"}}}'), True


def half_a_head(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return b"HTTP/1.1 200 OK\r\nContent-Le", False


def half_a_body(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {}}')[:-3], False


def gibberish(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return b"\x16\x03\x01 what\r\n\r\n", False


def spoilt(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {}}', x_amz_crc32="1"), True


def spoilt_packed(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b"no gzip", Content_Encoding="gzip"), True


def no_json(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b"<html>"), True


def silence(request: Request, far: FarSide) -> tuple[bytes, bool]:
    far.over.wait(PATIENCE_S)
    return b"", False


def half_an_answer_then_silence(request: Request, far: FarSide) -> tuple[bytes, bool]:
    return answer(b'{"Item": {}}', Content_Length="100"), True
