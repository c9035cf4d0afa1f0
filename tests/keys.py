"""Two issuers for tests: the force's, with a key made for this run; and ours, with the keyring's."""

from __future__ import annotations

import base64
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from functions.storage import keyring, sealing
from infra.keyring import new_content

KEY = ECKey.generate_key("P-256", parameters={"kid": "test-key", "use": "sig", "alg": "ES256"}, private=True)
PUBLIC_JWKS = json.dumps({"keys": [KEY.as_dict(private=False)]})
ISSUER = "http://localhost:8000/local-issuer"
CITIZENS_ISSUER = "http://localhost:8000/citizens"

_folder = tempfile.TemporaryDirectory(prefix="khidmat-test-keys-")
KEY_FILE = Path(_folder.name) / "keyring.key"
KEY_FILE.write_text(base64.b64encode(sealing.new_key()).decode(), encoding="ascii")
RING_CONTENT = new_content(datetime.now(UTC))
KEYRING = keyring.guarded_by_file(RING_CONTENT, KEY_FILE)
SECRETS = {
    "KHIDMAT_JWKS": PUBLIC_JWKS,
    "KHIDMAT_KEYRING": KEYRING,
    "KHIDMAT_KEY_FILE": str(KEY_FILE),
}
"""Settings that go with the tokens made here."""
CITIZENS_KEY = ECKey.import_key(json.loads(RING_CONTENT)["signing"])


def claims(subject: str = "sdpo-1", **more: Any) -> dict[str, Any]:
    """What the force's issuer says of an officer: who it is, and nothing of what they may."""
    return _whole(ISSUER, "khidmat-pages", subject, more)


def citizen_claims(subject: str = "citizen-1", session: str = "session-1", **more: Any) -> dict[str, Any]:
    public = more.pop("public", bytes(32))
    own = {"sid": session, "pub": base64.urlsafe_b64encode(public).rstrip(b"=").decode()}
    return _whole(CITIZENS_ISSUER, "khidmat-citizens", subject, own | more)


def _whole(issuer: str, client: str, subject: str, more: dict[str, Any]) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    made = {
        "iss": issuer,
        "sub": subject,
        "client_id": client,
        "token_use": "access",
        "iat": now,
        "exp": now + 600,
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(subject: str = "sdpo-1", **more: Any) -> str:
    """An officer's token."""
    return signed(claims(subject, **more))


def citizen_token(subject: str = "citizen-1", **more: Any) -> str:
    return signed(citizen_claims(subject, **more), CITIZENS_KEY, kid=CITIZENS_KEY.kid)


def signed(said: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "test-key", **header}, said, key, algorithms=["ES256"])
