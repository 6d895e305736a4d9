"""`club preview`: a letter as a member gets it, before anybody does; and the pictures of all of them in the documents."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from club.console import Trouble, say, step
from club.home import ROOT, here, shown
from club.mails import fingerprints, sample, sheet
from club.programme import DEMO, read
from shared.domain import sms
from shared.domain.letter_templates import BY_NAME, TEMPLATES, Look, Manner, Tone, Variant
from shared.domain.letters import Letter, LetterChannel, LetterUnfit
from shared.domain.programme import Programme
from shared.domain.voice import LANGUAGES

PICTURES = ROOT / "docs" / "pictures"
FINGERPRINTS = PICTURES / "mails.sha256"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_DRAWING_SECONDS_MAX = 120
# A browser of our own that asks nobody anything.
_ALONE = (
    "--headless", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--hide-scrollbars", "--force-device-scale-factor=1",
)  # fmt: skip


def preview(
    template: Annotated[str | None, typer.Argument(help=f"One of {', '.join(BY_NAME)}.", show_default=False)] = None,
    language: Annotated[str, typer.Option(help=f"One of {', '.join(LANGUAGES)}.")] = "en",
    channel: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(LetterChannel))}.")] = "email",
    tone: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(Tone))}.")] = "warm",
    look: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(Look))}.")] = "bright",
    variant: Annotated[str, typer.Option(help="Which of the two wordings that are tried: a, b.")] = "a",
    case: Annotated[str | None, typer.Option(help="Of tier: reached, at_risk.")] = None,
    programme: Annotated[Path, typer.Option(help="The programme whose club writes.")] = DEMO,
    to: Annotated[
        Path | None, typer.Option(help="Where to write it; .club/preview/ without it.", show_default=False)
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Say which templates there are.")] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Draw all of them into docs/pictures; needs Chromium.")
    ] = False,
) -> None:
    """Write a letter of the post to a made-up member, as mail (HTML), text message or push, and say where it is."""
    if list_:
        for known in BY_NAME.values():
            say(f"{known.name}: {known.what} ({known.purpose}).")
        return
    law = read(programme).programme
    if pictures:
        draw(law)
        return
    _one_of(template, tuple(BY_NAME), "template")
    _one_of(language, LANGUAGES, "language")
    _one_of(channel, get_args(LetterChannel), "channel")
    _one_of(tone, get_args(Tone), "tone")
    _one_of(look, get_args(Look), "look")
    _one_of(variant, get_args(Variant), "variant")
    assert template in TEMPLATES
    if case is not None:
        _one_of(case, BY_NAME[template].cases, f"case of {template}")
    manner: Any = (tone, look, variant)
    carried: Any = channel
    try:
        one = sample(template, law, language, carried, Manner(*manner), case)
    except LetterUnfit as unfit:
        raise Trouble(f"{shown(programme)} does not let it be written: {unfit}.") from None
    name = f"{template}-{language}" + (".html" if channel == "email" else f".{channel}.txt")
    path = to or here().folder / "preview" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(one.html or one.text, "utf-8")
    for line in told(one, channel):
        say(line)
    say(f"Written to {shown(path.resolve())}.")


def told(one: Letter, channel: str) -> Iterator[str]:
    """What of a letter its page does not show."""
    if one.subject:
        yield f"Subject: {one.subject}"
    if channel == "email":
        yield f"From: {one.sender}"
        yield from (f"{name}: {value}" for name, value in one.headers.items())
        return
    yield one.text
    if channel == "sms":
        count = sms.parts(one.text)
        yield f"Billed as {count} part{'s' if count > 1 else ''} ({sms.encoding(one.text)}, {len(one.text)} characters)."


def draw(programme: Programme) -> None:
    """The pictures of the documents, and what they show as hashes."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise Trouble("The pictures are drawn by Chromium, and there is none on the PATH: install it and try again.")
    for language in LANGUAGES:
        picture = PICTURES / f"mails-{language}.png"
        with step(f"Drawing {shown(picture)}"), tempfile.TemporaryDirectory(prefix="club-pictures-") as folder:
            _draw_one(browser, programme, language, Path(folder), picture)
    FINGERPRINTS.write_text(fingerprints(programme), "utf-8")


def _draw_one(browser: str, programme: Programme, language: str, folder: Path, picture: Path) -> None:
    page = sheet(programme, language)
    source = folder / "sheet.html"
    source.write_text(page.html, "utf-8")
    # Chromium keeps no sandbox for root; what it reads is ours and loads nothing.
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    drawn = folder / "sheet.png"
    place = (
        f"--user-data-dir={folder / 'browser'}",
        f"--screenshot={drawn}",
        f"--window-size={page.width},{page.height}",
    )
    command = [browser, *_ALONE, *root, *place, source.as_uri()]
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=_DRAWING_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise Trouble(f"Chromium did not draw within {_DRAWING_SECONDS_MAX} s: try again.") from None
    if not drawn.is_file():
        raise Trouble(f"Chromium drew nothing for {language}: start it by hand to see why.")
    shutil.copyfile(drawn, picture)


def _one_of(value: str | None, known: tuple[str, ...], what: str) -> None:
    if value not in known:
        raise Trouble(f"There is no {what} {value!r}; there is {', '.join(known) or 'none'}.")
