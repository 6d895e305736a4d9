"""`club rebuild`: accounts that `club verify` calls broken, written anew from their postings."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from club import aws
from club.console import complain, say
from club.programme import Stage
from club.store import tables
from shared.actions.rebuild_account import rebuild_account
from shared.domain.proving import Broken
from shared.store.backend import Contended
from shared.store.laws import Laws
from shared.store.store import Store


def rebuild(
    member: Annotated[list[str], typer.Option("--member", help="A member's id; may be given more than once.")],
    stage: Stage = aws.LOCAL,
) -> None:
    """Write members' accounts anew from their postings, where they differ. The ledger is not touched."""
    backend = tables(stage)
    refused = 0
    for one in dict.fromkeys(member):
        line, is_done = rebuilt(Store(backend), Laws(backend, seconds=60), one)
        (say if is_done else complain)(line)
        refused += not is_done
    sys.exit(1 if refused else 0)


def rebuilt(store: Store, laws: Laws, member: str) -> tuple[str, bool]:
    """What became of one account in a line, and whether it is now what its postings make of it."""
    try:
        was, now = rebuild_account(store, laws, member)
    except Broken as broken:
        return f"{member}: nothing was written, since the ledger itself is broken: {broken.where} {broken.what}.", False
    except Contended:
        return f"{member}: nothing was written, since the account was written meanwhile: try again.", False
    if was == now:
        return f"{member}: is what its {now.sequence:,} postings make of it; nothing was written.", True
    before = f"{was.posted:,}" if was is not None else "no account"
    return f"{member}: written anew from {now.sequence:,} postings; points {before}, now {now.posted:,}.", True
