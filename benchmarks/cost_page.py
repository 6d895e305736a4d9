"""`docs/cost.md` and its picture: by service, with and without mail, beside what rented systems publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from benchmarks.cost import SAID, Assumed, Month, months
from benchmarks.prices import Bill, Price, prices
from club.home import ROOT
from shared.domain.prices import REGION

PERFORMANCE = ROOT / "docs" / "performance.md"
PAGE = ROOT / "docs" / "cost.md"
PICTURE = ROOT / "docs" / "pictures" / "cost.svg"


class Rented(NamedTuple):
    """What a rented club costs a month, for so many purchases or members; gathered 2026-11."""

    name: str
    price: str
    for_: str
    source: str


_OWN = "the vendor's page of prices"
RENTED = (
    Rented("Smile.io Growth", "$199", "2,500 purchases; about $0.05 for each more", _OWN),
    Rented("Smile.io Plus, the first with a REST API", "$999", "7,500 purchases", _OWN),
    Rented("LoyaltyLion Classic", "$199", "500 purchases", _OWN),
    Rented("Preferred Patron", "$40", "each further 1,000 members", _OWN),
    Rented("Talon.One", "about EUR 1,500", "the least", "a third party's figure"),
)

HEAD = """# What a club costs

*Written by `python -m benchmarks.cost` from the units in [`performance.md`](performance.md), which `make bench` measures,
and the prices in `shared/domain/price_tables/{region}.toml`; a test compares. By the month, in US dollars at the list prices of
{region}, **without any free tier**; tax and the time of your staff are not in it.*

![What a member costs in a month](pictures/cost.svg)

