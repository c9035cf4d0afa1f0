"""Tokens that must open nothing: what attackers send, made fresh for each use. Invented people throughout."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests import keys
from tests.keys import citizen_claims, citizen_token, claims, signed, token

STRANGER = ECKey.generate_key("P-256", parameters={"kid": "test-key"}, private=True)
FAR = 4_000_000_000


def _part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unsigned(algorithm: str, said: dict | None = None) -> str:
    return f"{_part({'alg': algorithm, 'kid': 'test-key'})}.{_part(said or claims())}."


def _with_public_key_as_secret(public: str) -> str:
    """The old confusion: the public key, which anybody has, taken for the secret of an HMAC."""
    signed_part = f"{_part({'alg': 'HS256', 'kid': 'test-key'})}.{_part(claims())}"
    mac = hmac.new(public.encode(), signed_part.encode(), hashlib.sha256).digest()
    return f"{signed_part}.{_part(mac)}"


def _pem() -> str:
    return keys.KEY.as_pem(private=False).decode()


def _with_rsa() -> str:
    key = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256", "kid": "test-key"}, claims(), key, algorithms=["RS256"])


def _changed_payload(honest: str, **changes: object) -> str:
    head, payload, signature = honest.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"{head}.{_part({**said, **changes})}.{signature}"


def _of_blank_signature() -> str:
    """A signature of r = s = 0, which careless verifiers of ECDSA took for right (CVE-2022-21449)."""
    head, payload, _ = token().split(".")
    return f"{head}.{payload}.{_part(bytes(64))}"


def _critical() -> str:
    header = {"alg": "ES256", "kid": "test-key", "crit": ["exp"], "exp": FAR}
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    try:
        return jws.serialize_compact(header, json.dumps(claims()).encode(), keys.KEY, registry=registry)
    except Exception:  # a library that refuses to make it: put together by hand, its signature is wrong too
        return f"{_part(header)}.{_part(claims())}.{_part(bytes(64))}"


def _nested() -> str:
    return signed({"jwt": token()})


def _deep() -> str:
    return f"{_part({'alg': 'ES256'})}.{_part(('[' * 1_000 + ']' * 1_000).encode())}.{_part(bytes(64))}"


FORGERIES: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no token at all": lambda: "Bearer",
    "alg none": lambda: _unsigned("none"),
    "alg None with capitals": lambda: _unsigned("nOnE"),
    "alg none as a citizen": lambda: _unsigned("none", citizen_claims()),
    "alg empty": lambda: _unsigned(""),
    "HS256 with the public key set as secret": lambda: _with_public_key_as_secret(keys.PUBLIC_JWKS),
    "HS256 with the public PEM as secret": lambda: _with_public_key_as_secret(_pem()),
    "HS256 with an empty secret": lambda: _with_public_key_as_secret(""),
    "HS256 with a key of ours": lambda: jwt.encode(
        {"alg": "HS256", "kid": "test-key"}, claims(), OctKey.generate_key(256), algorithms=["HS256"]
    ),
    "RS256 under the kid of an ES256 key": _with_rsa,
    "a stranger's key under our kid": lambda: signed(claims(), STRANGER),
    "a stranger's key under the citizens' kid": lambda: signed(
        citizen_claims(), STRANGER, kid=keys.CITIZENS_KEY.kid
    ),
    "a key inside the header": lambda: signed(claims(), STRANGER, jwk=STRANGER.as_dict(private=False)),
    "a key address in the header": lambda: signed(claims(), STRANGER, jku="http://localhost/keys"),
    "a certificate address in the header": lambda: signed(claims(), STRANGER, x5u="http://localhost/cert"),
    "a kid that climbs": lambda: signed(claims(), STRANGER, kid="../../dev/null"),
    "a kid that asks a database": lambda: signed(claims(), STRANGER, kid="x' UNION SELECT 'key"),
    "an unknown kid": lambda: signed(claims(), STRANGER, kid="other"),
    "a changed subject": lambda: _changed_payload(token(), sub="administrator-1"),
    "a changed citizen": lambda: _changed_payload(citizen_token(), sub="citizen-2"),
    "a longer life": lambda: _changed_payload(token(exp=1_700_000_000), exp=FAR),
    "a cut signature": lambda: token()[:-8],
    "no signature": lambda: token().rsplit(".", 1)[0] + ".",
    "a blank signature": _of_blank_signature,
    "another token's signature": lambda: token().rsplit(".", 1)[0] + "." + token("dpo-1").rsplit(".", 1)[1],
    "a critical header": _critical,
    "a token in a token": _nested,
    "expired": lambda: token(exp=1_700_000_000),
    "a citizen's, expired": lambda: citizen_token(exp=1_700_000_000),
    "no expiry": lambda: token(exp=None),
    "expiry as text": lambda: token(exp="9999999999"),
    "expiry as truth": lambda: token(exp=True),
    "expiry that is no number": lambda: token(exp=[FAR]),
    "not yet valid": lambda: token(nbf=FAR),
    "issued in the future": lambda: token(iat=FAR),
    "no issuer": lambda: token(iss=None),
    "another issuer": lambda: token(iss="http://localhost:8000/other"),
    "our issuer with a slash": lambda: token(iss=keys.ISSUER + "/"),
    "two issuers": lambda: token(iss=[keys.ISSUER, keys.CITIZENS_ISSUER]),
    "an officer's key as the citizens' issuer": lambda: signed(citizen_claims()),
    "the citizens' key as the officers' issuer": lambda: signed(
        claims("administrator-1"), keys.CITIZENS_KEY, kid=keys.CITIZENS_KEY.kid
    ),
    "a citizen's client at the officers' issuer": lambda: token(client_id="khidmat-citizens"),
    "an officer's client at the citizens' issuer": lambda: citizen_token(client_id="khidmat-pages"),
    "an id token": lambda: token(token_use="id"),
    "a refresh token": lambda: token(token_use="refresh"),
    "no use": lambda: token(token_use=None),
    "another client": lambda: token(client_id="someone-else"),
    "an audience in the client's place": lambda: token(client_id=None, aud="khidmat-pages"),
    "no subject": lambda: token(""),
    "a subject that is no text": lambda: token(sub=["citizen-1"]),
    "a subject that names another row": lambda: token("number#LHR1234"),
    "a citizen's subject that names another row": lambda: citizen_token("document#abc"),
    "a citizen without a session": lambda: citizen_token(sid=None),
    "a citizen of a session that is over": lambda: citizen_token(sid="session-9"),
    "a citizen nobody knows": lambda: citizen_token("citizen-unknown"),
    "a citizen without a key": lambda: citizen_token(pub=None),
    "too long": lambda: token(padding="x" * 5_000),
    "not three parts": lambda: "a.b",
    "four parts": lambda: token() + ".x",
    "five parts, as if encrypted": lambda: ".".join(
        [_part({"alg": "dir", "enc": "A256GCM"}), "", "x", "x", "x"]
    ),
    "other alphabet": lambda: "ا.ب.ج",
    "a payload that is no object": lambda: f"{_part({'alg': 'ES256'})}.{_part([1])}.{_part(bytes(64))}",
    "a payload of a thousand levels": _deep,
    "a zero byte": lambda: token().replace(".", ".\x00", 1),
}
