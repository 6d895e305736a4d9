"""What a message is worth, as a trial measured it: the margin it brings, once that is known better than declared."""

from __future__ import annotations

from shared.statistics.effects import Effect


def worth_of(margin: Effect, calls: float, declared_minor: int) -> int | None:
    """In minor units for each time a member was due; `calls` is how often one was. None: what was declared stands.

    It is asked after each reading, so it keeps to the interval that may be read every day: measured is what this one tells from
    nothing, or from what was declared. Below nothing there is no worth, and whatever competes with it goes first.

    >>> one = Effect(0, 0, 300.0, 50, 200, 400, 0, 100.0, 500.0, 140, 50)
    >>> worth_of(one, 1.0, 250), worth_of(one, 2.0, 250), worth_of(one._replace(ever_low=-1.0), 1.0, 250)
    (300, 150, None)
    """
    if calls <= 0:
        return None
    is_something = margin.ever_low > 0 or margin.ever_high < 0
    is_as_declared = margin.ever_low <= declared_minor * calls <= margin.ever_high
    return max(0, round(margin.difference / calls)) if is_something or not is_as_declared else None
