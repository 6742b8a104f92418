"""The part of JSON Schema that our OpenAPI description uses, as a checker for answers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
KNOWN = {
    "type", "properties", "required", "items", "enum", "const", "anyOf", "$ref", "format", "minItems", "maxItems",
    "minimum", "maximum", "maxLength", "description", "default",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "$") -> Iterator[str]:
    """Where a value differs from its schema; also what the schema leaves undescribed in an object."""
    unknown = set(schema) - KNOWN
    if unknown:
        yield f"{at}: this checker does not know {unknown}"
    if "$ref" in schema:
        yield from faults(value, resolve(schema["$ref"], document), document, at)
    if "anyOf" in schema and not any(not list(faults(value, one, document, at)) for one in schema["anyOf"]):
        yield f"{at}: {value!r} fits none"
    wrong = list(_value_faults(value, schema))
    yield from (f"{at}: {value!r} {fault}" for fault in wrong)
    if isinstance(value, dict) and "properties" in schema:
        yield from _object_faults(value, schema, document, at)
    if isinstance(value, list) and "items" in schema:
        for position, one in enumerate(value):
            yield from faults(one, schema["items"], document, f"{at}[{position}]")


def _value_faults(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if "const" in schema and value != schema["const"]:
        yield f"is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"is none of {schema['enum']}"
    if "type" in schema and not _fits(value, schema["type"]):
        yield f"is no {schema['type']}"
    is_moment = schema.get("format") == "date-time" and isinstance(value, str)
    if is_moment and datetime.fromisoformat(value).tzinfo is None:
        yield "has no offset"


def resolve(reference: str, document: dict[str, Any]) -> Any:
    """What a local reference points at."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _fits(value: Any, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _object_faults(
    value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], at: str
) -> Iterator[str]:
    for name in schema.get("required", []):
        if name not in value:
            yield f"{at}: {name} is missing"
    for name, one in value.items():
        if name not in schema["properties"]:
            yield f"{at}: {name} is not described"
        else:
            yield from faults(one, schema["properties"][name], document, f"{at}.{name}")
