"""How a refusal is looked at: its status, its code, the facts that a caller needs, and that nothing was written meanwhile."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from club import aws
from infra.stage import stage_named
from tests.local.activities import activity
from tests.local.bad_input import JSON, good
from tests.local.holdings import row_counts
from tests.storefront import Json, Storefront, new_id, phone, purchase, yesterday

# Each code with its statuses' facts: what a refusal has to name so that a caller can mend it.
FACTS: dict[tuple[int, str], tuple[str, ...]] = {
    (400, "body_unreadable"): ("reason",),
    (400, "cursor_invalid"): ("field", "reason"),
    (403, "store_not_allowed"): ("field", "reason", "allowed"),
    (404, "member_unknown"): ("by",),
    (404, "adjustment_unknown"): ("field", "reason"),
    (422, "merge_refused"): ("why",),
    (404, "purchase_unknown"): ("field", "reason"),
    (404, "return_unknown"): ("field", "reason"),
    (404, "redemption_unknown"): ("field", "reason"),
    (404, "reward_unknown"): ("field", "reason"),
    (404, "language_unknown"): ("field", "reason", "languages"),
    (413, "body_too_large"): ("bytes_max",),
    (415, "content_type_foreign"): ("expected",),
    (422, "before_joining"): ("field", "reason"),
    (422, "code_unusable"): (),
    (422, "invalid"): ("field", "reason"),
    (429, "lookups_exhausted"): ("per_minute",),
}
# What the gateway itself says no to: no such route, an address or a header that it cannot read.
GATEWAYS = {400, 404, 414, 431}
REFUSAL_BYTES_MAX = 2_000

Ask = Callable[[], httpx.Response]


class Regular(NamedTuple):
    """A member whose account must stay as it is, whatever is sent in her name."""

    id: str
    card: str
    phone: str
    email: str
    purchase_id: str
    return_id: str

    @property
    def places(self) -> dict[str, str]:
        """What stands in an address that leads to what is hers."""
        known = {"store": "main", "member_id": self.id, "redemption_id": "RD-NONE", "coupon": "spring.none.2026-01-01"}
        return known | {"purchase_id": self.purchase_id, "return_id": self.return_id}


def a_regular(main: Storefront) -> Regular:
    """She has bought, brought something back and written a review, and can be found by everything."""
    card, number, email = new_id("CARD"), phone(), f"{new_id('dana')}@example.com"
    member_id = main.new_member(card=card, phone=number, email=email)
    bought = [purchase(member_id=member_id) for _ in range(3)]
    assert {main.buy(body).status_code for body in bought} == {201}
    assert main.http.post("/v1/events", json=activity(member_id)).status_code == 201
    back = {"store": "main", "return_id": new_id("R"), "purchase_id": bought[1]["purchase_id"], "amount_minor": 1}
    assert main.http.post("/v1/returns", json=back | {"occurred_at": yesterday()}).status_code == 201
    return Regular(member_id, card, number, email, bought[0]["purchase_id"], str(back["return_id"]))


def account_row(member_id: str) -> Json:
    """The account as DynamoDB writes it: every byte of it."""
    found = aws.client("dynamodb").get_item(
        TableName=stage_named("local").table("accounts"), Key={"a": {"S": member_id}}, ConsistentRead=True
    )
    return dict(found["Item"])


def all_refused(
    questions: Mapping[str, Ask], *statuses: int, regular: Regular | None = None, by_gateway: bool = False
) -> dict[str, Json]:
    """Asks all of them, four at a time, and looks at each no: status, type, stable code, facts and request id. Nothing is
    written by any, and the member's account keeps its bytes. What was told, by question."""
    assert questions
    before, account = row_counts(), account_row(regular.id) if regular else {}
    with ThreadPoolExecutor(4) as tills:
        answers = dict(zip(questions, tills.map(lambda ask: ask(), questions.values()), strict=True))
    wrong = {what: (answer.status_code, answer.text[:300]) for what, answer in answers.items()
             if not (_is_refusal(answer, statuses) or (by_gateway and _is_gateways(answer)))}  # fmt: skip
    assert not wrong
    assert row_counts() == before
    assert (account_row(regular.id) if regular else {}) == account
    return {what: answer.json() if answer.content else {} for what, answer in answers.items()}


def _is_refusal(answer: httpx.Response, statuses: tuple[int, ...]) -> bool:
    if answer.headers.get("content-type") != "application/problem+json" or answer.status_code not in statuses:
        return False
    told = answer.json()
    needed = ("type", "title", "code", "request_id", *FACTS.get((answer.status_code, told["code"]), ("?",)))
    return (
        told["status"] == answer.status_code
        and all(told.get(name) for name in needed)
        and len(answer.content) <= REFUSAL_BYTES_MAX
    )


def _is_gateways(answer: httpx.Response) -> bool:
    return answer.status_code in GATEWAYS and (not answer.content or list(answer.json()) == ["message"])


def sent(shop: Storefront, path: str, body: bytes, content_type: str | None = JSON, **headers: str) -> httpx.Response:
    typed = {"Content-Type": content_type} if content_type is not None else {}
    return shop.http.post(path, content=body, headers={"Idempotency-Key": new_id("join"), **typed, **headers})


def posting(shop: Storefront, path: str, body: Json) -> Ask:
    return lambda: sent(shop, path, json.dumps(body).encode("utf-8"))


def asked_raw(
    url: str, method: str, address: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> httpx.Response:
    """A request that leaves exactly as it is written: a client library would tidy it up."""
    base = urlsplit(url)
    lines = (
        f"{method} {base.path.rstrip('/')}{address} HTTP/1.1",
        f"Host: {base.netloc}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers),
        *((f"Content-Length: {len(body)}",) if body else ()),
    )
    with socket.create_connection((base.hostname or "", base.port or 0), timeout=60) as wire:
        wire.sendall("\r\n".join((*lines, "", "")).encode() + body)
        head, _, content = b"".join(iter(lambda: wire.recv(65_536), b"")).partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").lower().split("\r\n")
    told = dict(field.split(": ", 1) for field in fields)
    if told.get("transfer-encoding") == "chunked":
        content = b"".join(content.split(b"\r\n")[1::2])
    return httpx.Response(
        int(status.split()[1]), headers={"content-type": told.get("content-type", "")}, content=content
    )


def read_raw(shop: Storefront, address: str, method: str = "GET") -> httpx.Response:
    key = ("Authorization", shop.http.headers["Authorization"])
    return asked_raw(str(shop.http.base_url), method, address, [key])


def reading(shop: Storefront, addresses: Iterable[tuple[str, str]]) -> dict[str, Ask]:
    return {what[:60]: lambda address=address: read_raw(shop, address) for what, address in addresses}


def asked_with(url: str, authorization: Iterable[str], route: str, regular: Regular) -> httpx.Response:
    """A request that the endpoint can read, with so many Authorization headers."""
    method, path = route.split()
    address = path.format(**regular.places)
    headers = [("Authorization", one) for one in authorization] + [
        ("Idempotency-Key", new_id("join")),
        ("Content-Type", JSON),
    ]
    body = json.dumps(good(path, regular.id)).encode() if method == "POST" else b""
    return asked_raw(url, method, address, headers, body)
