"""An operator's keys come from where AWS keeps them for everybody: a profile, a sign-in, the environment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from club import __main__, aws
from club.console import Trouble
from tests.store.far_side import PATIENCE_S, FarSide, Way, refusing


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose operator AWS does not know yet."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setattr("shared.store.lines.READ_SECONDS_MAX", PATIENCE_S)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[FarSide]:
    with FarSide() as opened:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", opened.url)
        yield opened


def signed_by(far: FarSide) -> list[str]:
    return [one.headers["authorization"].split("Credential=")[1].split("/")[0] for one in far.requests]


def test_an_operator_whom_aws_does_not_know_is_told_what_to_do() -> None:
    with pytest.raises(Trouble, match="aws sso login"):
        aws.dynamodb("dev")


def test_a_profiles_keys_open_its_own_region(far: FarSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "credentials").write_text("[shop]\naws_access_key_id = SHOP\naws_secret_access_key = s\n")
    (tmp_path / "config").write_text("[profile shop]\nregion = il-central-1\n")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_PROFILE", "shop")
    aws.dynamodb("dev").call("GetItem", {})
    assert signed_by(far) == ["SHOP"]
    assert "/il-central-1/dynamodb/" in far.requests[0].headers["authorization"]


def test_keys_of_a_sign_in_are_renewed_before_they_end(
    far: FarSide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The profile's own program hands out keys that end in a minute, others each time."""
    counter, program = tmp_path / "counter", tmp_path / "sign_in.py"
    ends = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    keys = {"Version": 1, "SecretAccessKey": "s", "SessionToken": "token", "Expiration": ends}
    program.write_text(
        "import json, pathlib\n"
        f"counter = pathlib.Path({str(counter)!r})\n"
        "counter.write_text((counter.read_text() if counter.exists() else '') + 'I')\n"
        f"print(json.dumps({keys!r} | {{'AccessKeyId': 'KEY' + counter.read_text()}}))\n"
    )
    (tmp_path / "config").write_text(f"[profile sso]\ncredential_process = {sys.executable} {program}\n")
    monkeypatch.setenv("AWS_PROFILE", "sso")
    sender = aws.dynamodb("dev")
    sender.call("GetItem", {})
    sender.call("GetItem", {})
    first, second = signed_by(far)
    assert first != second
    assert {one.headers["x-amz-security-token"] for one in far.requests} == {"token"}

    program.write_text("raise SystemExit('the sign-in has ended')")
    with pytest.raises(Trouble, match="the sign-in has ended"):
        sender.call("GetItem", {})


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (refusing("AccessDeniedException"), "AccessDeniedException"),
        (refusing("ThrottlingException"), "asks for a pause"),
    ],
)
def test_what_aws_refuses_an_operator_is_one_sentence(
    far: FarSide, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], way: Way, told: str
) -> None:
    far.ways = [way] * 3
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "SHOP")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setattr("shared.store.sender.Sender.sleep", staticmethod(lambda _: None))
    monkeypatch.setattr(sys, "argv", ["club", "key", "list", "--stage", "dev"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 1
    said = "".join(capsys.readouterr())
    assert told in said
    assert "Traceback" not in said
