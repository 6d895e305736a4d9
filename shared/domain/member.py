"""Who joins the club, as a storefront reports it, and how a till asks whose card this is."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    field_validator,
    model_validator,
)

from shared.domain.calendars import Birthday
from shared.domain.clocks import MemberZone
from shared.domain.contacts import EMAIL_LENGTH_MAX, PHONE_TYPED_LENGTH_MAX, Contact, ContactKind, contact_canonical
from shared.domain.purchase import PHONE_TYPED, instant
from shared.domain.schema import Said, a_text, an_id, shown
from shared.domain.text import clean_id, clean_text

NAME_LENGTH_MAX = 100
ATTRIBUTES_MAX = 20
ATTRIBUTE_TEXT_LENGTH_MAX = 100
ATTRIBUTE_LIST_MAX = 20
# The largest whole number that every JSON reader keeps exactly.
ATTRIBUTE_INT_MAX = 2**53 - 1

ConsentKind = Literal["email_marketing", "sms_marketing", "whatsapp_marketing", "push_marketing", "profiling"]
AttributeValue = str | int | bool | tuple[str, ...]

# No name needs them, and markup, templates, formats and formulas cannot be written without one of them.
_NOT_IN_A_NAME = frozenset("<>{}=%\\")


def person_name(value: str) -> str:
    """A name as people write it, in any script or in two: at least one letter, nothing of a programming language."""
    name = clean_text(value, NAME_LENGTH_MAX)
    if _NOT_IN_A_NAME & set(name) or not any(unicodedata.category(character)[0] == "L" for character in name):
        raise ValueError("must be a name: at least one letter, and none of < > { } = % \\")
    return name


def attribute_value(value: object) -> AttributeValue:
    """A text, a whole number, true or false, or a list of texts; texts in their clean form."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) <= ATTRIBUTE_INT_MAX:
        return value
    if isinstance(value, str):
        return clean_text(value, ATTRIBUTE_TEXT_LENGTH_MAX)
    if isinstance(value, list | tuple) and len(value) <= ATTRIBUTE_LIST_MAX:
        texts = [clean_text(text, ATTRIBUTE_TEXT_LENGTH_MAX) for text in value if isinstance(text, str)]
        if len(texts) == len(value):
            return tuple(texts)
    raise ValueError(
        f"must be a text, a whole number of at most {ATTRIBUTE_INT_MAX}, true, false, or a list of at most "
        f"{ATTRIBUTE_LIST_MAX} texts"
    )


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


AttributeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_AttributeText = Annotated[str, a_text(ATTRIBUTE_TEXT_LENGTH_MAX, "jazz")]
_AttributeRead = (
    _AttributeText
    | Annotated[int, Field(ge=-ATTRIBUTE_INT_MAX, le=ATTRIBUTE_INT_MAX)]
    | bool
    | Annotated[tuple[_AttributeText, ...], Field(max_length=ATTRIBUTE_LIST_MAX)]
)
Attribute = Annotated[AttributeValue, PlainValidator(attribute_value, json_schema_input_type=_AttributeRead)]
TypedCard = Annotated[
    str, StringConstraints(min_length=1, max_length=128), shown("C-2044", "Spaces and case do not matter.")
]
TypedPhone = Annotated[
    str, StringConstraints(min_length=1, max_length=PHONE_TYPED_LENGTH_MAX), shown("+1 201 555 0123", PHONE_TYPED)
]
TypedEmail = Annotated[
    str, StringConstraints(min_length=1, max_length=EMAIL_LENGTH_MAX), shown("dana@example.com", format="idn-email")
]
TypedIdNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=64), shown("12-345 678", "Of it only a keyed hash is kept.")
]

Joined = Annotated[
    AwareDatetime,
    shown("2026-11-22T10:00:00+02:00", "ISO 8601 with an offset; not in the future.", minLength=20, maxLength=35),
]

# Bodies hold a person's data: an error that is printed must not repeat it.
_BODY = ConfigDict(defer_build=True, frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Consent(BaseModel):
    """What the person agreed to or refused, and which wording was shown."""

    model_config = _BODY

    kind: ConsentKind
    granted: bool
    text_version: Annotated[str, AfterValidator(lambda value: clean_id(value, 32)), an_id(32, "2026-01")]


class _Contacts(BaseModel):
    """The four ways to find a member, as typed: only the programme, unknown to a body, says where a phone is."""

    model_config = _BODY

    card: TypedCard | None = None
    phone: TypedPhone | None = None
    email: TypedEmail | None = None
    id_number: TypedIdNumber | None = None

    def contacts(self, region: str | None) -> tuple[Contact, ...]:
        """Those that were given, canonical. Raises ContactInvalid with the field and a reason."""
        typed: tuple[tuple[ContactKind, str | None], ...] = (
            ("card", self.card),
            ("phone", self.phone),
            ("email", self.email),
            ("id_number", self.id_number),
        )
        return tuple(contact_canonical(kind, text, region) for kind, text in typed if text is not None)


class Joining(_Contacts):
    """A person who joins. Somebody has to be findable at the till: at least one of card, phone, e-mail.

    The action checks what needs more than the body: `language` against the programme, `birthday` and `joined_at`
    against the clock, the contacts in the programme's region.
    """

    name: Annotated[
        str,
        AfterValidator(person_name),
        a_text(NAME_LENGTH_MAX, "Dana Levi", "With at least one letter.", without=r"<>{}=%\\"),
    ]
    birthday: Birthday | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), shown("en", "One of the programme's.")]
    zone: MemberZone | None = None
    attributes: Annotated[dict[AttributeName, Attribute], Field(max_length=ATTRIBUTES_MAX)] = Field(
        default_factory=dict
    )
    consents: Annotated[
        tuple[Consent, ...],
        BeforeValidator(_as_tuple),
        Said({"description": "Each kind once at most.", "maxItems": len(get_args(ConsentKind))}),
    ] = ()
    source: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$"), shown("till", "Where the person joined.")
    ]
    joined_at: Joined | None = None

    @field_validator("joined_at", mode="before")
    @classmethod
    def _an_instant(cls, value: object) -> datetime | None:
        return value if value is None or isinstance(value, datetime) else instant(value)

    @field_validator("consents")
    @classmethod
    def _one_of_each_kind(cls, consents: tuple[Consent, ...]) -> tuple[Consent, ...]:
        if len({consent.kind for consent in consents}) < len(consents):
            raise ValueError("must hold each kind of consent once at most")
        return consents

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.card is None and self.phone is None and self.email is None:
            raise ValueError("at least one of card, phone, email is needed to find the member again")
        return self


class Lookup(_Contacts):
    """Whose is this? Exactly one contact."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in (self.card, self.phone, self.email, self.id_number)) != 1:
            raise ValueError("ask by exactly one of card, phone, email, id_number")
        return self

    def contact(self, region: str | None) -> Contact:
        """The one contact, canonical. Raises ContactInvalid with the field and a reason."""
        return self.contacts(region)[0]
