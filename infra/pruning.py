"""What the dependency layer leaves out, and why: every megabyte is unpacked at each cold start.

Each rule is a table row with its reason. Licence texts always stay: they are the condition of passing the code on.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

from infra.rooms import ROOMS


class LeftOut(NamedTuple):
    """Files whose name in the layer matches `pattern` (and none of `but`) do not travel."""

    pattern: str
    reason: str
    but: tuple[str, ...] = ()


# The club speaks these languages; a locale needs its language, its own territory and the root they inherit from.
LOCALES = ("root", "en", "en_US", "he", "he_IL", "fa", "fa_IR")

LEFT_OUT: tuple[LeftOut, ...] = (
    LeftOut("bin/*", "commands of a shell; nobody has a shell there"),
    LeftOut(".lock", "the installer's own"),
    LeftOut("bazel-project/*", "the build of the CEL wheel left its own sources in it"),
    LeftOut("cel_expr_python/ext/*", "36 MB of CEL extensions that no programme may use"),
    LeftOut(
        "babel/locale-data/*.dat",
        "languages the club does not speak",
        but=tuple(f"babel/locale-data/{locale}.dat" for locale in LOCALES),
    ),
    LeftOut("babel/messages/*", "tools that make catalogues of translations"),
    LeftOut("phonenumbers/geodata/*", "which town a number is from: 19 MB, never asked"),
    LeftOut("phonenumbers/carrierdata/*", "which carrier a number is from: never asked"),
    LeftOut("phonenumbers/tzdata/*", "which time zone a number is from: never asked"),
    LeftOut("phonenumbers/shortdata/region_*", "emergency and short numbers: nobody joins with one"),
    LeftOut("aws_lambda_powertools/event_handler/*", "a router: the gateway has routed, and the route key chooses"),
    LeftOut(
        "aws_lambda_powertools/utilities/*",
        "utilities that no function uses; each file is unpacked at every cold start",
        but=tuple(
            f"aws_lambda_powertools/utilities/{kept}" for kept in ("__init__.py", "parameters/*", "jmespath_utils/*")
        ),
    ),
    LeftOut("boto3/data/*", "descriptions of boto3 resources; the store uses the client"),
    LeftOut("boto3/examples/*", "documentation"),
    LeftOut("*/waiters-2.json", "nothing here waits for a table to be made"),
    LeftOut("*/examples-1.json", "documentation"),
    LeftOut("*.pyi", "types for checkers"),
    LeftOut("*/py.typed", "a mark for checkers"),
    LeftOut("*.dist-info/RECORD", "a list of files that is no longer true after pruning"),
    LeftOut("*.dist-info/INSTALLER", "how it came here, which differs between machines"),
    LeftOut("*.dist-info/REQUESTED", "how it came here, which differs between machines"),
    LeftOut("*.dist-info/entry_points.txt", "commands of a shell"),
    LeftOut("*.dist-info/sboms/*", "inventory of the build; the lock file says the same"),
    LeftOut("*/__pycache__/*", "compiled afresh, for the interpreter that will read it"),
)

# botocore knows 400 services. These calls are the ones the rooms may make; a transaction is made of granted calls.
CALLS: dict[str, frozenset[str]] = {
    "dynamodb": frozenset(action for room in ROOMS for grant in room.grants for action in grant.actions)
    | {"TransactWriteItems"},
    "ssm": frozenset({"GetParameter"}),
}


def prune(layer: Path) -> None:
    """Take out of an unpacked layer what it does not need."""
    for path in sorted(layer.rglob("*")):
        if path.is_file() and is_left_out(path.relative_to(layer).as_posix()):
            path.unlink()
    data = layer / "botocore" / "data"
    if data.is_dir():
        _prune_services(data)
    for folder in sorted((path for path in layer.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def is_left_out(name: str) -> bool:
    return any(
        fnmatchcase(name, rule.pattern) and not any(fnmatchcase(name, kept) for kept in rule.but) for rule in LEFT_OUT
    )


def _prune_services(data: Path) -> None:
    for folder in [path for path in data.iterdir() if path.is_dir()]:
        if folder.name not in CALLS:
            shutil.rmtree(folder)
            continue
        # Only the newest version of a service is ever loaded.
        *older, newest = sorted(path for path in folder.iterdir() if path.is_dir())
        for version in older:
            shutil.rmtree(version)
        packed = newest / "service-2.json.gz"
        model = json.loads(gzip.decompress(packed.read_bytes()))
        packed.unlink()
        _write_json(newest / "service-2.json", model_of_calls(model, CALLS[folder.name]))
    endpoints = json.loads((data / "endpoints.json").read_text("utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: what for name, what in partition["services"].items() if name in CALLS}
    _write_json(data / "endpoints.json", endpoints)


def model_of_calls(model: dict[str, Any], calls: Iterable[str]) -> dict[str, Any]:
    """A service's description with these calls alone, the shapes they reach, and no documentation."""
    operations = {name: model["operations"][name] for name in sorted(calls)}
    shapes: dict[str, Any] = {}
    waiting = sorted(_shapes_named_in(list(operations.values())))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting.extend(sorted(_shapes_named_in(shapes[name])))
    kept = {**model, "operations": operations, "shapes": {name: shapes[name] for name in sorted(shapes)}}
    undocumented: dict[str, Any] = _without_documentation(kept)
    return undocumented


def _shapes_named_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        named = {value["shape"]} if isinstance(value.get("shape"), str) else set()
        return named.union(*map(_shapes_named_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(_shapes_named_in, value))
    return set()


def _without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        # A shape may have a member called `documentation`; the text is a string, the member is an object.
        return {
            name: _without_documentation(inner)
            for name, inner in value.items()
            if not (name == "documentation" and isinstance(inner, str))
        }
    if isinstance(value, list):
        return [_without_documentation(inner) for inner in value]
    return value


def _write_json(path: Path, value: Any) -> None:
    # A file here may be a link into the installer's cache: replaced, never written into.
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "utf-8")
