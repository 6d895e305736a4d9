"""Gift certificates over HTTP, as a shop sells and takes them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.local.holdings import all_rows
from tests.local.test_purchases import problem
from tests.storefront import Json, Storefront, line, new_id, purchase, yesterday


def sold(shop: Storefront, amount_minor: int = 5_000, **more: str) -> httpx.Response:
    told = {
        "store": shop.store,
        "certificate_id": new_id("GC"),
        "amount_minor": amount_minor,
        "currency": "USD",
        **more,
    }
    return shop.http.post("/v1/certificates", json=told)


def held(shop: Storefront, code: str, **more: object) -> httpx.Response:
    told = {"store": shop.store, "redemption_id": new_id("RD"), "code": code, **more}
    return shop.http.post("/v1/redemptions", json=told)


def found(shop: Storefront, code: str) -> httpx.Response:
    return shop.http.post("/v1/certificates/lookup", json={"code": code})


def test_a_certificate_is_sold_pays_a_part_and_gets_it_back_with_the_return(main: Storefront) -> None:
    body = {"store": "main", "certificate_id": new_id("GC"), "amount_minor": 5_000, "currency": "USD"}
    first, again = (main.http.post("/v1/certificates", json=body) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.content == again.content
    told: Json = first.json()["certificate"]
    assert (told["amount_minor"], told["member_id"], told["expires_on"]) == (5_000, None, None)
    problem(main.http.post("/v1/certificates", json=body | {"amount_minor": 1}), 409, "certificate_differs")
    bought = purchase(line(3_000)) | {"stored_value_payment_minor": 3_000}
    hold = held(main, told["code"].lower(), total_minor=3_000, purchase_id=bought["purchase_id"])
    answer = hold.json()
    assert (hold.status_code, answer["redemption"]["units"], answer["left"]["available_minor"]) == (201, 3_000, 2_000)
    assert (answer["account"], answer["redemption"]["member_id"]) == (None, None)
    redemption_id = answer["redemption"]["redemption_id"]
    taken = main.http.post(f"/v1/redemptions/{redemption_id}/capture", json={})
    assert (taken.status_code, taken.json()["left"]) == (201, {"available_minor": 2_000, "currency": "USD"})
    assert main.buy(bought).status_code == 201
    assert found(main, told["code"]).json()["certificate"]["state"] == "partly_used"
    back = {"store": "main", "return_id": new_id("R"), "purchase_id": bought["purchase_id"], "occurred_at": yesterday()}
    assert main.http.post("/v1/returns", json=back).status_code == 201
    known = found(main, told["code"]).json()["certificate"]
    assert (known["balance_minor"], known["available_minor"], known["state"]) == (5_000, 5_000, "unused")
    rows = repr([row for table in ("ledger", "accounts", "aliases") for row in all_rows(table)])  # type: ignore[arg-type]
    assert told["code"] not in rows
    assert told["code"].replace("-", "") not in rows


def test_sixteen_tills_at_once_spend_what_is_on_a_certificate_and_no_more(main: Storefront) -> None:
    code = sold(main, 1_000).json()["certificate"]["code"]
    with ThreadPoolExecutor(8) as tills:
        answers = list(tills.map(lambda _: held(main, code, units=300), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [422] * 13
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"certificate_insufficient"}
    assert found(main, code).json()["certificate"]["available_minor"] == 100


def test_a_member_s_own_certificate_is_nobody_s_else(main: Storefront) -> None:
    member_id, other = main.new_member(), main.new_member()
    code = sold(main, member_id=member_id).json()["certificate"]["code"]
    for named in ({}, {"member_id": other}):
        problem(held(main, code, **named), 422, "code_unusable")
    assert held(main, code, member_id=member_id).status_code == 201
    problem(held(main, "0000-0000-0000"), 422, "code_unusable")
