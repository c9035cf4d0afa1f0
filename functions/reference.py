"""The OpenAPI document as rows to read: what /docs shows. Pure; it knows the document and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MODEL_PREFIX = "#/components/schemas/"
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "matches {}",
    "default": "otherwise {}",
}
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """What a value looks like; `model` names the form it refers to, if any."""

    text: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    forms: tuple[Form, ...]
    required: bool
    meaning: str
    limits: tuple[str, ...]
    example: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    status: str
    meaning: str
    model: str | None
    media_type: str


@dataclass(frozen=True, slots=True)
class Model:
    name: str
    meaning: str
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    anchor: str
    method: str
    path: str
    summary: str
    description: str
    permission: str
    parameters: tuple[Field, ...]
    body: Model | None
    body_forms: tuple[Form, ...]
    replies: tuple[Reply, ...]


def operations(document: Schema) -> dict[str, list[Operation]]:
    """Operations by tag, in the order declared."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            operation = _operation(path, method, described, document["components"]["schemas"])
            found.setdefault(described["tags"][0], []).append(operation)
    return found


def models(document: Schema) -> list[Model]:
    schemas: dict[str, Schema] = document["components"]["schemas"]
    return [_model(name, schema, schemas) for name, schema in sorted(schemas.items())]


def _operation(path: str, method: str, described: Schema, schemas: dict[str, Schema]) -> Operation:
    description = described.get("description", "")
    body: Schema = described.get("requestBody", {}).get("content", {})
    schema = next((content["schema"] for content in body.values()), None)
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description="" if description == described["summary"] else description,
        permission="" if described["x-permission"] == "public" else described["x-permission"],
        parameters=tuple(_parameter(given) for given in described.get("parameters", ())),
        body=_model(schema.get("title", ""), schema, schemas) if schema and "properties" in schema else None,
        body_forms=tuple(_forms(schema)) if schema and "properties" not in schema else (),
        replies=tuple(_reply(status, said) for status, said in described["responses"].items()),
    )


def _parameter(given: Schema) -> Field:
    schema = {**given["schema"]}
    return Field(
        name=given["name"],
        forms=tuple(_forms(schema)),
        required=bool(given.get("required")),
        meaning=given.get("description") or schema.get("description", ""),
        limits=_limits(schema),
        example=str(given.get("example", "")),
        place=given["in"],
    )


def _reply(status: str, said: Schema) -> Reply:
    contents: dict[str, Schema] = said.get("content", {})
    media_type, content = next(iter(contents.items()), ("", Schema()))
    reference = content.get("schema", {}).get("$ref", "")
    return Reply(status, said["description"], reference.removeprefix(MODEL_PREFIX) or None, media_type)


def _model(name: str, schema: Schema, schemas: dict[str, Schema]) -> Model:
    required = set(schema.get("required", ()))
    fields = tuple(
        Field(
            name=field,
            forms=tuple(_forms(given)),
            required=field in required,
            meaning=given.get("description", ""),
            limits=_limits(given),
            example=_shown(given["examples"][0]) if given.get("examples") else "",
        )
        for field, given in schema.get("properties", {}).items()
    )
    example = json.dumps(_example(schema, schemas, 0), ensure_ascii=False, indent=2)
    return Model(name, " ".join(schema.get("description", "").split()), fields, example)


def _forms(schema: Schema) -> Iterable[Form]:
    """Each form a value may have; alternatives one after another."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(MODEL_PREFIX)
        return [Form(name, name)]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return [form for one in schema[several] for form in _forms(one)]
    if "const" in schema:
        return [Form(json.dumps(schema["const"]))]
    if "enum" in schema:
        return [Form(json.dumps(choice, ensure_ascii=False)) for choice in schema["enum"]]
    if schema.get("type") == "array":
        return [Form(f"list of {form.text}", form.model) for form in _forms(schema.get("items", {}))]
    kind = schema.get("format") or schema.get("type") or "any"
    return [Form(str(kind))]


def _limits(schema: Schema) -> tuple[str, ...]:
    found = [
        words.format(_shown(schema[name]))
        for name, words in LIMITS.items()
        if name in schema and schema[name] is not None and schema[name] != ""
    ]
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    for one in inner:
        found += [limit for limit in _limits(one) if limit not in found]
    return tuple(found)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _example(schema: Schema, schemas: dict[str, Schema], depth: int) -> Any:
    """An example from the examples and defaults given; deep or unknown parts become an ellipsis."""
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("default", "const"):
        if name in schema:
            return schema[name]
    if "$ref" in schema:
        known = schemas.get(schema["$ref"].removeprefix(MODEL_PREFIX), {})
        return _example(known, schemas, depth + 1) if depth < 3 else "…"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(schema[several][0], schemas, depth)
    if "enum" in schema:
        return schema["enum"][0]
    return _example_of_type(schema, schemas, depth)


def _example_of_type(schema: Schema, schemas: dict[str, Schema], depth: int) -> Any:
    kind = schema.get("type")
    if kind == "object":
        properties: dict[str, Schema] = schema.get("properties", {})
        return {name: _example(given, schemas, depth) for name, given in properties.items()}
    if kind == "array":
        return [_example(schema.get("items", {}), schemas, depth)]
    formats = {"date-time": "2026-01-31T08:00:00+05:00", "date": "2026-01-31"}
    if schema.get("format") in formats:
        return formats[schema["format"]]
    plain: dict[Any, Any] = {
        "integer": schema.get("minimum", 1),
        "number": 0.5,
        "boolean": True,
        "null": None,
    }
    return plain.get(kind, "…")
