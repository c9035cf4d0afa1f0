"""Reading a request body: its size, its kind, its depth, before a single field is looked at."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from functions.domain.errors import BodyTooLarge, FieldFault, InvalidRequest, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BODY_LIMIT = 64 * 1024
DEPTH_LIMIT = 20
QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(rb"[\[\]{}]")


def raw_body(event: Mapping[str, Any], limit: int) -> bytes:
    body = event.get("body") or ""
    if len(body) > limit * 2:
        raise BodyTooLarge(limit=str(limit))
    try:
        raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidRequest(FieldFault("/", "string_unicode")) from None
    if len(raw) > limit:
        raise BodyTooLarge(limit=str(limit))
    return raw


def check_media_type(headers: Mapping[str, str], expected: str) -> None:
    """The body must say what it is; a charset other than UTF-8 would be read wrongly."""
    kind, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != expected or charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType(expected=expected)


def parse_json(raw: bytes) -> dict[str, Any]:
    """A JSON object, strictly: no NaN, no name twice, no depth that could exhaust the stack."""
    _check_depth(raw)
    try:
        parsed = json.loads(raw, parse_constant=_refuse_constant, object_pairs_hook=_without_twins)
    except UnicodeDecodeError:
        raise InvalidRequest(FieldFault("/", "string_unicode")) from None
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        where = (
            f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise InvalidRequest(FieldFault("/", "not_json", {"where": where})) from None
    if not isinstance(parsed, dict):
        raise InvalidRequest(FieldFault("/", "not_an_object"))
    return parsed


def _check_depth(raw: bytes) -> None:
    depth = 0
    for bracket in BRACKET.findall(QUOTED.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEPTH_LIMIT:
            raise InvalidRequest(FieldFault("/", "too_deep", {"limit": str(DEPTH_LIMIT)}))


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidRequest(FieldFault("/", "not_json", {"where": name}))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twin = (
        next((name for name in names if names.count(name) > 1), None)
        if len(set(names)) < len(names)
        else None
    )
    if twin is not None:
        raise InvalidRequest(FieldFault(f"/{twin}", "repeated"))
    return dict(pairs)
