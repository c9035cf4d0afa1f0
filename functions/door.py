"""A door: one group of routes. It reads the request, asks who calls and whether they may, and answers.

Every route names its permission, what it takes and what it answers; the OpenAPI document, the access tests
and the error answers follow from that one declaration.
"""

from __future__ import annotations

import base64
import functools
import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from chalice.app import Blueprint, Chalice, Response
from pydantic import BaseModel

from functions import bodies, incoming, instant
from functions import headers as answer_headers
from functions.domain.access import Caller, Permission
from functions.domain.errors import (
    KhidmatError,
    NotAuthenticated,
)
from functions.errors import MEDIA_TYPE, problem_response
from functions.messages import problem_words, tongue_of
from functions.storage.tables import StoreFailureError
from schemas.common import Tongue

log = logging.getLogger("khidmat")
Kind = Literal["json", "page", "static"]
EVENT: ContextVar[Mapping[str, Any]] = ContextVar("event")
"""The gateway event being answered. Chalice keeps it on the app, where two threads would share it."""


@dataclass(frozen=True)
class Manner:
    """How the routes of a standard of its own answer: in which media types, and how they refuse.

    `refuse` is given the error, the tongue, the request's id and what the path named.
    """

    media_types: tuple[str, ...]
    refusal: type[BaseModel]
    refuse: Callable[[Exception, Tongue, str, Mapping[str, str]], Response]


@dataclass(frozen=True)
class Route:
    """All that is known of a route; `takes` is a pydantic model or union of models.

    `media_type` is what a route that answers text rather than a model sends.
    """

    method: str
    path: str
    permission: Permission
    summary: str
    tag: str
    handler: Callable[[Request], Answer]
    kind: Kind = "json"
    takes: Any = None
    query: type[BaseModel] | None = None
    answers: type[BaseModel] | None = None
    media_type: str = bodies.JSON
    manner: Manner | None = None
    status: int = 200
    idempotent: bool = False
    by_token_alone: bool = False
    """Spares the look-up of the citizen's row: for the one route that must cost a single round trip."""
    versioned: bool = False
    is_form: bool = False
    """The body comes as an HTML form sends it, also where the route is none of a page."""
    body_limit: int = bodies.BODY_LIMIT
    problems: tuple[int, ...] = ()


@dataclass(frozen=True)
class Request:
    """One request, read and checked."""

    caller: Caller | None
    now: datetime
    tongue: Tongue
    request_id: str
    path: Mapping[str, str]
    body: Any = None
    query: Any = None
    idempotency_key: str = ""
    if_version: int | None = None
    address: str = ""
    """Where the request came from, as the gateway saw it: for limits alone, never kept as it is."""
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def signed_in(self) -> Caller:
        """The caller of a route that is not public."""
        if self.caller is None:
            raise NotAuthenticated
        return self.caller


@dataclass(frozen=True)
class Answer:
    """What a handler gives back: a model, text, bytes or nothing."""

    body: BaseModel | str | bytes | None = None
    status: int | None = None
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)


class Door(Blueprint):
    """A Chalice blueprint whose routes are declared whole."""

    def __init__(self, import_name: str, tag: str) -> None:
        super().__init__(import_name)
        self.tag = tag
        self.declared: list[Route] = []

    def declare(
        self, method: str, path: str, permission: Permission, summary: str, **more: Any
    ) -> Callable[[Callable[[Request], Answer]], Callable[[Request], Answer]]:
        """Registers the handler below it. `more` are the other fields of Route."""

        def register(handler: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
            tag = more.pop("tag", self.tag)
            route = Route(method, path, permission, summary, tag, handler, **more)
            self.declared.append(route)
            view = functools.partial(_serve, route)
            functools.update_wrapper(view, handler)
            # An empty list of content types: the door checks them and answers in the one error shape.
            self.route(path, methods=[method], name=f"{method} {path}", content_types=[])(view)
            return handler

        return register


def _serve(route: Route, **path: str) -> Response:
    event = EVENT.get()
    begun = time.perf_counter()
    headers = lowered(event)
    request_id = event["requestContext"].get("requestId") or secrets.token_hex(8)
    tongue = incoming.tongue(route, event, headers)
    try:
        request = _read(route, event, headers, path, tongue, request_id)
        response = _response(route, route.handler(request))
    except (KhidmatError, StoreFailureError) as error:
        response = _refusal(route, error, tongue, request_id, path)
    except Exception as error:
        log.exception("failed", extra={"request_id": request_id, "route": f"{route.method} {route.path}"})
        response = _refusal(route, error, tongue, request_id, path)
    _add_headers(route, response, headers)
    log.info(
        "answered",
        extra={
            "request_id": request_id,
            "route": f"{route.method} {route.path}",
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - begun) * 1000, 1),
        },
    )
    return Sent(response.body, headers=response.headers, status_code=response.status_code)


def _add_headers(route: Route, response: Response, asked: Mapping[str, str]) -> None:
    for name, value in answer_headers.security(data=route.kind == "json").items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if route.kind == "json":
        response.headers.update(answer_headers.sharing(asked, str(response.headers.get("Vary", ""))))


