"""Where a message may lead: to hosts of the club alone, and out of its post by one click.

Sources: RFC 8058 (List-Unsubscribe-Post), RFC 2369 (List-Unsubscribe), SESv2's limit of 870 characters for a header.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape
from urllib.parse import urlsplit

HEADER_LENGTH_MAX = 870
# The club's own machine has no certificate; nobody else is written to from there.
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})
# RFC 3986, without what no browser and no mail program reads alike: backslashes, spaces, letters beyond ASCII.
_LINK = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_IN_TEXT = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s<>\"]*", re.IGNORECASE)
_IN_HTML = re.compile(
    r"\b(?:href|src|action|background)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)|url\(([^)]*)\)", re.IGNORECASE
)


class LinkElsewhere(ValueError):
    """A link that leads to none of the club's hosts; `host` is where it would have led, as far as that can be told."""

    def __init__(self, host: str) -> None:
        super().__init__(f"a link leads to {host or 'no host'}, which is none of link_hosts")
        self.host = host


def checked(link: str, hosts: Collection[str]) -> str:
    """The link, which leads to one of the hosts by HTTPS.

    >>> checked("https://rimon.example.com/gift?n=1", ["rimon.example.com"])
    'https://rimon.example.com/gift?n=1'
    """
    try:
        parts = urlsplit(link)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise LinkElsewhere("") from None
    local = host in _LOOPBACK
    # Behind a name before an @, and to a port of somebody's own, stands another place than the reader believes.
    plain = _LINK.fullmatch(link) is not None and "@" not in parts.netloc and (port is None or local)
    if not plain or host not in hosts or parts.scheme not in (("https", "http") if local else ("https",)):
        raise LinkElsewhere(host)
    return link


def check_text(text: str, hosts: Collection[str]) -> None:
    """Refuse a text in which a link leads elsewhere; a full stop or bracket behind it is not the link's."""
    for found in _IN_TEXT.findall(text):
        checked(found.rstrip(".,;:!?)]\u2069"), hosts)


def check_html(html: str, hosts: Collection[str]) -> None:
    """The same of markup: whatever a tag or a style leads to or loads."""
    for found in _IN_HTML.finditer(html):
        checked(unescape((found[1] or found[2]).strip("\"' ")), hosts)
    check_text(unescape(re.sub(r"<[^>]*>", " ", html)), hosts)


def unsubscribe_headers(link: str) -> dict[str, str]:
    """What lets a mail program show its own button: one POST to the link, without a page and without a login."""
    if _LINK.fullmatch(link) is None or len(link) + 2 > HEADER_LENGTH_MAX:
        raise LinkElsewhere("")
    return {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
