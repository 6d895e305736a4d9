"""Schemas of requests and answers: what pydantic says of the models and shapes, in the form that other tools read best."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

Json = dict[str, Any]

_WHERE = "#/components/schemas/{model}"


def schemas_of(bodies: list[type[BaseModel]], answers: list[type]) -> Json:
    """Every schema by its name. Those of answers hold nothing that they do not name."""
    read: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        (one.__name__, "validation", TypeAdapter(one)) for one in [*bodies, *answers]
    ]
    _, made = TypeAdapter.json_schemas(read, ref_template=_WHERE)
    return {name: _plain({"additionalProperties": False, **schema}) for name, schema in sorted(made["$defs"].items())}


def ref(name: str) -> Json:
    return {"$ref": _WHERE.format(model=name)}


def _plain(schema: Any) -> Any:
    """Without titles that repeat the name and defaults that are nothing; unions with null and maps as most readers know
    them; a property's name is never taken for a keyword."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept: Json = {}
    for key, value in schema.items():
        if key == "title" or (key == "default" and value is None):
            continue
        if key == "properties":
            kept[key] = {name: _plain(one) for name, one in value.items()}
        elif key in ("examples", "enum", "const", "default"):
            kept[key] = value
        else:
            kept[key] = _plain(value)
    return _as_map(_or_null(kept))


def _or_null(schema: Json) -> Json:
    """`anyOf` of one plain type and null as a list of two types."""
    match schema.get("anyOf"):
        case [{"type": str(kind)} as one, {"type": "null"}] if "enum" not in one:
            outer = {key: value for key, value in schema.items() if key != "anyOf"}
            return {**one, **outer, "type": [kind, "null"]}
    return schema


def _as_map(schema: Json) -> Json:
    match schema.get("patternProperties"):
        case {**patterns} if len(patterns) == 1:
            ((pattern, value),) = patterns.items()
            rest = {key: one for key, one in schema.items() if key != "patternProperties"}
            return {**rest, "propertyNames": {"pattern": pattern}, "additionalProperties": value}
    return schema
