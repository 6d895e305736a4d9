"""A storefront's keys from the operator's side: `club key create`, `club key list`, `club key revoke`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from club import aws
from club.console import Trouble, out, say
from club.store import STAGE_HELP, tables
from shared.actions import keys_of_stores
from shared.api.routes import SCOPES
from shared.domain.errors import Refused
from shared.store.keys import Mode

app = typer.Typer(no_args_is_help=True, help="Keys of storefronts: at most two alive for each store and mode.")

Stage = Annotated[str, typer.Option(help=STAGE_HELP)]


@app.command("create")
def create_command(
    store: Annotated[str, typer.Argument(help="The store that the key is bound to.")],
    scope: Annotated[
        list[str] | None, typer.Option(help=f"May be repeated; all when left out: {', '.join(SCOPES)}.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="A test key: what it writes is apart from the club's own.")
    ] = False,
    stage: Stage = aws.LOCAL,
) -> None:
    """Make a key and print it, this once: only a hash is kept."""
    say(create(store, mode="test" if test else "live", scopes=tuple(scope or SCOPES), stage=stage))


@app.command("list")
def list_command(stage: Stage = aws.LOCAL) -> None:
    """Print all keys without their secrets."""
    table = Table("key", "mode", "store", "scopes", "made", "revoked", title=f"Keys on the stage {stage}")
    for key in keys_of_stores.all_keys(tables(stage)):
        scopes = "all" if set(key.scopes) == set(SCOPES) else ", ".join(key.scopes)
        table.add_row(key.id, key.mode, key.store, scopes, key.created_at, key.revoked_at or "")
    out.print(table)


@app.command("revoke")
def revoke_command(
    key: Annotated[str, typer.Argument(help="The key's id, as `club key list` prints it.")], stage: Stage = aws.LOCAL
) -> None:
    """End a key. The gateway may let it through for up to 60 s more."""
    try:
        ended = keys_of_stores.revoke_key(tables(stage), _id(key), datetime.now(UTC))
    except Refused as refusal:
        raise Trouble(f"{refusal} ({key})") from None
    say(f"The key {ended.id} of the store {ended.store} is revoked since {ended.revoked_at}.")


def create(store: str, *, mode: Mode, scopes: Sequence[str], stage: str = aws.LOCAL) -> str:
    """A new key's whole text."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Trouble(f"{unknown[0]!r} is not a scope; there are {', '.join(SCOPES)}.")
    try:
        return keys_of_stores.create_key(tables(stage), mode, store, scopes, datetime.now(UTC))
    except Refused as refusal:
        facts = ", ".join(f"{name} {value}" for name, value in refusal.facts.items())
        raise Trouble(f"{refusal} ({facts})") from None


def _id(text: str) -> str:
    """A whole key may be pasted as well; only its id is looked at."""
    return text.split("_")[2] if text.startswith("ck_") and text.count("_") == 3 else text
