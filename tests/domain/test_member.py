"""Joining the club: what a storefront may say about a person, and what it may not."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.calendars import Birthday
from shared.domain.contacts import Contact, ContactInvalid
from shared.domain.member import Joining, Lookup, attribute_value, person_name

NOA = {
    "name": "Noa Levi",
    "card": "ab-1001",
    "phone": "050-234-5678",
    "email": "Noa@Example.com",
    "id_number": "01 234-567 8",
    "birthday": {"calendar": "hebrew", "year": 5750, "month": 9, "day": 25},
    "language": "he",
    "attributes": {"children": 2, "vegan": True, "likes": ["tea", "נעליים"], "city": "  Haifa "},
    "consents": [
        {"kind": "email_marketing", "granted": True, "text_version": "2026-01"},
        {"kind": "profiling", "granted": False, "text_version": "2026-01"},
    ],
    "source": "till",
    "joined_at": "2026-11-22T10:00:00+02:00",
}
LEAST = {"name": "Noa", "card": "1", "language": "en", "source": "web"}


def joining(**changes):
    return Joining.model_validate({**LEAST, **changes})


def refused_fields(body, model=Joining):
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(body)
    return [".".join(map(str, error["loc"])) for error in refusal.value.errors()]


def test_a_member_joins_with_everything_the_form_asks():
    noa = Joining.model_validate(NOA)
    assert noa.name == "Noa Levi"
    assert noa.birthday == Birthday(calendar="hebrew", year=5750, month=9, day=25)
    assert noa.attributes == {"children": 2, "vegan": True, "likes": ("tea", "נעליים"), "city": "Haifa"}
    assert [(consent.kind, consent.granted) for consent in noa.consents] == [
        ("email_marketing", True),
        ("profiling", False),
    ]
    assert noa.joined_at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert noa.contacts("IL") == (
        Contact("card", "AB-1001"),
        Contact("phone", "+972502345678"),
        Contact("email", "noa@example.com"),
        Contact("id_number", "012345678"),
    )


def test_the_same_body_is_read_alike_as_text_and_as_values():
    assert Joining.model_validate_json(json.dumps(NOA)) == Joining.model_validate(NOA)


def test_a_name_and_one_contact_are_enough():
    least = joining()
    assert (least.birthday, least.attributes, least.consents, least.joined_at) == (None, {}, (), None)
    assert least.contacts("IL") == (Contact("card", "1"),)


def test_optional_fields_may_be_null():
    empty = joining(phone=None, email=None, id_number=None, birthday=None, joined_at=None)
    assert empty == joining()


@pytest.mark.parametrize("contact", [{"card": "1"}, {"phone": "+972502345678"}, {"email": "a@b.co"}])
def test_a_card_a_phone_or_an_address_makes_a_member_findable(contact):
    assert len(joining(**{"card": None, **contact}).contacts("IL")) == 1


@pytest.mark.parametrize("contact", [{}, {"id_number": "012345678"}])
def test_a_member_whom_no_till_could_find_is_refused(contact):
    with pytest.raises(ValidationError, match="at least one of card, phone, email"):
        joining(card=None, **contact)


@pytest.mark.parametrize("field", ["name", "language", "source"])
def test_a_required_field_is_named_when_it_is_missing_or_null(field):
    assert refused_fields({name: value for name, value in LEAST.items() if name != field}) == [field]
    assert refused_fields({**LEAST, field: None}) == [field]


@pytest.mark.parametrize("field", ["balance", "tier", "role", "points", "member_id", "__proto__", "time_zone", "Name"])
def test_a_field_that_the_club_decides_or_does_not_know_is_refused(field):
    assert refused_fields({**LEAST, field: 1}) == [field]


@pytest.mark.parametrize("body", [None, [], "x", 1, True, {}])
def test_a_body_that_is_no_member_is_refused(body):
    for model in (Joining, Lookup):
        with pytest.raises(ValidationError):
            model.model_validate(body)


# --- names


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Noa   Levi ", "Noa Levi"),
        ("נועה ל. לוי-כהן", "נועה ל. לוי-כהן"),
        ('ד"ר צ׳רלי', 'ד"ר צ׳רלי'),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("Dana דנה", "Dana דנה"),
        ("O'Brien & Söhne (2)", "O'Brien & Söhne (2)"),
        ("Jose\u0301", "José"),
        ("Li 😀", "Li 😀"),
        ("𠮷田", "𠮷田"),
        ("a" * 100, "a" * 100),
        (" " + "a" * 100 + " ", "a" * 100),
    ],
)
def test_a_name_is_kept_as_its_owner_writes_it(typed, name):
    assert joining(name=typed).name == name
    assert person_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "a" * 101,
        "a" * 10_000,
        "<script>alert(1)</script>",
        "{{7*7}}",
        "${7*7}",
        "%s",
        '=HYPERLINK("http://example.com")',
        "a\nb",
        "a\r\nBcc: b",
        "a\0b",
        "abc\u202edef",
        "\u200fabc",
        "a\u200bb",
        "\u3164",
        "\u200d",
        "123",
        "...",
        "😀",
        "\ud800a",
        7,
        True,
        ["Noa"],
    ],
)
def test_what_is_no_name_is_refused(typed):
    assert refused_fields({**LEAST, "name": typed}) == ["name"]


@given(st.text(max_size=60))
def test_a_name_is_its_own_canonical_form_and_equal_to_its_decomposed_twin(typed):
    try:
        name = person_name(typed)
    except ValueError:
        return
    assert person_name(name) == person_name(unicodedata.normalize("NFD", typed)) == name


# --- contacts


@pytest.mark.parametrize(
    ("field", "typed"), [("card", "a#1"), ("phone", "12345"), ("email", "noa"), ("id_number", "1_2_3_4")]
)
def test_a_contact_that_cannot_be_one_is_refused_by_its_field(field, typed):
    with pytest.raises(ContactInvalid) as refusal:
        joining(**{field: typed}).contacts("IL")
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("card", ""),
        ("card", 1),
        ("phone", 502345678),
        ("phone", "0" * 41),
        ("email", "a" * 255),
        ("id_number", ["1234"]),
    ],
)
def test_a_contact_of_another_shape_is_refused_at_the_door(field, typed):
    assert refused_fields({**LEAST, field: typed}) == [field]


def test_a_phone_is_read_in_the_programmes_country():
    assert joining(phone="050-234-5678").contacts("IL")[1].value == "+972502345678"
    with pytest.raises(ContactInvalid):
        joining(phone="050-234-5678").contacts("US")


# --- the rest of the form


@pytest.mark.parametrize("language", ["", "h", "heb", "HE", "he-IL", "עב", "h1", "he\n", 1])
def test_a_language_is_two_small_letters(language):
    assert refused_fields({**LEAST, "language": language}) == ["language"]


@pytest.mark.parametrize("source", ["", "-till", "Till", "a b", "a" * 33, "till\n", "ק", 1])
def test_a_source_is_a_short_slug(source):
    assert refused_fields({**LEAST, "source": source}) == ["source"]


@pytest.mark.parametrize(
    "value",
    [
        10.5,
        1.0,
        None,
        2**53,
        -(2**53),
        10**400,
        {},
        {"a": 1},
        "",
        " ",
        "a" * 101,
        "a\nb",
        [1],
        ["a", None],
        [""],
        ["a"] * 21,
        [["a"]],
    ],
)
def test_an_attribute_is_a_text_a_whole_number_a_truth_or_a_list_of_texts(value):
    assert refused_fields({**LEAST, "attributes": {"likes": value}}) == ["attributes.likes"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (True, True),
        (0, 0),
        (-(2**53) + 1, -(2**53) + 1),
        ("x" * 100, "x" * 100),
        ([], ()),
        (["a"] * 20, ("a",) * 20),
        ("<3 %", "<3 %"),
    ],
)
def test_an_attribute_keeps_its_value_and_its_type(value, kept):
    read = attribute_value(value)
    assert read == kept
    assert type(read) is type(kept)


@pytest.mark.parametrize("name", ["", "Likes", "1st", "_x", "a-b", "a b", "a" * 33, "likes\n", "אהב"])
def test_an_attributes_name_is_a_short_word(name):
    (field,) = refused_fields({**LEAST, "attributes": {name: 1}})
    assert field.startswith("attributes.")


def test_twenty_attributes_fit_and_one_more_is_refused():
    assert len(joining(attributes={f"a{n}": n for n in range(20)}).attributes) == 20
    assert refused_fields({**LEAST, "attributes": {f"a{n}": n for n in range(21)}}) == ["attributes"]


CONSENT = {"kind": "sms_marketing", "granted": True, "text_version": "2026-01"}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "fax_marketing"},
        {"kind": None},
        {"granted": "true"},
        {"granted": 1},
        {"granted": None},
        {"text_version": ""},
        {"text_version": "v" * 33},
        {"text_version": "a b"},
        {"granted_at": "2020-01-01"},
    ],
)
def test_a_consent_says_what_was_answered_to_which_text_and_nothing_else(change):
    (field,) = refused_fields({**LEAST, "consents": [{**CONSENT, **change}]})
    assert field == f"consents.0.{next(iter(change))}"


def test_a_kind_of_consent_is_answered_once():
    assert refused_fields({**LEAST, "consents": [CONSENT, {**CONSENT, "granted": False}]}) == ["consents"]


@pytest.mark.parametrize(
    "moment",
    [
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-11-22T10:00:00+25:00",
        "yesterday",
        1_700_000_000,
        datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    ],
)
def test_the_moment_of_joining_has_an_offset(moment):
    assert refused_fields({**LEAST, "joined_at": moment}) == ["joined_at"]


def test_an_impossible_birthday_is_refused_by_its_field():
    assert refused_fields({**LEAST, "birthday": {"year": 2023, "month": 2, "day": 29}}) == ["birthday"]
    assert refused_fields({**LEAST, "birthday": {"month": 14, "day": 1}}) == ["birthday.month"]


def test_a_member_who_joined_cannot_be_changed_in_place():
    noa = joining()
    with pytest.raises(ValidationError):
        noa.name = "Dana"


def test_a_refusal_that_is_printed_shows_nothing_personal():
    body = {**NOA, "name": "Secret <b>", "phone": 972502345678, "joined_at": "secret", "attributes": {"city": 1.5}}
    with pytest.raises(ValidationError) as refusal:
        Joining.model_validate(body)
    for printed in (str(refusal.value), repr(refusal.value)):
        for personal in ("Secret", "secret", "972502345678", "Noa", "1.5"):
            assert personal not in printed


# --- look-up


@pytest.mark.parametrize(
    ("field", "typed", "canonical"),
    [
        ("card", "ab-1", "AB-1"),
        ("phone", "۰۵۰۲۳۴۵۶۷۸", "+972502345678"),
        ("email", "Noa+x@Example.com", "noa+x@example.com"),
        ("id_number", "01 234-567 8", "012345678"),
    ],
)
def test_a_till_asks_by_any_one_contact(field, typed, canonical):
    assert Lookup.model_validate({field: typed}).contact("IL") == Contact(field, canonical)


@pytest.mark.parametrize(
    "body", [{}, {"card": None}, {"card": "1", "phone": "+972502345678"}, {"email": "a@b.co", "id_number": "1234"}]
)
def test_a_till_asks_by_exactly_one_contact(body):
    with pytest.raises(ValidationError, match="exactly one of"):
        Lookup.model_validate(body)


def test_a_till_asks_by_nothing_else():
    assert refused_fields({"name": "Noa"}, Lookup) == ["name"]
