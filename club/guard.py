"""`club guard`: the arithmetic that keeps offers from losing money. Nothing is written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from club import aws
from club.console import Trouble, out, say
from club.programme import DEMO, File, Stage, read
from club.store import tables
from shared.actions.read_lately import read_lately
from shared.domain.guard import Case, guarded, lossy_offers, worst_cases
from shared.domain.lately import usual_units
from shared.domain.rulebook import OfferRule, Rulebook
from shared.domain.sentences import Speaker
from shared.domain.told_guard import case, goods_of, percent, verdict
from shared.domain.voice import LANGUAGES
from shared.store.store import Store


def guard(
    file: File = DEMO,
    offer: Annotated[str | None, typer.Option(help="An offer of the programme: may a member be given it?")] = None,
    usual: Annotated[int, typer.Option(min=0, max=1_000, help="With --offer: units that the member usually buys.")] = 0,
    member: Annotated[str | None, typer.Option(help="With --offer: a member, whose usual units are read.")] = None,
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    stage: Stage = aws.LOCAL,
) -> None:
    """Show what offers leave of a price at worst, against the floor of margin; with --offer, what a member gets instead."""
    book = read(file)
    if language not in book.programme.club.languages:
        raise Trouble(f"The programme speaks {', '.join(book.programme.club.languages)}, not {language!r}.")
    speaker = Speaker(book, language)
    if offer is not None:
        rule = book.offer(offer)
        if rule is None:
            raise Trouble(f"There is no offer {offer!r}; there is {', '.join(one.offer.id for one in book.offers)}.")
        units = usual if member is None else usually_bought(rule, member, Store(tables(stage)), book)
        if member is not None:
            say(f"{member} usually buys {units:,} at a time of what {offer} is for.")
        for line in verdict(speaker, guarded(rule, units, book)):
            say(line)
        return
    if book.programme.margin.floor_percent is None:
        raise Trouble("The programme has no floor of margin: [margin] floor_percent is not written.")
    cases = worst_cases(book)
    out.print(_table(cases, book))
    for one in cases:
        say(case(speaker, one))


def of_offer(book: Rulebook, offer: str | None) -> tuple[list[str], bool]:
    """What the guard says of an offer, and whether it loses money on all that it is for."""
    if offer is None or book.programme.margin.floor_percent is None:
        return [], False
    speaker = Speaker(book, "en")
    said = [case(speaker, one) for one in worst_cases(book) if offer in one.offers]
    return said, any(rule.offer.id == offer for rule, _ in lossy_offers(book))


def usually_bought(rule: OfferRule, member: str, store: Store, book: Rulebook) -> int:
    """Units that a member usually buys at a time of an offer's goods, by a year's purchases. Raises Trouble."""
    account = store.account(member)
    if account is None:
        raise Trouble(f"There is no member {member!r}.")
    today = datetime.now(book.zone).date()
    return usual_units(read_lately(store, account, today, book), today, rule.lines)


def _table(cases: list[Case], book: Rulebook) -> Table:
    speaker = Speaker(book, "en")
    shown = Table("goods", "offers", "off at worst", "the floor allows", "", box=None, pad_edge=False)
    for one in cases:
        shown.add_row(
            Text(goods_of(speaker, one.cost)),
            Text(", ".join(one.offers) or "none"),
            f"{percent(speaker, one.off)}%",
            f"{percent(speaker, one.most)}%" if one.most is not None else "by its price",
            "lowered" if one.passes else "",
        )
    return shown
