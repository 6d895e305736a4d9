"""A deployment happens when something that feeds the stacks has changed, and can reach the local AWS alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from club import deploy
from club.home import Home
from club.ministack import Running


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository with something in each place that feeds the stacks."""
    for name in deploy.FEEDS:
        path = tmp_path / name
        if path.suffix:
            path.parent.mkdir(exist_ok=True)
            path.write_text("1")
        else:
            path.mkdir()
            (path / "one.py").write_text("1")
    return tmp_path


@pytest.mark.parametrize(
    "changed", ["functions/one.py", "shared/one.py", "infra/one.py", "requirements/runtime.txt", "cdk.json"]
)
def test_a_change_in_what_feeds_the_stacks_is_deployed(tree: Path, changed: str) -> None:
    before = deploy.fingerprint(tree)
    (tree / changed).write_text("2")
    assert deploy.fingerprint(tree) != before


def test_a_new_and_a_renamed_file_are_deployed(tree: Path) -> None:
    before = deploy.fingerprint(tree)
    (tree / "shared" / "two.py").touch()
    added = deploy.fingerprint(tree)
    (tree / "shared" / "two.py").rename(tree / "shared" / "three.py")
    assert len({before, added, deploy.fingerprint(tree)}) == 3


def test_compiled_files_documents_and_tests_change_nothing(tree: Path) -> None:
    before = deploy.fingerprint(tree)
    for name in ("shared/__pycache__/one.pyc", "docs/one.md", "tests/one.py", "club/one.py"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("2")
    assert deploy.fingerprint(tree) == before


def test_a_deployment_carries_none_of_the_operators_own_aws_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_CLOUDFORMATION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.setenv(name, "the operator's own")
    environment = deploy.cdk_environment(Home(tmp_path), Running(port=4580, pid=1))
    assert "the operator's own" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == environment["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:4580"


def test_node_is_found_in_the_environment_before_any_other(tmp_path: Path) -> None:
    environment = deploy.cdk_environment(Home(tmp_path), Running(port=4580, pid=1))
    found = subprocess.run(["sh", "-c", "command -v node"], env=environment, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).parent == Path(environment["PATH"].split(":")[0])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            ["synth", "❌ club-local-code failed: no such role", "", "see the log"],
            "❌ club-local-code failed: no such role",
        ),
        (["functions/gate/handler.py is missing", ""], "functions/gate/handler.py is missing"),
        ([], "it said nothing"),
    ],
)
def test_a_failed_deployment_says_why_in_one_line(said: list[str], why: str) -> None:
    assert deploy.reason(said) == why
