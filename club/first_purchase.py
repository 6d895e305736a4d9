"""The purchase that `club up` ends with: a member joins, buys, and the answer is shown beside the `curl` that asks for it."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from typing import Any

import httpx

from club.console import Trouble, say, step
from club.home import Home, shown

TIMEOUT_S = 30.0

# Always the same person: joining again answers as the first time.
JOIN_KEY = "make-up-demo-member"
MEMBER: dict[str, Any] = {
    "name": "Noa Rimon",
    "card": "1001",
    "language": "en",
    "birthday": {"calendar": "hebrew", "year": 5751, "month": 1, "day": 15},
    "consents": [{"kind": "email_marketing", "granted": True, "text_version": "2026-01"}],
    "source": "till",
}


def show_a_purchase(home: Home, url: str, key: str, now: datetime | None = None) -> None:
    """Join the demo member, send one fresh purchase, print how to send it by hand and what the club answered."""
    bearer = {"Authorization": f"Bearer {key}"}
    body = purchase(now or datetime.now(UTC))
    with step("One purchase"), httpx.Client(base_url=url, headers=bearer, timeout=TIMEOUT_S) as till:
        joined = till.post("/v1/members", json=MEMBER, headers={"Idempotency-Key": JOIN_KEY})
        if joined.status_code != 201 and joined.json().get("code") != "contact_taken":
            raise Trouble(f"The club would not let the demo member join: {joined.status_code} {joined.text[:300]}")
        answer = till.post("/v1/purchases", content=json.dumps(body), headers={"Content-Type": "application/json"})
    say(f"\nA purchase, ready to paste (the address and a key are in {shown(home.env)}):\n\n{curl(home, body)}\n")
    say(f"It answered {answer.status_code}:\n\n{laid_out(answer.text)}")
    if answer.status_code != 201:
        raise Trouble(f"The club refused the demo purchase with {answer.status_code}.")


def purchase(now: datetime) -> dict[str, Any]:
    """Two CDs, bought now. Its id is the instant, so that each `make up` shows a new purchase."""
    return {
        "store": "main",
        "purchase_id": f"demo-{now:%Y%m%d-%H%M%S}",
        "card": MEMBER["card"],
        "occurred_at": now.isoformat(timespec="seconds"),
        "currency": "USD",
        "channel": "web",
        "lines": [{"sku": "CD-1", "category": "music", "quantity": 2, "amount_minor": 2990}],
        "total_minor": 2990,
    }


def curl(home: Home, body: dict[str, Any]) -> str:
    """The same request for a person: shell lines that read `.club/env` and post the purchase."""
    return (
        f". {shlex.quote(shown(home.env))}\n"
        'curl -sS "$CLUB_URL/v1/purchases" -H "Authorization: Bearer $CLUB_KEY" -H "Content-Type: application/json" \\\n'
        f"  -d {shlex.quote(json.dumps(body))}"
    )


def laid_out(text: str) -> str:
    """JSON laid out for reading; anything else as it came."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
