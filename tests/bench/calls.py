"""Calls of the API's handler with whole gateway events, in this process."""

from __future__ import annotations

import json
from typing import Any

from tests.bundle import clean
from tests.http import Context


def lodging(token: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    return _event("POST", "/v1/complaints", "/v1/complaints", token, body=body, key=key)


def reading(token: str, reference: str) -> dict[str, Any]:
    resource = "/v1/complaints/{reference}"
    return _event("GET", f"/v1/complaints/{reference}", resource, token, parameters={"reference": reference})


def listing(token: str) -> dict[str, Any]:
    return _event("GET", "/v1/complaints", "/v1/complaints", token)


def stepping(token: str, reference: str, body: dict[str, Any]) -> dict[str, Any]:
    resource = "/v1/complaints/{reference}/steps"
    path = f"/v1/complaints/{reference}/steps"
    return _event("POST", path, resource, token, parameters={"reference": reference}, body=body)


def answered(event: dict[str, Any], status: int) -> dict[str, Any]:
    """The JSON the handler answers; an error when it is not `status`, for then nothing was measured."""
    from app import app

    answer = app(event, Context())
    if answer["statusCode"] != status:
        raise RuntimeError(f"{event['httpMethod']} {event['path']}: {answer['statusCode']} {answer['body']}")
    return dict(json.loads(answer["body"]))


def _event(method: str, path: str, resource: str, token: str, key: str = "", **more: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", **({"Idempotency-Key": key} if key else {})}
    return dict(clean.request(method, path, resource, headers=headers, **more)["event"])