class Sent(Response):
    """Text goes out as text and bytes as base64, whatever the client says it accepts.

    Browsers ask for fonts with `Accept: */*`, so the gateway has to take every type for binary; Chalice would
    then want all bodies as bytes.
    """

    def to_dict(self, binary_types: list[str] | None = None) -> dict[str, Any]:  # noqa: ARG002 - as said above
        answer: dict[str, Any] = super().to_dict()
        if isinstance(self.body, bytes):
            answer["body"] = base64.b64encode(self.body).decode("ascii")
            answer["isBase64Encoded"] = True
        return answer


def _refusal(
    route: Route, error: Exception, tongue: Tongue, request_id: str, path: Mapping[str, str]
) -> Response:
    if route.manner is not None:
        return route.manner.refuse(error, tongue, request_id, path)
    if route.kind != "page":
        return problem_response(error, tongue, request_id)
    from functions.rendering import refusal_page  # noqa: PLC0415 - jinja2 is loaded for pages alone

    return refusal_page(error, tongue, request_id, EVENT.get())


def _read(
    route: Route,
    event: Mapping[str, Any],
    headers: Mapping[str, str],
    path: Mapping[str, str],
    tongue: Tongue,
    request_id: str,
) -> Request:
    # Who calls is settled before anything of the body is read.
    cookies = incoming.cookies_of(headers) if route.kind == "page" else {}
    caller = incoming.caller(route, headers, cookies)
    return Request(
        caller=caller,
        now=instant.now(),
        tongue=tongue,
        request_id=request_id,
        path=path,
        body=incoming.body(route, event, headers),
        query=incoming.query(route, event),
        idempotency_key=incoming.idempotency_key(headers) if route.idempotent else "",
        if_version=incoming.if_version(headers) if route.versioned else None,
        address=(event["requestContext"].get("identity") or {}).get("sourceIp") or "",
        cookies=cookies,
        headers=headers,
    )


def _response(route: Route, answer: Answer) -> Response:
    headers: dict[str, Any] = dict(answer.headers)
    body: Any = answer.body
    if isinstance(body, BaseModel):
        body = body.model_dump_json()
        headers.setdefault("Content-Type", "application/json")
    if route.kind == "page":
        headers.setdefault("Content-Type", "text/html; charset=utf-8")
    if route.kind == "json" and isinstance(answer.body, str):
        headers.setdefault("Content-Type", f"{route.media_type}; charset=utf-8")
    return Response(
        body="" if body is None else body, status_code=answer.status or route.status, headers=headers
    )


def _allow(methods: Mapping[str, Any], **_: str) -> Response:
    """The answer to a preflight; it needs no token, for browsers send none with it, and holds no data."""
    asked = lowered(EVENT.get())
    given = answer_headers.preflight(asked, methods.keys() - {"OPTIONS"})
    return Sent("", headers={**answer_headers.security(data=True), **given}, status_code=204)


def lowered(event: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers, their names in small letters."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


class KhidmatApp(Chalice):
    """The Chalice app; safe under threads, and with one error shape for what Chalice itself refuses."""

    def register_blueprint(self, blueprint: Blueprint, *args: Any, **more: Any) -> None:
        """Also answers, for every path of the API, what a browser asks before another site's script calls."""
        super().register_blueprint(blueprint, *args, **more)
        for route in blueprint.declared if isinstance(blueprint, Door) else ():
            if route.kind == "json" and "OPTIONS" not in self.routes[route.path]:
                view = functools.partial(_allow, self.routes[route.path])
                functools.update_wrapper(view, _allow)
                options = {"methods": ["OPTIONS"], "name": f"OPTIONS {route.path}", "content_types": []}
                self.route(route.path, **options)(view)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        token = EVENT.set(event)
        try:
            answer: dict[str, Any] = super().__call__(_accepting(event), context)
        finally:
            EVENT.reset(token)
        # Chalice's own refusals name no content type; ours always do.
        if answer["statusCode"] < 400 or "Content-Type" in answer.get("headers", {}):
            return answer
        return _chalice_refusal(answer, event)


def _accepting(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whoever names no Accept takes anything (RFC 9110, 12.5.1); Chalice would refuse to send bytes."""
    headers = event.get("headers") or {}
    if any(name.lower() == "accept" for name in headers):
        return event
    many = event.get("multiValueHeaders") or {}
    return {
        **event,
        "headers": {**headers, "Accept": "*/*"},
        "multiValueHeaders": {**many, "Accept": ["*/*"]},
    }


def _chalice_refusal(answer: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    headers = lowered(event)
    kinds = {404: "not_found", 405: "method_not_allowed"}
    tongue = tongue_of(headers.get("accept-language", ""))
    kind = kinds.get(answer["statusCode"], "internal")
    status, title, detail = problem_words(kind, tongue, {})
    problem = {
        "type": f"/problems/{kind.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    return {
        **answer,
        "statusCode": status,
        "headers": {**answer["headers"], "Content-Type": MEDIA_TYPE, **answer_headers.security(data=True)},
        "body": json.dumps(problem, ensure_ascii=False),
        "isBase64Encoded": False,
    }
