"""Names, phones, e-mails and ID numbers sent through every door are in no log of the club's and in no answer that refuses."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx

from club.home import ROOT, here
from club.up import OpenClub
from tests.local.bad_input import good
from tests.local.holdings import all_rows
from tests.local.refusals import Regular
from tests.local.test_rights import root, without
from tests.storefront import Storefront, new_id, person, phone, purchase

LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


# As many events as the local CloudWatch gives for one question.
EVENTS_MAX = 10_000


def all_that_was_logged(club: OpenClub, since: float = 0.0) -> str:
    """Every line of every log of the local AWS since an instant, and what it says itself."""
    logs: Any = root("logs", club)
    said = [here().ministack_log.read_text("utf-8", "replace")]
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"], startTime=int(since * 1000)
        )
        events = [event["message"] for page in pages for event in page["events"]]
        assert len(events) < EVENTS_MAX, "more was logged than is looked at"
        said += events
    return "\n".join(said)


def test_what_is_personal_reaches_no_log_and_no_refusal(club: OpenClub, main: Storefront) -> None:
    began, mark = time.time(), secrets.token_hex(5).translate(LETTERS)
    name, email, number = f"Zohra {mark.title()}", f"{mark}@example.com", phone()
    personal: dict[str, Any] = {
        "name": name, "email": email, "phone": number, "card": f"card-{mark}", "id_number": f"{mark}{mark}",
    }  # fmt: skip
    attributes = {"street": f"{mark} street 7"}
    member_id = main.new_member(**personal, attributes=attributes, birthday={"month": 2, "day": 29, "year": 1992})
    assert mark in repr(all_rows("people")).lower()

    refusals = [
        main.join(person(**personal)),
        main.join(person(**personal), "a b"),
        main.join(person(**personal) | {"name": f"<{name}>"}),
        main.join(person(**personal) | {"email": f"{email}@"}),
        main.join(person(**personal) | {"phone": f"{number}{mark}"}),
        main.join(person(**personal) | {"card": f"#{mark}"}),
        main.join(person(**personal) | {"language": mark[:2]}),
        main.join(person(**personal) | {"attributes": {"street": f"{mark}\x00"}}),
        main.look_up(email=f"other-{email}"),
        main.look_up(id_number=f"{mark}9"),
        main.look_up(**{kind: personal[kind] for kind in ("card", "phone")}),
        main.buy(purchase(card=f"other-{mark}")),
        main.buy(purchase(email=f"{email}\n")),
        main.quote(purchase(email=f"other-{email}")),
        main.http.post("/v1/members/lookup", content=f'{{"email": "{email}"'.encode()),
    ]
    with without(club, "member", "PutItem", "people"):
        refusals.append(main.join(person(**personal) | {"card": new_id("CARD"), "email": f"x{email}", "phone": phone()}
                                  | {"id_number": f"{mark}77"}))  # fmt: skip
    assert refusals[-1].status_code == 500
    assert {answer.status_code for answer in refusals} <= {400, 404, 409, 415, 422, 500}
    for contact in ("card", "phone", "email", "id_number"):
        assert main.look_up(**{contact: personal[contact]}).json()["member_id"] == member_id
        if contact != "id_number":
            assert main.buy(purchase(**{contact: personal[contact]})).status_code == 201

    told = "\n".join(answer.text + repr(answer.headers) for answer in refusals).lower()
    logged = all_that_was_logged(club, began).lower()
    assert '"route":"post /v1/members/lookup"' in logged
    for secret in (mark, number.removeprefix("+1"), number[-7:]):
        assert secret not in logged
        assert secret not in told


# Where a value that is somebody's may be put by mistake, by door: the answer, if it is a refusal, must not hand it on.
Plant = Callable[[Storefront, str], httpx.Response]
POSTS = ("/v1/purchases", "/v1/quotes", "/v1/events", "/v1/members", "/v1/members/lookup")


def _posted(path: str, body: Any, **headers: str) -> Plant:
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    sent = {"Content-Type": "application/json", "Idempotency-Key": new_id("join")} | headers
    return lambda shop, _: shop.http.post(path, content=content, headers=sent)


def _in_wrong_fields(path: str, value: str, member_id: str) -> Iterator[tuple[str, Plant]]:
    """The value in each field of a good body, as the name of one, and in bodies that are none."""
    body = good(path, member_id)
    for name in body:
        yield f"{path} {name}", _posted(path, body | {name: value})
        yield f"{path} {name} in a list", _posted(path, body | {name: [value]})
    yield f"{path} as a name", _posted(path, body | {value: 1})
    yield f"{path} as a text", _posted(path, value)
    yield f"{path} in a field of its own", _posted(path, body | {"note": value})
    yield f"{path} twice", _posted(path, f'{{"{value}": 1, "{value}": 2}}'.encode())
    yield f"{path} cut off", _posted(path, json.dumps(body | {"note": value}).encode()[:-3])
    yield f"{path} no UTF-8", _posted(path, json.dumps({"note": value}).encode() + b"\xff")
    yield f"{path} half a pair", _posted(path, f'{{"{value}\\ud800": 1}}'.encode())
    yield f"{path} as a form", _posted(path, f"email={value}".encode(), **{"Content-Type": "text/plain"})
    yield f"{path} as a type", _posted(path, body, **{"Content-Type": f"text/{value.replace('@', '-')}"})
    for name in ("channel", "currency", "codes", "member_id", "card", "phone", "email", "joined_at", "birthday"):
        yield f"{path} {name}", _posted(path, body | {name: f"{value}\n"})
    yield (
        f"{path} consent",
        _posted(path, body | {"consents": [{"kind": value, "granted": value, "text_version": value}]}),
    )
    for where in ("sku", "category", "brand", "kind", "labels", "quantity", "amount_minor"):
        wrong = {value: value} if where == "labels" else f"{value}\x00"
        yield f"{path} line {where}", _posted(path, body | {"lines": [{"sku": "A", "amount_minor": 1, where: wrong}]})


def _in_addresses(value: str, member_id: str) -> Iterator[tuple[str, Plant]]:
    told = quote(value, safe="")
    for address in (
        f"/v1/members/{told}", f"/v1/members/{told}/statement", f"/v1/purchases/main/{told}",
            f"/v1/purchases/{told}/A-1",
        f"/v1/members/{member_id}?email={told}", f"/v1/members/{member_id}?{told}=1",
        f"/v1/members/{member_id}/statement?cursor={told}", f"/v1/members/{member_id}/statement?limit={told}",
        f"/v1/members/{member_id}/statement?{told}", f"/v1/programme/rules?language={told}",
            f"/v1/programme/rules?{told}=he",
        f"/v1/{told}", f"/{told}/v1/members",
    ):  # fmt: skip
        yield f"GET {address}", lambda shop, _, address=address: shop.http.get(address)  # type: ignore[misc]


def _in_headers(value: str, member_id: str) -> Iterator[tuple[str, Plant]]:
    for name in ("Idempotency-Key", "User-Agent", "X-Request-Id", "X-Forwarded-For", "Referer", "Cookie",
        "Accept-Language", "From",
                 "traceparent", "X-Amzn-Trace-Id", value.replace("@", "-").replace(" ", "-").replace("+",
                     "")):  # fmt: skip
        header = {name: f"{value} {value}"}
        yield f"header {name}", lambda shop, _, header=header: shop.http.get("/v1/members/nobody", headers=header)  # type: ignore[misc]
        yield f"joining with {name}", _posted("/v1/members", person(name="<"), **header)
    yield "a key", lambda shop, _: shop.http.get("/v1/programme/rules", headers={"Authorization": f"Bearer {value}"})


def test_what_is_personal_is_handed_on_from_no_wrong_place(club: OpenClub, main: Storefront, regular: Regular) -> None:
    began, mark = time.time(), secrets.token_hex(5).translate(LETTERS)
    values = {"a name": f"Zohra {mark.title()}", "an e-mail": f"{mark}@example.com", "a phone": phone()}
    for what, value in values.items():
        plants = [
            *(plant for path in POSTS for plant in _in_wrong_fields(path, value, regular.id)),
            *_in_addresses(value, regular.id),
            *_in_headers(value, regular.id),
        ]
        answers = {where: ask(main, value) for where, ask in plants}
        assert {answer.status_code for answer in answers.values()} <= {
            200,
            201,
            400,
            401,
            403,
            404,
            409,
            413,
            415,
            422,
            429,
        }
        refused = {where: answer for where, answer in answers.items() if answer.status_code >= 400}
        assert len(refused) >= 150
        looked_for = (mark, value.lower().removeprefix("+1"), quote(value, safe="").lower())
        leaks = {where: answer.text for where, answer in refused.items()
                 if any(one in (answer.text + repr(answer.headers)).lower() for one in looked_for)}  # fmt: skip
        assert leaks == {}, what
        # What was taken is a thing's name by what the shop said of it; no header of an answer carries one.
        assert not [where for where, answer in answers.items() if mark in repr(answer.headers).lower()]
    logged = all_that_was_logged(club, began).lower()
    assert '"route":"post /v1/events"' in logged
    for secret in (mark, values["a phone"].removeprefix("+1")):
        assert secret not in logged
    # A line of embedded metrics would become one: there are none, and no function may write one otherwise.
    assert '"_aws"' not in logged
    metrics = [
        one for page in root("cloudwatch", club).get_paginator("list_metrics").paginate() for one in page["Metrics"]
    ]
    assert mark not in repr(metrics).lower()


def test_no_address_has_a_place_for_what_is_personal() -> None:
    """An address is kept by browsers, proxies and logs: it names things by the club's or the shop's own ids alone."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
    parameters = {
        (one["in"], one["name"])
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for one in operation.get("parameters", [])
        if one["in"] != "header"
    }
    assert parameters == {
        ("path", "store"), ("path", "purchase_id"), ("path", "return_id"), ("path", "redemption_id"), ("query", "state"),
            ("path", "adjustment_id"), ("path", "member_id"), ("query", "limit"), ("query", "cursor"),
            ("query", "language"), ("path", "coupon"), ("query", "format"), ("path", "automation_id"), ("query", "from"),
            ("query", "until"), ("query", "days"), ("query", "purchases_min"), ("query", "month"), ("path", "report"),
            ("query", "on"),
    }  # fmt: skip


def test_a_line_of_the_log_is_short_and_says_only_what_may_be_said(club: OpenClub, main: Storefront) -> None:
    began = time.time()
    main.buy(purchase(member_id=main.new_member()))
    lines = [line for line in all_that_was_logged(club, began).splitlines() if line.startswith('{"level"')]
    assert lines
    assert max(map(len, lines)) <= 300
