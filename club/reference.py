"""The programme's tables for people: every key with its kind of value, its default and its meaning, read from the code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.domain import tables
from shared.domain.automation_tables import AutomaticMessage
from shared.domain.contact_tables import DayOfRest, QuietHours
from shared.domain.earn_tables import BasisChoice, Limit
from shared.domain.formulas import FUNCTIONS
from shared.domain.policies import Policies
from shared.domain.programme import Programme
from shared.domain.vocabulary import EVENT_TERMS, LEDGER_TERMS, LINE_TERMS, MEMBER_TERMS, PURCHASE_TERMS, LineTerm, Term
from shared.domain.wallet_tables import Expiry, Payment, Rounding

# What a reader calls the kinds of values that have a name in the code.
_KINDS = {
    "RuleId": "id", "Words": "text by language", "Text": "text", "Cel": "condition", "Arithmetic": "formula", "Zone": "time zone",
    "Moment": "day or time", "Amount": "minor units", "PositiveAmount": "minor units", "PositiveNumber": "number above 0",
    "Factor": "number", "Share": "number", "FloorShare": "number", "Threshold": "number", "PointsCap": "points",
    "PointDecimals": "number", "PendingDays": "days", "LongDays": "days", "ValueMinor": "minor units", "Stock": "number",
    "HoldMinutes": "minutes", "TimeOfDay": "time of day", "Many": "number",
    "Limits": "list of limits", "Limit": "list of limits",
}  # fmt: skip
_SMALL: dict[str, type[BaseModel]] = {
    "Expiry": Expiry, "Rounding": Rounding, "BasisChoice": BasisChoice, "Payment": Payment, "QuietHours": QuietHours,
    "DayOfRest": DayOfRest, "AutomaticMessage": AutomaticMessage,
}  # fmt: skip
# Tables that stand within another, written in braces.
INNER: dict[str, type[BaseModel]] = {
    "expiry": Expiry,
    "rounding": Rounding,
    "payment": Payment,
    "limits": Limit,
    "basis of a rule": BasisChoice,
    "quiet_hours": QuietHours,
    "rest": DayOfRest,
    "message": AutomaticMessage,
}
# The words of conditions and formulas, and where each group is known.
SUBJECTS: tuple[tuple[str, tuple[Term, ...] | tuple[LineTerm, ...]], ...] = (
    ("The purchase: `when` and `formula` of `[[earn]]`", PURCHASE_TERMS),
    ("The activity: `when` and `formula` of `[[earn]]` with `event`", EVENT_TERMS),
    ("The member: everywhere but in conditions on a line", MEMBER_TERMS),
    (
        "The member's purchases of a year, read from the ledger: `when` of `[[automation]]` and `[[segment]]`",
        LEDGER_TERMS,
    ),
    ("A line: `lines` of `[[earn]]`, `exclude` of `[basis]`, `formula` per line", LINE_TERMS),
)


class Key(NamedTuple):
    """One key of a table. `default` is None for a key that is needed, "" for one that may be left out."""

    name: str
    kind: str
    default: str | None
    meaning: str


def tables_of_the_file() -> Iterator[tuple[str, str, list[Key]]]:
    """Heading, meaning and keys of every table that a programme may hold, in the sequence of the code."""
    for name, field in Programme.model_fields.items():
        many = get_origin(_bare(field.annotation)) is tuple
        model = _model_of(field.annotation)
        if model is not Policies:
            yield (f"[[{name}]]" if many else f"[{name}]"), _meaning(model), _keys(model)
    for name, inner in INNER.items():
        yield f"{name} = {{ … }}", _meaning(inner), _keys(inner)


def keys() -> Iterator[str]:
    """The tables as Markdown."""
    for heading, meaning, rows in tables_of_the_file():
        yield from (
            "",
            f"### `{heading}`",
            "",
            meaning,
            "",
            "| key | value | default | meaning |",
            "| --- | --- | --- | --- |",
        )
        for key in rows:
            default = "**needed**" if key.default is None else f"`{key.default}`" if key.default else ""
            yield f"| `{key.name}` | {key.kind} | {default} | {key.meaning} |"


def words() -> Iterator[str]:
    """The vocabulary as Markdown."""
    for title, terms in SUBJECTS:
        yield from ("", f"{title}.", "", "| word | type | what it is | example |", "| --- | --- | --- | --- |")
        for term in terms:
            yield f"| `{term.name}` | {term.type} | {term.unit} | `{term.example}` |"
    yield from ("", f"Functions of formulas: {', '.join(f'`{name}`' for name in FUNCTIONS)}.")


def limits() -> Iterator[str]:
    """How many of each table there may be."""
    many = {name: field for name, field in Programme.model_fields.items() if field.metadata}
    yield ", ".join(f"{field.metadata[0].max_length} `[[{name}]]`" for name, field in many.items())


@cache
def _meanings(model: type[BaseModel]) -> dict[str, tuple[str, str]]:
    """For each key of a table: its annotation as written, and the text below it."""
    (tree,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(tree, ast.ClassDef)
    told: dict[str, tuple[str, str]] = {}
    for one, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                text = inspect.cleandoc(str(following.value.value)).replace("\n", " ")
            told[one.target.id] = (ast.unparse(one.annotation), text)
    return told


def _keys(model: type[BaseModel]) -> list[Key]:
    told: dict[str, tuple[str, str]] = {}
    inherited = [
        base for base in model.__mro__[1:] if base not in (tables.Table, BaseModel) and issubclass(base, BaseModel)
    ]
    for part in (*reversed(inherited), model):
        told |= _meanings(part)
    own = _meanings(model)
    # A set of tiers has the keys of the main one: they are told once.
    shown = own if inherited and own else told
    return [
        Key(field.alias or name, _kind(told[name][0], field), _default(field), told[name][1])
        for name, field in model.model_fields.items()
        if name in shown
    ]


def _meaning(model: type[BaseModel]) -> str:
    return inspect.cleandoc(model.__doc__ or "").replace("\n", " ")


def _kind(written: str, field: FieldInfo) -> str:
    name = written.removesuffix(" | None")
    if name in _SMALL:
        return "table, below"
    if name in _KINDS:
        return _KINDS[name] + _range(field.annotation, field.metadata)
    bare = _bare(field.annotation)
    if get_origin(bare) is Literal:
        return " ".join(f"`{one}`" for one in get_args(bare))
    if get_origin(bare) is tuple:
        inner, *_ = get_args(bare)
        inner = _bare(inner)
        many = "texts" if inner is str else "texts by language"
        return f"list of {' '.join(f'`{one}`' for one in get_args(inner)) if get_origin(inner) is Literal else many}"
    if get_origin(bare) is dict:
        return "numbers by id"
    simple = {bool: "`true` `false`", int: "number", Decimal: "number", str: "text", date: "day"}
    return simple[bare] + _range(field.annotation, field.metadata)


def _range(annotation: Any, metadata: list[Any]) -> str:
    """`, 0 to 366` where a number has two ends."""
    found = {
        name: end for one in (*metadata, *_metadata(annotation)) for part in _parts(one) for name, end in part.items()
    }
    if "ge" in found and "le" in found and found["le"] < tables.POINTS_MAX:
        return f", {found['ge']} to {found['le']}"
    return ""


def _parts(one: Any) -> list[dict[str, Any]]:
    inner = getattr(one, "metadata", None)
    if inner:
        return [part for deeper in inner for part in _parts(deeper)]
    return [{name: getattr(one, name) for name in ("ge", "le") if getattr(one, name, None) is not None}]


def _metadata(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        base, *metadata = get_args(annotation)
        return [*metadata, *_metadata(base)]
    if get_origin(annotation) in (Union, UnionType):
        return [one for part in get_args(annotation) for one in _metadata(part)]
    return []


def _bare(annotation: Any) -> Any:
    """A type without its annotations and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def _model_of(annotation: Any) -> type[BaseModel]:
    bare = _bare(annotation)
    model: type[BaseModel] = _bare(get_args(bare)[0]) if get_origin(bare) is tuple else bare
    return model


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        listed = ", ".join(f'"{one}"' for one in value)
        return f"[{listed}]" if listed else ""
    if value is None or value == {} or isinstance(value, BaseModel):
        return ""
    return f'"{value}"' if isinstance(value, str) else str(value)
