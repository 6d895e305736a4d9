"""The figures for people: a table on the terminal, and the same as `docs/performance.md`."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Chapter, missed
from benchmarks.prices import Price, old

_VERDICT = {"kept": "green", "missed": "bold red", "": ""}


# A pipe says 80 columns, which would break every name in three.
_COLUMNS_MIN = 150


def show(chapters: Sequence[Chapter], console: Console) -> None:
    console.width = max(console.width, _COLUMNS_MIN)
    for chapter in chapters:
        table = Table("what", "measured", "limit", "", "made of", title=chapter.title, title_justify="left")
        table.columns[1].justify = "right"
        for one in chapter.figures:
            table.add_row(one.name, one.told, one.wanted, f"[{style}]{one.verdict}[/]" if (style := _VERDICT[one.verdict])
                          else "", one.beside)  # fmt: skip
        console.print(table)
        console.print(chapter.how, style="dim", markup=False)
        console.print()


def machine() -> str:
    """The processor, its cores and the interpreter; nothing that says whose machine it is.

    >>> machine().count(",")
    2
    """
    cores = os.cpu_count() or 1
    return f"{_processor()}, {cores} cores, {platform.python_implementation()} {platform.python_version()}"


def page(chapters: Sequence[Chapter], prices: dict[str, Price], on: date, machine: str) -> str:
    """`docs/performance.md`, whole."""
    faults = missed(chapters)
    verdict = "**Missed:**\n\n" + "".join(f"- {fault}\n" for fault in faults) if faults else "Every number is kept.\n"
    about = (
        "Written by `make bench`, which measures everything in one run and fails when a number is missed. Run it on your own "
        "machine: times differ, the ratios and counts should not. It starts a club of its own on a free port and removes it; "
        "what `make up` started is not touched. It takes a quarter of an hour.\n"
    )
    names = (
        "*Ours* is the packaged purchase function, *tutorial* is `benchmarks/tutorial.py` (what the documentation of the "
        "parts teaches), *floor* is `benchmarks/floor.py` (the standard library and one signed transaction).\n"
    )
    measured = f"Measured on {on.isoformat()}: {machine}.\n"
    sections = map(_section, chapters)
    parts = ["# Performance\n", about, measured, verdict, names, *sections, _prices(prices, on)]
    return "\n".join(parts)


def with_chapter(text: str, chapter: Chapter) -> str:
    """The page with this chapter in place of the older one, or before the prices where there was none."""
    before, mark, rest = text.partition(f"## {chapter.title}\n")
    if not mark:
        before, rest = text[: text.index("## Prices\n")], text[text.index("## Prices\n") :]
        return f"{before}{_section(chapter)}\n{rest}"
    return f"{before}{_section(chapter)}\n{rest[rest.index('## ') :]}"


def _section(chapter: Chapter) -> str:
    rows = [
        f"| {one.name} | {one.told} | {one.wanted} | {one.verdict} | {one.beside} |\n".replace("  ", " ")
        for one in chapter.figures
    ]
    return (
        f"## {chapter.title}\n\n{chapter.how}\n\n"
        "| what | measured | limit | | made of |\n| --- | ---: | --- | --- | --- |\n" + "".join(rows)
    )


def _prices(prices: dict[str, Price], on: date) -> str:
    """The price table with source and age."""
    aged = set(old(prices, on))
    rows = [
        f"| {price.source} | ${price.usd} for {price.per:,} | {price.standing} | {price.read_on:%Y-%m}"
        f"{', older than 90 days: look again' if name in aged else ''} |\n"
        for name, price in prices.items()
    ]
    return (
        "## Prices\n\nFrom `shared/domain/price_tables/us-east-1.toml`: us-east-1, US dollars. `list` was read in a public price "
        "listing, "
        "`check` is widely known and was not looked up.\n\n"
        "| price | | standing | read |\n| --- | --- | --- | --- |\n" + "".join(rows)
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return " ".join(value.split()).replace(",", "")
    return platform.processor() or platform.machine()
