"""An issuer for tests: a key made for this run, and tokens of the form Cognito gives."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

KEY = ECKey.generate_key("P-256", parameters={"kid": "test-key", "use": "sig", "alg": "ES256"}, private=True)
PUBLIC_JWKS = json.dumps({"keys": [KEY.as_dict(private=False)]})
ISSUER = "http://localhost:8000/local-issuer"


def claims(role: str = "citizen", subject: str = "citizen-1", office: str | None = None, **more: Any) -> dict:
    now = int(datetime.now(UTC).timestamp())
    made = {
        "iss": ISSUER,
        "sub": subject,
        "client_id": "khidmat-pages",
        "token_use": "access",
        "iat": now,
        "exp": now + 3600,
        "cognito:groups": [role],
        **({"custom:office": office} if office else {}),
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(role: str = "citizen", subject: str = "citizen-1", office: str | None = None, **more: Any) -> str:
    return signed(claims(role, subject, office, **more))


def signed(said: dict[str, Any], key: ECKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "test-key", **header}, said, key, algorithms=["ES256"])
