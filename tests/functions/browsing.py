"""Pages asked for as a browser does: the session in a cookie, forms with the page's own origin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests import http, keys
from tests.conftest import BASE_URL
from tests.http import Reply


def get(url: str, *, role: str | None = "product_owner", part: bool = False, **headers: str) -> Reply:
    """One page, read as `role`; `part` asks as the open page does."""
    given = _headers(role, headers, part=part)
    return http.send("GET", url, role=None, headers=given)


def post(
    url: str,
    fields: dict[str, Any],
    *,
    role: str | None = "product_owner",
    part: bool = False,
    origin: str | None = BASE_URL,
    **headers: str,
) -> Reply:
    given = _headers(role, headers, part=part) | {"Content-Type": "application/x-www-form-urlencoded"}
    if origin:
        given["Origin"] = origin
    return http.send("POST", url, role=None, headers=given, body=urlencode(fields))


def _headers(role: str | None, more: dict[str, str], *, part: bool) -> dict[str, str]:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if role:
        session = f"khidmat_session={keys.token(role, f'{role}-1')}"
        headers["Cookie"] = "; ".join(filter(None, [session, headers.get("Cookie", "")]))
    return headers | ({"HX-Request": "true"} if part else {})
