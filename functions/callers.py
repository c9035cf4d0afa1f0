"""Token -> Caller: the only authorizer.

Tokens are ES256 and carry what Cognito's access tokens do: `client_id` and `token_use`, no audience.
Keys come from the configured issuer alone; a key or address named inside a token is never looked at.
"""

from __future__ import annotations

import json
import time
from functools import cache, lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from functions.domain.access import Caller, Role
from functions.domain.errors import NotAuthenticated
from functions.settings import settings

ALGORITHMS = ["ES256"]
CLOCK_SKEW_SECONDS = 30
LONGEST_TOKEN = 4_096
COOKIE = "khidmat_session"
ROLE_CLAIM = "cognito:groups"
OFFICE_CLAIM = "custom:office"


@cache
def issuer_keys() -> KeySet:
    return KeySet.import_key_set(json.loads(settings().jwks))


def caller_of_token(token: str, now: float | None = None) -> Caller:
    """Who the token speaks for. NotAuthenticated says no more than the caller may know."""
    if not token or len(token) > LONGEST_TOKEN:
        raise NotAuthenticated
    return _caller(_signed_claims(token), time.time() if now is None else now)


@lru_cache(maxsize=512)
def _signed_claims(token: str) -> dict[str, Any]:
    """The claims of a token our issuer signed. What is signed stays signed, so it is verified once.

    Whether the token still holds is asked anew every time, by the caller of this.
    """
    try:
        decoded = jwt.decode(token, issuer_keys(), algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise NotAuthenticated(why="It cannot be read or was not signed by our issuer.") from None
    if "crit" in decoded.header or decoded.header.get("alg") not in ALGORITHMS:
        raise NotAuthenticated
    return dict(decoded.claims)


def forget_keys() -> None:
    """Reads the issuer's keys anew, and trusts nothing that was verified with the old ones."""
    issuer_keys.cache_clear()
    _signed_claims.cache_clear()


def _caller(claims: dict[str, Any], now: float) -> Caller:
    known = settings()
    if claims.get("iss") != known.issuer or claims.get("client_id") != known.client_id:
        raise NotAuthenticated
    if claims.get("token_use") != "access":
        raise NotAuthenticated
    _check_times(claims, now)
    subject, groups = claims.get("sub"), claims.get(ROLE_CLAIM)
    if not isinstance(subject, str) or not subject or not isinstance(groups, list) or len(groups) != 1:
        raise NotAuthenticated
    office = claims.get(OFFICE_CLAIM)
    try:
        role = Role(groups[0])
    except ValueError:
        raise NotAuthenticated from None
    return Caller(subject, role, office if isinstance(office, str) and role is not Role.CITIZEN else None)


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, begins = claims.get("exp"), claims.get("nbf", claims.get("iat"))
    numbers = all(isinstance(t, int | float) and not isinstance(t, bool) for t in (expires, begins))
    if not numbers:
        raise NotAuthenticated
    if now > expires + CLOCK_SKEW_SECONDS:  # type: ignore[operator]  # both were checked to be numbers
        raise NotAuthenticated(why="The token has expired.")
    if now < begins - CLOCK_SKEW_SECONDS:  # type: ignore[operator]  # as above
        raise NotAuthenticated


def bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated
    return token.strip()
