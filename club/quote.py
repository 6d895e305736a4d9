"""`club quote`: what purchases would earn under a programme file, rule by rule. Nothing runs and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from club.console import Trouble, say
from club.programme import File, read
from shared.api.answers import purchase_answer
from shared.api.body import json_of
from shared.api.problems import refusal_of
from shared.domain.account import Account
from shared.domain.decide import post_purchase
from shared.domain.errors import BodyTooLarge, BodyUnreadable
from shared.domain.purchase import Purchase
from shared.domain.rulebook import Rulebook


def quote(
    file: File,
    purchases: Annotated[
        list[Path],
        typer.Argument(
            help="Bodies of POST /v1/purchases as JSON files, one purchase or a list in each.", show_default=False
        ),
    ],
    language: Annotated[str | None, typer.Option(help="One of the programme's; without it, the first.")] = None,
) -> None:
    """Say what purchases would earn under a programme file, one after the other, for one member who joined before the first."""
    book = read(file)
    languages: tuple[str, ...] = book.programme.club.languages
    if language is not None and language not in languages:
        raise Trouble(f"The programme speaks {', '.join(languages)}, not {language!r}.")
    bought = sorted((one for path in purchases for one in _purchases(path, book)), key=lambda one: one.occurred_at)
    for line in _told(bought, book, language or languages[0]):
        say(line)


def _told(bought: list[Purchase], book: Rulebook, language: str) -> Iterator[str]:
    joined_on = bought[0].occurred_at.astimezone(book.zone).date() - timedelta(days=1)
    account = Account("M-QUOTE", joined_on, language=language)
    for purchase in bought:
        key = f"purchase#{purchase.store}#{purchase.purchase_id}"
        posting = post_purchase(purchase, account, book, purchase.occurred_at, key=key, fingerprint=b"")
        assert posting.after is not None
        account = posting.after
        answer = purchase_answer(posting.row, purchase.store, purchase.purchase_id, book, quote=True)
        explanation: Any = answer["explanation"]
        yield f"{purchase.purchase_id} of {purchase.occurred_at.astimezone(book.zone):%Y-%m-%d %H:%M}"
        yield from (f"  + {one['sentence']}" for one in explanation["fired"])
        yield from (f"  - {one['sentence']}" for one in explanation["not_fired"])
        yield from (f"  = {sentence}" for sentence in explanation["total"])


def _purchases(path: Path, book: Rulebook) -> list[Purchase]:
    """The purchases of a file, without whose they are. Raises Trouble with file, field and reason."""
    try:
        found = json_of(path.read_bytes())
    except OSError:
        raise Trouble(f"{path} cannot be read.") from None
    except (BodyTooLarge, BodyUnreadable) as fault:
        raise Trouble(f"{path} {fault.facts.get('reason', fault.title)}.") from None
    bodies = found if isinstance(found, list) else [found]
    if not bodies or not all(isinstance(body, dict) for body in bodies):
        raise Trouble(f"{path} holds no purchase: a JSON object as POST /v1/purchases takes it, or a list of these.")
    return [_purchase(body, path, book) for body in bodies]


def _purchase(body: dict[str, object], path: Path, book: Rulebook) -> Purchase:
    unnamed = {key: value for key, value in body.items() if key not in ("member_id", "card", "phone", "email")}
    try:
        purchase = Purchase.model_validate(unnamed)
    except ValidationError as fault:
        refusal = refusal_of(fault)
        raise Trouble(f"{path}: {refusal.facts['field']} {refusal.facts['reason']}.") from None
    if purchase.currency != book.programme.club.currency:
        raise Trouble(f"{path}: currency must be {book.programme.club.currency}, as the programme's.")
    return purchase
