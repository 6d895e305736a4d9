"""The API's own page: the OpenAPI document, and one page that reads it aloud and asks nobody else for anything."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from shared.actions.metered import metered
from shared.observe import log, logged

_HERE = Path(__file__).parent
# Both change with a deployment only; a browser asks again and is told in a few bytes that nothing has.
_CACHE_CONTROL = "public, max-age=0, must-revalidate"

_START = """\
SwaggerUIBundle({
  url: "openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null, displayRequestDuration: true,
  defaultModelsExpandDepth: 0, syntaxHighlight: {theme: "idea"}
});"""


class Kept(NamedTuple):
    """One answer, made once in the life of a function."""

    headers: Mapping[str, str]
    body: str
    zipped: str


@metered(log, logged)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    kept = _answers()[event["routeKey"]]
    headers: Mapping[str, str] = event.get("headers") or {}
    if headers.get("if-none-match") == kept.headers["etag"]:
        return {"statusCode": 304, "headers": kept.headers, "body": ""}
    if "gzip" in headers.get("accept-encoding", ""):
        zipped = {**kept.headers, "content-encoding": "gzip"}
        return {"statusCode": 200, "headers": zipped, "body": kept.zipped, "isBase64Encoded": True}
    return {"statusCode": 200, "headers": kept.headers, "body": kept.body}


@cache
def _answers() -> dict[str, Kept]:
    page, policy = _page()
    return {
        "GET /docs": _kept(page, "text/html; charset=utf-8", policy),
        # A document is run by nobody, and read by whoever asks: generators of clients, other sites' pages.
        "GET /openapi.json": _kept(_read("openapi.json"), "application/json", "default-src 'none'"),
    }


def _page() -> tuple[str, str]:
    """The page with all that it needs inside it, and the policy under which a browser runs exactly that and no more."""
    # `<!--` inside a script would change where the browser thinks that it ends.
    scripts = [_read("swagger-ui-bundle.js").replace("<!--", "\\x3c!--"), _START]
    style = _read("swagger-ui.css")
    page = "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Customer club</title>',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">',
            f'<style>{style}</style></head><body><div id="page"></div>',
            *(f"<script>{script}</script>" for script in scripts),
            "</body></html>",
        )
    )
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, scripts)),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return page, "; ".join(f"{name} {value}" for name, value in policy.items())


def _kept(text: str, content_type: str, policy: str) -> Kept:
    body = text.encode()
    headers = {
        "content-type": content_type,
        "content-security-policy": policy,
        "cache-control": _CACHE_CONTROL,
        "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
    return Kept(headers, text, base64.b64encode(gzip.compress(body, mtime=0)).decode())


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (_HERE / name).read_text("utf-8")
