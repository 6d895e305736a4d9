"""Tallies through the real stream: what is bought over HTTP is counted by the deployed relay, once; a recount finds the same."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from typer.testing import CliRunner

from club import aws
from club.__main__ import app
from club.store import tables
from club.up import OpenClub
from infra.stage import stage_named
from shared.actions.fold_postings import Tallying
from shared.actions.recount_tallies import counted_rows
from shared.store.backend import Drop, Put
from shared.store.tallies import Epochs, poison_of
from shared.store.zones import Zones
from tests.laws.streamed import Tallied, tallied, total
from tests.local.test_rights import FOLLOWED, root, without
from tests.storefront import Storefront, line, new_id, person, purchase, yesterday

STAGE = stage_named("local")
# The local AWS looks at a stream every second or so, and waits a moment after a failure.
PATIENCE_S = 40.0


def of_the_ledger() -> Tallied:
    """The tallies as all rows of the ledger make them."""
    backend = tables()
    sums, recount = counted_rows(
        Tallying(backend, Zones(backend), ((0, 1),)), backend.scanned("ledger"), Epochs(since_ms=(0, 10**15))
    )
    assert recount.uncountable == ()
    return dict(
        sorted(((mode, day.isoformat()), dict(sorted(some.items()))) for (mode, day, _), some in sums.items() if some)
    )


def becomes(what: Callable[[], Any], wanted: Callable[[], Any]) -> None:
    """Waits until it is so, as long as that may take."""
    until = time.monotonic() + PATIENCE_S
    while (found := what()) != (expected := wanted()) and time.monotonic() < until:
        time.sleep(0.5)
    assert found == expected


def settled() -> Tallied:
    """The tallies, once all that was written is in them."""
    becomes(lambda: tallied(tables()), of_the_ledger)
    return tallied(tables())


def handed(events: list[dict[str, Any]], club: OpenClub) -> None:
    """Hands the deployed relay a delivery, as the stream does."""
    answer = root("lambda", club).invoke(
        FunctionName=STAGE.function("relay"), Payload=json.dumps({"Records": events}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_what_is_bought_and_brought_back_over_http_is_counted_by_the_stream(main: Storefront) -> None:
    before = total(settled())
    member = main.join(person()).json()["member_id"]
    bought = [purchase(line(amount), member_id=member) for amount in (20_000, 3_000)]
    for body in (*bought, purchase(line(700))):
        assert main.buy(body).status_code == 201
    assert main.buy(bought[0]).headers["Idempotency-Replayed"] == "true"
    back = {
        "store": main.store, "return_id": new_id("R"), "purchase_id": bought[0]["purchase_id"], "occurred_at": yesterday(),
        "amount_minor": 5_000,
    }  # fmt: skip
    assert main.http.post("/v1/returns", json=back).status_code == 201
    after = total(settled())
    grown = {name: after[name] - before.get(name, 0) for name in after if after[name] != before.get(name, 0)}
    assert {name: grown.get(name) for name in ("joins", "purchases", "guest_purchases", "returns")} == {
        "joins": 1, "purchases": 2, "guest_purchases": 1, "returns": 1,
    }  # fmt: skip
    assert (grown["spend_minor"], grown["guest_spend_minor"], grown["returned_minor"]) == (23_000, 700, 5_000)
    assert grown["issued.points"] > grown["clawed_back.points"] > 0


def test_what_a_purchase_used_is_counted_with_it(main: Storefront) -> None:
    def used() -> dict[str, int]:
        figures = total(settled())
        return {name: figures.get(f"{name}.purchase", 0) for name in ("calls", "half_reads", "compute", "writes")}

    before = used()
    for _ in range(2):
        main.buy(purchase(member_id=main.new_member()))
    after = used()
    more = {name: after[name] - before[name] for name in before}
    assert more["writes"] == 10
    # Whatever the function did since its posting before is carried by the first of them.
    assert more["calls"] >= 2
    assert more["half_reads"] >= 2
    assert more["compute"] > 0


def test_what_the_stream_brings_again_and_at_once_changes_nothing(club: OpenClub, main: Storefront) -> None:
    assert main.buy(purchase(line(700))).status_code == 201
    before = settled()
    rows = aws.client("dynamodb").scan(TableName=STAGE.table("ledger"), Limit=60)["Items"]
    # Bytes come in an event as text.
    plain = json.loads(json.dumps(rows, default=lambda content: base64.b64encode(content).decode()))
    events = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "Keys": {"k": row["k"]}, "NewImage": row}}
        for number, row in enumerate(plain)
    ]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda part: handed(part, club), [events, events[::-1], events[10:30], events[20:50]]))
    assert tallied(tables()) == before


def test_a_poisoned_row_is_set_aside_and_what_comes_after_it_is_counted(main: Storefront) -> None:
    before = total(settled())
    backend, key = tables(), f"raffle#{new_id()}"
    assert not backend.write([Put("ledger", {"k": key, "c": "raffle", "t": int(time.time() * 1_000), "v": 1})])
    try:
        assert main.buy(purchase(line(700))).status_code == 201
        becomes(lambda: [one.key for one in poison_of(backend)], lambda: [key])
        told = CliRunner().invoke(app, ["tallies"])
        assert f"{key} was set aside, since it is of a kind that is not known." in told.output
    finally:
        backend.write([Drop("ledger", {"k": key})])
    assert total(settled())["guest_purchases"] == before.get("guest_purchases", 0) + 1
    for poison in poison_of(backend):
        backend.write([Drop("club", {"kind": "poison", "id": poison.place})])


def test_an_operator_counts_anew_what_somebody_changed_while_the_shop_sells_on(main: Storefront) -> None:
    right = settled()
    backend = tables()
    row = next(row for row in backend.scanned("club") if str(row["kind"]).startswith("tally#live#"))
    backend.write([Put("club", row | {"guest_purchases": 1_000_000})])
    assert tallied(backend) != right
    done = CliRunner().invoke(app, ["tallies", "--recount", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "are counted anew." in done.output
    assert main.buy(purchase(line(700))).status_code == 201
    assert total(settled())["guest_purchases"] == total(right)["guest_purchases"] + 1


@pytest.mark.parametrize("right", sorted(FOLLOWED), ids=" ".join)
def test_without_one_of_its_rights_the_relay_counts_nothing_and_with_it_all_that_waited(
    club: OpenClub, main: Storefront, right: tuple[str, str, str]
) -> None:
    before = settled()
    began_ms = int(time.time() * 1_000)
    with without(club, *right):
        assert main.buy(purchase(line(700))).status_code == 201
        becomes(lambda: errors_since(club, began_ms), lambda: {"AccessDeniedException"})
        assert tallied(tables()) == before
    assert total(settled())["guest_purchases"] == total(before).get("guest_purchases", 0) + 1


def errors_since(club: OpenClub, at_ms: int) -> set[str]:
    """What the relay's log says that went wrong."""
    group = f"/aws/lambda/{STAGE.function('relay')}"
    pages = root("logs", club).get_paginator("filter_log_events").paginate(logGroupName=group, startTime=at_ms)
    lines = [event["message"] for page in pages for event in page["events"]]
    return {json.loads(text)["error"] for text in lines if text.startswith('{"level":"error"')}
