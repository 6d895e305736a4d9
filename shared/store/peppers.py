"""Keyed hashes: contacts and contents are recognised by them, never kept in the open.

The peppers are one secure parameter, a JSON list of `{"version": 1, "secret": "<hex>"}`; the highest version makes new
hashes, the older ones still recognise.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from shared.domain.errors import Busy
from shared.store import keys

SECRET_BYTES_MIN = 32
# A newcomer's contacts are written under each, in one transaction.
PEPPERS_MAX = 3
_FINGERPRINT_BYTES = 16
_MARK_BYTES = 16
# A version, a mark, and an id of a member.
_SEALED = re.compile(r"[A-Za-z0-9_-]{46}")


class Pepper(NamedTuple):
    version: int
    secret: bytes


class Peppers:
    def __init__(self, parameter: str) -> None:
        """Raises ValueError when the parameter's value is not a list of peppers of enough length."""
        try:
            read = [Pepper(int(one["version"]), bytes.fromhex(one["secret"])) for one in json.loads(parameter)]
        except (KeyError, TypeError, ValueError):
            raise ValueError("the peppers' parameter is not a JSON list of version and hexadecimal secret") from None
        if not read or any(len(pepper.secret) < SECRET_BYTES_MIN for pepper in read):
            raise ValueError(f"the peppers' parameter needs at least one secret of {SECRET_BYTES_MIN} bytes")
        if len(read) > PEPPERS_MAX:
            raise ValueError(f"the peppers' parameter holds more than {PEPPERS_MAX} peppers; retire the oldest")
        self._newest_first = sorted(read, reverse=True)

    def aliases(self, mode: keys.Mode, kind: keys.AliasKind, canonical: str) -> list[str]:
        """A contact's keys under every living pepper, newest first."""
        return [keys.alias(mode, kind, canonical, pepper.version, pepper.secret) for pepper in self._newest_first]

    def fingerprint(self, content: str) -> bytes:
        """A keyed hash of a request's content, with its pepper's version in front."""
        return _fingerprint(self._newest_first[0], content)

    def same(self, fingerprint: bytes, content: str) -> bool:
        """True if the fingerprint was made of this content, under whichever pepper it names.

        Raises Busy when that pepper is newer than what was read here: soon it will be known.
        """
        return hmac.compare_digest(fingerprint, _fingerprint(self._named(fingerprint), content))

    def drawn(self, fingerprint: bytes, text: str) -> int:
        """A number of 64 bits that nobody can guess without the pepper which a fingerprint names: the same for the same text, so
        that it need not be kept. Raises Busy as `same` does."""
        digest = hmac.new(self._named(fingerprint).secret, f"drawn#{text}".encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big")

    def is_retired(self, version: int) -> bool:
        """Whether what was drawn with a pepper can be drawn no more: it was taken out of the parameter."""
        known = {one.version for one in self._newest_first}
        return version < max(known) and version not in known

    def sealed(self, member: str) -> str:
        """A member as a link names them who may choose what the club writes: opaque to everybody else, and always the same. It
        holds as long as its pepper is kept."""
        return urlsafe_b64encode(_seal(self._newest_first[0], member.encode())).rstrip(b"=").decode()

    def unsealed(self, token: str) -> str | None:
        """The member of a link; None where it is not one of ours, whole and unchanged."""
        if _SEALED.fullmatch(token) is None:
            return None
        seal = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        pepper = next((one for one in self._newest_first if one.version == seal[0]), None)
        if pepper is None:
            return None
        mark, veiled = seal[1 : 1 + _MARK_BYTES], seal[1 + _MARK_BYTES :]
        member = _veiled(pepper, mark, veiled)
        # Several texts of base64 mean the same bytes: only ours is a link.
        is_ours = hmac.compare_digest(urlsafe_b64encode(_seal(pepper, member)).rstrip(b"=").decode(), token)
        return member.decode() if is_ours else None

    def _named(self, fingerprint: bytes) -> Pepper:
        pepper = next((one for one in self._newest_first if one.version == fingerprint[0]), None)
        if pepper is None:
            raise Busy(what="pepper")
        return pepper

    def signed(self, text: str) -> str:
        """A signature of something handed out and taken back, such as a cursor."""
        return hmac.new(self._newest_first[0].secret, f"cursor#{text}".encode(), hashlib.sha256).hexdigest()[:32]


def _fingerprint(pepper: Pepper, content: str) -> bytes:
    digest = hmac.new(pepper.secret, f"content#{content}".encode(), hashlib.sha256).digest()
    return bytes([pepper.version]) + digest[:_FINGERPRINT_BYTES]


def _seal(pepper: Pepper, member: bytes) -> bytes:
    """The mark is of the member, and the member is veiled by the mark: nobody makes one without the secret, nor reads it."""
    mark = hmac.new(pepper.secret, b"page#" + member, hashlib.sha256).digest()[:_MARK_BYTES]
    return bytes([pepper.version]) + mark + _veiled(pepper, mark, member)


def _veiled(pepper: Pepper, mark: bytes, member: bytes) -> bytes:
    veil = hmac.new(pepper.secret, b"page veil#" + mark, hashlib.sha256).digest()
    return bytes(one ^ other for one, other in zip(member, veil, strict=False))
