"""`club prices`: what AWS charges, by the product's table; from where and how old each price is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club.console import Trouble, complain, out, say
from shared.domain.prices import OLD_AFTER, REGION, Price, PricesFaulty, RegionUnknown, old, prices_in
from shared.domain.prices import prices as prices_of


def prices(
    region: Annotated[str, typer.Option(help="The region of AWS.")] = REGION,
    file: Annotated[Path | None, typer.Option(help="A TOML file with prices of your own, above the product's.")] = None,
) -> None:
    """Print the prices that costs are counted with. It exits with 1 where some are older than 90 days."""
    table, today = table_of(region, file), datetime.now(UTC).date()
    out.print(shown(table, today))
    say(
        "list: read in a public price listing. check: widely known, not looked up. Free each month is not taken off unless asked."
    )
    if late := old(table, today):
        complain(f"Older than {OLD_AFTER.days} days, look them up again: {', '.join(late)}.")
        sys.exit(1)


def table_of(region: str, file: Path | None) -> dict[str, Price]:
    """The prices of a region, with those of a file above them. Raises Trouble."""
    try:
        table = prices_of(region)
        return prices_in(file.read_text("utf-8"), table) if file is not None else table
    except RegionUnknown as unknown:
        raise Trouble(f"{unknown.args[0][0].upper()}{unknown.args[0][1:]}: --file brings your own.") from None
    except PricesFaulty as faulty:
        raise Trouble(f"{file}: {faulty}.") from None
    except (OSError, UnicodeDecodeError) as broken:
        raise Trouble(f"{file} cannot be read: {broken}.") from None


def shown(table: Mapping[str, Price], today: date) -> Table:
    sheet = Table(
        "price",
        "service",
        "US dollars",
        "for",
        "free a month",
        "read on",
        "standing",
        "source",
        box=None,
        pad_edge=False,
    )
    for column in sheet.columns[2:5]:
        column.justify = "right"
    late = set(old(table, today))
    for name, price in table.items():
        free = f"{price.free_a_month:,}" if price.free_a_month else ""
        when = f"{price.read_on}{' (old)' if name in late else ''}"
        sheet.add_row(
            Text(name), Text(price.service), f"{price.usd}", f"{price.per:,}", free, when, price.standing, Text(price.source)
        )  # fmt: skip
    return sheet
