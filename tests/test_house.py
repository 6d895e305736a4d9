"""The house inspects itself: where things may live, who may know whom, and the words on the doors."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.rooms import ROOMS
from infra.tables import TABLES
from shared.api.routes import EVERY_ROUTE
from shared.store import keys
from shared.store.backend import BY_ACCOUNT, BY_ACCOUNT_ATTRIBUTES, KEYS

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = ("functions", "shared", "infra", "club")

# Corridors run one way. Left: who looks; right: what they may see. The first line that fits decides.
CORRIDORS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("shared.domain", ("shared.domain",)),
    ("shared.settings", ()),
    ("shared.observe", ()),
    ("shared.store", ("shared.store", "shared.domain", "shared.settings")),
    # What fits models, and who closes a month's estimates with it: see below who may look there.
    (
        "shared.actions.close_estimates",
        ("shared.actions", "shared.store", "shared.domain", "shared.settings", "shared.statistics"),
    ),
    ("shared.statistics", ("shared.statistics", "shared.domain")),
    ("shared.actions", ("shared.actions", "shared.store", "shared.domain", "shared.settings")),
    ("shared.api", ("shared.api", "shared.domain", "shared.observe")),
    (
        "functions",
        ("shared.domain", "shared.store", "shared.actions", "shared.api", "shared.settings", "shared.observe"),
    ),
    ("infra", ("infra", "shared.api.routes", "functions.scheduler.timetable")),
    ("club", ("club", "infra", "shared", "functions.scheduler.timetable")),
)

# What the pure core may not know: where it runs, what time it is, chance, the network.
NOT_IN_THE_DOMAIN = {
    "boto3",
    "botocore",
    "aws_lambda_powertools",
    "os",
    "sys",
    "time",
    "random",
    "secrets",
    "uuid",
    "socket",
}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter"}

# The field's standard words, and what is said instead of them here.
OUR_WORDS = {
    "user": "member",
    "customer": "member",
    "order": "purchase",
    "refund": "return",
    "payload": "posting",
    "config": "programme or settings",
    "voucher": "coupon",
    "promo": "offer",
    "promotion": "offer",
    "inactive": "dormant",
    "utils": "the thing itself",
    "helper": "the thing itself",
    "helpers": "the thing itself",
    "manager": "the thing itself",
    "calc": "a noun for what it returns",
    "batch": "lot",
}


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    """Name, path and tree of every module of the product."""
    for room in PRODUCT:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that they read the same everywhere"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def test_corridors_run_one_way() -> None:
    for name, path, tree in modules():
        allowed = next(seen for room, seen in CORRIDORS if within(name, room)) if name != "shared" else ()
        for imported in imports(tree):
            if imported.split(".")[0] not in PRODUCT:
                continue
            own_function = name.startswith("functions.") and within(imported, ".".join(name.split(".")[:2]))
            assert own_function or any(within(imported, room) for room in allowed), (
                f"{path.relative_to(ROOT)} imports {imported}, but from here one may only look into {', '.join(allowed)}"
            )


def test_only_the_analyst_and_commands_look_where_numeric_libraries_are_needed() -> None:
    numeric = ("shared.statistics", "shared.actions.close_estimates", "numpy", "scipy")
    theirs = (*numeric, "functions.analyst", "club")
    lookers = {
        name for name, _, tree in modules() for one in imports(tree) if any(within(one, room) for room in numeric)
    }
    assert "functions.analyst.handler" in lookers
    assert {name for name in lookers if not any(within(name, room) for room in theirs)} == set()


def test_the_pure_core_knows_no_clock_no_chance_and_no_cloud() -> None:
    for name, path, tree in modules():
        if not within(name, "shared.domain"):
            continue
        where = path.relative_to(ROOT)
        for imported in imports(tree):
            assert imported.split(".")[0] not in NOT_IN_THE_DOMAIN, (
                f"{where} imports {imported}; pass what it gives as a value"
            )
        for node in ast.walk(tree):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            assert not (is_call and node.func.attr in CLOCKS), (
                f"{where}:{node.lineno} reads a clock; `now` is a parameter"
            )  # type: ignore[union-attr]
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            assert not is_float, (
                f"{where}:{node.lineno} holds a float; money and points are whole numbers or exact fractions"
            )  # type: ignore[union-attr]
            is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            assert not is_division, f"{where}:{node.lineno} divides with /; say `rounded`, `shares` or // and why"  # type: ignore[union-attr]


def test_the_environment_has_one_reader() -> None:
    for name, path, tree in modules():
        if name == "shared.settings" or not (within(name, "shared") or within(name, "functions")):
            continue
        for imported in imports(tree):
            assert imported.split(".")[0] != "os", (
                f"{path.relative_to(ROOT)} reads the environment; settings.py does that for everybody"
            )


def test_every_key_says_which_question_it_answers() -> None:
    for pattern in keys.PATTERNS:
        assert pattern.question.endswith("?"), f"{pattern.key} has no question"
    assert {pattern.table for pattern in keys.PATTERNS} == set(KEYS), "a table without a key pattern, or the reverse"


def test_code_and_template_agree_on_tables_and_index() -> None:
    for table in TABLES:
        names = tuple(key.name for key in (table.partition, table.sort) if key is not None)
        assert KEYS[table.name] == names, f"the keys of {table.name}"  # type: ignore[index]
    indexes = {table.secondary.name: set(table.secondary.carries) for table in TABLES if table.secondary}
    assert indexes == {BY_ACCOUNT: set(BY_ACCOUNT_ATTRIBUTES)}


def test_each_folder_of_functions_is_one_room_with_a_door() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
    assert folders == {room.name for room in ROOMS}
    assert {route.function for route in EVERY_ROUTE} <= folders


ENTRANCES = {"club.__main__", "infra.app", *(f"functions.{room.name}.handler" for room in ROOMS)}
# Called by the Makefile before anything is installed.
ENTRANCES |= {"club.pip_settings"}
# The store in memory serves the tests of the rules; a backtest over all members will be its first caller.
ENTRANCES |= {"shared.store.memory"}


def test_no_module_stands_about_unused() -> None:
    known = {name: path for name, path, _ in modules()}
    used = {imported for name, _, tree in modules() for imported in imports(tree)}
    reached = {name for name in known if name in used or any(one.startswith(f"{name}.") for one in used)}
    idle = {name for name, path in known.items() if path.name != "__init__.py"} - reached - ENTRANCES
    assert not idle, f"nobody imports {', '.join(sorted(idle))}"


def test_doors_carry_the_words_of_the_field() -> None:
    for name, path, tree in modules():
        if within(name, "infra"):  # AWS has words of its own: a customer-managed key.
            continue
        said = [(word, 1) for word in name.split(".")[-1].split("_")]
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", node.name)
                said += [(word.lower(), node.lineno) for word in words]
        for word, line in said:
            assert word not in OUR_WORDS, (
                f"{path.relative_to(ROOT)}:{line} says {word!r}; here that is {OUR_WORDS[word]!r}"
            )


def test_every_module_says_what_it_is_for() -> None:
    for _, path, tree in modules():
        if path.name == "__init__.py" and not path.read_text().strip():
            continue
        assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} does not say what it is for"


@pytest.mark.parametrize("kept_out", ["host of a package registry", "path of a machine"])
def test_the_repository_speaks_of_the_product_alone(kept_out: str) -> None:
    hosts = r"py" + r"pi\.org|python" + r"hosted\.org|npm" + r"js\.(org|com)|deb" + r"ian\.org"
    pattern = {"host of a package registry": hosts, "path of a machine": r"/(work|root|home/[a-z]+)/[a-z]"}[kept_out]
    found = subprocess.run(
        ["git", "grep", "--untracked", "-nIE", pattern, "--", ".", ":!tests/test_house.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not found.stdout, f"a {kept_out} is named:\n{found.stdout[:500]}"
