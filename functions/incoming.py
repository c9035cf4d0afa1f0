"""Reading a request: language, caller, body, parameters and headers, each checked before it is used."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from pydantic import TypeAdapter, ValidationError

from functions import bodies, callers, form_tokens
from functions.domain.access import PURPOSES, Caller, Permission, allow
from functions.domain.errors import (
    CrossSiteRequest,
    FieldFault,
    InvalidRequest,
    NotAuthenticated,
    NotEnrolled,
    NotPermitted,
    Suspended,
)
from functions.errors import faults_of
from functions.messages import tongue_of
from functions.settings import settings
from schemas.common import Tongue

if TYPE_CHECKING:
    from functions.door import Route

IDEMPOTENCY_KEY_LIMIT = 128
MOST_FIELDS = 100


def tongue(route: Route, event: Mapping[str, Any], headers: Mapping[str, str]) -> Tongue:
    """On pages the reader's own choice (?lang, then the cookie) goes before what the browser asks for."""
    asked = headers.get("accept-language", "")
    if route.kind == "page":
        query = event.get("queryStringParameters") or {}
        chosen = query.get("lang") or cookies_of(headers).get("khidmat_lang")
        if chosen in ("en", "ur"):
            asked = chosen
    return tongue_of(asked)


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies of a request, by name. Ours are never quoted, so nothing needs to be unquoted.

    The standard library's reader takes seconds over a hostile header, and anybody may send one.
    """
    pairs = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs if name}


def caller(route: Route, headers: Mapping[str, str], cookies: Mapping[str, str]) -> Caller | None:
    """Pages go by the cookie, the API by the bearer token; neither takes the other's."""
    if route.kind == "page":
        if route.method != "GET":
            _check_same_site(headers)
        token = cookies.get(callers.COOKIE, "")
        if route.permission is Permission.PUBLIC:
            return caller_if_valid(token)
        caller = callers.caller_of_token(token)
    elif route.permission is Permission.PUBLIC:
        return None
    else:
        token = callers.bearer(headers.get("authorization", ""))
        caller = callers.caller_of_token(token, purpose=_purpose(headers), by_row=not route.by_token_alone)
    if not allow(caller, route.permission):
        raise NotPermitted(role=caller.role, action=route.permission)
    return caller


def caller_if_valid(token: str) -> Caller | None:
    try:
        return callers.caller_of_token(token)
    except (NotAuthenticated, NotEnrolled, Suspended):
        return None


def _purpose(headers: Mapping[str, str]) -> str:
    """Why a restricted case is opened, as the officer says; it goes on record with the reading."""
    purpose = headers.get("x-purpose", "")
    if purpose and purpose not in PURPOSES:
        raise InvalidRequest(FieldFault("X-Purpose", "bad_purpose", {"known": ", ".join(PURPOSES)}))
    return purpose


def _check_same_site(headers: Mapping[str, str]) -> None:
    """A browser names the page a form was sent from; whoever names none is no browser of ours."""
    if headers.get("origin") != settings().base_url:
        raise CrossSiteRequest


def body(route: Route, event: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    if route.kind == "page":
        return _form(route, event, headers)
    if route.takes is None:
        return None
    raw = bodies.raw_body(event, route.body_limit)
    if route.takes is bytes:
        return raw  # signed as it is: whoever takes it reads it only once the signature is right
    if route.is_form:
        bodies.check_media_type(headers, bodies.FORM)
        return _read_fields(route, _fields(raw))
    bodies.check_media_type(headers, bodies.JSON)
    bodies.parse_json(raw)
    try:
        # Strict: "5" is not 5. From JSON text, so that instants and days are still read.
        return _adapter(route.takes).validate_json(raw, strict=True)
    except ValidationError as error:
        # A union's errors begin with the name of the member that was chosen, which is no place in the body.
        raise InvalidRequest(*faults_of(error, in_union=not isinstance(route.takes, type))) from None


@functools.cache
def _adapter(takes: Any) -> TypeAdapter[Any]:
    return TypeAdapter(takes)


def _form(route: Route, event: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
    """A page's form, once it has shown that it was made for the session it came with."""
    session = cookies_of(headers).get(callers.COOKIE, "")
    # Where nobody is signed in a form can do nothing in anybody's name: its origin is enough.
    if route.method == "GET" or (route.takes is None and not session):
        return None
    raw = bodies.raw_body(event, route.body_limit)
    bodies.check_media_type(headers, bodies.FORM)
    fields = _fields(raw, together=True)
    form_tokens.check(fields.pop(form_tokens.FIELD, ""), session)
    return None if route.takes is None else _read_fields(route, fields)


def _read_fields(route: Route, fields: dict[str, str]) -> Any:
    try:
        return _adapter(route.takes).validate_python(fields)
    except ValidationError as error:
        raise InvalidRequest(*faults_of(error)) from None


def _fields(raw: bytes, *, together: bool = False) -> dict[str, str]:
    """By name, the last value of each; `together` has all, with commas between: boxes that were ticked."""
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidRequest(FieldFault("/", "string_unicode")) from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if together and name in found else value
    return found


def query(route: Route, event: Mapping[str, Any]) -> Any:
    given = event.get("multiValueQueryStringParameters") or {}
    if route.query is None:
        return None
    repeated = [FieldFault(f"?{name}", "repeated") for name, values in given.items() if len(values) > 1]
    if repeated:
        raise InvalidRequest(*repeated)
    values = {
        name: value[0] for name, value in given.items() if not (route.kind == "page" and name == "lang")
    }
    try:
        return route.query.model_validate(values)
    except ValidationError as error:
        raise InvalidRequest(*faults_of(error, prefix="?")) from None


def idempotency_key(headers: Mapping[str, str]) -> str:
    """The caller's key; without one every request is a new one."""
    key = headers.get("idempotency-key")
    if key is None:
        return secrets.token_hex(16)
    if not key or len(key) > IDEMPOTENCY_KEY_LIMIT or not key.isascii() or not key.isprintable():
        raise InvalidRequest(FieldFault("Idempotency-Key", "bad_idempotency_key"))
    return key


def if_version(headers: Mapping[str, str]) -> int | None:
    tag = headers.get("if-match")
    if tag is None or tag == "*":
        return None
    # A proxy that compresses marks the tag as weak; it names the same version.
    number = tag.strip().removeprefix("W/").removeprefix('"').removesuffix('"')
    if not number.isascii() or not number.isdigit() or len(number) > 12:
        raise InvalidRequest(FieldFault("If-Match", "bad_if_match"))
    return int(number)
