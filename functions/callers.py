"""Token -> Caller: the only authorizer.

Two issuers are trusted and no other: the force's own for officers, and this service for citizens. Each has
its own keys and its own client; a key or an address named inside a token is never looked at. What an
officer is and may do, and whether a citizen is still signed in, is in their row, not in the token.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from functions.domain import accounts
from functions.domain import officers as officer_rules
from functions.domain.access import Caller, Role
from functions.domain.errors import NotAuthenticated, NotEnrolled, Suspended
from functions.settings import SettingsError, settings
from functions.storage import officers
from functions.storage.keyring import keyring
from functions.storage.officers import Officer

ALGORITHMS = frozenset({"ES256", "RS256"})
"""RS256 is what Cognito signs with. A key says which of the two it is for, and serves for no other."""
CLOCK_SKEW_SECONDS = 30
LONGEST_TOKEN = 4_096
COOKIE = "khidmat_session"
SUBJECT = re.compile(r"[A-Za-z0-9:_.-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Trusted:
    """An issuer: its address, its client, and its public keys."""

    issuer: str
    client_id: str
    keys: KeySet
    algorithms: tuple[str, ...]


@cache
def officers_issuer() -> Trusted:
    known = settings()
    published = json.loads(known.jwks)["keys"]
    # A key that does not say what it is for could be taken for something else; Cognito's all say it.
    fit = [key for key in published if key.get("alg") in ALGORITHMS]
    if not fit:
        raise SettingsError("KHIDMAT_JWKS has no key that names its algorithm, ES256 or RS256")
    return _trusted(known.issuer, known.client_id, fit)


@cache
def citizens_issuer() -> Trusted:
    key = ECKey.import_key(keyring().signing)
    return _trusted(accounts.issuer(), accounts.CLIENT_ID, [key.as_dict(private=False)])


def _trusted(issuer: str, client_id: str, keys: list[dict[str, Any]]) -> Trusted:
    algorithms = tuple(sorted({key["alg"] for key in keys}))
    return Trusted(issuer, client_id, KeySet.import_key_set({"keys": keys}), algorithms)


def caller_of_token(
    token: str, *, purpose: str = "", by_row: bool = True, now: float | None = None
) -> Caller:
    """Who the token speaks for. NotAuthenticated says no more than the caller may know.

    `by_row` False spares the look-up of a citizen's row: the token alone is believed, for its ten minutes.
    """
    claims = claims_of_token(token, now)
    if claims["iss"] == accounts.issuer():
        return _citizen(claims, time.time() if now is None else now, by_row=by_row)
    return _officer(claims["sub"], purpose)


def claims_of_token(token: str, now: float | None = None) -> dict[str, Any]:
    """The claims of a token that one of our two issuers signed for its client and that holds now."""
    if not token or len(token) > LONGEST_TOKEN:
        raise NotAuthenticated
    claims = _signed_claims(token)
    _check_times(claims, time.time() if now is None else now)
    return claims


@lru_cache(maxsize=512)
def _signed_claims(token: str) -> dict[str, Any]:
    """Signed stays signed, so it is verified once. Whether the token still holds is asked anew every time."""
    trusted = _issuer_named(token)
    try:
        decoded = jwt.decode(token, trusted.keys, algorithms=list(trusted.algorithms))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise NotAuthenticated(why="It cannot be read or was not signed by our issuer.") from None
    claims = dict(decoded.claims)
    if "crit" in decoded.header or decoded.header.get("alg") not in trusted.algorithms:
        raise NotAuthenticated
    if claims.get("iss") != trusted.issuer or claims.get("client_id") != trusted.client_id:
        raise NotAuthenticated
    if claims.get("token_use") != "access":
        raise NotAuthenticated
    if not isinstance(claims.get("sub"), str) or not SUBJECT.fullmatch(claims["sub"]):
        raise NotAuthenticated
    return claims


def _issuer_named(token: str) -> Trusted:
    """The issuer that the token says it is from, unverified: it only chooses whose keys must verify it."""
    try:
        payload = token.split(".")[1]
        named = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_"))["iss"]
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error, RecursionError):
        raise NotAuthenticated from None
    if named == accounts.issuer():
        return citizens_issuer()
    return officers_issuer()


def forget_keys() -> None:
    """Reads the issuers' keys anew, and trusts nothing that was verified with the old ones."""
    officers_issuer.cache_clear()
    citizens_issuer.cache_clear()
    _signed_claims.cache_clear()


def _citizen(claims: dict[str, Any], now: float, *, by_row: bool) -> Caller:
    session, public = claims.get("sid"), claims.get("pub")
    if not isinstance(session, str) or not isinstance(public, str):
        raise NotAuthenticated
    if not by_row:
        key = base64.b64decode(public + "=", altchars=b"-_")
        return Caller(claims["sub"], Role.CITIZEN, session=session, public_key=key)
    keys = accounts.keys_of_session(claims["sub"], session, now)
    if keys is None:
        raise NotAuthenticated(why="This device was signed out.")
    return Caller(
        claims["sub"], Role.CITIZEN, session=session, public_key=keys.public, private_key=keys.private
    )


def _officer(subject: str, purpose: str) -> Caller:
    row = officers.get(subject)
    if row is None or row.suspended:
        row = officers.get(subject, consistent=True)  # just entered, or just restored
    if row is None:
        raise NotEnrolled
    if row.suspended:
        raise Suspended
    return caller_of_row(row, purpose)


def caller_of_row(row: Officer, purpose: str = "") -> Caller:
    return Caller(
        row.subject,
        Role(row.role),
        row.office or None,
        row.clearances,
        service_number=row.service_number,
        former_posts=officer_rules.former_posts(row),
        purpose=purpose,
    )


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
