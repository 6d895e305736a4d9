"""`club docs`: what the documents say of the code is written from the code; a test holds that it is current."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from club import openapi, plan, reference
from club.console import say
from club.home import ROOT, shown
from functions.scheduler.timetable import TIMETABLE
from infra.rooms import ROOMS, Room
from infra.stage import STAGES
from infra.tables import TABLES
from shared.api.routes import EVERY_ROUTE
from shared.domain.kpi import FIGURES
from shared.domain.letter_templates import BY_NAME as LETTERS
from shared.domain.letter_templates import CASE
from shared.domain.policies import QUESTIONS
from shared.domain.rulebook import default_of
from shared.store.keys import PATTERNS
from shared.store.retention import KEPT

if TYPE_CHECKING:
    from infra.alarms import Alarm

# A command or a group of them, as typer builds it; it does not publish the type.
Command = Any

PICTURE = ROOT / "docs" / "pictures" / "plan.svg"
OPENAPI = ROOT / "docs" / "openapi.json"


def docs(context: typer.Context) -> None:
    """Write the tables in the documents, the plan's picture and the OpenAPI document anew from the code."""
    for path, text in written(context.find_root().command).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        say(f"{shown(path)} is as the code is.")


def written(command: Command) -> dict[Path, str]:
    """Each document with its generated parts as the code has them now, the picture, and the API's description."""
    texts = {path: _filled(path.read_text("utf-8"), parts, command) for path, parts in PARTS.items()}
    return texts | {PICTURE: plan.drawn(), OPENAPI: openapi.text()}


def _filled(text: str, parts: dict[str, Part], command: Command) -> str:
    """A document with what stands between `<!-- name -->` and `<!-- /name -->` written anew."""
    for name, part in parts.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert marked.search(text), f"there are no marks for {name}"
        rows = "\n".join(part(command))
        text = marked.sub(lambda found, rows=rows: f"{found[1]}{rows}\n{found[2]}", text)  # type: ignore[misc]
    return text


def _functions(_: Command) -> Iterator[str]:
    yield "| function | for | opens | may touch |"
    yield "| --- | --- | --- | --- |"
    for room in ROOMS:
        paths = dict.fromkeys(route.path for route in EVERY_ROUTE if route.function == room.name)
        opens = ", ".join(f"`{path}`" for path in paths) or _opened_by(room)
        touches = ", ".join(f"`{table}`" for table in room.tables) or "nothing"
        yield f"| `functions/{room.name}` | {room.summary} | {opens} | {touches} |"


def _opened_by(room: Room) -> str:
    if room.follows is not None:
        return f"the stream of `{room.follows.table}`"
    if room.works is not None:
        return " and ".join(f"the queue `{name}`" for name in room.works.queues)
    if room.clocked:
        return "the clock"
    return "every route of a key, first"


def _jobs(_: Command) -> Iterator[str]:
    yield "| job | when, each day | what it does |"
    yield "| --- | --- | --- |"
    for entry in TIMETABLE:
        yield f"| `{entry.job}` | {entry.when} | {entry.what} |"


def _commands(command: Command) -> Iterator[str]:
    yield "| command | what it does |"
    yield "| --- | --- |"
    for name, one in _leaves("", command):
        first = (one.help or "").strip().split("\n\n")[0].replace("\n", " ")
        yield f"| `club {name}` | {first} |"


def _leaves(path: str, command: Command) -> Iterator[tuple[str, Command]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, one in sorted(command.commands.items()):
        yield from _leaves(f"{path} {name}".strip(), one)


def _keys(_: Command) -> Iterator[str]:
    yield "| table | key | question |"
    yield "| --- | --- | --- |"
    for table in TABLES:
        for pattern in (one for one in PATTERNS if one.table == table.name):
            yield f"| `{table.name}` | `{pattern.key}` | {pattern.question} |"


def _alarms(_: Command) -> Iterator[str]:
    # CDK starts a Node process when it is imported: the environment's own, as a machine need not have another; and only
    # here, so that no other command waits for it.
    os.environ.setdefault("JSII_NODE", str(Path(sys.executable).with_name("node")))
    from infra.alarms import alarms_of_api, alarms_of_functions_and_tables

    stage = STAGES["prod"]._replace(name="<stage>")
    yield "| alarm | rings when | what it means |"
    yield "| --- | --- | --- |"
    for alarm in (*alarms_of_functions_and_tables(stage), *alarms_of_api("the API")):
        yield f"| `{stage.stack(alarm.name)}` | {_rings_when(alarm)} | {alarm.meaning} |"


def _rings_when(alarm: Alarm) -> str:
    whole = "all functions of the region" if alarm.namespace.startswith("AWS/") else "the stage"
    of = ", ".join(alarm.dimensions.values()) or whole
    minutes = "in a minute" if alarm.minutes == 1 else f"in each of {alarm.minutes} minutes in a row"
    return f"{alarm.statistic} of `{alarm.namespace} {alarm.metric}` ({of}) above {alarm.above:,g} {minutes}"


def _policies(_: Command) -> Iterator[str]:
    yield "| question | key | answers; the default first |"
    yield "| --- | --- | --- |"
    for one in QUESTIONS:
        default = default_of(one)
        answers = sorted(one.answers.items(), key=lambda answer: answer[0] != default)
        told = " ".join(f"`{answer}`: {meaning}" for answer, meaning in answers)
        yield f"| {one.question} | `{one.field}` | {told}{'' if one.built else ' *Not built yet.*'} |"


def _figures(_: Command) -> Iterator[str]:
    yield "| figure | unit | what it counts |"
    yield "| --- | --- | --- |"
    for figure in FIGURES:
        yield f"| `{figure.name}` | {figure.unit} | {figure.what} |"


def _kept(_: Command) -> Iterator[str]:
    yield "| table | rows | kept | forgotten by | why so long |"
    yield "| --- | --- | --- | --- | --- |"
    for kept in KEPT:
        yield f"| `{kept.table}` | {kept.rows} | {kept.how_long} | {kept.by or 'nobody'} | {kept.why} |"


def _letters(_: Command) -> Iterator[str]:
    yield "| letter | for | purpose | needs | may be told; the name and a link always |"
    yield "| --- | --- | --- | --- | --- |"
    for one in LETTERS.values():
        needs = ", ".join(" or ".join(f"`{fact}`" for fact in sorted(facts)) for facts in one.needs) or "nothing"
        needs += f"; `{CASE}`: {' or '.join(f'`{case}`' for case in one.cases)}" if one.cases else ""
        may = ", ".join(f"`{fact}`" for fact in sorted(one.may)) or "nothing"
        yield f"| `{one.name}` | {one.what} | {one.purpose} | {needs} | {may} |"


Part = Callable[[Command], Iterator[str]]
PARTS: dict[Path, dict[str, Part]] = {
    ROOT / "README.md": {"functions": _functions, "jobs": _jobs, "commands": _commands},
    ROOT / "docs" / "keys.md": {"keys": _keys},
    ROOT / "docs" / "policies.md": {"policies": _policies},
    ROOT / "docs" / "programme.md": {
        "words": lambda _: reference.words(),
        "limits": lambda _: reference.limits(),
        "keys": lambda _: reference.keys(),
    },
    ROOT / "docs" / "operating.md": {"alarms": _alarms, "figures": _figures, "kept": _kept},
    ROOT / "docs" / "letters.md": {"letters": _letters},
}
