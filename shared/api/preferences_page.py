"""The page on which a member chooses what the club writes: plain HTML, without a script, which shows nothing of who they are."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

from shared.domain.contact_tables import Channel
from shared.domain.preferences import Kind
from shared.domain.voice import Voice

# What has just been done, or could not be.
Done = Literal["", "saved", "stopped", "stopped_by", "failed"]

_STYLE = (
    "*{box-sizing:border-box}body{margin:0;background:#f4f4f1;color:#1c1c1a;font:17px/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;margin:3rem auto;padding:2rem;background:#fff;border-radius:12px}h1{font-size:1.5rem;margin:0 0 1rem}"
    "label{display:flex;gap:.75rem;align-items:flex-start;padding:.6rem 0;border-bottom:1px solid #e6e6e1}"
    "input[type=checkbox]{width:1.25rem;height:1.25rem;margin:.15rem 0 0;flex:none}"
    "button{font:inherit;padding:.7rem 1.2rem;margin:1.2rem 0 0;margin-inline-end:.6rem;border-radius:8px;"
    "border:1px solid #1c1c1a;background:#1c1c1a;color:#fff;cursor:pointer}button.quiet{background:#fff;color:#1c1c1a}"
    ".said{padding:.8rem 1rem;background:#e8f3e8;border-radius:8px}.said.no{background:#f8e7e4}nav{margin:1.6rem 0 0}"
    "nav a{color:inherit;margin-inline-end:1rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_NAMES = {"en": "English", "he": "עברית", "fa": "فارسی"}

HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # The address is a key: no cache keeps the page, no other site is told of it, no search engine finds it.
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}

# The fields of the form.
SHOWN, TICKED, STOP = "shown", "ticked", "stop"


class Choice(NamedTuple):
    kind: Kind
    granted: bool


def preferences_page(
    club: str,
    language: str,
    languages: Sequence[str],
    choices: Sequence[Choice],
    done: Done = "",
    by: Channel = "email",
) -> str:
    """`done` is said at its top. Its forms go to the address at which it is itself."""
    voice = Voice(language, "USD")
    name = voice.apart(escape(club))

    def say(key: str, **values: str) -> str:
        return escape(voice.say(f"preferences.{key}", club="{club}", **values)).replace("{club}", name)

    said = say(done, channel=voice.say(f"channel.{by}")) if done else ""
    parts = [f"<h1>{say('title')}</h1>"]
    if said:
        parts.append(f'<p class="said{" no" if done == "failed" else ""}" role="status">{said}</p>')
    if choices:
        boxes = "".join(
            f'<input type="hidden" name="{SHOWN}" value="{one.kind.name}">'
            f'<label><input type="checkbox" name="{TICKED}" value="{one.kind.name}"{" checked" if one.granted else ""}>'
            f"<span>{say(one.kind.purpose, channel=voice.say(f'channel.{one.kind.channel}'))}</span></label>"
            for one in choices
        )
        parts += [
            f"<p>{say('intro')}</p>",
            f'<form method="post">{boxes}<button>{say("save")}</button></form>',
            f'<form method="post"><button class="quiet" name="{STOP}" value="marketing">{say("stop")}</button></form>',
        ]
    elif not said:
        parts.append(f"<p>{say('none')}</p>")
    others = [one for one in languages if one != language and one in _NAMES]
    if others:
        links = "".join(f'<a href="?language={one}" lang="{one}">{_NAMES[one]}</a>' for one in others)
        parts.append(f"<nav>{links}</nav>")
    return _page(voice, say("title"), parts)


def broken_page(language: str, what: Literal["broken", "failed"] = "broken") -> str:
    """For whoever has a link that is none of ours, and is told no more; or whose choice could not be read or saved."""
    voice = Voice(language, "USD")
    title = escape(voice.say(f"preferences.{what}"))
    why = f"<p>{escape(voice.say('preferences.broken_why'))}</p>" if what == "broken" else ""
    return _page(voice, title, [f"<h1>{title}</h1>", why])


def _page(voice: Voice, title: str, parts: Sequence[str]) -> str:
    direction = "rtl" if voice.right_to_left else "ltr"
    return (
        f'<!doctype html><html lang="{voice.language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )
