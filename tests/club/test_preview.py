"""Before a letter goes to anybody, the club manager looks at it; the pictures in the documents are of the letters as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from club import mails, preview
from club.__main__ import app
from club.console import Trouble
from club.programme import DEMO, read
from shared.domain.letter_templates import BY_NAME, TEMPLATES, Manner
from shared.domain.voice import LANGUAGES
from tests.domain.shop import BASE, CLUB

PICTURE_BYTES_MAX = 300_000
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLUB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def told(*arguments: str) -> str:
    return CliRunner().invoke(app, ["preview", *arguments], catch_exceptions=False).output


def test_a_mail_is_written_where_it_can_be_opened_and_the_rest_of_it_is_told(home: Path) -> None:
    said = told("birthday", "--language", "fa")
    page = home / "preview" / "birthday-fa.html"
    assert f"Written to {page}." in said
    assert "Subject: هدیهٔ تولد از" in said
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in said
    assert "From: Rimon Records <club@rimon.example.com>" in said
    html = page.read_text("utf-8")
    assert '<html lang="fa" dir="rtl">' in html
    assert "سلام شیرین،" in html
    assert "۱٬۲۰۰ امتیاز" in html


def test_a_text_message_is_told_with_what_it_is_billed_as(home: Path) -> None:
    said = told("after_purchase", "--channel", "sms", "--language", "he")
    assert "Billed as 3 parts (ucs2, " in said
    assert (home / "preview" / "after_purchase-he.sms.txt").read_text("utf-8") in said
    assert "Billed as 1 part (gsm, " in told("welcome", "--channel", "sms")


def test_a_letter_can_be_written_elsewhere_in_another_tone_wording_and_case(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "tier.html"
    said = told("tier", "--case", "at_risk", "--tone", "plain", "--variant", "b", "--look", "calm", "--to", str(path))
    assert "Subject: Noa, your level ends soon" in said
    page = path.read_text("utf-8")
    assert "Dear Noa," in page
    assert "To keep your level you need purchases of $49.90." in page
    assert mails.shelf().looks["calm"]["accent"] in page


def test_every_template_is_listed() -> None:
    lines = told("--list").splitlines()
    assert len(lines) == len(TEMPLATES) == 8
    assert "welcome: the member has joined (service)." in lines


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nope",), "There is no template 'nope'; there is birthday, "),
        ((), "There is no template None"),
        (("birthday", "--language", "de"), "There is no language 'de'; there is en, he, fa."),
        (("birthday", "--channel", "fax"), "There is no channel 'fax'; there is email, sms, push."),
        (("birthday", "--tone", "rude"), "There is no tone 'rude'"),
        (("birthday", "--look", "dark"), "There is no look 'dark'"),
        (("birthday", "--variant", "c"), "There is no variant 'c'"),
        (("birthday", "--case", "reached"), "There is no case of birthday 'reached'; there is none."),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Trouble) as trouble:
        told(*arguments)
    assert str(trouble.value).startswith(sentence)


def test_a_club_that_does_not_say_who_writes_is_told_so(tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(CLUB + BASE, "utf-8")
    with pytest.raises(Trouble, match="mail has to say who writes"):
        told("birthday", "--programme", str(draft))


# The pictures.


def test_the_pictures_of_the_letters_show_what_the_letters_are_now() -> None:
    stored = preview.FINGERPRINTS.read_text("utf-8")
    assert stored == mails.fingerprints(read(DEMO).programme), "`python -m club preview --pictures` draws them anew"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_of_each_language_is_there_and_small(language: str) -> None:
    picture = (preview.PICTURES / f"mails-{language}.png").read_bytes()
    page = mails.sheet(read(DEMO).programme, language)
    assert picture.startswith(PNG)
    assert len(picture) < PICTURE_BYTES_MAX
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (page.width, page.height)


def test_a_picture_shows_every_template() -> None:
    page = mails.sheet(read(DEMO).programme, "en").html
    assert page.count("<iframe") == sum(len(one.sections) for one in BY_NAME.values())
    for name in TEMPLATES:
        title = mails.shelf().words["en"][BY_NAME[name].sections[0]]["title"]
        assert title in page
    # A mail within an attribute does not end it.
    one = mails.sample("birthday", read(DEMO).programme, "en", "email", Manner())
    assert one.html not in page


def test_without_a_browser_pictures_are_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match="drawn by Chromium, and there is none on the PATH"):
        told("--pictures")


def test_a_browser_that_draws_nothing_leaves_the_pictures_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in preview.PICTURES.iterdir()}
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\nexit 1\n")
    browser.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Trouble, match="Chromium drew nothing for en"):
        told("--pictures")
    assert {path: path.read_bytes() for path in preview.PICTURES.iterdir()} == before


def test_a_browser_is_started_alone_and_its_picture_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PICTURES", tmp_path)
    monkeypatch.setattr(preview, "FINGERPRINTS", tmp_path / "mails.sha256")
    browser = tmp_path / "bin" / "chromium"
    browser.parent.mkdir()
    browser.write_text(
        '#!/bin/sh\nfor one in "$@"; do echo "$one" >> "${0%/*}/asked"; '
        'case "$one" in --screenshot=*) echo drawn > "${one#--screenshot=}";; esac; done\n'
    )
    browser.chmod(0o700)
    monkeypatch.setenv("PATH", f"{browser.parent}:/usr/bin:/bin")
    told("--pictures")
    asked = (browser.parent / "asked").read_text().splitlines()
    assert {"--headless", "--disable-sync", "--disable-background-networking"} <= set(asked)
    assert len({one for one in asked if one.startswith("--user-data-dir=")}) == len(LANGUAGES)
    assert {(tmp_path / f"mails-{language}.png").read_text() for language in LANGUAGES} == {"drawn\n"}
    assert (tmp_path / "mails.sha256").read_text() == preview.fingerprints(read(DEMO).programme)
