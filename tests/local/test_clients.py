"""Clients that generators make of the document: they join a member and buy at the running club, with types."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from club.home import ROOT
from club.up import OpenClub
from tests.storefront import new_id, yesterday

DOCUMENT = ROOT / "docs" / "openapi.json"
CLIENTS = Path(__file__).parent / "clients"
NODE_TOOLS = ROOT / "node_modules" / ".bin"
TYPESCRIPT = {
    "compilerOptions": {
        "strict": True,
        "target": "es2022",
        "module": "commonjs",
        "moduleResolution": "node10",
        "lib": ["es2023", "dom", "dom.iterable"],
        "types": [],
        "outDir": "run",
    }
}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """One of the environment's own tools: node and the formatter are in its folder, and nowhere else on a fresh machine."""
    path = f"{Path(sys.prefix) / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def in_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package `club_client`."""
    folder = tmp_path_factory.mktemp("python")
    made = run(
        Path(sys.prefix) / "bin" / "openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none",
        "--output-path", folder / "club_client", "--fail-on-warning", cwd=folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.fixture(scope="module")
def in_typescript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client in `made/` and our storefronts beside it."""
    folder = tmp_path_factory.mktemp("typescript")
    made = run(
        NODE_TOOLS / "openapi-ts", "--input", DOCUMENT, "--output", folder / "made", "--client", "@hey-api/client-fetch",
        "--no-log-file", cwd=folder,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    for source in CLIENTS.glob("*.ts"):
        shutil.copy(source, folder)
    return folder


def compiled(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "tsconfig.json").write_text(json.dumps(TYPESCRIPT | {"files": [source]}))
    return run(NODE_TOOLS / "tsc", "--project", folder, cwd=folder)


def test_a_client_in_python_joins_a_member_and_buys(
    club: OpenClub, in_python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(in_python))
    made: Any = importlib.import_module("club_client")
    models: Any = importlib.import_module("club_client.models")
    join: Any = importlib.import_module("club_client.api.members.join_member")
    buy: Any = importlib.import_module("club_client.api.purchases.record_purchase")
    card, purchase_id, bought_at = new_id("CARD"), new_id(), datetime.fromisoformat(yesterday())
    with made.AuthenticatedClient(base_url=club.url, token=club.key, raise_on_unexpected_status=True) as client:
        joining = models.Joining(
            name="Noa Levi", card=card, language="en", source="web", joined_at=datetime(2025, 1, 5, tzinfo=UTC)
        )
        joined = join.sync(client=client, body=joining, idempotency_key=new_id("join"))
        assert isinstance(joined, models.JoinAnswer)
        assert joined.entry.sequence == 1
        line = models.Line(sku="CD-1", category="music", quantity=2, amount_minor=2990)
        body = models.Purchase(
            store="main", purchase_id=purchase_id, card=card, occurred_at=bought_at, currency="USD", lines=[line],
            total_minor=2990,
        )  # fmt: skip
        bought = buy.sync_detailed(client=client, body=body)
        again = buy.sync_detailed(client=client, body=body)
        body.total_minor = 1
        refused = buy.sync(client=client, body=body)
    answer = bought.parsed
    assert isinstance(answer, models.PurchaseAnswer)
    assert (answer.purchase.member_id, answer.points.earned, answer.account.balance) == (joined.member_id, 29, 29)
    assert answer.purchase.occurred_at == bought_at
    assert [rule.rule for rule in answer.explanation.fired] == ["base"]
    assert (again.parsed, again.headers["Idempotency-Replayed"]) == (answer, "true")
    assert isinstance(refused, models.InvalidProblem)
    assert (refused.code, refused.field, refused.status) == ("invalid", "total_minor", 422)


def test_a_client_in_typescript_joins_a_member_and_buys(club: OpenClub, in_typescript: Path) -> None:
    checked = compiled(in_typescript, "storefront.ts")
    assert checked.returncode == 0, checked.stdout
    card, purchase_id = new_id("CARD"), new_id()
    words = (club.url, club.key, card, purchase_id, yesterday())
    ran = run(Path(sys.prefix) / "bin" / "node", in_typescript / "run" / "storefront.js", *words, cwd=in_typescript)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told.pop("member_id").startswith("M")
    assert told == {
        "earned": 29,
        "fired": ["base"],
        "sequence": 2,
        "replayed": "true",
        "refused": "invalid",
        "newest": purchase_id,
    }


def test_the_types_of_the_typescript_client_refuse_what_the_club_would_never_answer_or_take(
    in_typescript: Path,
) -> None:
    checked = compiled(in_typescript, "wrong.ts")
    faults = [line for line in checked.stdout.splitlines() if line.startswith("wrong.ts")]
    assert len(faults) == 2, checked.stdout
    assert "Type 'number' is not assignable to type 'string'" in faults[0]
    assert "currency" in faults[1]
