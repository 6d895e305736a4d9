"""`club up`: from nothing to a club that answers, in steps that each do only what is not done yet.

    local AWS -> peppers -> stacks -> programme -> key -> staff -> demo members and purchases -> one purchase, shown

Killed half-way and started again it goes on where it was; what a step has done is read from the local AWS itself.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
import typer

from club import deploy, ministack, notes, peppers, programme, staff
from club import key as keys
from club.console import Trouble, complain, say, step
from club.demo_people import load_people
from club.first_purchase import show_a_purchase
from club.home import ROOT, Home, exclusively, here, port_wanted, read_env, shown, write_env
from club.load import LoadProblem, load_cdnow
from shared.api.routes import SCOPES

STORE = "main"
PROGRAMME = ROOT / "programmes" / "demo.toml"

PROGRAMME_NOTE = "demo-programme"
MEMBERS_NOTE = "demo-members"
PEOPLE_NOTE = "demo-people"
_DONE = " done"

ANSWER_TIMEOUT_S = 30.0

# What a shell gives for Ctrl-C.
INTERRUPTED = 130

# `make up` is to end within three minutes on two cores that have other work too; all 2,357 customers would take longer there.
# Each request at once keeps Lambda workers of its own busy, and beyond two for each core they only queue.
DEMO_CUSTOMERS = 1_000
DEMO_WORKERS = 4


class OpenClub(NamedTuple):
    """A club that answers: where, and a storefront's key to it."""

    url: str
    key: str
    running: ministack.Running


def up() -> None:
    """Start the club on this machine."""
    home = here().made()
    with exclusively(home):
        try:
            club = open_club(home, _port(port_wanted()))
            _load_demo_members(home, club)
            _load_demo_people(home, club)
            say(f"\nThe club answers at {club.url}")
            say(f"Its API can be read and tried in a browser at {club.url}/docs")
            say(f"Staff sign in to it too: `python -m club staff token {staff.demo_email('manager')}` prints a token")
            show_a_purchase(home, club.url, club.key)
        except KeyboardInterrupt:
            complain("Interrupted: `make up` goes on where it stopped.")
            raise typer.Exit(INTERRUPTED) from None


def open_club(home: Home, port: int) -> OpenClub:
    """Everything but the demo's members: a local AWS with the stacks, the programme in force, a key that opens them and staff who
    can sign in."""
    running = ministack.start(home, port)
    if running.state_lost:
        say(
            "The local AWS was not stopped with `make down` and lost what it held since then; what `make up` made is made again."
        )
    peppers.ensure(home)
    deploy.deploy(home, running)
    _publish(home)
    staff.ensure(home)
    url = deploy.url(home, running)
    deploy.tell_address(home, url)
    return OpenClub(url, _key(home, url), running)


def _port(wanted: str) -> int:
    if not wanted.isascii() or not wanted.isdigit() or not 1024 <= int(wanted) <= 65535:
        raise Trouble(f"CLUB_PORT is {wanted!r}: a port is a number from 1024 to 65535.")
    return int(wanted)


def _publish(home: Home) -> None:
    """Publish the demo programme when its file has changed since it was last published here. Another one published by hand
    stays in force."""
    content = hashlib.sha256(PROGRAMME.read_bytes()).hexdigest()
    if notes.read(home, PROGRAMME_NOTE) == content:
        return
    with step(f"Publishing {shown(PROGRAMME)}"):
        programme.publish(PROGRAMME, at_once=True)
    notes.write(home, PROGRAMME_NOTE, content)


def _key(home: Home, url: str) -> str:
    """The key in `.club/env`, or a new one when that opens nothing. The file always ends up with the address of today."""
    before = read_env(home).get("CLUB_KEY", "")
    key = before if before and _opens(url, before) else keys.create(STORE, mode="live", scopes=SCOPES)
    write_env(home, {"CLUB_URL": url, "CLUB_KEY": key, "CLUB_STORE": STORE})
    return key


def _opens(url: str, key: str) -> bool:
    bearer = {"Authorization": f"Bearer {key}"}
    answer = httpx.get(f"{url}/v1/programme/rules", params={"language": "en"}, headers=bearer, timeout=ANSWER_TIMEOUT_S)
    if answer.status_code in (401, 403):
        return False
    if answer.status_code != 200:
        raise Trouble(f"The club answers {answer.status_code} when asked for its rules: {answer.text[:200]}")
    return True


def _load_demo_members(home: Home, club: OpenClub) -> None:
    """Part of the public CDNOW log through the club's own API, once. A load that was cut off goes on where it was."""
    if notes.read(home, MEMBERS_NOTE) is not None:
        return
    say(
        f"Loading the first {DEMO_CUSTOMERS:,} customers of the CDNOW sample; `python -m club load cdnow` loads the others too."
    )
    try:
        report = load_cdnow(
            club.url, club.key, STORE, home=home, customers_max=DEMO_CUSTOMERS, workers=DEMO_WORKERS, once=True
        )
    except LoadProblem as problem:
        raise Trouble(" ".join([str(problem), *getattr(problem, "__notes__", [])])) from problem
    if not report.clean:
        raise Trouble(f"{report.refused:,} of the demo's purchases were refused; see {shown(report.rows_csv)}.")
    notes.write(home, MEMBERS_NOTE, f"{report.purchases} purchases of {report.buyers} members")
    say(f"{report.purchases:,} purchases of {report.buyers:,} members are in, {report.points:,} points issued.")


def _load_demo_people(home: Home, club: OpenClub) -> None:
    """Once, as seen from the day on which it was begun: cut off and begun again, nobody bought on two days."""
    day = notes.read(home, PEOPLE_NOTE) or f"{datetime.now(UTC):%Y-%m-%d}"
    if day.endswith(_DONE):
        return
    notes.write(home, PEOPLE_NOTE, day)
    people = load_people(club.url, club.key, STORE, day)
    notes.write(home, PEOPLE_NOTE, day + _DONE)
    say(f"{people} people can be written to: `python -m club year 2027` says what they would be sent.")
