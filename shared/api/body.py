"""The one reader of request bodies: every doubt about what the bytes mean is a refusal before anything is decided."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.api.problems import NotWhole, field_name, refusal_of
from shared.domain.errors import BodyTooLarge, BodyUnreadable, ContentTypeForeign

# A purchase of 1,000 lines with long names is 200 KB.
BODY_BYTES_MAX = 256 * 1024
DEPTH_MAX = 16
# 10^18 and more fits no amount, no quantity and no 64-bit counter.
DIGITS_MAX = 18

# Whoever reads bytes that are no UTF-8 leniently, as the gateway may, puts this in their place: the text is lost already.
_REPLACED = "\ufffd"
_MARK = "\ufeff"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_CONTENT_TYPE = re.compile(r"application/json\s*(;\s*charset\s*=\s*\"?utf-?8\"?\s*)?", re.IGNORECASE)

Body = TypeVar("Body", bound=BaseModel)


def body_of(model: type[Body], event: Mapping[str, Any]) -> Body:
    """The body of a gateway event (payload 2.0) as a model.

    Raises ContentTypeForeign, BodyTooLarge, BodyUnreadable, or Invalid with field and reason.
    """
    headers: Mapping[str, str] = event.get("headers") or {}
    if not _CONTENT_TYPE.fullmatch(headers.get("content-type", "").strip()):
        raise ContentTypeForeign(expected="application/json")
    read = json_of(_bytes(event))
    if not isinstance(read, dict):
        raise BodyUnreadable(reason="must be a JSON object")
    try:
        return model.model_validate(read)
    except ValidationError as fault:
        raise refusal_of(fault) from None


def json_of(body: bytes) -> Any:
    """Strict JSON: UTF-8 without a mark, no duplicate keys, bounded depth. What is no whole number of at most DIGITS_MAX
    digits is read as `NotWhole`, which no field of any model accepts: the refusal then names the field."""
    if len(body) > BODY_BYTES_MAX:
        raise BodyTooLarge(bytes_max=BODY_BYTES_MAX)
    _check_depth(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyUnreadable(reason="is not UTF-8") from None
    if _REPLACED in text:
        raise BodyUnreadable(reason="is not UTF-8, or holds U+FFFD, the mark of what could not be read")
    if text.startswith(_MARK):
        raise BodyUnreadable(reason="is not JSON: Unexpected UTF-8 BOM (decode using utf-8-sig)", line=1, column=1)
    try:
        # Half a surrogate pair can only have been written with an escape: UTF-8 holds none.
        return (_ESCAPED if "\\u" in text else _PLAIN).decode(text)
    except json.JSONDecodeError as fault:
        raise BodyUnreadable(reason=f"is not JSON: {fault.msg}", line=fault.lineno, column=fault.colno) from None


def _bytes(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    # Four characters of base64 are three bytes: refused by length, before it is decoded.
    if len(body) > BODY_BYTES_MAX * 4 // 3 + 4:
        raise BodyTooLarge(bytes_max=BODY_BYTES_MAX)
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode()
    except (binascii.Error, ValueError):
        # A lone surrogate in the text cannot be encoded; what the gateway flags as base64 may not be.
        raise BodyUnreadable(reason="is not UTF-8") from None


def _check_depth(body: bytes) -> None:
    """Refuses deep nesting before a recursive reader meets it. Brackets within strings do not count."""
    if body.count(b"[") + body.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for byte in _STRING.sub(b"", body):
        depth += (byte in b"[{") - (byte in b"]}")
        if depth > DEPTH_MAX:
            raise BodyUnreadable(reason=f"is nested deeper than {DEPTH_MAX}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise BodyUnreadable(reason="names a field twice", field=field_name(twice))
    return read


def _unique_text(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = _unique(pairs)
    for key, value in pairs:
        if not _is_text(key) or (isinstance(value, str) and not _is_text(value)):
            raise BodyUnreadable(reason="holds half a surrogate pair", field=field_name(key))
    return read


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _integer(digits: str) -> int | NotWhole:
    return NotWhole(digits) if len(digits) > DIGITS_MAX or digits == "-0" else int(digits)


def _decoder(pairs: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=pairs, parse_int=_integer, parse_float=NotWhole, parse_constant=NotWhole)


_PLAIN, _ESCAPED = _decoder(_unique), _decoder(_unique_text)
