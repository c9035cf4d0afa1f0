"""A small OpenID Connect issuer for a local run: anyone may sign in as one of the demonstration people.

Authorization code with PKCE (RFC 6749, RFC 7636), as the deployed user pool does it;
the pages cannot tell the difference.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from infra.local import tokens
from infra.local.home import Home, write_privately

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

CODE_SECONDS = 60
TOKEN_HOURS = 1
MOST_FORM_BYTES = 16_384
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
CALLBACK = "/sign-in/callback"
STYLE = """
:root{color-scheme:light dark}
body{margin:0;background:#f4f6f8;color:#0b1f33;font:16px/1.5 system-ui,sans-serif}
main{max-width:40rem;margin:32px auto;padding:0 16px}
h1{font-size:24px}h2{font-size:16px;margin:24px 0 8px}
button{display:block;width:100%;min-height:44px;margin:8px 0;padding:8px 16px;text-align:start;font:inherit;
color:inherit;background:#fff;border:1px solid #7a8794;border-radius:4px;cursor:pointer}
button:hover{border-color:#123a6b}button:focus-visible{outline:3px solid #ffbf00;outline-offset:1px}
small{color:#44515e;display:block}
@media(prefers-color-scheme:dark){body{background:#0b1520;color:#e8edf2}button{background:#142231}small{color:#b4c0cc}}
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
ROLE_TITLES = {"sdpo": "Sub-divisional officer", "dpo": "District officer"}
PRIVATE = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
]


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    kind: str
    body: str
    headers: list[tuple[str, str]] = field(default_factory=list)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Issuer:
    """A WSGI application. Codes are files: any process of the run can redeem one, and only one does."""

    place: Home
    base_url: str
    now: Callable[[], datetime] = _utc_now

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.answer(environ)
        body = answer.body.encode()
        headers = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(body))),
            *PRIVATE,
            *answer.headers,
        ]
        start_response(answer.status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def answer(self, environ: WSGIEnvironment) -> Answer:
        path = environ["PATH_INFO"].removeprefix(tokens.ISSUER_PATH)
        method = environ["REQUEST_METHOD"]
        if method in {"GET", "HEAD"}:
            if path == "/.well-known/openid-configuration":
                return _json("200 OK", self.configuration())
            if path == "/.well-known/jwks.json":
                return Answer("200 OK", "application/json", tokens.public_keys(self.place))
            if path == "/authorize":
                return self.ask(dict(parse_qsl(environ.get("QUERY_STRING", ""))))
        if method == "POST" and path == "/authorize":
            return self.grant(_form(environ))
        if method == "POST" and path == "/token":
            return self.token(_form(environ))
        return Answer("404 Not Found", "text/plain; charset=utf-8", "There is nothing here.")

    def configuration(self) -> dict[str, Any]:
        issuer = self.base_url + tokens.ISSUER_PATH
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [tokens.ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }

    def ask(self, asked: dict[str, str]) -> Answer:
        """Return the page that lists the people, or send a faulty request back where it came from."""
        if refusal := self._refusal(asked):
            return refusal
        kept = (
            "client_id",
            "redirect_uri",
            "response_type",
            "state",
            "code_challenge",
            "code_challenge_method",
        )
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(asked.get(name, ""))}">' for name in kept
        )
        return _page(
            "200 OK",
            f'<form method="post" action="{tokens.ISSUER_PATH}/authorize">{hidden}{_buttons()}</form>',
            self.base_url,
        )

    def grant(self, asked: dict[str, str]) -> Answer:
        """Make a code for the person whose button was pressed and go back to the pages with it."""
        if refusal := self._refusal(asked):
            return refusal
        chosen = [person for person in tokens.people() if person.sub == asked.get("sub")]
        if not chosen:
            return self._back(asked, error="access_denied")
        code = secrets.token_urlsafe(32)
        kept = {
            "sub": chosen[0].sub,
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked["code_challenge"],
            "until": (self.now() + timedelta(seconds=CODE_SECONDS)).timestamp(),
        }
        write_privately(self.place.codes / _name_of(code), json.dumps(kept))
        return self._back(asked, code=code)

    def token(self, asked: dict[str, str]) -> Answer:
        """Exchange a code for a token, once. Errors are those of RFC 6749, section 5.2."""
        if asked.get("grant_type") != "authorization_code":
            return _json("400 Bad Request", {"error": "unsupported_grant_type"})
        if asked.get("client_id") != tokens.CLIENT_ID:
            return _json("401 Unauthorized", {"error": "invalid_client"})
        granted = self._redeem(asked.get("code", ""))
        if granted is None or not self._fits(granted, asked):
            return _json("400 Bad Request", {"error": "invalid_grant"})
        person = next(person for person in tokens.people() if person.sub == granted["sub"])
        lasting = timedelta(hours=TOKEN_HOURS)
        signed = tokens.access_token(self.place, person, self.base_url, self.now(), lasting)
        seconds = int(lasting.total_seconds())
        return _json("200 OK", {"access_token": signed, "token_type": "Bearer", "expires_in": seconds})

    def _refusal(self, asked: dict[str, str]) -> Answer | None:
        # A stranger's address is never redirected to: that is what the check is for.
        if asked.get("redirect_uri") != self.base_url + CALLBACK:
            return _page(
                "400 Bad Request",
                f"<p>Sign-in only goes back to {html.escape(self.base_url + CALLBACK)}.</p>",
            )
        if asked.get("client_id") != tokens.CLIENT_ID:
            return _page("400 Bad Request", "<p>Only this suite's own pages can sign in here.</p>")
        if asked.get("response_type") != "code":
            return self._back(asked, error="unsupported_response_type")
        if asked.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(
            asked.get("code_challenge", "")
        ):
            return self._back(asked, error="invalid_request")
        return None

    def _back(self, asked: dict[str, str], **told: str) -> Answer:
        query = urlencode({**told, "state": asked.get("state", "")})
        return Answer("303 See Other", "text/plain", "", [("Location", f"{asked['redirect_uri']}?{query}")])

    def _redeem(self, code: str) -> dict[str, Any] | None:
        kept = self.place.codes / _name_of(code)
        taken = kept.with_suffix(f".{secrets.token_hex(8)}")
        try:
            kept.rename(taken)  # only one of two that try at once succeeds
        except FileNotFoundError:
            return None
        granted: dict[str, Any] = json.loads(taken.read_text(encoding="utf-8"))
        taken.unlink()
        return granted

    def _fits(self, granted: dict[str, Any], asked: dict[str, str]) -> bool:
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            self.now().timestamp() < granted["until"]
            and asked.get("redirect_uri") == granted["redirect_uri"]
            and hmac.compare_digest(challenge, granted["challenge"])
        )


def _name_of(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _form(environ: WSGIEnvironment) -> dict[str, str]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MOST_FORM_BYTES or not environ.get("CONTENT_TYPE", "").startswith(
        "application/x-www-form-urlencoded"
    ):
        return {}
    return dict(parse_qsl(environ["wsgi.input"].read(length).decode("utf-8", "replace")))


def _buttons() -> str:
    parts, role = [], ""
    for person in tokens.people():
        if person.role != role:
            role = person.role
            parts.append(f"<h2>{ROLE_TITLES.get(role, role.replace('_', ' ').capitalize())}</h2>")
        office = f"<small>office {html.escape(person.office)}</small>" if person.office else ""
        parts.append(
            f'<button name="sub" value="{html.escape(person.sub)}">{html.escape(person.name)}{office}'
            "</button>"
        )
    return "".join(parts)


def _page(status: str, content: str, going_to: str = "") -> Answer:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sign in - Khidmat</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        "<body><main><h1>Sign in to the demonstration</h1>"
        f"<p>Choose who to be. These people are invented; this page is on this machine only.</p>{content}"
        "</main></body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self' {going_to}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return Answer(status, "text/html; charset=utf-8", text, [("Content-Security-Policy", policy)])


def _json(status: str, content: dict[str, Any]) -> Answer:
    return Answer(status, "application/json", json.dumps(content))