"""


def write(page: Path = PAGE, picture: Path = PICTURE) -> None:
    """Both anew, from the figures as they were measured last."""
    told = months(PERFORMANCE.read_text("utf-8"), prices())
    page.write_text(written(told, prices()), "utf-8")
    picture.write_text(drawn(told), "utf-8")


def written(told: Sequence[Month], table: Mapping[str, Price], assumed: Assumed | None = None) -> str:
    parts = (
        _totals(told),
        _services(told, table),
        _dearest(told[-1]),
        _beside(told),
        _assumptions(assumed or Assumed()),
    )
    return HEAD.format(region=REGION) + "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _totals(told: Sequence[Month]) -> str:
    def rows() -> Iterator[Sequence[str]]:
        yield "Without mail", *(_usd(one.without_mail_usd) for one in told)
        yield "Mail", *(_usd(one.mail_usd) for one in told)
        yield "**All**", *(f"**{_usd(one.billed.usd)}**" for one in told)
        yield "A member, without mail", *(_cents(one.without_mail_usd / one.members) for one in told)
        yield "A member, all", *(_cents(one.billed.usd / one.members) for one in told)

    return "## By size\n\n" + _table(["a month", *(f"{one.members:,} members" for one in told)], rows())


def _services(told: Sequence[Month], table: Mapping[str, Price]) -> str:
    sums = [_by_service(table, one.billed) for one in told]
    names = sorted(sums[-1], key=lambda name: -sums[-1][name])
    rows = ((name, *(_usd(of[name]) for of in sums)) for name in names)
    return "## By service, as the bill names it\n\n" + _table(
        ["service", *(f"{one.members:,} members" for one in told)], rows
    )


def _by_service(table: Mapping[str, Price], billed: Bill) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for item, usd in billed.lines:
        service = table[item.price].service
        sums[service] = sums.get(service, Decimal(0)) + usd
    return sums


def _dearest(one: Month) -> str:
    lines = sorted(one.billed.lines, key=lambda line: -line[1])[:10]
    rows = ((item.what, f"{item.quantity:,.0f} {item.price.replace('_', ' ')}", _usd(usd)) for item, usd in lines)
    return f"## What is dearest with {one.members:,} members\n\n" + _table(["what", "quantity", "a month"], rows)


def _beside(told: Sequence[Month]) -> str:
    assumed = Assumed()
    small = told[0]
    per_purchase = small.billed.usd / (small.members * assumed.purchases)
    rows = ((one.name, one.price, one.for_, one.source) for one in RENTED)
    ours = ((f"**This club, {one.members:,} members**", f"**{_usd(one.billed.usd)}**",
             f"{one.members * assumed.purchases:,.0f} purchases, mail with them", "above") for one in told[:2])  # fmt: skip
    return (
        "## Beside what is rented\n\nAs published in 2026 and gathered on 2026-11; look again before you quote it. Open Loyalty, "
        "Yotpo and ActiveTrail publish no price. A rented club includes its support and the time of whoever runs it; here that "
        f"is yours. A purchase costs {_cents(per_purchase)} with {small.members:,} members, all of the month in it.\n\n"
        + _table(["", "a month", "for", "source"], iter([*rows, *ours]))
    )


def _assumptions(assumed: Assumed) -> str:
    rows = ((said, f"{getattr(assumed, name):,}") for name, said in SAID.items())
    return (
        "## What is measured, and what is assumed\n\n"
        "**Measured** by `make bench`, and read from its page: the units, requests, compute and log bytes of a purchase with its "
        "gate and its counting; write and read units of a return, a hold and a capture; the reads, writes and compute of a "
        "night of 100,000 members (the demo's programme: an automation that asks what silent members bought makes most of "
        "it); the bytes of an account. **Counted** from the template: the alarms and the queues. **Assumed**, by the month "
        "where nothing else is said:\n\n" + _table(["what", "assumed"], rows) + "\n"
        "Change them in `benchmarks/cost.py`. Not in it: text messages (`club prices` says why), transfer out of AWS, the census "
        "of the month (about $1 for a million members), volume prices, which begin at 300 million requests, and other "
        "programmes: one whose conditions ask the account alone pays a tenth for its nights.\n"
    )


def _usd(usd: Decimal) -> str:
    return f"${usd:,.0f}" if usd >= 1_000 else f"${usd:,.2f}" if usd >= Decimal("0.01") else f"${usd:,.5f}"


def _cents(usd: Decimal) -> str:
    return f"{usd * 100:.3f} ¢"


_WIDTH, _LEFT, _BAR, _GAP, _TOP = 900, 190, 26, 34, 70
_MAIL, _REST = "#b45309", "#0f766e"


def drawn(told: Sequence[Month]) -> str:
    """Cents that a member costs in a month, by size: what runs and what is mailed, the same bytes for the same figures."""
    most = max(one.billed.usd / one.members for one in told)
    bars = "".join(_drawn(one, _TOP + number * (_BAR + _GAP), most) for number, one in enumerate(told))
    height = _TOP + len(told) * (_BAR + _GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" role="img">'
        f"<title>What a member costs in a month</title>"
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="24" y="34" font-size="18" font-weight="bold" fill="#0f172a">What a member costs in a month</text>'
        f'<rect x="430" y="20" width="16" height="16" fill="{_REST}"/>'
        f'<text x="454" y="34" font-size="14" fill="#334155">the club</text>'
        f'<rect x="550" y="20" width="16" height="16" fill="{_MAIL}"/>'
        f'<text x="574" y="34" font-size="14" fill="#334155">mail</text>{bars}</svg>\n'
    )


def _drawn(one: Month, top: int, most: Decimal) -> str:
    space = Decimal(_WIDTH - _LEFT - 120)
    rest, mail = (round(usd / one.members / most * space) for usd in (one.without_mail_usd, one.mail_usd))
    middle = top + _BAR - 8
    return (
        f'<text x="24" y="{middle}" font-size="14" fill="#334155">{one.members:,} members</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{rest}" height="{_BAR}" fill="{_REST}"/>'
        f'<rect x="{_LEFT + rest}" y="{top}" width="{mail}" height="{_BAR}" fill="{_MAIL}"/>'
        f'<text x="{_LEFT + rest + mail + 10}" y="{middle}" font-size="14" fill="#0f172a">'
        f"{_cents(one.billed.usd / one.members)}</text>"
    )
