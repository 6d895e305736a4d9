"""A club manager tries purchases on a draft: what would they earn, and why?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from club.__main__ import app
from club.console import Trouble
from tests.domain.shop import BASE, CLUB, tier
from tests.storefront import Json, line, purchase


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    path.write_text("\n".join((CLUB, tier("gold", 10_000, "1.5"), BASE)), "utf-8")
    return path


def basket(path: Path, *purchases: Json) -> str:
    path.write_text(json.dumps(purchases if len(purchases) > 1 else purchases[0]), "utf-8")
    return str(path)


def told(*arguments: str) -> str:
    return CliRunner().invoke(app, ["quote", *arguments], catch_exceptions=False).output


def test_every_purchase_is_told_with_its_reasons_and_the_next_one_stands_on_it(draft: Path, tmp_path: Path) -> None:
    first = purchase(line(20_000), purchase_id="A-1", occurred_at="2026-11-10T12:00:00Z", card="ANY-CARD")
    second = purchase(line(1_000), purchase_id="A-2", occurred_at="2026-11-11T12:00:00Z")
    said = told(str(draft), basket(tmp_path / "b.json", second, first))
    assert said.index("A-1 of 2026-11-10 07:00") < said.index("A-2 of 2026-11-11 07:00")
    assert "= Together 200 points." in said
    assert "gold tier: times 1.5 on $10.00 of goods adds 5 points." in said


def test_a_manager_reads_it_in_the_language_of_the_club(draft: Path, tmp_path: Path) -> None:
    assert "ביחד" in told(str(draft), basket(tmp_path / "b.json", purchase()), "--language", "he")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"store": "main"}', "purchase_id is missing"),
        ("[]", "holds no purchase"),
        ("{", "is not JSON"),
        (json.dumps(purchase(line(1.5))), "lines.0.amount_minor must be a whole number"),
        (json.dumps(purchase(currency="ILS")), "currency must be USD"),
    ],
)
def test_a_purchase_that_cannot_be_is_told_with_file_field_and_reason(
    draft: Path, tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "basket.json"
    path.write_text(content, "utf-8")
    with pytest.raises(Trouble) as trouble:
        told(str(draft), str(path))
    assert reason in str(trouble.value)
    assert path.name in str(trouble.value)
