"""Requests as the gateway makes them, sent to the very handler Lambda calls; no socket."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from functions.domain.access import Caller, Role
from tests import keys, people


class Context:
    aws_request_id = "test-request"
    function_name = "khidmat-test-api"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 29_000


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


def match(routes: dict[str, Any], path: str) -> tuple[str, dict[str, str]]:
    """Resource and path parameters, literal segments before parameters, as the gateway chooses."""
    steps = path.strip("/").split("/")
    for resource in sorted(routes, key=lambda r: r.count("{")):
        names = resource.strip("/").split("/")
        pairs = list(zip(names, steps, strict=False))
        if len(names) == len(steps) and all(n.startswith("{") or n == s for n, s in pairs):
            return resource, {n.strip("{}"): s for n, s in pairs if n.startswith("{")}
    return path, {}


def event(
    method: str, url: str, *, headers: dict[str, str] | None = None, body: Any = None
) -> dict[str, Any]:
    from app import app

    parts = urlsplit(url)
    resource, parameters = match(app.routes, parts.path)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    given = {"Accept": "*/*", **(headers or {})}
    if body is not None and not isinstance(body, str | bytes):
        body = json.dumps(body)
        given.setdefault("Content-Type", "application/json")
    multi: dict[str, list[str]] = {}
    for name, value in pairs:
        multi.setdefault(name, []).append(value)
    return {
        "resource": resource,
        "path": parts.path,
        "httpMethod": method,
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": dict(pairs) or None,
        "multiValueQueryStringParameters": multi or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": f"/api{parts.path}",
            "stage": "api",
            "requestId": "request-1",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def token_of(
    role: str, subject: str, office: str | None = None, clearances: frozenset[str] = frozenset()
) -> str:
    """A token for a caller whose row says what is given here."""
    if role == "citizen":
        return people.citizen_token(subject)
    people.enrol(Caller(subject, Role(role), office, clearances))
    return keys.token(subject)


def send(
    method: str,
    url: str,
    *,
    role: str | None = "citizen",
    subject: str = "citizen-1",
    office: str | None = None,
    clearances: frozenset[str] = frozenset(),
    headers: dict[str, str] | None = None,
    body: Any = None,
) -> Reply:
    """One request through the app, signed in as `role` unless that is None; the caller's row is made."""
    from app import app

    given = dict(headers or {})
    if role is not None and "Authorization" not in given:
        given["Authorization"] = f"Bearer {token_of(role, subject, office, clearances)}"
    answer = app(event(method, url, headers=given, body=body), Context())
    raw = answer.get("body") or ""
    many = answer.get("multiValueHeaders") or {}
    return Reply(
        status=answer["statusCode"],
        headers={
            **{name.lower(): values[-1] for name, values in many.items()},
            **{name.lower(): value for name, value in answer["headers"].items()},
        },
        cookies=[v for name, values in many.items() if name.lower() == "set-cookie" for v in values]
        + [v for name, v in answer["headers"].items() if name.lower() == "set-cookie"],
        body=base64.b64decode(raw) if answer.get("isBase64Encoded") else raw.encode(),
    )
