"""`make up` again: nothing that stands is done a second time, and what it shows is what a person gets who pastes it."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import httpx
import pytest

from club import deploy, first_purchase, peppers
from club import up as raising
from club.console import Trouble
from club.home import Home, read_env, write_env
from club.up import OpenClub, open_club


def test_a_second_up_deploys_nothing_and_keeps_the_key(
    club: OpenClub, club_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("deployed, published or made a key again")

    monkeypatch.setattr(deploy, "_cdk_deploy", refuse)
    monkeypatch.setattr(raising.programme, "publish", refuse)
    monkeypatch.setattr(raising.keys, "create", refuse)
    assert open_club(club_home, club.running.port) == club
    assert not peppers.ensure(club_home)


def test_the_env_file_opens_the_club(club: OpenClub, club_home: Home) -> None:
    env = read_env(club_home)
    assert env == {"CLUB_URL": club.url, "CLUB_KEY": club.key, "CLUB_STORE": "main"}
    bearer = {"Authorization": f"Bearer {env['CLUB_KEY']}"}
    assert httpx.get(f"{env['CLUB_URL']}/v1/programme/rules?language=en", headers=bearer, timeout=30).status_code == 200


def test_a_key_that_opens_nothing_any_more_is_replaced(
    club: OpenClub, club_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising.keys, "create", lambda *_, **__: "ck_live_new_one")
    write_env(club_home, {"CLUB_KEY": "ck_live_00000000_never-was"})
    try:
        assert open_club(club_home, club.running.port).key == "ck_live_new_one"
        assert read_env(club_home)["CLUB_KEY"] == "ck_live_new_one"
    finally:
        write_env(club_home, {"CLUB_URL": club.url, "CLUB_KEY": club.key, "CLUB_STORE": "main"})


def test_the_purchase_it_shows_was_made_and_pasting_it_again_answers_the_same(
    club: OpenClub, club_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC)
    first_purchase.show_a_purchase(club_home, club.url, club.key, now)
    printed = capsys.readouterr().out
    read, *post = first_purchase.curl(club_home, first_purchase.purchase(now)).splitlines()
    assert shlex.split(read) == [".", str(club_home.env)]
    assert all(line in printed for line in (read, *post))
    line = "\n".join(post).replace("\\\n", "")
    command, *words = shlex.split(line.replace("$CLUB_URL", club.url).replace("$CLUB_KEY", club.key))
    assert (command, words[:2]) == ("curl", ["-sS", f"{club.url}/v1/purchases"])
    options = list(zip(words[2::2], words[3::2], strict=True))
    headers = dict(value.split(": ", 1) for flag, value in options if flag == "-H")
    again = httpx.post(words[1], headers=headers, content=dict(options)["-d"], timeout=30)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert json.dumps(again.json(), indent=2, ensure_ascii=False) in printed
    assert again.json()["points"]["earned"] == 29


def test_a_refused_purchase_is_not_shown_as_a_success(club: OpenClub, club_home: Home) -> None:
    long_ago = datetime(1899, 1, 1, tzinfo=UTC)
    with pytest.raises(Trouble, match="refused the demo purchase with 422"):
        first_purchase.show_a_purchase(club_home, club.url, club.key, long_ago)
