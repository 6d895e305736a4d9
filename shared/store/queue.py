"""Messages into a queue, one after the other. Where one is not taken the caller comes again, and sends those before it twice."""

from __future__ import annotations

from collections.abc import Iterable

from shared.store.sender import Sender


def send(sender: Sender, url: str, bodies: Iterable[str]) -> None:
    """Raises Refused, Lost. One by one: a batch may be taken in part, and asks the local AWS for a right that AWS has not."""
    for body in bodies:
        sender.call("SendMessage", {"QueueUrl": url, "MessageBody": body})
