"""`.club/env` is read by shells and by us alike, and one home is worked on by one command at a time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from club.console import Trouble
from club.home import PORT_DEFAULT, ROOT, Home, env_values, exclusively, here, port_wanted, read_env, write_env

NASTY = 'a\'b "c" $HOME `id` \\ #end'


def test_the_env_file_says_to_a_shell_exactly_what_it_says_to_us(tmp_path: Path) -> None:
    home = Home(tmp_path / "club").made()
    values = {"CLUB_URL": "http://127.0.0.1:4580/_aws/execute-api/ab12", "CLUB_KEY": NASTY, "CLUB_STORE": "main"}
    write_env(home, values)
    assert read_env(home) == values
    asked = ["sh", "-c", '. "$1"; printf "%s\n" "$CLUB_URL" "$CLUB_KEY" "$CLUB_STORE"', "sh", str(home.env)]
    shell = subprocess.run(asked, capture_output=True, text=True, check=True, env={})
    assert shell.stdout.splitlines() == list(values.values())


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "club").made()
    write_env(home, {"CLUB_KEY": "ck_live_1_secret"})
    assert home.env.stat().st_mode & 0o077 == 0
    assert home.folder.stat().st_mode & 0o077 == 0


def test_lines_a_person_wrote_are_understood_or_passed_over() -> None:
    written = (
        "# mine\nCLUB_STORE=main # the first\n\nexport CLUB_KEY='half a li\nsource other\nexport CLUB_URL=http://x\n"
    )
    assert env_values(written) == {"CLUB_STORE": "main", "CLUB_URL": "http://x"}


def test_no_env_file_holds_nothing(tmp_path: Path) -> None:
    assert read_env(Home(tmp_path)) == {}


def test_a_second_command_on_the_same_club_is_told_to_wait(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with exclusively(home), pytest.raises(Trouble, match="at work on this club"), exclusively(home):
        pass
    with exclusively(home):
        assert home.lock.exists()


def test_the_home_is_beside_the_code_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLUB_HOME", raising=False)
    assert here().folder == ROOT / ".club"
    monkeypatch.setenv("CLUB_HOME", str(tmp_path))
    assert here().folder == tmp_path.resolve()


def test_the_port_is_the_one_that_is_named_or_always_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUB_PORT", "")
    assert port_wanted() == str(PORT_DEFAULT)
    monkeypatch.setenv("CLUB_PORT", "4590")
    assert port_wanted() == "4590"
