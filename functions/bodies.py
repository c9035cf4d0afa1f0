"""Reading a request body: its size, its kind, its depth, before a single field is looked at."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from email.message import Message
from typing import Any, NoReturn

from functions.domain.errors import BodyTooLarge, FieldFault, InvalidRequest, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BODY_LIMIT = 64 * 1024
DEPTH_LIMIT = 20
QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A JSON string, or one that never ends; possessive, so that no body makes the search go back."""
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
    said = Message()
    said["Content-Type"] = headers.get("content-type", "")
    charset = said.get_param("charset", "utf-8")
    is_utf8 = isinstance(charset, str) and charset.lower() in ("utf-8", "utf8")
    if said.get_content_type() != expected or not is_utf8:
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
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            # A name may hold half a character, which no answer could carry.
            raise InvalidRequest(FieldFault("/" + name.encode("ascii", "replace").decode(), "repeated"))
        found[name] = value
    return found
