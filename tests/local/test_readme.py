"""What the README shows is what the club answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from club import key
from club.home import ROOT, Home
from club.load import load_cdnow
from club.store import tables
from club.up import OpenClub
from shared.actions import keys_of_stores
from shared.api.routes import SCOPES

README = (ROOT / "README.md").read_text("utf-8")


def _shown(answer: Any, shown: Any) -> bool:
    """Whether everything shown is in the answer; texts with days in them depend on the day of the reader."""
    if isinstance(shown, dict):
        return all(name in answer and _shown(answer[name], one) for name, one in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(answer) and all(_shown(one, other) for one, other in zip(answer, shown, strict=True))
    dated = isinstance(shown, str) and re.search(r"\b20\d\d\b", shown)
    return bool(dated) or answer == shown


@pytest.fixture
def visitor(club: OpenClub) -> Iterator[str]:
    """A test key: what it loads and buys is apart from what other tests count."""
    secret = key.create("main", mode="test", scopes=SCOPES)
    yield secret
    keys_of_stores.revoke_key(tables(), secret.split("_")[2], datetime.now(UTC))


def test_the_purchase_in_the_readme_is_answered_as_shown(club: OpenClub, visitor: str, tmp_path: Path) -> None:
    load_cdnow(club.url, visitor, "main", home=Home(tmp_path).made(), customers_max=1)
    sent = re.search(r"-d '(\{.*?\})'\n", README, re.DOTALL)
    told = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert sent is not None
    assert told is not None
    body = json.loads(sent[1])
    assert datetime.fromisoformat(body["occurred_at"]) < datetime.now(UTC), (
        "who pastes it would be told it is in the future"
    )
    # The log moves along with the days; the day of this purchase has to move with it.
    body |= {"occurred_at": datetime.now(UTC).isoformat(timespec="seconds")}
    bearer = {"Authorization": f"Bearer {visitor}"}
    answer = httpx.post(f"{club.url}/v1/purchases", json=body, headers=bearer, timeout=30)
    assert answer.status_code == 201
    assert _shown(answer.json(), json.loads(told[1])), answer.text
