"""One answer of HTTP read off a line, whole and as its head says, or not at all.

The standard library reads heads as e-mail, which costs more than all else in a request, and is lenient where this is not:
what can be understood in two ways is no answer.
"""

from __future__ import annotations

import re
import socket
import zlib
from collections.abc import Mapping
from typing import NamedTuple

# AWS sends a few hundred bytes of head; DynamoDB at most 16 MB of rows, which JSON makes longer.
HEAD_BYTES_MAX = 16 * 1024
BODY_BYTES_MAX = 64 * 1024 * 1024
_RECEIVED_MAX = 64 * 1024

_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [^\r\n\0]*)?")
_HEADER = re.compile(r"([\w!#$%&'*+.^`|~-]+):[ \t]*([^\r\n\0]*)", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,9}")
_PIECE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n\0]*)?")
# Two of one of these could mean either.
_ONCE = frozenset(
    {"content-length", "transfer-encoding", "connection", "content-encoding", "x-amz-crc32", "x-amzn-errortype"}
)
_WITHOUT_BODY = frozenset({204, 304})


class Broken(Exception):
    """What came is no whole answer of HTTP, or none that means one thing."""


class Answer(NamedTuple):
    """One answer off the wire, the names of its headers in lower case, its body unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer_from(line: socket.socket) -> tuple[Answer, bool]:
    """The next answer, and whether the line can be used again. Raises OSError or Broken."""
    come = _Come(line)
    status, left = 100, HEAD_BYTES_MAX
    while status < 200:
        head = come.until(b"\r\n\r\n", left)
        version, status, headers = _head(head)
        # Before 200 it is word that an answer will follow; to speak another protocol was not asked for.
        if status == 101:
            raise Broken("another protocol")
        left -= len(head)
    said = [word.strip().lower() for word in headers.get("connection", "").split(",")]
    stays = "close" not in said and (version == "1" or "keep-alive" in said)
    length, coding = headers.get("content-length"), headers.get("transfer-encoding")
    if status in _WITHOUT_BODY:
        body = b""
    elif coding is not None:
        if coding.lower() != "chunked" or length is not None or version == "0":
            raise Broken("its length is said in two ways or in none that is known")
        body = _pieces(come)
    elif length is not None:
        if not _LENGTH.fullmatch(length) or int(length) > BODY_BYTES_MAX:
            raise Broken("its length is no number, or too large")
        body = come.exactly(int(length))
    else:
        body, stays = come.rest(), False
    if come.more:
        raise Broken("something came after it")
    return Answer(status, headers, _whole(headers, body)), stays


def _head(head: bytes) -> tuple[str, int, dict[str, str]]:
    """The minor version, the status, the headers."""
    first, *rest = head.decode("latin-1").split("\r\n")
    begun = _STATUS_LINE.fullmatch(first)
    if begun is None:
        raise Broken("no HTTP")
    headers: dict[str, str] = {}
    for line in rest:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise Broken("its head cannot be read")
        name, value = found.groups()
        name = name.lower()
        if name in headers and name in _ONCE:
            raise Broken(f"{name} twice")
        headers[name] = value.rstrip(" \t")
    return begun[1], int(begun[2]), headers


def _pieces(come: _Come) -> bytes:
    """A body that was sent in pieces, each after its length, the last of them empty."""
    body: list[bytes] = []
    total = 0
    while True:
        size = _PIECE.fullmatch(come.until(b"\r\n", HEAD_BYTES_MAX))
        if size is None:
            raise Broken("a piece without its length")
        length = int(size[1], 16)
        total += length
        if total > BODY_BYTES_MAX:
            raise Broken("its body is too large")
        if length == 0:
            # Headers may follow the last piece. AWS sends none, and none of them would be heard.
            if come.until(b"\r\n", HEAD_BYTES_MAX):
                raise Broken("headers after its body")
            return b"".join(body)
        body.append(come.exactly(length))
        if come.exactly(2) != b"\r\n":
            raise Broken("a piece is longer than its length")


def _whole(headers: Mapping[str, str], body: bytes) -> bytes:
    # DynamoDB's checksum is of what it sent, packed or not.
    checksum = headers.get("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(body)):
        raise Broken("it does not have its checksum")
    packing = headers.get("content-encoding", "identity").lower()
    if packing == "identity":
        return body
    if packing != "gzip":
        raise Broken("packed in another way")
    # 31: the largest window, in gzip's own wrapping.
    unpacking = zlib.decompressobj(31)
    try:
        unpacked = unpacking.decompress(body, BODY_BYTES_MAX)
    except zlib.error:
        raise Broken("it cannot be unpacked") from None
    if not unpacking.eof or unpacking.unused_data:
        raise Broken("it is not whole, or too large")
    return unpacked


class _Come:
    """What has come over a line and was not read yet."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.more = b""

    def until(self, mark: bytes, bytes_max: int) -> bytes:
        """What stands before the mark, which is passed over."""
        while True:
            found, marked, after = self.more.partition(mark)
            if len(found) > bytes_max:
                raise Broken("more than it may be")
            if marked:
                self.more = after
                return found
            self.more += self._next()

    def exactly(self, count: int) -> bytes:
        if len(self.more) < count:
            got, left = [self.more], count - len(self.more)
            while left > 0:
                got.append(self._next())
                left -= len(got[-1])
            self.more = b"".join(got)
        found, self.more = self.more[:count], self.more[count:]
        return found

    def rest(self) -> bytes:
        """Everything until the far side hangs up."""
        got, total = [self.more], len(self.more)
        self.more = b""
        while come := self._line.recv(_RECEIVED_MAX):
            got.append(come)
            total += len(come)
            if total > BODY_BYTES_MAX:
                raise Broken("its body is too large")
        return b"".join(got)

    def _next(self) -> bytes:
        come = self._line.recv(_RECEIVED_MAX)
        if not come:
            raise Broken("it ends too early")
        return come
