"""Lines to one address, kept open between requests: a whole request goes out, a whole answer comes back, or the line is lost."""

from __future__ import annotations

import contextlib
import socket
import ssl
from functools import cache
from select import POLLIN, poll
from urllib.parse import urlsplit
from weakref import finalize

from shared.store.answer import Answer, Broken, answer_from

CONNECT_SECONDS_MAX = 1.0
READ_SECONDS_MAX = 1.5
# Who takes a message takes longer: three attempts with their pauses end within half a minute.
SENDING_SECONDS_MAX = 5.0
# A function answers one request at a time; an operator's command has a few threads.
KEPT_MAX = 4

# What a line can be lost by, and an answer spoilt.
LOST = (OSError, Broken)


class Unreached(OSError):
    """Nobody opened, so nothing was sent. Its cause says why."""


class Lines:
    """Several threads may share them."""

    def __init__(self, url: str, read_seconds_max: float | None = None) -> None:
        """`read_seconds_max`: the patience with an answer, where it is another than with a table.

        Raises ValueError when the address is not https, nor http on this machine itself.
        """
        address = urlsplit(url)
        plain = address.scheme == "http" and address.hostname in ("127.0.0.1", "::1", "localhost")
        if not address.hostname or not (plain or address.scheme == "https") or address.path not in ("", "/"):
            raise ValueError(f"{url} is no address of a service: https, a host, no path (http on this machine only)")
        self.host = address.netloc
        self._address = (address.hostname, address.port or (80 if plain else 443))
        self._tls = None if plain else _tls()
        self._read_seconds_max = read_seconds_max
        self._open: list[socket.socket] = []
        # Not `__del__`: where whoever asks stands in a circle with others, the lines may be gone before it is called.
        finalize(self, _hang_up, self._open)

    def ask(self, request: bytes) -> Answer:
        """One request and its answer, once over the wire. Raises one of LOST; Unreached where it did not go out."""
        line = self._standing() or self._new()
        try:
            # In one piece: a second packet could wait for the first one's receipt.
            line.sendall(request)
            answer, stays = answer_from(line)
        except BaseException:
            line.close()
            # The others have stood as long: what took this one may have taken them without a word.
            _hang_up(self._open)
            raise
        if stays and len(self._open) < KEPT_MAX:
            self._open.append(line)
        else:
            line.close()
        return answer

    def _standing(self) -> socket.socket | None:
        """The line used last that still stands. One that the other side has closed can be read: its end is there."""
        while True:
            try:
                line = self._open.pop()
            except IndexError:
                return None
            look = poll()
            look.register(line, POLLIN)
            if not look.poll(0):
                return line
            line.close()

    def _new(self) -> socket.socket:
        try:
            return self._opened()
        except OSError as closed:
            raise Unreached(self.host) from closed

    def _opened(self) -> socket.socket:
        line = socket.create_connection(self._address, CONNECT_SECONDS_MAX)
        try:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                line = self._tls.wrap_socket(line, server_hostname=self._address[0])
            line.settimeout(self._read_seconds_max or READ_SECONDS_MAX)
        except BaseException:
            line.close()
            raise
        return line


def _hang_up(lines: list[socket.socket]) -> None:
    with contextlib.suppress(IndexError):
        while True:
            lines.pop().close()


@cache
def _tls() -> ssl.SSLContext:
    """Certificates and names are checked, as the standard library does unless told otherwise."""
    return ssl.create_default_context()
