"""`club down`: stop what `club up` started, and only that; the next `club up` finds everything again."""

from __future__ import annotations

from club import ministack
from club.console import say
from club.home import exclusively, here


def down() -> None:
    """Stop the club on this machine."""
    home = here()
    if not home.folder.exists():
        say("Nothing to stop: the club was never started here.")
        return
    with exclusively(home):
        stopped = ministack.stop(home)
    say(
        "The club is stopped; `make up` starts it with everything it held."
        if stopped
        else "Nothing to stop: the club is not running."
    )
