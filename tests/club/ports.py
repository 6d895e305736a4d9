"""Free ports for tests: below those that outgoing connections take, so that none of them slips in between."""

from __future__ import annotations

import random
import socket

from club.ministack import HOST

FIRST, LAST = 20_000, 30_000


def free_port() -> int:
    """A port that nobody has at this moment."""
    while True:
        port = random.randint(FIRST, LAST)
        with socket.socket() as door:
            if door.connect_ex((HOST, port)) != 0:
                return port
