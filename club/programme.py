"""The law from the operator's side: `club check`, `club publish`, `club rules`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from club import aws
from club.console import Trouble, err, say
from club.home import ROOT, shown
from club.store import STAGE_HELP, tables
from shared.domain.errors import ProgrammeUnknown
from shared.domain.faults import Fault
from shared.domain.never_firing import never_firing
from shared.domain.policies import QUESTIONS
from shared.domain.rulebook import ProgrammeFaulty, Rulebook, answer_of, default_of, rulebook
from shared.domain.sentences import Speaker
from shared.domain.told_contact import contact_rules
from shared.domain.told_guard import coupons_for_few, offers_past_floor, stacks_past_floor
from shared.domain.told_targets import told_playbooks, told_targets
from shared.domain.voice import LANGUAGES
from shared.domain.warnings import warnings
from shared.store import laws
from shared.store.laws import Laws

DEMO = ROOT / "programmes" / "demo.toml"

File = Annotated[Path, typer.Argument(help="The programme, a TOML file.")]
Stage = Annotated[str, typer.Option(help=STAGE_HELP)]


def check(file: File = DEMO) -> None:
    """Read a programme and print every fault with file, line, column and a sentence; say what it holds when it has none."""
    book = read(file)
    text = file.read_text("utf-8")
    for line, column, sentence in [
        *warnings(text, book.programme),
        *stacks_past_floor(text, book),
        *coupons_for_few(text, book),
    ]:
        say(f"{shown(file)}:{line}:{column}: to know: {sentence}")
    say(f"{shown(file)}: no fault; {_held(book)}.")
    speaker = Speaker(book, "en")
    say(" ".join(contact_rules(speaker)))
    automations = [speaker.automation(rule) for rule in (*book.automations, *book.campaigns)]
    for told in (*automations, *told_targets(speaker), *told_playbooks(speaker)):
        say(told)
    for who, asked in _of_ledger(book):
        say(f"{who} reads the ledger, of who passes the rest of its condition: {asked}")
    for one in QUESTIONS:
        if not one.built and (answer := answer_of(book.programme, one)) != default_of(one):
            say(f"Not built yet: {one.field} = {answer} is kept, and nothing acts on it so far.")


def _of_ledger(book: Rulebook) -> Iterator[tuple[str, str]]:
    """Whatever asks for more than an account keeps, and what it asks."""
    usual = "what the member usually buys"
    for rule in (*book.automations, *book.campaigns):
        # What a campaign asks of purchases is its segment's, and told there.
        asked = rule.ledger.clauses if rule.automation.on != "campaign" else ()
        if told := [*(clause.text for clause in asked), *([usual] if rule.guards else [])]:
            kind = "Campaign" if rule.automation.on == "campaign" else "Automation"
            yield f"{kind} {rule.automation.id}", ", ".join(told)
    for segment, _, ledger in book.segments:
        if ledger.clauses:
            yield f"Segment {segment.id}", ", ".join(clause.text for clause in ledger.clauses)


def publish_command(
    file: File = DEMO,
    stage: Stage = aws.LOCAL,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="In force at once instead of after 120 s; on the local stage always.")
    ] = False,
) -> None:
    """Publish a programme as the next version. The same text again changes nothing. A version is never changed."""
    version, effective = _publish(file, stage, at_once=at_once or stage == aws.LOCAL)
    say(
        f"{shown(file)} is version {version} on the stage {stage}, in force from {effective.isoformat(timespec='seconds')}."
    )


def rules(
    file: Annotated[Path | None, typer.Argument(help="A programme file; without one, what is in force.")] = None,
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    stage: Stage = aws.LOCAL,
) -> None:
    """Print the club's rules as members read them."""
    book = read(file) if file else in_force(stage)
    if language not in book.programme.club.languages:
        raise Trouble(f"The programme speaks {', '.join(book.programme.club.languages)}, not {language!r}.")
    for line in _page(Speaker(book, language)):
        say(line)


def publish(path: Path, *, at_once: bool, stage: str = aws.LOCAL) -> int:
    """The version under which the programme is published now."""
    return _publish(path, stage, at_once=at_once)[0]


def _publish(path: Path, stage: str, *, at_once: bool) -> tuple[int, datetime]:
    read(path)
    version = laws.publish(tables(stage), path.read_text("utf-8"), datetime.now(UTC), at_once=at_once)
    return version.version, datetime.fromtimestamp(version.effective_ms / 1000, UTC)


def in_force(stage: str) -> Rulebook:
    try:
        return Laws(tables(stage), seconds=0).at(datetime.now(UTC))
    except ProgrammeUnknown:
        raise Trouble(f"No programme is published on the stage {stage}: `club publish FILE` does it.") from None


def read(path: Path) -> Rulebook:
    """The compiled programme, or every fault on standard error and exit 1."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise Trouble(f"There is no file {path}.") from None
    except UnicodeDecodeError:
        raise Trouble(f"{path} is not a text in UTF-8.") from None
    try:
        book = rulebook(text)
    except ProgrammeFaulty as faulty:
        _complain_of(path, faulty.faults)
    faults = [*never_firing(text, book.programme), *offers_past_floor(text, book)]
    if faults:
        _complain_of(path, faults)
    return book


def _complain_of(path: Path, faults: list[Fault]) -> NoReturn:
    for fault in sorted(faults):
        err.print(f"{shown(path)}:{fault.line}:{fault.column}: {fault.sentence}", markup=False)
    count = len(faults)
    say(f"{count} fault{'s' if count > 1 else ''} in {shown(path)}.")
    sys.exit(1)


def _held(book: Rulebook) -> str:
    """What a programme holds, in a line."""
    programme = book.programme
    many = {
        "earning rule": len(book.rules) + len(book.event_rules),
        "tier": len(programme.tier),
        "wallet": len(programme.wallet),
        "activity": len(programme.event),
        "achievement": len(programme.achievement),
        "reward": len(programme.reward),
        "offer": len(programme.offer),
        "automation": len(programme.automation),
        "segment": len(programme.segment),
        "target": len(programme.target),
        "budget": len(programme.budget),
        "playbook": len(programme.playbook),
    }
    told = [f"{count} {name}{'' if count == 1 else 's'}" for name, count in many.items() if count]
    return f"{', '.join(told)}; {', '.join(programme.club.languages)}".replace("activitys", "activities")


def _page(speaker: Speaker) -> Iterator[str]:
    """The rules as a page of plain lines: a frame would tear where a terminal reorders right-to-left text."""
    yield speaker.heading()
    for group in (
        [speaker.rule(rule) for rule in speaker.book.rules],
        [speaker.tier(tier) for tier in speaker.book.programme.tier],
        speaker.points_rules(),
        [speaker.reward(one) for one in speaker.book.rewards],
        [speaker.offer(one) for one in speaker.book.offers],
        [speaker.automation(one) for one in speaker.book.automations],
    ):
        if group:
            yield ""
        yield from (f"• {sentence}" for sentence in group)
