"""The one body reader: what is not plain JSON of one meaning is refused before anything is decided."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from shared.api.body import BODY_BYTES_MAX, DEPTH_MAX, DIGITS_MAX, body_of, json_of
from shared.domain.errors import BodyTooLarge, BodyUnreadable, ContentTypeForeign, Invalid, Refused
from shared.domain.purchase import Purchase
from tests.api.gateway import event

JSON = "application/json"


class Note(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = ""
    number: int = 0


def read(body: object, content_type: str | None = JSON, **more: Any) -> Note:
    return body_of(Note, event("POST", "/v1/quotes", body, content_type=content_type, **more))


def refused(body: object, content_type: str | None = JSON, **more: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        read(body, content_type, **more)
    return refusal.value


# -- how it is sent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    [JSON, "application/json; charset=utf-8", "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
     "Application/JSON", " application/json "],
)  # fmt: skip
def test_json_in_utf_8_is_read_however_it_is_labelled(content_type: str) -> None:
    assert read({"text": "שלום"}, content_type).text == "שלום"


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/problem+json",
     "application/json; charset=utf-16", "application/json; charset=latin1", "application/jsonp", "multipart/form-data",
     "application/json, text/plain"],
)  # fmt: skip
def test_what_is_not_labelled_json_is_refused(content_type: str | None) -> None:
    refusal = refused(b'{"text": "x"}', content_type)
    assert isinstance(refusal, ContentTypeForeign)
    assert refusal.facts == {"expected": "application/json"}


@pytest.mark.parametrize("damaged", [b'{"text": "\xff"}', '{"text": "\ufffd"}', '{"\ufffd": 1}'])
def test_a_text_whose_bytes_were_lost_on_the_way_is_refused(damaged: object) -> None:
    """Behind a gateway that reads leniently, what was no UTF-8 arrives as U+FFFD."""
    refusal = refused(damaged)
    assert isinstance(refusal, BodyUnreadable)
    assert "UTF-8" in str(refusal.facts["reason"])


def test_a_body_that_the_gateway_took_for_bytes_is_read_too() -> None:
    told = event("POST", "/v1/quotes", b'{"text": "\xd7\xa9"}', content_type=JSON) | {"isBase64Encoded": True}
    assert body_of(Note, told | {"body": "eyJ0ZXh0IjogItepIn0="}).text == "ש"


@pytest.mark.parametrize("body", ["not base64!", "eyJ0ZXh0I", "é", "{}", "e3 0=", "e30=\n", "-_e30="])
def test_a_body_flagged_base64_that_is_none_is_refused(body: str) -> None:
    told = event("POST", "/v1/quotes", "{}") | {"isBase64Encoded": True, "body": body}
    with pytest.raises(BodyUnreadable):
        body_of(Note, told)


@pytest.mark.parametrize("size", [BODY_BYTES_MAX + 1, 1_000_000, 10_000_000])
@pytest.mark.parametrize("encoded", [False, True])
def test_too_many_bytes_are_refused_before_they_are_read(size: int, encoded: bool) -> None:
    told = event("POST", "/v1/quotes", "{}") | {
        "isBase64Encoded": encoded,
        "body": "A" * (size * 4 // 3 + 8 if encoded else size),
    }
    began = time.perf_counter()
    with pytest.raises(BodyTooLarge) as refusal:
        body_of(Note, told)
    assert refusal.value.facts == {"bytes_max": BODY_BYTES_MAX}
    assert time.perf_counter() - began < 1


def test_bytes_are_counted_and_not_letters() -> None:
    fits = '{"text": "' + "a" * (BODY_BYTES_MAX - 12) + '"}'
    assert len(read(fits).text) == BODY_BYTES_MAX - 12
    assert isinstance(refused(fits.replace("aa", "aé")), BodyTooLarge)


def test_a_bomb_of_gzip_is_bytes_and_no_json() -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert len(bomb) < BODY_BYTES_MAX
    assert isinstance(refused(bomb, JSON, headers={"content-encoding": "gzip"}), BodyUnreadable)


# -- what it says --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["", " ", "null", "[]", '"x"', "5", "true", "{", '{"text"', '{"text": "x"', '{"text": "x",}', '{"text": }', "{'text': 1}",
     '{"text": "x"} {}', '{"text": "x"}x', '\ufeff{"text": "x"}', '{"text": "\x00"}', '{"text": "a\nb"}', '{"text": "\\x"}',
     '{text: 1}', "// no\n{}", '{"number": 01}', '{"number": +1}', '{"number": .5}', '{"number": 0x10}', '{"number": 1_000}'],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(body: str) -> None:
    assert isinstance(refused(body), BodyUnreadable)


@pytest.mark.parametrize(
    "body",
    ['{"text": "x"}'.encode("utf-16"), '{"text": "x"}'.encode("utf-16-le"), '{"text": "x"}'.encode("utf-32"), b'{"text": "\xff"}',
     b'{"text": "\xc3"}', b'{"text": "\xed\xa0\x80"}', '{"text": "שלום"}'.encode("cp1255"), b'\xef\xbb\xbf{"text": "x"}'],
)  # fmt: skip
def test_bytes_that_are_no_utf_8_are_refused(body: bytes) -> None:
    assert isinstance(refused(body), BodyUnreadable)


def test_a_fault_of_the_json_is_told_with_line_and_column() -> None:
    facts = refused('{\n  "text" "x"}').facts
    assert (facts["line"], facts["column"]) == (2, 10)
    assert str(facts["reason"]).startswith("is not JSON")


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e400", "1e5", "1E+2", "10.0", "10.5", "-0.0", "-0", "9" * 5000, "9223372036854775808",
     "-9223372036854775808", "9" * (DIGITS_MAX + 1), "1" + "0" * 300 + ".5"],
)  # fmt: skip
def test_a_number_that_is_not_whole_or_too_long_is_refused(number: str) -> None:
    refusal = refused(f'{{"number": {number}}}')
    assert isinstance(refusal, (BodyUnreadable, Invalid))
    assert number[:6] not in json.dumps(refusal.facts)


@pytest.mark.parametrize("number", ["0", "-1", "9" * DIGITS_MAX])
def test_a_whole_number_is_read(number: str) -> None:
    assert read(f'{{"number": {number}}}').number == int(number)


@pytest.mark.parametrize(
    "body", ['{"text": "a", "text": "b"}', '{"text": "a", "text": "a"}', '{"text": "a", "\\u0074ext": "b"}']
)
def test_a_field_that_is_named_twice_is_refused(body: str) -> None:
    refusal = refused(body)
    assert isinstance(refusal, BodyUnreadable)
    assert "twice" in str(refusal.facts["reason"])


def test_many_fields_and_one_of_them_twice_are_read_once_and_refused() -> None:
    """As many as a body can hold: whoever compares each with each is busy for a minute."""
    body = "{" + ",".join(f'"{number:x}":0' for number in range(24_000)) + ',"5dbf":0}'
    began = time.perf_counter()
    assert isinstance(refused(body), BodyUnreadable)
    assert time.perf_counter() - began < 2


def test_a_field_that_is_named_twice_far_inside_is_refused() -> None:
    body = '{"store": "main", "lines": [{"sku": "A", "amount_minor": 1, "amount_minor": 100}]}'
    with pytest.raises(BodyUnreadable):
        body_of(Purchase, event("POST", "/v1/quotes", body))


@pytest.mark.parametrize(
    "body", ['{"text": "\\ud800"}', '{"text": "\\udc00\\ud800"}', '{"\\ud800": 1}', '{"a": {"b": "\\ud83d"}}']
)
def test_half_a_letter_is_refused(body: str) -> None:
    assert isinstance(refused(body), BodyUnreadable)


def test_a_letter_outside_the_plane_is_read() -> None:
    assert read('{"text": "\\ud83c\\udf81"}').text == "🎁"


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 2_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_nest_is_refused_before_a_reader_falls_into_it(depth: int, opening: str, closing: str) -> None:
    body = opening * depth + "1" + closing * depth
    with pytest.raises(Refused) as refusal:
        json_of(body.encode())
    assert refusal.value.code in ("body_unreadable", "body_too_large")


def test_a_nest_that_never_closes_is_refused_too() -> None:
    with pytest.raises(BodyUnreadable):
        json_of(b"[" * 100_000)


def test_brackets_within_text_are_no_nest() -> None:
    brackets = "[{" * 1000
    assert read({"text": brackets}).text == brackets
    assert read('{"text": "\\"[[[[[[[[[[[[[[[[[[[["}').text == '"' + "[" * 20


def test_as_deep_as_it_may_be_is_read() -> None:
    assert json_of(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX) is not None


@pytest.mark.parametrize("field", ["points", "__proto__", "constructor", "Text", ""])
def test_a_field_that_nobody_asked_for_is_refused(field: str) -> None:
    refusal = refused({field: "x"})
    assert isinstance(refusal, Invalid)
    assert refusal.facts["reason"] == "is not a field of this request"


def test_the_refusal_names_the_field_and_never_repeats_a_value() -> None:
    refusal = refused({"text": "x", "number": "Dana Levi, 052-1234567"})
    assert refusal.facts["field"] == "number"
    assert "Dana" not in json.dumps(refusal.facts)
    assert "052" not in json.dumps(refusal.facts)


def test_a_name_that_the_caller_made_up_is_not_repeated() -> None:
    assert "Dana" not in json.dumps(refused({"Dana Levi, 052-1234567": 1}).facts)


def test_a_long_name_that_the_caller_made_up_does_not_make_a_long_answer() -> None:
    assert len(json.dumps(refused({"x" * 100_000: 1}).facts)) < 500


LETTERS = st.characters(codec="utf-8", exclude_characters="\ufffd")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | st.text(LETTERS, max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(LETTERS, max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(JSON_VALUES)
def test_plain_json_is_read_as_every_reader_reads_it(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert json_of(text.encode()) == value


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_whatever_the_bytes_there_is_a_value_or_a_refusal(body: bytes) -> None:
    assert _heard(body) in ("a value", "body_unreadable", "body_too_large")


def _heard(body: bytes) -> str:
    try:
        json_of(body)
    except Refused as refusal:
        return refusal.code
    return "a value"
