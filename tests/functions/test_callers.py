import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from functions.callers import bearer, caller_of_token
from functions.domain.access import Caller, Role
from functions.domain.errors import NotAuthenticated
from tests import keys
from tests.http import send

STRANGER = ECKey.generate_key("P-256", parameters={"kid": "test-key"}, private=True)


def part(value) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': 'test-key'})}.{part(keys.claims())}."


def with_public_key_as_secret() -> str:
    secret = OctKey.import_key(keys.PUBLIC_JWKS.encode())
    return jwt.encode({"alg": "HS256", "kid": "test-key"}, keys.claims(), secret, algorithms=["HS256"])


def with_rsa() -> str:
    key = RSAKey.generate_key(2048, private=True)
    return jwt.encode({"alg": "RS256", "kid": "test-key"}, keys.claims(), key, algorithms=["RS256"])


def bringing_its_own_key() -> str:
    header = {"jwk": STRANGER.as_dict(private=False)}
    return keys.signed(keys.claims(), STRANGER, **header)


def changed_payload() -> str:
    head, _, signature = keys.token().split(".")
    return f"{head}.{part(keys.claims(role='supervisor', office='pb'))}.{signature}"


FORGERIES = {
    "empty": lambda: "",
    "no token at all": lambda: "Bearer",
    "alg none": lambda: unsigned("none"),
    "alg None with capitals": lambda: unsigned("nOnE"),
    "HS256 with the public key as secret": with_public_key_as_secret,
    "RS256": with_rsa,
    "a stranger's key under our kid": lambda: keys.signed(keys.claims(), STRANGER),
    "a key inside the header": bringing_its_own_key,
    "a key address in the header": lambda: keys.signed(keys.claims(), STRANGER, jku="http://localhost/keys"),
    "a kid that climbs": lambda: keys.signed(keys.claims(), STRANGER, kid="../../dev/null"),
    "an unknown kid": lambda: keys.signed(keys.claims(), STRANGER, kid="other"),
    "a changed payload": changed_payload,
    "a cut signature": lambda: keys.token()[:-8],
    "no signature": lambda: keys.token().rsplit(".", 1)[0] + ".",
    "expired": lambda: keys.token(exp=1_700_000_000),
    "no expiry": lambda: keys.token(exp=None),
    "expiry as text": lambda: keys.token(exp="9999999999"),
    "expiry as truth": lambda: keys.token(exp=True),
    "not yet valid": lambda: keys.token(nbf=4_000_000_000),
    "issued in the future": lambda: keys.token(iat=4_000_000_000),
    "another issuer": lambda: keys.token(iss="http://localhost:8000/other"),
    "an id token": lambda: keys.token(token_use="id"),
    "another client": lambda: keys.token(client_id="someone-else"),
    "no subject": lambda: keys.token(sub=""),
    "a subject that is no text": lambda: keys.token(sub=["citizen-1"]),
    "two roles": lambda: keys.token(**{"cognito:groups": ["citizen", "supervisor"]}),
    "no role": lambda: keys.token(**{"cognito:groups": []}),
    "an unknown role": lambda: keys.token(role="emperor"),
    "too long": lambda: keys.token(padding="x" * 5_000),
    "not three parts": lambda: "a.b",
    "other alphabet": lambda: "ا.ب.ج",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_nobody(forgery):
    with pytest.raises(NotAuthenticated):
        caller_of_token(FORGERIES[forgery]())


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_no_door(forgery):
    authorization = f"Bearer {FORGERIES[forgery]()}".encode("ascii", "replace").decode()
    reply = send("GET", "/v1/complaints", role=None, headers={"Authorization": authorization})

    assert reply.status == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_an_honest_token_names_its_caller():
    token = keys.token("sdpo", "sdpo-1", "sd-lhr-civil-lines")

    assert caller_of_token(token) == Caller("sdpo-1", Role.SDPO, "sd-lhr-civil-lines")


def test_a_citizen_serves_in_no_office_whatever_the_token_says():
    assert caller_of_token(keys.token("citizen", "citizen-1", "pb")).office is None


def test_half_a_minute_of_clock_skew_is_forgiven():
    token = keys.token(iat=1_000, exp=2_000)

    assert caller_of_token(token, now=2_029).subject == "citizen-1"
    assert caller_of_token(token, now=971).subject == "citizen-1"
    with pytest.raises(NotAuthenticated):
        caller_of_token(token, now=2_031)


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer  ", "token"])
def test_other_authorization_headers_carry_no_token(header):
    with pytest.raises(NotAuthenticated):
        bearer(header)


def test_a_token_verified_before_expires_all_the_same():
    token = keys.token(iat=1_000, exp=2_000)
    caller_of_token(token, now=1_500)

    with pytest.raises(NotAuthenticated):
        caller_of_token(token, now=9_000)


def test_a_token_of_the_old_keys_is_nobody_once_the_keys_are_read_anew(monkeypatch):
    from functions import callers, settings

    token = keys.token()
    caller_of_token(token)
    other = json.dumps({"keys": [STRANGER.as_dict(private=False)]})
    monkeypatch.setenv("KHIDMAT_JWKS", other)
    settings.settings.cache_clear()
    callers.forget_keys()

    with pytest.raises(NotAuthenticated):
        caller_of_token(token)
