"""The one reader of forms: what a page sends, or a mail program's own button (RFC 8058), which may be of either kind."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from shared.domain.errors import BodyTooLarge, BodyUnreadable, ContentTypeForeign

FORM_BYTES_MAX = 8 * 1024
FIELDS_MAX = 40

Fields = Mapping[str, tuple[str, ...]]
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def form_of(event: Mapping[str, Any]) -> Fields:
    """The fields of a gateway event (payload 2.0), each with its values.

    Raises ContentTypeForeign, BodyTooLarge, BodyUnreadable.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    content_type = headers.get("content-type", "").strip()
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (_URLENCODED, _MULTIPART):
        raise ContentTypeForeign(expected=f"{_URLENCODED} or {_MULTIPART}")
    body = _bytes(event)
    pairs = _urlencoded(body) if kind == _URLENCODED else _multipart(content_type, body)
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if len(body) > FORM_BYTES_MAX * 4 // 3 + 4:
        raise BodyTooLarge(bytes_max=FORM_BYTES_MAX)
    try:
        read = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError):
        raise BodyUnreadable(reason="is not what its head says") from None
    if len(read) > FORM_BYTES_MAX:
        raise BodyTooLarge(bytes_max=FORM_BYTES_MAX)
    return bytes(read)


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        return parse_qsl(
            text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError:
        raise BodyUnreadable(reason="is no form") from None


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    # Here and not above: only some mail programs send it, and the library is large.
    from email import message_from_bytes, policy

    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    told = message_from_bytes(head + body, policy=policy.HTTP)
    parts = list(told.iter_parts()) if told.is_multipart() else []
    if not 0 < len(parts) <= FIELDS_MAX:
        raise BodyUnreadable(reason="is no form")
    pairs = []
    for part in parts:
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise BodyUnreadable(reason="is no form")
        pairs.append((name, content.decode("utf-8", "replace")))
    return pairs
