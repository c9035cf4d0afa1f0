"""Pages asked for as a browser does: the session in a cookie, forms with the page's own origin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from functions import callers, form_tokens
from functions.incoming import cookies_of
from tests import http
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
    csrf: str | None = None,
    **headers: str,
) -> Reply:
    """One form of a page, with the token of its own session unless another is given; "" leaves it out."""
    given = _headers(role, headers, part=part) | {"Content-Type": "application/x-www-form-urlencoded"}
    if origin:
        given["Origin"] = origin
    carried = form_tokens.token(cookies_of({"cookie": given.get("Cookie", "")}).get(callers.COOKIE, ""))
    token = carried if csrf is None else csrf
    body = urlencode({**fields, **({form_tokens.FIELD: token} if token else {})})
    return http.send("POST", url, role=None, headers=given, body=body)


def _headers(role: str | None, more: dict[str, str], *, part: bool) -> dict[str, str]:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if role:
        session = f"khidmat_session={http.token_of(role, f'{role}-1')}"
        headers["Cookie"] = "; ".join(filter(None, [session, headers.get("Cookie", "")]))
    return headers | ({"HX-Request": "true"} if part else {})
