"""OpenAPI 3.1 from the declared routes and their pydantic models: one source, so neither can lie."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from functions.bodies import FORM, JSON
from functions.domain.access import PURPOSES, Permission
from functions.door import Answer, Door, Request, Route
from functions.errors import MEDIA_TYPE
from functions.messages import catalogue
from schemas.common import Problem

door = Door("functions.openapi", tag="Contract")
REFERENCES = "#/components/schemas/{model}"
ROUTES: list[Route] = []
"""Filled once by app.py with every door's routes."""

PARAMETERS = {
    "session": ("A session's id", "0123456789abcdef", {"type": "string", "minLength": 1}),
    "office": (
        "An office's id, as in GET /v1/offices",
        "sd-lhr-civil-lines",
        {"type": "string", "minLength": 2, "maxLength": 60, "pattern": "^[a-z0-9-]+$"},
    ),
    "subject": (
        "An officer's subject at the sign-in service",
        "officer-1",
        {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9:_.-]+$"},
    ),
    "reference": ("A case reference", "KH-JNS9-AK3U-W", {"type": "string", "minLength": 1}),
    "holiday": (
        "A holiday's id, a year's own",
        "eid-ul-fitr-2026",
        {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{1,59}$"},
    ),
    "evidence": ("A file's id", "e-0123456789abcdef", {"type": "string", "pattern": "^e-[0-9a-f]{16}$"}),
    "service": (
        "A service's code and the form of the answer: .json or .xml",
        "traffic_signal_fault.json",
        {"type": "string", "pattern": "^[a-z0-9_]{3,40}\\.(json|xml)$"},
    ),
    **{
        name: (
            "A request's id and the form of the answer: .json or .xml",
            "KH-JNS9-AK3U-W.json",
            {"type": "string", "pattern": "^[A-Za-z0-9-]{1,40}\\.(json|xml)$"},
        )
        for name in ("service_request", "token")
    },
    "model": ("A model's name", "m-0123456789ab", {"type": "string", "pattern": "^m-[0-9a-f]{12}$"}),
    "feedback_id": (
        "A text's id",
        "0123456789abcdef0123456789",
        {"type": "string", "pattern": "^[0-9a-f]{26}$"},
    ),
    "source": (
        "A store and an app, as in GET /v1/feedback/sources",
        "play:pk.khidmat.app",
        {"type": "string", "minLength": 1, "maxLength": 220},
    ),
    "release_id": (
        "A release's id",
        "r-0123456789abcdef",
        {"type": "string", "pattern": "^r-[0-9a-f]{16}$"},
    ),
    "topic_id": ("A topic's id", "t-0123456789abcdef", {"type": "string", "pattern": "^t-[0-9a-f]{16}$"}),
}
HEADERS = {
    "Idempotency-Key": (
        "Chosen by the client; a repeat under the same key answers as the first did",
        {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[\\x20-\\x7e]+$"},
    ),
    "If-Match": ("The ETag that was read", {"type": "string", "pattern": '^"[0-9]{1,12}"$'}),
    "X-Purpose": (
        "Why an officer opens a restricted case; it goes on record",
        {"type": "string", "enum": list(PURPOSES)},
    ),
    "Accept-Language": ("ur or en: the language of messages", {"type": "string"}),
}


@door.declare("GET", "/openapi.json", Permission.PUBLIC, "This document")
def openapi_json(_: Request) -> Answer:
    import json  # noqa: PLC0415 - rarely asked for

    return Answer(json.dumps(document(ROUTES)), headers={"Content-Type": "application/json"})


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API's routes; pages and static files are no part of the contract."""
    listed = [route for route in routes if route.kind == "json"]
    named = [(r.answers, r.query, r.manner.refusal if r.manner else None) for r in listed]
    models = {model for each in named for model in each if model is not None} | {Problem}
    _, defined = models_json_schema([(m, "serialization") for m in _ordered(models)], ref_template=REFERENCES)
    schemas = dict(defined.get("$defs", {}))
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Khidmat",
            "version": "1.0.0",
            "summary": "Citizen services of a police force, and the loop that upgrades its app",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _ordered(models: Iterable[type[Any]]) -> list[type[Any]]:
    return sorted(models, key=lambda model: model.__name__)


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "description": " ".join((route.handler.__doc__ or route.summary).split()),
        "tags": [route.tag],
        "x-permission": str(route.permission),
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.permission is not Permission.PUBLIC:
        operation["security"] = [{"bearer": []}]
    if route.takes is not None:
        schema = TypeAdapter(route.takes).json_schema(mode="validation", ref_template=REFERENCES)
        schemas.update(schema.pop("$defs", {}))
        operation["requestBody"] = {
            "required": True,
            "content": {FORM if route.is_form else JSON: {"schema": schema}},
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in re.findall(r"{(\w+)}", route.path):
        description, example, schema = PARAMETERS[name]
        found.append(
            {
                "name": name,
                "in": "path",
                "required": True,
                "description": description,
                "schema": schema,
                "example": example,
            }
        )
    if route.query is not None:
        fields = route.query.model_json_schema()["properties"]
        found += [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()]
    asked = {
        "X-Purpose": "{reference}" in route.path,
        "Idempotency-Key": route.idempotent,
        "If-Match": route.versioned and route.method != "GET",
    }
    for name in [*(n for n, wanted in asked.items() if wanted), "Accept-Language"]:
        description, schema = HEADERS[name]
        found.append({"name": name, "in": "header", "description": description, "schema": schema})
    return found


def _responses(route: Route) -> dict[str, Any]:
    said: dict[str, Any] = {"description": route.summary}
    if route.answers is not None:
        reference = {"$ref": REFERENCES.format(model=route.answers.__name__)}
        said["content"] = _contents(route.manner.media_types if route.manner else (JSON,), reference)
    if route.media_type != JSON:
        said["content"] = {route.media_type: {"schema": {"type": "string"}}}
        said["headers"] = {"Link": {"schema": {"type": "string"}, "description": 'The next page, rel="next"'}}
    if route.status == 201:
        said["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Where it can be read"}}
    refusal = route.manner.refusal if route.manner else Problem
    shape = {"$ref": REFERENCES.format(model=refusal.__name__)}
    content = _contents(route.manner.media_types if route.manner else (MEDIA_TYPE,), shape)
    titles = {row["status"]: row["en"][0] for row in catalogue()["problems"].values()}
    responses = {str(route.status): said}
    for status in sorted({*route.problems, 500}):
        responses[str(status)] = {"description": titles[status], "content": content}
    return responses


def _contents(media_types: Iterable[str], shape: dict[str, Any]) -> dict[str, Any]:
    """Of JSON the shape; of XML, which schemas say nothing about, the media type alone."""
    return {each: {"schema": shape} if each.endswith("json") else {} for each in media_types}
