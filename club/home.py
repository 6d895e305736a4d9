"""Where everything local lives: `.club/` beside the code, or the folder that CLUB_HOME names (a second club beside the first)."""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from club.console import Trouble

ROOT = Path(__file__).resolve().parent.parent

# Far from the ports that other local clouds take by default (4510 to 4566).
PORT_DEFAULT = 4580


@dataclass(frozen=True)
class Home:
    """The local folder and the names in it. Nothing outside it is ever written."""

    folder: Path

    @property
    def state(self) -> Path:
        """What the local AWS holds while it is stopped."""
        return self.folder / "state"

    @property
    def build(self) -> Path:
        """Zips, layer and CDK's output."""
        return self.folder / "build"

    @property
    def scratch(self) -> Path:
        """Temporary files of the local AWS and of the Lambdas it runs."""
        return self.folder / "tmp"

    @property
    def env(self) -> Path:
        """CLUB_URL, CLUB_KEY and CLUB_STORE in shell form: `. .club/env`."""
        return self.folder / "env"

    @property
    def staff(self) -> Path:
        """Passwords of the local club's staff, by e-mail. On AWS each person chooses one that nobody else sees."""
        return self.folder / "staff.json"

    @property
    def ministack_pid(self) -> Path:
        return self.folder / "ministack.pid"

    @property
    def ministack_log(self) -> Path:
        return self.folder / "ministack.log"

    @property
    def deploy_log(self) -> Path:
        return self.folder / "deploy.log"

    @property
    def lock(self) -> Path:
        """Held while one `up` or `down` works, so that two never work at once."""
        return self.folder / "lock"

    @property
    def progress(self) -> Path:
        """How far each load has come: a journal, never the truth, which is the club's ledger."""
        return self.folder / "progress"

    def made(self) -> Home:
        """The same home, with its folders on disk. It holds a live key, so nobody else on the machine may look in."""
        for folder in (self.folder, self.state, self.build, self.scratch, self.progress):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self


def shown(path: Path) -> str:
    """The path as a person in the project's folder would type it.

    >>> shown(ROOT / ".club" / "env")
    '.club/env'
    """
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def here() -> Home:
    """The home that this process works in."""
    return Home(Path(os.environ.get("CLUB_HOME") or ROOT / ".club").resolve())


@contextmanager
def exclusively(home: Home) -> Iterator[None]:
    """Hold the home for one `up` or `down`; a second one is told to wait rather than to work on the same club."""
    with home.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as held:
            raise Trouble("Another `make up` or `make down` is at work on this club: wait for it to end.") from held
        yield


def port_wanted() -> str:
    """The port as the person gave it; whoever opens it checks it."""
    return os.environ.get("CLUB_PORT") or str(PORT_DEFAULT)


def env_lines(values: Mapping[str, str]) -> str:
    """Shell lines that any POSIX shell can read.

    >>> env_lines({"CLUB_STORE": "main street"})
    "export CLUB_STORE='main street'\\n"
    """
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def env_values(text: str) -> dict[str, str]:
    """The values of `env_lines`, read without a shell; lines of other kinds are passed over.

    >>> env_values("# mine\\nexport CLUB_STORE='main street'\\n")
    {'CLUB_STORE': 'main street'}
    """
    values: dict[str, str] = {}
    for line in text.splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue  # An open quote: half a line that somebody edited. Its value is made anew.
        name, separator, value = words[-1].partition("=") if words else ("", "", "")
        if separator and words[:-1] in ([], ["export"]):
            values[name] = value
    return values


def read_env(home: Home) -> dict[str, str]:
    """What `.club/env` holds now; empty when there is none."""
    return env_values(home.env.read_text()) if home.env.exists() else {}


def write_env(home: Home, values: Mapping[str, str]) -> None:
    """Replace `.club/env` in one step, readable by its owner alone."""
    draft = home.env.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(env_lines(values))
    draft.replace(home.env)
