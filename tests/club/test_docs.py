"""What the documents say of the code is what the code says."""

from __future__ import annotations

from typer.main import get_command

from club.__main__ import app
from club.docs import written


def test_the_tables_and_the_picture_in_the_documents_are_as_the_code_is() -> None:
    for path, text in written(get_command(app)).items():
        assert path.read_text("utf-8") == text, f"{path.name} is behind the code: `python -m club docs` writes it anew"


def test_every_command_of_the_operator_stands_in_the_readme() -> None:
    readme = next(text for path, text in written(get_command(app)).items() if path.name == "README.md")
    for name in (
        "up",
        "down",
        "check",
        "publish",
        "rules",
        "load",
        "key create",
        "key list",
        "key revoke",
        "conform",
        "diff",
        "vocabulary",
    ):
        assert f"| `club {name}` |" in readme
