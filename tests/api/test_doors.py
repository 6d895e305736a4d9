"""The functions from event to answer on a club in memory: what a till sends, what it hears, what is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.actions import opening
from shared.api.resolver import Answer, Request, lambda_handler
from shared.domain.account import Account
from shared.domain.errors import Busy
from shared.domain.ledger import verify
from shared.store.rows import account_of
from tests.api.conftest import Doors
from tests.api.gateway import CALLER, REQUEST_ID, Context, event, heard

LINE = {"sku": "CD-1", "category": "music", "quantity": 2, "amount_minor": 2990, "discount_minor": 0}


def purchase(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "store": "main",
        "purchase_id": "A-1001",
        "occurred_at": "2026-11-22T10:00:00-05:00",
        "currency": "USD",
        "channel": "web",
        "lines": [LINE],
        "total_minor": 2990,
    }
    return body | changes


def buy(doors: Doors, body: object, **more: Any) -> Any:
    return doors.ask("POST", "/v1/purchases", body, **more)


# -- buying --------------------------------------------------------------------------------------------------


def test_a_purchase_earns_points_with_a_reason(doors: Doors) -> None:
    member_id = doors.join()
    answer = buy(doors, purchase(member_id=member_id))
    assert (answer.status, answer.headers["content-type"]) == (201, "application/json")
    told = answer.json
    reported = purchase(member_id=member_id, occurred_at="2026-11-22T15:00:00.000Z")
    plain = {"brand": None, "kind": "goods", "labels": {}, "tax_minor": 0}
    assert told["purchase"] == reported | {
        "discount_minor": 0, "shipping_minor": 0, "tax_minor": 0, "shipping_tax_minor": 0, "prices_include_tax": False,
        "points_payment_minor": 0, "stored_value_payment_minor": 0, "codes": [],
        "lines": [one | plain for one in reported["lines"]],
    }  # fmt: skip
    assert told["points"] == {"earned": 29, "decimals": 0, "usable_from": "2026-12-06", "expires_on": "2028-11-30"}
    assert told["account"] == {"balance": 29, "available": 0, "pending": 29, "tier": None}
    assert told["entry"]["sequence"] == 2
    assert told["explanation"]["fired"][0]["sentence"] == (
        "Base points: 1 point for every $1.00 of $29.90 makes 29.9 points."
    )
    assert [one["rule"] for one in told["explanation"]["not_fired"]] == [
        "vinyl", "big-basket", "double-posters-for-gold", "winter-web", "stamp", "cashback"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "contact", [{"card": "C-9"}, {"phone": "(202) 555-0100"}, {"phone": "+12025550100"}, {"email": "Dana@Example.com"}]
)
def test_a_member_is_known_by_card_phone_or_address(doors: Doors, contact: dict[str, str]) -> None:
    member_id = doors.join(card="C-9", phone="+1 202 555 0100", email="dana@example.com")
    answer = buy(doors, purchase(**contact))
    assert answer.status == 201
    assert answer.json["purchase"]["member_id"] == member_id
    assert not set(contact.values()) & set(answer.text.split('"'))


def test_a_guest_s_purchase_is_recorded_and_earns_nothing(doors: Doors) -> None:
    accounts = doors.rows()["accounts"]
    answer = buy(doors, purchase())
    assert answer.status == 201
    assert answer.json["points"] == {"earned": 0, "decimals": 0, "usable_from": None, "expires_on": None}
    assert answer.json["account"] is None
    assert answer.json["explanation"]["total"] == ["A purchase without a member earns no points."]
    assert "entry" not in answer.json
    assert doors.rows()["accounts"] == accounts
    assert doors.ask("GET", "/v1/purchases/main/A-1001").text == answer.text


def test_the_same_purchase_again_is_answered_as_the_first_time(doors: Doors) -> None:
    member_id = doors.join(card="C-9")
    first = buy(doors, purchase(member_id=member_id))
    buy(doors, purchase(member_id=member_id, purchase_id="A-1002"))
    rows = doors.rows()
    for named in ({"member_id": member_id}, {"card": "C-9"}):
        again = buy(doors, purchase(**named))
        assert (again.status, again.text) == (201, first.text)
        assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert doors.rows() == rows


def test_the_same_instant_written_otherwise_and_what_may_be_left_out_is_the_same_purchase(doors: Doors) -> None:
    first = buy(doors, purchase())
    again = buy(doors, purchase(occurred_at="2026-11-22T17:00:00.000+02:00", discount_minor=0, card=None))
    assert (again.status, again.text) == (201, first.text)


@pytest.mark.parametrize(
    "change",
    [{"total_minor": 3000, "tax_minor": 10}, {"lines": [LINE | {"sku": "CD-2"}]}, {"lines": [LINE | {"quantity": 3}]},
     {"channel": "till"}, {"occurred_at": "2026-11-22T10:00:01-05:00"}, {"lines": [LINE | {"category": None}]}, {"card": "C-9"}],
)  # fmt: skip
def test_the_same_id_with_other_content_is_refused_and_changes_nothing(doors: Doors, change: dict[str, Any]) -> None:
    doors.join(card="C-9")
    buy(doors, purchase())
    rows = doors.rows()
    answer = buy(doors, purchase(**change))
    assert (answer.status, answer.code) == (409, "purchase_differs")
    assert (answer.json["store"], answer.json["purchase_id"]) == ("main", "A-1001")
    assert doors.rows() == rows


def test_a_quote_is_what_the_purchase_would_be_and_writes_nothing(doors: Doors) -> None:
    member_id = doors.join()
    rows = doors.rows()
    quote = doors.ask("POST", "/v1/quotes", purchase(member_id=member_id))
    assert quote.status == 200
    assert doors.rows() == rows
    bought = buy(doors, purchase(member_id=member_id)).json
    del bought["entry"]
    assert {key: quote.json[key] for key in bought} == bought


def test_a_till_records_what_a_quote_told_after_the_clubs_offers(doors: Doors) -> None:
    member_id = doors.join()
    quote = doors.ask("POST", "/v1/quotes", purchase(member_id=member_id, codes=["spring"])).json
    (spring,) = quote["offers_applied"]
    assert (spring["offer"], spring["sentence"]) == (
        "spring",
        f"Spring code: ${spring['discount_minor'] / 100:.2f} off.",
    )
    assert [one["offer"] for one in quote["offers_not_applied"]] == ["vinyl-three-plus-one"]
    first = doors.ask("POST", "/v1/purchases", quote["purchase"])
    assert (first.status, first.json["purchase"]) == (201, quote["purchase"])
    assert doors.ask("POST", "/v1/purchases", quote["purchase"]).json == first.json
    again = doors.ask("POST", "/v1/purchases", quote["purchase"] | {"purchase_id": "A-2"})
    assert (again.status, again.json["code"], again.json["offer"]) == (409, "offers_differ", "spring")
    asked = doors.ask("POST", "/v1/quotes", purchase(member_id=member_id, codes=["spring"])).json
    assert {one["offer"]: one["why"] for one in asked["offers_not_applied"]}["spring"] == "limit"


def test_after_many_purchases_the_account_is_what_its_postings_say(doors: Doors) -> None:
    member_id = doors.join()
    for number in range(12):
        day = (doors.now - timedelta(days=20 * (11 - number))).isoformat()
        answer = buy(doors, purchase(member_id=member_id, purchase_id=f"B-{number}", occurred_at=day))
        assert answer.status == 201
    account: Account = account_of(doors.rows()["accounts"][member_id,])
    rows = sorted(
        (row for row in doors.rows()["ledger"].values() if row.get("a") == member_id), key=lambda row: row["n"]
    )
    verify(account, rows)
    assert account.purchases == 12
    assert account.posted == sum(json.loads(row["d"])[0] for row in rows)


# -- what is refused, with nothing written -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"currency": "ILS"}, 422, "invalid", "currency"),
        ({"currency": "JPY"}, 422, "invalid", "currency"),
        ({"currency": "KWD"}, 422, "invalid", "currency"),
        ({"currency": "XXX"}, 422, "invalid", "currency"),
        ({"currency": "usd"}, 422, "invalid", "currency"),
        ({"occurred_at": "2026-11-22T17:05:00.001Z"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59Z"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "1900-01-01T00:00:00Z"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "2026-11-22T10:00:00"}, 422, "invalid", "occurred_at"),
        ({"occurred_at": "2026-11-22T10:00:00+25:00"}, 422, "invalid", "occurred_at"),
        ({"store": "west"}, 403, "store_not_allowed", "store"),
        ({"member_id": "M0000000000000099"}, 404, "member_unknown", None),
        ({"member_id": "T0000000000000001"}, 404, "member_unknown", None),
        ({"member_id": "../admin"}, 404, "member_unknown", None),
        ({"card": "nobody"}, 404, "member_unknown", None),
        ({"phone": "12"}, 422, "invalid", "phone"),
        ({"email": "nobody"}, 422, "invalid", "email"),
        ({"member_id": "M0000000000000001", "card": "C-1"}, 422, "invalid", "member_id"),
        ({"lines": []}, 422, "invalid", "lines"),
        ({"lines": [{"sku": "x", "amount_minor": 0}] * 1001, "total_minor": 0}, 422, "invalid", "lines"),
        ({"total_minor": 2991}, 422, "invalid", "total_minor"),
        ({"points": 500}, 422, "invalid", "points"),
        ({"purchase_id": "../admin"}, 422, "invalid", "purchase_id"),
    ],
)
def test_a_purchase_that_cannot_be_is_refused_and_nothing_is_written(
    doors: Doors, change: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    doors.join()
    rows = doors.rows()
    for path in ("/v1/purchases", "/v1/quotes"):
        answer = doors.ask("POST", path, purchase(**change))
        assert (answer.status, answer.code) == (status, code)
        assert answer.json.get("field") == field
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["request_id"] == REQUEST_ID
    assert doors.rows() == rows


def test_a_till_s_clock_may_run_a_little_ahead(doors: Doors) -> None:
    assert buy(doors, purchase(occurred_at="2026-11-22T17:05:00Z")).status == 201


def test_a_purchase_before_joining_is_refused_and_one_of_that_day_is_not(doors: Doors) -> None:
    member_id = doors.join(joined_at="2026-06-15T12:00:00-04:00")
    before = buy(doors, purchase(member_id=member_id, occurred_at="2026-06-14T23:59:59-04:00"))
    assert (before.status, before.json["field"]) == (422, "occurred_at")
    assert "joined on 2026-06-15" in before.json["reason"]
    assert buy(doors, purchase(member_id=member_id, occurred_at="2026-06-15T00:00:00-04:00")).status == 201


BAD_BODIES = [
    "", "null", "[]", '"x"', "{", '{"a":1,"a":2}', "\ufeff{}", '{"total_minor": NaN}', '{"total_minor": 1e400}',
    '{"total_minor": ' + "9" * 5000 + "}", '{"total_minor": -0}', '{"total_minor": 10.0}', "[" * 2000, '{"store":"\\ud800"}',
    '{"__proto__": {}}', "{}",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/purchases", "/v1/quotes", "/v1/members", "/v1/members/lookup"])
@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_bad_body_is_refused_at_every_door(doors: Doors, path: str, body: str) -> None:
    rows = doors.rows()
    answer = doors.ask("POST", path, body, headers={"idempotency-key": "J"})
    assert answer.status in (400, 422)
    assert answer.code in ("body_unreadable", "invalid")
    assert doors.rows() == rows


def test_what_is_too_large_or_not_json_has_its_own_status(doors: Doors) -> None:
    assert (buy(doors, " " * 1_000_000).status, buy(doors, purchase(), content_type="text/plain").status) == (413, 415)
    assert buy(doors, json.dumps(purchase()).encode("utf-16")).status == 400


def test_too_little_time_left_is_refused_early_and_may_be_tried_again(doors: Doors) -> None:
    """F15: nothing half."""
    member_id = doors.join()
    rows = doors.rows()
    answer = buy(doors, purchase(member_id=member_id), seconds=1.4)
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "busy", "1")
    assert doors.rows() == rows


# -- reading back --------------------------------------------------------------------------------------------


def test_a_purchase_can_be_read_again(doors: Doors) -> None:
    first = buy(doors, purchase(member_id=doors.join()))
    again = doors.ask("GET", "/v1/purchases/main/A-1001")
    assert (again.status, again.text) == (200, first.text)


@pytest.mark.parametrize(
    "purchase_id", ["הזמנה-7", "\u0939\u093f\u0928\u094d\u0926\u0940-7", "A.b:c_d-1", "Cafe\u0301"]
)
def test_every_id_that_is_taken_can_be_asked_for(doors: Doors, purchase_id: str) -> None:
    assert buy(doors, purchase(purchase_id=purchase_id)).status == 201
    assert doors.ask("GET", f"/v1/purchases/main/{purchase_id}").status == 200


@pytest.mark.parametrize("purchase_id", ["..", "%00", "\x00", "\r\n", "A#1", "A" * 5000, "A" * 65, "\ufffd", "A 1"])
def test_an_id_that_can_be_none_is_not_looked_for(doors: Doors, purchase_id: str) -> None:
    answer = doors.ask("GET", f"/v1/purchases/main/{purchase_id}")
    assert answer.status in (404, 422)
    assert len(answer.text) < 1000


def test_a_purchase_that_nobody_reported_or_another_store_did_is_not_told(doors: Doors) -> None:
    assert doors.ask("GET", "/v1/purchases/main/A-9").code == "purchase_unknown"
    other = doors.ask("GET", "/v1/purchases/west/A-9")
    assert (other.status, other.code) == (403, "store_not_allowed")


@pytest.mark.parametrize("path", ["/v1/purchases/main/A-9", "/v1/members/M0000000000000001"])
def test_a_parameter_that_nobody_asked_for_is_refused(doors: Doors, path: str) -> None:
    doors.join()
    answer = doors.ask("GET", path, query={"debug": "1"})
    assert (answer.status, answer.json["field"]) == (422, "debug")


@pytest.mark.parametrize(
    "member_id", ["M9999999999999999", "T0000000000000001", "M" + "A" * 5000, "..", "\x00", "me", "M000000000000000é"]
)
def test_a_member_that_is_none_is_unknown(doors: Doors, member_id: str) -> None:
    assert doors.ask("GET", f"/v1/members/{member_id}").code == "member_unknown"


def test_a_member_sees_what_is_usable_pending_and_missing(doors: Doors) -> None:
    member_id = doors.join()
    buy(doors, purchase(member_id=member_id, occurred_at="2026-11-01T10:00:00-05:00"))
    buy(doors, purchase(member_id=member_id, purchase_id="A-2"))
    told = doors.ask("GET", f"/v1/members/{member_id}").json
    assert told["points"] == {
        "balance": 58, "available": 29, "pending": 29, "pending_lots": [{"points": 29, "usable_from": "2026-12-06"}],
        "next_expiry": {"points": 29, "expires_on": "2028-11-30"}, "posted": 58, "lapsed": 0, "held": 0, "debt": 0,
        "value_minor": 58, "currency": "USD", "decimals": 0,
    }  # fmt: skip
    assert told["tier"] == {
        "set": None, "id": None, "name": None, "since": None, "until": None, "kept_until": None, "then": None, "benefits": [],
        "basis": "spend", "window": "rolling", "unit": "minor", "value": 5980,
        "next": {"id": "silver", "name": "Silver tier", "missing": 9020},
    }  # fmt: skip
    assert (told["purchases"], told["spend_minor"], told["last_purchase_on"]) == (2, 5980, "2026-11-22")
    assert (told["joined_on"], told["language"]) == ("2026-01-01", "en")


def test_time_alone_makes_points_usable_and_ends_them(doors: Doors) -> None:
    member_id = doors.join()
    buy(doors, purchase(member_id=member_id))
    rows = doors.rows()

    def points(day: str) -> tuple[int, int, int]:
        doors.now = doors.now.fromisoformat(f"{day}T12:00:00-05:00")
        told = doors.ask("GET", f"/v1/members/{member_id}").json["points"]
        return told["pending"], told["available"], told["lapsed"]

    assert points("2026-12-05") == (29, 0, 0)
    assert points("2026-12-06") == (0, 29, 0)
    assert points("2028-11-30") == (0, 29, 0)
    assert points("2028-12-01") == (0, 0, 29)
    assert doors.rows() == rows


def test_a_statement_tells_every_entry_newest_first_in_the_member_s_language(doors: Doors) -> None:
    member_id = doors.join(language="he")
    buy(doors, purchase(member_id=member_id))
    told = doors.ask("GET", f"/v1/members/{member_id}/statement").json
    assert [(one["sequence"], one["kind"], one["points"], one["balance"]) for one in told["entries"]] == [
        (2, "purchase", 29, 29), (1, "join", 0, 0)
    ]  # fmt: skip
    bought = told["entries"][0]
    assert (bought["store"], bought["purchase_id"], bought["occurred_at"]) == (
        "main",
        "A-1001",
        "2026-11-22T15:00:00.000Z",
    )
    assert "29 נקודות" in bought["reason"]
    assert told["entries"][1]["reason"] == "הצטרפות למועדון."
    assert (told["next_cursor"], told["lapsed"]) == (None, [])


def test_a_statement_in_pages_is_the_same_statement(doors: Doors) -> None:
    member_id = doors.join()
    for number in range(5):
        buy(doors, purchase(member_id=member_id, purchase_id=f"B-{number}"))
    entries: list[int] = []
    query = {"limit": "2"}
    for _ in range(3):
        page = doors.ask("GET", f"/v1/members/{member_id}/statement", query=query).json
        entries += [one["sequence"] for one in page["entries"]]
        query["cursor"] = page["next_cursor"]
    assert entries == [6, 5, 4, 3, 2, 1]
    assert page["next_cursor"] is None


def test_what_was_just_bought_is_told_although_the_index_is_a_moment_behind(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    member_id = doors.join()
    for number in range(3):
        buy(doors, purchase(member_id=member_id, purchase_id=f"B-{number}"))
    whole = doors.memory.entries
    monkeypatch.setattr(doors.memory, "entries", lambda account, before, limit: whole(account, before or 3, limit))
    told = doors.ask("GET", f"/v1/members/{member_id}/statement").json
    assert [one["sequence"] for one in told["entries"]] == [4, 3, 2, 1]


@pytest.mark.parametrize("limit", ["0", "-1", "1e2", "1000000000", "101", "", "٥", "1.0", " 1"])
def test_a_page_has_a_sensible_length(doors: Doors, limit: str) -> None:
    answer = doors.ask("GET", f"/v1/members/{doors.join()}/statement", query={"limit": limit})
    assert (answer.status, answer.json["field"]) == (422, "limit")


def test_a_cursor_of_another_member_or_of_nobody_opens_nothing(doors: Doors) -> None:
    dana, noa = doors.join(), doors.join()
    buy(doors, purchase(member_id=dana))
    cursor = doors.ask("GET", f"/v1/members/{dana}/statement", query={"limit": "1"}).json["next_cursor"]
    assert doors.ask("GET", f"/v1/members/{dana}/statement", query={"cursor": cursor}).status == 200
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for member_id, tried in (
        (noa, cursor),
        (dana, changed),
        (dana, "x"),
        (dana, ""),
        (dana, "é" * 50),
        (dana, cursor + "="),
    ):
        answer = doors.ask("GET", f"/v1/members/{member_id}/statement", query={"cursor": tried})
        assert (answer.status, answer.code) == (400, "cursor_invalid"), tried


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("he", "rtl"), ("fa", "rtl")])
def test_the_rules_are_told_in_each_language_of_the_programme(doors: Doors, language: str, direction: str) -> None:
    told = doors.ask("GET", "/v1/programme/rules", query={"language": language}).json
    assert (told["language"], told["direction"], told["programme_version"]) == (language, direction, 1)
    assert [one["rule"] for one in told["earning"]] == [
        "base",
        "vinyl",
        "big-basket",
        "double-posters-for-gold",
        "winter-web",
        "stamp",
        "cashback",
        "review",
        "ten-purchases",
    ]
    assert [one["reward"] for one in told["rewards"]] == [
        "five-off",
        "tenth-off",
        "tote-bag",
        "gift-25",
        "stamps-to-points",
    ]
    assert all(one["sentence"] for one in told["rewards"])
    assert [one["tier"] for one in told["tiers"]] == ["silver", "gold"]


def test_the_rules_are_told_in_the_first_language_unless_another_is_asked_for(doors: Doors) -> None:
    assert doors.ask("GET", "/v1/programme/rules").json["language"] == "en"
    other = doors.ask("GET", "/v1/programme/rules", query={"language": "de"})
    assert (other.status, other.code, other.json["languages"]) == (404, "language_unknown", ["en", "he", "fa"])


def test_test_keys_and_live_keys_live_in_two_worlds(doors: Doors) -> None:
    member_id = doors.join()
    test = CALLER | {"mode": "test"}
    assert buy(doors, purchase(member_id=member_id), caller=test).code == "member_unknown"
    assert buy(doors, purchase()).status == buy(doors, purchase(), caller=test).status == 201
    assert doors.ask("GET", "/v1/purchases/main/A-1001", caller=test).status == 200
    assert "idempotency-replayed" not in buy(doors, purchase(purchase_id="A-7"), caller=test).headers


# -- the resolver --------------------------------------------------------------------------------------------


def test_a_mistake_of_ours_is_one_sentence_and_a_line_in_the_log_without_its_message(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("Dana Levi, 052-1234567")

    monkeypatch.setattr(opening, "club", broken)
    answer = buy(doors, purchase())
    assert (answer.status, answer.code) == (500, "internal")
    log = capsys.readouterr().out
    assert "Dana" not in answer.text + log
    line = json.loads(log)
    assert (line["level"], line["error"], line["status"], line["request"]) == ("error", "RuntimeError", 500, REQUEST_ID)
    assert line["where"].startswith("test_doors.py:")


def test_each_request_is_one_short_line_of_log_that_knows_no_person(
    doors: Doors, capsys: pytest.CaptureFixture[str]
) -> None:
    doors.join(name="Dana Levi", card="C-4711", phone="+12025550100", email="dana@example.com")
    buy(doors, purchase(card="C-4711"))
    buy(doors, purchase(card="C-4712", purchase_id="A-2"))
    lines = capsys.readouterr().out.splitlines()
    assert [(json.loads(line)["route"], json.loads(line)["status"]) for line in lines] == [
        ("POST /v1/members", 201), ("POST /v1/purchases", 201), ("POST /v1/purchases", 404)
    ]  # fmt: skip
    for line in lines:
        assert len(line) < 300
        assert not any(told in line for told in ("Dana", "4711", "4712", "555", "example.com", "M0000"))


def test_a_function_serves_its_routes_and_no_other() -> None:
    with pytest.raises(AssertionError, match="handler"):
        lambda_handler("purchase", {"POST /v1/purchases": lambda request: Answer(200, {})})


def test_a_handler_knows_the_caller_and_how_much_time_is_left() -> None:
    seen: list[Request] = []

    def remember(request: Request) -> Answer:
        seen.append(request)
        assert 9 < request.seconds_left() <= 9.5
        return Answer(200, {"said": "שלום"}, replayed=True)

    def busy(request: Request) -> Answer:
        raise Busy(what="x")

    serve = lambda_handler(
        "purchase",
        {
            "POST /v1/purchases": remember,
            "POST /v1/quotes": busy,
            "POST /v1/events": busy,
            "POST /v1/returns": busy,
            "GET /v1/returns": busy,
            "POST /v1/redemptions": busy,
            "POST /v1/redemptions/{redemption_id}/capture": busy,
            "POST /v1/redemptions/{redemption_id}/void": busy,
            "POST /v1/redemptions/{redemption_id}/reverse": busy,
            "POST /v1/certificates": busy,
            "POST /v1/certificates/lookup": busy,
            "POST /v1/certificates/print": busy,
            "POST /v1/coupons/validate": busy,
            "GET /v1/returns/{store}/{return_id}": busy,
            "GET /v1/purchases/{store}/{purchase_id}": remember,
        },
    )
    answer = heard(serve(event("GET", "/v1/purchases/main/A-1", headers={"idempotency-key": "J"}), Context()))
    assert (answer.status, answer.text, answer.headers["idempotency-replayed"]) == (200, '{"said":"שלום"}', "true")
    (request,) = seen
    assert request.caller == CALLER
    assert (request.path("store"), request.path("purchase_id"), request.header("idempotency-key")) == (
        "main",
        "A-1",
        "J",
    )
    refused = heard(serve(event("POST", "/v1/quotes", {}), Context()))
    assert (refused.status, refused.json["what"], refused.headers["retry-after"]) == (503, "x", "1")


def test_a_member_brought_along_from_elsewhere_joined_on_the_day_that_was_said(doors: Doors) -> None:
    member_id = doors.join(joined_at="2026-06-15T12:00:00Z")
    (entry,) = doors.ask("GET", f"/v1/members/{member_id}/statement").json["entries"]
    assert (entry["kind"], entry["occurred_at"]) == ("join", "2026-06-15T12:00:00.000Z")
    assert entry["recorded_at"] > entry["occurred_at"]


def test_an_entry_of_the_statement_says_how_its_points_were_rounded(doors: Doors) -> None:
    member_id = doors.join()
    buy(doors, purchase(member_id=member_id))
    newest = doors.ask("GET", f"/v1/members/{member_id}/statement").json["entries"][0]
    assert newest["reasons"][-1] == "Together 29.9 points, rounded down to 29 points."
