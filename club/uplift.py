"""`club uplift`: what a trial in a CSV file says, for any units, arms and outcomes; and in a sentence for who knows no
statistics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club.console import Trouble, say, show_whole
from club.trial_file import Asked, read_trial
from shared.statistics.effects import RATIO_P_MIN, TooFew
from shared.statistics.trials import Compared, Judged, judged

_P_SHOWN_MIN = 0.0001
_SURE = 0.05


def uplift(
    file: Annotated[Path, typer.Argument(help="A CSV file or an Excel workbook with a row for each unit.")],
    arm: Annotated[str, typer.Option(help="The column that says which arm a unit was in.")] = "",
    control: Annotated[str, typer.Option(help="The arm that the others are compared with.")] = "",
    outcomes: Annotated[str, typer.Option(help="Columns of what became of the unit, with commas between.")] = "",
    past: Annotated[str, typer.Option(help="Columns of what was known before, with commas between.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="Take nothing into account that was known before.")] = False,
    split: Annotated[str, typer.Option(help="The split that was meant, such as mail=90,none=10.")] = "",
    money: Annotated[
        str, typer.Option(help="The outcome that is revenue: what a unit of the trial earns is told.")
    ] = "",
    margin: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of revenue that is left after the goods.")
    ] = 100.0,
    cost: Annotated[float, typer.Option(min=0, help="What treating one unit costs, such as a mail.")] = 0.0,
    not_random: Annotated[
        bool, typer.Option("--not-random", help="Chance did not decide who was in which arm.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Such as cp1255; the file tells, mostly.")] = "",
) -> None:
    """Compare the arms of a trial: difference, doubt, and whether it may be called an effect."""
    asked = Asked(arm, control, _names(outcomes), _names(past), _shares(split), not not_random, plain)
    read = read_trial(file, asked, encoding)
    if money and money not in read.trial.outcomes:
        raise Trouble(f"--money names {money!r}, which is none of the outcomes {', '.join(read.trial.outcomes)}.")
    for guess in read.guessed:
        say(f"Taken from the file: {guess}.")
    try:
        found = judged(read.trial, read.control)
    except TooFew as few:
        raise Trouble(f"Nothing can be said: {few}.") from None
    for line in told(found, read.trial.past_names):
        say(line)
    show_whole(shown(found))
    for one in found.compared:
        say(sentence(one, found))
    if money:
        for one in found.compared:
            if one.outcome == money:
                say(profit(one, found, margin / 100, cost))


def told(found: Judged, past: tuple[str, ...]) -> Iterator[str]:
    """What to know before the figures: the arms, their sizes, and what speaks against a trial."""
    sizes = ", ".join(f"{name} {size:,}" for name, size in found.sizes.items())
    yield f"Units: {sizes}. The control is {found.control}."
    if found.unequal is not None:
        verdict = (
            "as it was meant" if found.unequal >= RATIO_P_MIN else "NOT as it was meant: find out why before reading on"
        )
        yield f"The split is {verdict} (p {_p(found.unequal)})."
    for arm, name, one in found.apart:
        yield (
            f"{arm} and {found.control} differed in {name} before anything was done, by {abs(one.distance):.2f} of its spread "
            f"(p {_p(one.p)}): chance did not decide who is in which arm."
        )
    if found.is_trial and not past:
        yield "Nothing is known from before, so that chance decided who is in which arm is taken on trust."
    if not found.is_trial:
        yield "So what follows are differences between arms, and not what the treatment did."


def shown(found: Judged) -> Table:
    word = "uplift" if found.is_trial else "difference"
    headings = ("outcome", "arm", found.control, "arm's mean", word, "of control", "error", "95% interval", "p")
    table = Table(*headings, "read any day", "smallest seen", "without the past", box=None, pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    for one in found.compared:
        it, number = one.effect, _percent if one.is_share else _number
        relative = f"{it.relative:+.1%}" if it.relative is not None else "no data"
        table.add_row(
            Text(one.outcome), Text(one.arm), number(it.control_mean), number(it.treated_mean), f"{number(it.difference, '+')}",
            relative, number(it.error), f"{number(it.low, '+')} to {number(it.high, '+')}", _p(one.p),
            f"{number(it.ever_low, '+')} to {number(it.ever_high, '+')}", number(it.smallest),
            f"{number(it.treated_mean - it.control_mean, '+')} (error {number(it.was)})",
        )  # fmt: skip
    return table


def sentence(one: Compared, found: Judged) -> str:
    """For people who know no statistics."""
    it, number = one.effect, _of_hundred if one.is_share else _number
    what = f"{one.outcome} of {one.arm}"
    size = f"{number(abs(it.difference))} {'more' if it.difference > 0 else 'less'} than that of {found.control}"
    if not found.is_trial:
        return f"{what} was {size}; nobody knows whether {one.arm} is why."
    if one.p < _SURE:
        low, high = sorted((abs(it.low), abs(it.high)))
        certain = "" if it.ever_low > 0 or it.ever_high < 0 else " Wait with a decision if you looked at it before."
        return (
            f"{what} was {size}: {one.arm} did that, most likely by between {number(low)} and {number(high)}.{certain}"
        )
    return (
        f"{what} was {size}, which may be chance: with so many units only {number(it.smallest)} or more would have been seen "
        "for sure."
    )


def profit(one: Compared, found: Judged, margin: float, cost: float) -> str:
    """What treating one unit earned, after goods and cost."""
    it, size = one.effect, found.sizes[one.arm]
    each, low, high = (value * margin - cost for value in (it.difference, it.low, it.high))
    if not found.is_trial:
        return f"What {one.arm} earned cannot be told: this is a difference between arms, and no effect."
    return (
        f"Each unit of {one.arm} brought {each:+.4f} after goods and cost (95%: {low:+.4f} to {high:+.4f}); all {size:,} of them "
        f"{each * size:+,.2f}."
    )


def _number(value: float, sign: str = "") -> str:
    return f"{value:{sign},.4g}" if abs(value) < 1_000 else f"{value:{sign},.0f}"


def _percent(value: float, sign: str = "") -> str:
    return f"{value * 100:{sign}.3f}%"


def _of_hundred(value: float) -> str:
    return f"{value * 100:.2f} of every 100"


def _p(value: float) -> str:
    return f"below {_P_SHOWN_MIN}" if value < _P_SHOWN_MIN else f"{value:.4f}"


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _shares(text: str) -> dict[str, float]:
    """Raises Trouble."""
    shares = {}
    for part in _names(text):
        name, _, share = part.rpartition("=")
        try:
            shares[name.strip()] = float(share)
        except ValueError:
            raise Trouble(f"--split {part!r} is not written as arm=share.") from None
        if not name.strip() or not 0 < shares[name.strip()] < float("inf"):
            raise Trouble(f"--split {part!r} is not written as arm=share, with a share above 0.")
    return shares
