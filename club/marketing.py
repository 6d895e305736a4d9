"""`club marketing`: may the club advertise now? One switch stops all of it; whoever lets it go has looked at the breaker too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Annotated

import typer

from club import aws
from club.console import Trouble, say
from club.programme import Stage
from club.store import tables
from shared.domain.breaker import BOUNCED_MAX, COMPLAINED_MAX, MAILS_MIN, Mails
from shared.store.backend import Backend
from shared.store.breaker import Breaker, breaker_of, mails_judged, put_closed
from shared.store.switch import Switch, put_switch, switch_of

WHY_LENGTH_MAX = 200


def marketing(
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop all marketing: what would go is refused, and goes no more.")
    ] = False,
    go: Annotated[bool, typer.Option("--go", help="Let it go again, and close the breaker.")] = False,
    why: Annotated[str, typer.Option(help="With either: the reason, which is kept.")] = "",
    actor: Annotated[str, typer.Option(help="Who says so: it is kept beside the reason.")] = "operator",
    stage: Stage = aws.LOCAL,
) -> None:
    """Say whether marketing may go and how the last mails fared; with --stop or --go, and a reason, change it."""
    if stop and go:
        raise Trouble("Marketing either stops or goes: say --stop or --go.")
    backend, now = tables(stage), datetime.now(UTC)
    if stop or go:
        pressed(backend, stop, actor, why.strip(), now)
    breaker = breaker_of(backend, "live")
    for line in told(switch_of(backend, "live"), breaker, mails_judged(backend, "live", breaker, now)):
        say(line)


def pressed(backend: Backend, stop: bool, actor: str, why: str, now: datetime) -> None:
    """Raises Trouble where there is no reason, or where somebody else came first."""
    if not 0 < len(why) <= WHY_LENGTH_MAX:
        raise Trouble(f'Say why, in at most {WHY_LENGTH_MAX} characters: --why "the list was wrong".')
    puts = [put_switch("live", switch_of(backend, "live"), stop, actor, why, now)]
    if not stop:
        puts.append(put_closed("live", breaker_of(backend, "live"), now))
    if backend.write(puts):
        raise Trouble("Somebody else, or a notice, changed it in this moment: look, and say it again.")


def told(switch: Switch, breaker: Breaker, last: Mails) -> Iterator[str]:
    if switch.stopped:
        yield f"Marketing is stopped by {switch.actor} since {switch.at}: {switch.reason}"
    elif breaker.opened is not None:
        yield f"Marketing is stopped by the breaker since {breaker.opened:%Y-%m-%d %H:%M} UTC. `club marketing --go` closes it."
    else:
        yield "Marketing may go."
    if last.sent:
        yield (
            f"Of the last {last.sent:,} mails {last.bounced:,} bounced ({_percent(last.bounced, last.sent)}) and "
            f"{last.complained:,} were called spam ({_percent(last.complained, last.sent)})."
        )
    limits = (_percent(share.numerator, share.denominator) for share in (BOUNCED_MAX, COMPLAINED_MAX))
    yield "It stops by itself at {} bounces or {} complaints; fewer than {} mails are not judged.".format(
        *limits, MAILS_MIN
    )


def _percent(part: int, whole: int) -> str:
    """In hundredths of a percent, rounded down: a limit that is not reached never looks as if it were."""
    hundredths = Fraction(part, whole) * 10_000 // 1
    return f"{hundredths // 100}.{hundredths % 100:02d} %"
