"""An answer is what its head says, byte for byte; whatever could be understood in two ways is none."""

from __future__ import annotations

import gzip
import http.client
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store.answer import BODY_BYTES_MAX, HEAD_BYTES_MAX, Answer, Broken, answer_from

BODY = b'{"Item": {}}'
OK = b"HTTP/1.1 200 OK\r\n"
WELL = OK + b"Content-Length: 12\r\n\r\n" + BODY
IN_PIECES = OK + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"Ite\r\n7;note=1\r\nm": {}}\r\n0\r\n\r\n'

# What AWS or something on the way to it may rightly say, and whether the line can be used again.
RIGHT: dict[str, tuple[bytes, bool]] = {
    "as DynamoDB says it": (WELL, True),
    "in pieces": (IN_PIECES, True),
    "without a reason": (WELL.replace(b" OK", b""), True),
    "with an empty reason": (WELL.replace(b" OK", b" "), True),
    "names in capitals": (WELL.replace(b"Content-Length", b"CONTENT-LENGTH"), True),
    "names in small letters": (WELL.replace(b"Content-Length", b"content-length"), True),
    "no space after the colon": (WELL.replace(b": 12", b":12"), True),
    "spaces around the value": (WELL.replace(b": 12", b": \t 12 \t"), True),
    "an empty header": (WELL.replace(OK, OK + b"x-empty:\r\n"), True),
    "a header twice that says nothing of the body": (WELL.replace(OK, OK + b"Via: a\r\nVia: b\r\n"), True),
    "word that it will follow": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + WELL, True),
    "the line will be closed": (WELL.replace(OK, OK + b"Connection: Close\r\n"), False),
    "the line will be closed, among other words": (WELL.replace(OK, OK + b"Connection: x, close\r\n"), False),
    "until the far side hangs up": (OK + b"Connection: close\r\n\r\n" + BODY, False),
    "until the far side hangs up, without a word": (OK + b"\r\n" + BODY, False),
    "of an older HTTP": (WELL.replace(b"1.1", b"1.0"), False),
    "of an older HTTP that stays": (WELL.replace(OK, b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"), True),
    "of an older HTTP until it hangs up": (b"HTTP/1.0 200 OK\r\n\r\n" + BODY, False),
    "plainly packed": (WELL.replace(OK, OK + b"Content-Encoding: identity\r\n"), True),
}


def piece(told: bytes) -> bytes:
    return IN_PIECES.replace(b"7;note=1", told)


def packed(body: bytes) -> bytes:
    return OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body


BAD: dict[str, bytes] = {
    "nothing": b"",
    "garbage": b"\x16\x03\x01 what\r\n\r\n",
    "an older kind of answer": b"<html>no head at all</html>\r\n\r\n",
    "another version": WELL.replace(b"1.1", b"2.0"),
    "a status of two digits": WELL.replace(b"200", b"20"),
    "a status of four digits": WELL.replace(b"200", b"2000"),
    "a status that is none": WELL.replace(b"200", b"999"),
    "a status in other digits": WELL.replace(b"200", "２００".encode()),
    "another protocol": b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + WELL,
    "promises without an end": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 + WELL,
    "a head that never ends": OK + b"x: " + b"x" * HEAD_BYTES_MAX * 5,
    "a head that is too long": OK + b"x: " + b"x" * HEAD_BYTES_MAX + b"\r\n\r\n",
    "a folded header": WELL.replace(OK, OK + b"x-long: one\r\n two\r\n"),
    "a folded length": WELL.replace(b": 12", b": 1\r\n 2"),
    "lines that end without return": WELL.replace(b"\r\n", b"\n"),
    "one line that ends without return": WELL.replace(OK, OK + b"x: 1\nContent-Length: 5\r\n"),
    "a return within a line": WELL.replace(OK, OK + b"x: 1\r2\r\n"),
    "a zero byte": WELL.replace(OK, OK + b"x: 1\x002\r\n"),
    "a header without a name": WELL.replace(OK, OK + b": x\r\n"),
    "a header without a colon": WELL.replace(OK, OK + b"what\r\n"),
    "a space before the colon": WELL.replace(b"Length:", b"Length :"),
    "a length twice": WELL.replace(OK, OK + b"content-length: 12\r\n"),
    "two lengths": WELL.replace(OK, OK + b"content-length: 5\r\n"),
    "two lengths in one": WELL.replace(b": 12", b": 12, 12"),
    "a length below zero": WELL.replace(b": 12", b": -12"),
    "a length with a sign": WELL.replace(b": 12", b": +12"),
    "a length with a mark": WELL.replace(b": 12", b": 1_2"),
    "a length in other digits": WELL.replace(b": 12", b": \xb9\xb2"),
    "an empty length": WELL.replace(b": 12", b":"),
    "a length that nobody sends": WELL.replace(b": 12", b": %d" % (BODY_BYTES_MAX + 1)),
    "a length of many digits": WELL.replace(b": 12", b": " + b"0" * 20 + b"12"),
    "shorter than its length": WELL[:-1],
    "longer than its length": WELL + b"}",
    "another answer after it": WELL + WELL,
    "a length and pieces": IN_PIECES.replace(OK, OK + b"Content-Length: 12\r\n"),
    "pieces twice": IN_PIECES.replace(OK, OK + b"Transfer-Encoding: chunked\r\n"),
    "pieces of another kind": IN_PIECES.replace(b"chunked", b"gzip, chunked"),
    "pieces in an older HTTP": IN_PIECES.replace(b"1.1", b"1.0"),
    "a piece without a length": piece(b""),
    "a piece with a length that is none": piece(b"0x7"),
    "a piece with a sign": piece(b"+7"),
    "a piece below zero": piece(b"-7"),
    "a piece longer than its length": piece(b"6"),
    "a piece shorter than its length": piece(b"8"),
    "a piece that nobody sends": piece(b"ffffffff"),
    "a piece with a length without an end": piece(b"7;" + b"x" * HEAD_BYTES_MAX),
    "headers after the last piece": IN_PIECES[:-2] + b"x-amz-crc32: 1\r\n\r\n",
    "pieces without the last": IN_PIECES[: -len(b"0\r\n\r\n")],
    "another checksum": WELL.replace(OK, OK + b"x-amz-crc32: 1\r\n"),
    "two checksums": WELL.replace(OK, OK + b"x-amz-crc32: %d\r\n" % zlib.crc32(BODY) + b"x-amz-crc32: 1\r\n"),
    "packed in a way not asked for": WELL.replace(OK, OK + b"Content-Encoding: br\r\n"),
    "not packed as it says": packed(BODY),
    "packed, and its end is missing": packed(gzip.compress(BODY)[:-1]),
    "packed, and more after it": packed(gzip.compress(BODY) + BODY),
    "packed, and too large": packed(gzip.compress(bytes(BODY_BYTES_MAX + 1), 1)),
}  # fmt: skip


@contextmanager
def far_side_that_says(*said: bytes) -> Iterator[socket.socket]:
    """A line on which this comes, a part at a time, before the far side hangs up."""
    near, far = socket.socketpair()
    near.settimeout(20)

    def say() -> None:
        # The near side may have heard enough.
        with far, suppress(OSError):
            for part in said:
                far.sendall(part)

    saying = threading.Thread(target=say)
    saying.start()
    with near:
        yield near
    saying.join()


def heard(*said: bytes) -> tuple[Answer, bool]:
    with far_side_that_says(*said) as line:
        return answer_from(line)


@pytest.mark.parametrize("name", RIGHT)
def test_an_answer_is_heard_however_it_is_rightly_said(name: str) -> None:
    said, stays = RIGHT[name]
    answer, kept = heard(said)
    assert (answer.status, answer.body, kept) == (200, BODY, stays)
    # Byte by byte, as a bad line brings it.
    assert heard(*[bytes([byte]) for byte in said]) == (answer, kept)


@pytest.mark.parametrize("name", RIGHT)
def test_the_standard_library_hears_the_same(name: str) -> None:
    said, stays = RIGHT[name]
    with far_side_that_says(said) as line, http.client.HTTPResponse(line, method="POST") as response:
        response.begin()
        assert (response.status, response.read(), not response.will_close) == (200, BODY, stays)
        headers = {header.lower(): value.strip() for header, value in response.headers.items()}
    assert dict(heard(said)[0].headers) == headers


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_whole_answer_or_could_mean_two_is_none(name: str) -> None:
    with pytest.raises(Broken):
        heard(BAD[name])


@pytest.mark.parametrize("name", [name for name, (said, _) in RIGHT.items() if b"12" in said or b"chunked" in said])
def test_an_answer_that_ends_early_is_none(name: str) -> None:
    said, _ = RIGHT[name]
    for end in range(len(said)):
        with pytest.raises(Broken):
            heard(said[:end])


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_is_not_waited_for(status: int) -> None:
    near, far = socket.socketpair()
    with near, far:
        near.settimeout(20)
        far.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 12\r\n\r\n" % status)
        answer, stays = answer_from(near)
    assert (answer.status, answer.body, stays) == (status, b"", True)


def test_a_body_that_grows_without_an_end_is_left() -> None:
    """The far side never hangs up: it stops when nobody listens any more."""
    near, far = socket.socketpair()
    sent = 0

    def say() -> None:
        nonlocal sent
        with far, suppress(OSError):
            far.sendall(OK + b"\r\n")
            while sent < 3 * BODY_BYTES_MAX:
                sent += far.send(bytes(1024 * 1024))

    saying = threading.Thread(target=say)
    saying.start()
    with near, pytest.raises(Broken):
        answer_from(near)
    saying.join()
    assert BODY_BYTES_MAX < sent < 2 * BODY_BYTES_MAX


@given(st.binary(max_size=300), st.lists(st.integers(1, 90), max_size=8))
def test_bytes_come_back_as_they_were_sent_whole_or_in_pieces(body: bytes, sizes: list[int]) -> None:
    pieces, rest = [], body
    for size in sizes:
        if rest:
            pieces.append(rest[:size])
            rest = rest[size:]
    told = b"".join(b"%X\r\n%s\r\n" % (len(one), one) for one in [*pieces, *([rest] if rest else []), b""])
    checksum = b"X-Amz-Crc32: %d\r\n" % zlib.crc32(body)
    whole, _ = heard(OK + checksum + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    in_pieces, _ = heard(OK + checksum + b"Transfer-Encoding: Chunked\r\n\r\n" + told)
    assert whole.body == in_pieces.body == body


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_break_an_answer(said: bytes) -> None:
    for before in (b"", OK, OK + b"Content-Length: 12\r\n", OK + b"Transfer-Encoding: chunked\r\n\r\n"):
        try:
            answer, _ = heard(before + said)
        except Broken:
            continue
        assert answer.status == 200 or not before
