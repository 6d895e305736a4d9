"""The few people of the demo club who can be written to: of every language, calendar and habit that its programme speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple

import httpx

from club.console import Trouble, step

TIMEOUT_S = 30.0
_JOINED_DAYS_AGO = 400


class Person(NamedTuple):
    """`handle` is in their e-mail and card; `birthday` as calendar, year, month, day; `bought`: how many days ago, vinyl each
    time. `agrees`: the kinds of advertising that they let the club send."""

    handle: str
    name: str
    language: str
    birthday: tuple[str, int, int, int]
    zone: str
    bought: tuple[int, ...]
    agrees: tuple[str, ...] = ("email_marketing",)
    phone: str = ""


PEOPLE: tuple[Person, ...] = (
    Person("dana", "דנה לוי", "he", ("gregorian", 1992, 2, 29), "Asia/Jerusalem", (170, 130, 100, 64)),
    Person("eitan", "איתן מזרחי", "he", ("hebrew", 5740, 7, 15), "Asia/Jerusalem", (90, 60, 30)),
    Person("sara", "سارا کریمی", "fa", ("jalali", 1370, 1, 1), "Asia/Tehran", (120, 80, 40)),
    Person("reza", "رضا احمدی", "fa", ("jalali", 1362, 12, 30), "Europe/Berlin", (20,)),
    Person("grace", "Grace Okafor", "en", ("gregorian", 1985, 12, 31), "Pacific/Honolulu", (300, 200, 66, 65, 64)),
    Person("maya", "מאיה כהן", "he", ("gregorian", 2001, 9, 22), "America/New_York", (15, 8), agrees=()),
    Person("omid", "امید تهرانی", "fa", ("jalali", 1377, 7, 1), "America/New_York", (45, 10), ("sms_marketing",), "+12015550142"),
)  # fmt: skip


def load_people(url: str, key: str, store: str, day: str) -> int:
    """They join and buy through the club's own API, as seen from a day (ISO); the same day again changes nothing. Tells how many
    they are. Raises Trouble where the club refuses one."""
    today = datetime.combine(datetime.fromisoformat(day), time(12), UTC)
    with step("The demo's people"), httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT_S
    ) as till:  # fmt: skip
        for person in PEOPLE:
            joined = till.post(
                "/v1/members", json=joining(person, today), headers={"Idempotency-Key": f"demo-{person.handle}"}
            )
            _check(joined, person)
            for purchase in purchases(person, store, today):
                _check(till.post("/v1/purchases", json=purchase), person)
    return len(PEOPLE)


def joining(person: Person, today: datetime) -> dict[str, Any]:
    calendar, year, month, day = person.birthday
    told: dict[str, Any] = {
        "name": person.name,
        "card": f"DEMO-{person.handle}",
        "language": person.language,
        "zone": person.zone,
        "birthday": {"calendar": calendar, "year": year, "month": month, "day": day},
        "consents": [{"kind": kind, "granted": True, "text_version": "2026-01"} for kind in person.agrees],
        "source": "web",
        "joined_at": (today - timedelta(days=_JOINED_DAYS_AGO)).isoformat(),
    }
    # Whoever left a telephone left no e-mail: so text messages are written too.
    return told | ({"phone": person.phone} if person.phone else {"email": f"{person.handle}@rimon.example.com"})


def purchases(person: Person, store: str, today: datetime) -> Iterator[dict[str, Any]]:
    for days in sorted(person.bought, reverse=True):
        yield {
            "store": store,
            "purchase_id": f"demo-{person.handle}-{days}",
            "card": f"DEMO-{person.handle}",
            "occurred_at": (today - timedelta(days=days)).isoformat(),
            "currency": "USD",
            "channel": "web",
            "lines": [{"sku": "LP-1", "category": "vinyl", "quantity": 2, "amount_minor": 6_900}],
            "total_minor": 6_900,
        }


def _check(answer: httpx.Response, person: Person) -> None:
    if answer.status_code != 201:
        raise Trouble(
            f"The club refused what {person.handle} of the demo did: {answer.status_code} {answer.text[:300]}"
        )
