"""A storefront as the tests play it: purchases and persons as it would send them, and its calls to the club's API."""

from __future__ import annotations

import multiprocessing
import secrets
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

from tests.documented import check_answer, operation

# A storm starts a worker for each request that waits, and a small machine starts them one after the other.
ANSWER_TIMEOUT_S = 120.0

Json = dict[str, Any]


def new_id(prefix: str = "A") -> str:
    """An id that no other test has."""
    return f"{prefix}-{secrets.token_hex(6)}"


def line(amount_minor: int = 2990, **changes: Any) -> Json:
    return {"sku": "CD-1001", "category": "music", "quantity": 1, "amount_minor": amount_minor} | changes


def purchase(*lines: Json, **changes: Any) -> Json:
    """A purchase of yesterday whose total fits its lines; without a member it is a guest's."""
    bought = list(lines) or [line()]
    body: Json = {
        "store": "main",
        "purchase_id": new_id(),
        "occurred_at": yesterday(),
        "currency": "USD",
        "channel": "web",
        "lines": bought,
        "discount_minor": 0,
        "shipping_minor": 0,
        "tax_minor": 0,
    } | changes
    goods = sum(one["amount_minor"] - one.get("discount_minor", 0) for one in body["lines"])
    extra = body["shipping_minor"] + body["tax_minor"] - body["discount_minor"]
    return {**body, "total_minor": changes.get("total_minor", goods + extra)}


def person(**changes: Any) -> Json:
    """A person who joined some time ago, findable by a card that nobody else has."""
    return {
        "name": "Noa Levi",
        "card": new_id("CARD"),
        "language": "en",
        "source": "till",
        "joined_at": "2025-01-05T10:00:00+02:00",
    } | changes


def yesterday() -> str:
    """A moment of yesterday, later than any that was asked for before: a till's purchases come one after the other."""
    global _moment
    _moment = max(datetime.now(UTC) - timedelta(days=1), _moment + timedelta(milliseconds=1))
    return _moment.isoformat(timespec="milliseconds")


_moment = datetime(2000, 1, 1, tzinfo=UTC)


# Numbers that no subscriber has (555-0100 to 555-0199) in several areas, in the order of chance, none twice.
_AREAS = ("212", "303", "312", "404", "415", "503", "602", "617", "702", "713", "808", "907")
_PHONES = [f"+1{area}55501{number:02d}" for area in _AREAS for number in range(100)]
secrets.SystemRandom().shuffle(_PHONES)


def phone() -> str:
    """A phone number that no other test has."""
    return _PHONES.pop()


class Storefront:
    """One store's calls with one key. Whatever is answered stands in the OpenAPI document."""

    def __init__(self, url: str, key: str | None, store: str = "main") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        self.store = store
        self.http = httpx.Client(base_url=url, headers=headers, timeout=ANSWER_TIMEOUT_S)
        self.http.event_hooks = {"response": [self._documented]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def _documented(self, answer: httpx.Response) -> None:
        path = answer.request.url.path.removeprefix(self.http.base_url.path.rstrip("/"))
        told = operation(answer.request.method, path)
        if told is not None:
            answer.read()
            check_answer(told, answer.status_code, {**answer.headers}, answer.text)

    def buy(self, body: Json) -> httpx.Response:
        return self.http.post("/v1/purchases", json=body | {"store": self.store})

    def quote(self, body: Json) -> httpx.Response:
        return self.http.post("/v1/quotes", json=body | {"store": self.store})

    def bought(self, purchase_id: str) -> httpx.Response:
        return self.http.get(f"/v1/purchases/{self.store}/{purchase_id}")

    def join(self, body: Json, idempotency_key: str | None = None) -> httpx.Response:
        return self.http.post("/v1/members", json=body, headers={"Idempotency-Key": idempotency_key or new_id("join")})

    def member(self, member_id: str) -> httpx.Response:
        return self.http.get(f"/v1/members/{member_id}")

    def statement(self, member_id: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/v1/members/{member_id}/statement", params=query)

    def look_up(self, **contact: str) -> httpx.Response:
        return self.http.post("/v1/members/lookup", json=contact)

    def rules(self, **query: str) -> httpx.Response:
        return self.http.get("/v1/programme/rules", params=query)

    def new_member(self, **changes: Any) -> str:
        """A member who joined just now; the id."""
        answer = self.join(person(**changes))
        assert answer.status_code == 201, answer.text
        member_id: str = answer.json()["member_id"]
        return member_id

    def whole_statement(self, member_id: str, limit: int = 100) -> list[Json]:
        """Every entry, over all pages, newest first."""
        entries: list[Json] = []
        query: Json = {"limit": limit}
        while True:
            answer = self.statement(member_id, **query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            entries += page["entries"]
            if page["next_cursor"] is None:
                return entries
            query["cursor"] = page["next_cursor"]


def processes(count: int) -> ProcessPoolExecutor:
    """So many processes, made from one that has imported everything already: eight imports at once take longer than a storm."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.storefront", "tests.actions.tills"])
    return ProcessPoolExecutor(count, context)


def buy_again_and_again(url: str, key: str, member_id: str, till: int, purchases: int) -> list[tuple[str, int, int]]:
    """One till: each purchase sent twice, as tills do that lost the line. Ids, statuses and points earned."""
    told = []
    with Storefront(url, key) as storefront:
        for number in range(purchases):
            body = purchase(line(1_000 * (number + 1)), member_id=member_id, purchase_id=f"{member_id}-{till}-{number}")
            for _ in range(2):
                answer = storefront.buy(body)
                earned = answer.json().get("points", {}).get("earned", 0)
                told.append((body["purchase_id"], answer.status_code, earned))
    return told
