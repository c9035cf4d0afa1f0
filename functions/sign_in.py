"""Signing in and out: OpenID Connect, authorization code with PKCE (RFC 6749, RFC 7636), into a cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import urllib.error
from datetime import datetime
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict

from functions import bodies, callers, outbound
from functions.domain.access import Permission
from functions.domain.errors import NotAuthenticated
from functions.door import EVENT, Answer, Door, Request
from functions.rendering import Refusal, cookie, redirect, refused
from functions.settings import settings

door = Door("functions.sign_in", tag="Pages")
PENDING_COOKIE = "khidmat_sign_in"
PENDING_SECONDS = 600
PENDING_PATH = "/sign-in"
TOKEN_SECONDS = 5.0
LONGEST_SESSION = 12 * 3_600
LONGEST_NEXT = 1_000
FIRST_PAGE = "/board"


class SignInError(Exception):
    """A sign-in that cannot be finished; the person begins again."""


class IssuerUnreachableError(Exception):
    """The issuer's token address did not answer in time, or not as it should."""


class SignInQuery(BaseModel):
    """`again` asks the issuer who it is even when it still knows: for signing in as somebody else."""

    model_config = ConfigDict(extra="ignore")

    next: str = FIRST_PAGE
    again: bool = False


class Returned(BaseModel):
    """What the issuer sends back with the browser; it may add parameters of its own."""

    model_config = ConfigDict(extra="ignore")

    code: str = ""
    state: str = ""
    error: str = ""


@door.declare("GET", "/sign-in", Permission.PUBLIC, "Sign in", kind="page", query=SignInQuery, status=303)
def sign_in(request: Request) -> Answer:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    pending = {"state": state, "verifier": verifier, "next": local_path(request.query.next)}
    query = {
        "client_id": settings().client_id,
        "redirect_uri": _callback_address(),
        "response_type": "code",
        "scope": "openid",
        "state": state,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
        "lang": request.tongue,
        **({"prompt": "login"} if request.query.again else {}),
    }
    kept = cookie(PENDING_COOKIE, sealed(pending, request.now), PENDING_SECONDS, PENDING_PATH)
    return redirect(f"{settings().authorize_url}?{urlencode(query)}", **{"Set-Cookie": [kept]})


@door.declare(
    "GET",
    "/sign-in/callback",
    Permission.PUBLIC,
    "Come back signed in",
    kind="page",
    query=Returned,
    status=303,
)
def come_back(request: Request) -> Answer:
    following = FIRST_PAGE
    try:
        pending = unsealed(request.cookies.get(PENDING_COOKIE, ""), request.now)
        following = local_path(pending["next"])
        token, seconds = _token(request.query, pending)
    except SignInError:
        return _failed(request, "sign_in_failed", following, 400)
    except IssuerUnreachableError:
        return _failed(request, "sign_in_unreachable", following, 503)
    session = cookie(callers.COOKIE, token, seconds)
    used = cookie(PENDING_COOKIE, "", 0, PENDING_PATH)
    return redirect(following, **{"Set-Cookie": [session, used]})


@door.declare("POST", "/sign-out", Permission.PUBLIC, "Sign out", kind="page", status=303)
def sign_out(_: Request) -> Answer:
    return redirect("/", **{"Set-Cookie": [cookie(callers.COOKIE, "", 0)]})


def local_path(address: str) -> str:
    """The address when it is a path of these pages, otherwise the first page: never another site."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and " " not in address
    if not plain or len(address) > LONGEST_NEXT or not address.startswith("/") or address.startswith("//"):
        return FIRST_PAGE
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path.startswith(PENDING_PATH):
        return FIRST_PAGE
    return address


def sealed(pending: dict[str, str], now: datetime) -> str:
    """What a sign-in in progress has to remember, signed, for the person's own browser to keep."""
    payload = json.dumps({**pending, "until": now.timestamp() + PENDING_SECONDS}).encode()
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (payload, _seal(payload)))


def unsealed(value: str, now: datetime) -> dict[str, str]:
    """The content of a cookie of ours that is not too old; SignInError for any other."""
    try:
        payload, seal = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in value.split("."))
    except ValueError:
        raise SignInError("the cookie cannot be read") from None
    if not hmac.compare_digest(seal, _seal(payload)):
        raise SignInError("the cookie is not ours")
    pending: dict[str, Any] = json.loads(payload)
    if now.timestamp() > pending.pop("until"):
        raise SignInError("the sign-in took too long")
    return pending


def _token(returned: Returned, pending: dict[str, str]) -> tuple[str, int]:
    """(access token, seconds it lasts), checked as any caller's token is."""
    if not hmac.compare_digest(returned.state.encode("utf-8", "surrogatepass"), pending["state"].encode()):
        raise SignInError("the answer belongs to another sign-in")
    if returned.error or not returned.code:
        raise SignInError(returned.error or "no code")
    answer = _exchange(returned.code, pending["verifier"])
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int):
        raise IssuerUnreachableError("the answer has no token")
    try:
        callers.claims_of_token(token)
    except NotAuthenticated:
        raise SignInError("the token is not one of ours") from None
    return token, max(0, min(seconds, LONGEST_SESSION))


def _exchange(code: str, verifier: str) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "client_id": settings().client_id,
        "redirect_uri": _callback_address(),
        "code": code,
        "code_verifier": verifier,
    }
    try:
        answer = json.loads(post_form(settings().token_url, urlencode(form).encode()))
    except urllib.error.HTTPError as error:
        with error:
            if error.code < 500:
                raise SignInError(f"the issuer refused the code ({error.code})") from None
        raise IssuerUnreachableError(str(error)) from None
    except (OSError, ValueError) as error:
        raise IssuerUnreachableError(str(error)) from None
    return answer if isinstance(answer, dict) else {}


def post_form(address: str, form: bytes) -> bytes:
    """One POST to the configured issuer and nowhere else. Raises OSError (HTTPError for a refusal)."""
    sent = {"Content-Type": bodies.FORM, "Accept": bodies.JSON}
    answer = outbound.post(address, form, _issuers(), headers=sent, seconds=TOKEN_SECONDS)
    if answer.status >= 400:
        raise urllib.error.HTTPError("", answer.status, "refused", Message(), BytesIO(answer.content))
    return answer.content


def _issuers() -> frozenset[str]:
    return frozenset({urlsplit(settings().token_url).netloc})


def _failed(request: Request, kind: str, following: str, status: int) -> Answer:
    retry = "/sign-in?" + urlencode({"next": following})
    event = {**EVENT.get(), "path": "/", "multiValueQueryStringParameters": None}
    return refused(Refusal(kind, status, retry=retry), request.tongue, request.caller, event)


def _callback_address() -> str:
    return settings().base_url + "/sign-in/callback"


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _seal(payload: bytes) -> bytes:
    # A key of its own, so that no cursor can ever pass for a sign-in.
    key = hmac.new(settings().cursor_key.encode(), b"sign-in", hashlib.sha256).digest()
    return hmac.new(key, payload, hashlib.sha256).digest()
