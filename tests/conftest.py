"""A whole club for tests that need one: a local AWS of its own on a free port, the real stacks, the demo programme, a key.

One for the session, because deploying takes longer than all tests together, and only when a test asks for it. It stands in a
temporary CLUB_HOME, so a developer's own club beside it is neither seen nor touched, and what was started is stopped by its pid.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from club import aws, ministack
from club.home import ROOT, Home
from club.up import OpenClub, open_club
from infra.stage import stage_named
from shared.store.backend import KEYS
from shared.store.table import Tables
from tests.club.ports import free_port
from tests.wire import Wire

# CDK starts node, which a fresh machine has in this environment alone.
os.environ.setdefault("JSII_NODE", str(Path(sys.prefix) / "bin" / "node"))


@pytest.fixture(scope="session")
def club_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The session's CLUB_HOME. What the club's own commands do in this process, they do there."""
    home = Home(tmp_path_factory.mktemp("club")).made()
    # Packages are named by what went in, so those of the developer's last `make up` serve as well and spare their making.
    packed = ROOT / ".club" / "build" / "packages"
    if packed.is_dir():
        shutil.copytree(packed, home.build / "packages")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLUB_HOME", str(home.folder))
        yield home


@pytest.fixture(scope="session")
def club(club_home: Home) -> Iterator[OpenClub]:
    """A club that answers. Its data is shared by all tests, so each test brings members and purchase ids of its own."""
    try:
        yield open_club(club_home, free_port())
    finally:
        ministack.stop(club_home)


@pytest.fixture
def wire(club: OpenClub) -> Wire:
    return Wire(club.running)


@pytest.fixture
def tables(club: OpenClub, wire: Wire) -> Iterator[Tables]:
    """Empty tables, with the keys and the index that the stack gave the club's own."""
    root, stage, mark = aws.client("dynamodb"), stage_named("local"), secrets.token_hex(4)
    names: dict[str, str] = {table: f"contract-{mark}-{table}" for table in KEYS}
    for table, name in names.items():
        root.create_table(**_like(root.describe_table(TableName=stage.table(table))["Table"], name))
    yield Tables(wire.client, names)
    for name in names.values():
        root.delete_table(TableName=name)


def _like(described: Any, name: str) -> dict[str, Any]:
    wanted = {
        "TableName": name,
        "KeySchema": described["KeySchema"],
        "AttributeDefinitions": described["AttributeDefinitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    indexes = [
        {part: index[part] for part in ("IndexName", "KeySchema", "Projection")}
        for index in described.get("GlobalSecondaryIndexes", [])
    ]
    return wanted | ({"GlobalSecondaryIndexes": indexes} if indexes else {})
