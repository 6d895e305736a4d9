"""The operator proves the running club: its real tables, its real index, the commands as they are typed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from typer.testing import CliRunner, Result

from club import aws
from club.__main__ import app
from club.home import Home
from infra.stage import stage_named
from shared.store.backend import Put, TableName
from shared.store.rows import account_of, account_row
from shared.store.table import Tables
from tests.club.test_export import checked
from tests.storefront import Json, Storefront, line, new_id, person, purchase, yesterday


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def busy_member(main: Storefront) -> str:
    """Somebody who bought four times, once reported late, and brought something back."""
    member: str = main.join(person()).json()["member_id"]
    late = purchase(line(1_000), member_id=member)
    bought = [purchase(line(amount), member_id=member) for amount in (20_000, 3_000, 700)]
    for body in (*bought, late):
        assert main.buy(body).status_code == 201
    back: Json = {
        "store": main.store,
        "return_id": new_id("R"),
        "purchase_id": bought[0]["purchase_id"],
        "occurred_at": yesterday(),
        "amount_minor": 5_000,
    }
    assert main.http.post("/v1/returns", json=back).status_code == 201
    return member


def test_an_operator_proves_a_member_breaks_the_account_and_mends_it(main: Storefront, club_home: Home) -> None:
    before = datetime.now(UTC).isoformat()
    member = busy_member(main)
    proven = run("verify", "--member", member)
    assert proven.exit_code == 0, proven.output
    entries = main.statement(member, limit=100).json()["entries"]
    assert f"1 accounts and {len(entries)} postings are proven: nothing is broken." in proven.output
    assert "0 accounts and 0 postings are proven as of" in run("verify", "--member", member, "--as-of", before).output

    stage = stage_named("local")
    tables = Tables(aws.dynamodb(home=club_home), {table: stage.table(table) for table in get_args(TableName)})
    row = tables.get("accounts", {"a": member})
    assert row is not None
    account = account_of(row)
    tables.write([Put("accounts", account_row(account._replace(posted=account.posted + 1)))])
    broken = run("verify", "--member", member)
    assert broken.exit_code == 1
    assert f"{member}: posted is {account.posted + 1}; its postings make {account.posted}." in broken.output
    assert run("rebuild", "--member", member).exit_code == 0
    assert tables.get("accounts", {"a": member}) == row
    assert run("verify", "--member", member).exit_code == 0


def test_the_whole_club_is_proven_and_nothing_of_this_member_is_broken(main: Storefront) -> None:
    member = busy_member(main)
    whole = run("verify")
    assert member not in whole.output
    assert "postings are proven" in whole.output


def test_a_story_in_the_terminal_is_the_statement_of_the_api(main: Storefront) -> None:
    member = busy_member(main)
    told = json.loads(run("statement", member, "--json").output)
    assert told["entries"] == main.statement(member, limit=100).json()["entries"][::-1]
    hebrew = run("statement", member, "--language", "he").output
    assert "הצטרפות למועדון." in hebrew
    assert "  return  " in hebrew


def test_an_outside_tool_agrees_with_the_running_clubs_ledger(main: Storefront, tmp_path: Path) -> None:
    member, path = busy_member(main), tmp_path / "club.beancount"
    written = run("export", "--ledger", "--out", str(path))
    assert written.exit_code == 0, written.output
    assert f"balance Assets:Members:{member}  " in path.read_text("utf-8")
    done = checked(path)
    assert (done.returncode, done.stderr) == (0, "")
