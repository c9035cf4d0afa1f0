"""Who may sign in to a local run, the key that vouches for them, and the tokens made with it.

Demonstration only: the people are invented, and the key is made on this machine and never leaves it.
A token has the form of a Cognito access token, so the product checks it as it would a real one.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.local.home import Home, write_privately

if TYPE_CHECKING:
    from datetime import datetime, timedelta

PEOPLE = Path(__file__).with_name("people.json")
CLIENT_ID = "khidmat-pages"
ISSUER_PATH = "/local-issuer"
ALGORITHM = "ES256"
DEFAULT_BASE_URL = "http://localhost:8000"


class UnknownPersonError(Exception):
    """No demonstration person has this role or name; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Person:
    sub: str
    role: str
    name: str
    office: str = ""
    service_number: str = ""
    clearances: tuple[str, ...] = ()


def people() -> list[Person]:
    return [Person(**row) for row in json.loads(PEOPLE.read_text(encoding="utf-8"))]


def person_of(role: str, sub: str = "") -> Person:
    """Return the first person of `role`, or the one named `sub`. UnknownPersonError lists the choices."""
    everyone = people()
    of_role = [person for person in everyone if person.role == role]
    if not of_role:
        roles = ", ".join(dict.fromkeys(["citizen", *(person.role for person in everyone)]))
        raise UnknownPersonError(f"There is no role {role!r}. Roles: {roles}.")
    for person in of_role:
        if sub in {"", person.sub}:
            return person
    raise UnknownPersonError(f"No {role} is named {sub!r}. Named: {', '.join(each.sub for each in of_role)}.")


def public_keys(place: Home) -> str:
    """Return the JSON Web Key Set that verifies tokens made here; the key pair is made when there is none."""
    published = place.keys / "jwks.json"
    if not published.exists():
        _make_key(place)
    return published.read_text(encoding="utf-8")


def cursor_key(place: Home) -> str:
    """Return the secret that signs page cursors of this data folder."""
    kept = place.keys / "cursor.key"
    if not kept.exists():
        write_privately(kept, secrets.token_hex(32))
    return kept.read_text(encoding="utf-8")


def access_token(place: Home, person: Person, base_url: str, now: datetime, lasting: timedelta) -> str:
    """Return a signed access token for `person`, issued at `now` by the issuer at `base_url`."""
    from joserfc import jwt  # noqa: PLC0415 - a run that mints nothing need not load cryptography

    key = _key(place)
    claims: dict[str, Any] = {
        "iss": base_url + ISSUER_PATH,
        "sub": person.sub,
        "client_id": CLIENT_ID,
        "token_use": "access",
        "scope": "openid",
        "iat": int(now.timestamp()),
        "exp": int((now + lasting).timestamp()),
        "jti": secrets.token_hex(16),
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def _key(place: Home) -> Any:
    from joserfc.jwk import ECKey  # noqa: PLC0415 - as above

    public_keys(place)
    return ECKey.import_key(json.loads((place.keys / "issuer.json").read_text(encoding="utf-8")))


def _make_key(place: Home) -> None:
    from joserfc.jwk import ECKey  # noqa: PLC0415 - as above

    key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    write_privately(place.keys / "issuer.json", json.dumps(key.as_dict(private=True)))
    write_privately(place.keys / "jwks.json", json.dumps({"keys": [key.as_dict(private=False)]}))
