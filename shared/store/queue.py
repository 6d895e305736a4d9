"""Messages into a queue, one after the other. Where one is not taken the caller comes again, and sends those before it twice."""

from __future__ import annotations

from collections.abc import Iterable

from shared.store.sender import Sender


def send(sender: Sender, url: str, bodies: Iterable[str], delay_s: int = 0) -> None:
    """`delay_s`: seconds before they are handed on, 900 at most. Raises Refused, Lost.

    One by one: a batch may be taken in part, and asks the local AWS for a right that AWS has not.
    """
    later = {"DelaySeconds": delay_s} if delay_s else {}
    for body in bodies:
        sender.call("SendMessage", {"QueueUrl": url, "MessageBody": body, **later})
