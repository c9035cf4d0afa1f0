import base64
import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from infra.local import tokens
from infra.local.issuer import Issuer
from tests.infra.local.wsgi import call

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BASE = "http://localhost:8000"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def issuer(place, clock):
    return Issuer(place, BASE, clock)


def request(**changes):
    asked = {
        "client_id": "khidmat-pages",
        "redirect_uri": f"{BASE}/sign-in/callback",
        "response_type": "code",
        "state": "s&t",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in {**asked, **changes}.items() if value is not None}


def post(issuer, path, form):
    return call(issuer, "POST", f"/local-issuer{path}", urlencode(form).encode(), content_type=FORM)


def told_back(answered):
    assert answered.status == 303
    location = urlsplit(answered.headers["location"])
    assert location._replace(query="").geturl() == f"{BASE}/sign-in/callback"
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def code_for(issuer, sub="dpo-lahore", **changes):
    return told_back(post(issuer, "/authorize", {**request(**changes), "sub": sub}))["code"]


def exchange(issuer, code, /, **changes):
    form = {
        "grant_type": "authorization_code",
        "client_id": "khidmat-pages",
        "redirect_uri": f"{BASE}/sign-in/callback",
        "code": code,
        "code_verifier": VERIFIER,
    }
    return post(issuer, "/token", {**form, **changes})


def read(place, token):
    keys = KeySet.import_key_set(json.loads(tokens.public_keys(place)))
    return jwt.decode(token, keys, algorithms=["ES256"])


def test_the_page_lists_every_person_once_with_a_button(issuer):
    page = call(issuer, "GET", f"/local-issuer/authorize?{urlencode(request())}")
    assert page.status == 200
    for person in tokens.people():
        assert page.body.decode().count(f'value="{person.sub}"') == 1


def test_the_page_runs_no_script_and_escapes_what_it_was_given(issuer):
    query = urlencode(request(state='"><script>'))
    page = call(issuer, "GET", f"/local-issuer/authorize?{query}")
    assert b"<script" not in page.body
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_a_code_buys_a_token_of_the_person_chosen(issuer, place):
    answered = exchange(issuer, code_for(issuer, "officer-mozang"))
    bought = json.loads(answered.body)
    assert (answered.status, bought["token_type"], bought["expires_in"]) == (200, "Bearer", 3600)
    claims = read(place, bought["access_token"]).claims
    assert claims["sub"] == "officer-mozang"


def test_state_comes_back_as_it_went(issuer):
    assert told_back(post(issuer, "/authorize", {**request(), "sub": "dpo-lahore"}))["state"] == "s&t"


def test_a_code_is_good_once(issuer):
    code = code_for(issuer)
    assert exchange(issuer, code).status == 200
    assert json.loads(exchange(issuer, code).body) == {"error": "invalid_grant"}


def test_a_code_is_good_for_a_minute(issuer, clock):
    code = code_for(issuer)
    clock.now += timedelta(seconds=60)
    assert json.loads(exchange(issuer, code).body) == {"error": "invalid_grant"}


def test_a_failed_exchange_uses_the_code_up(issuer):
    code = code_for(issuer)
    assert exchange(issuer, code, code_verifier="w" * 43).status == 400
    assert exchange(issuer, code).status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"redirect_uri": f"{BASE}/elsewhere"}, "invalid_grant"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "other"}, "invalid_client"),
    ],
)
def test_an_exchange_that_does_not_fit_is_refused(issuer, changes, error):
    answered = exchange(issuer, code_for(issuer), **changes)
    assert (answered.status // 100, json.loads(answered.body)) == (4, {"error": error})


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": None}, {"client_id": "x"}]
)
def test_a_stranger_is_never_redirected_to(issuer, changes):
    for answered in (
        call(issuer, "GET", f"/local-issuer/authorize?{urlencode(request(**changes))}"),
        post(issuer, "/authorize", {**request(**changes), "sub": "dpo-lahore"}),
    ):
        assert answered.status == 400
        assert "location" not in answered.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "چ" * 43}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_faulty_request_goes_back_with_its_error(issuer, changes, error):
    answered = call(issuer, "GET", f"/local-issuer/authorize?{urlencode(request(**changes))}")
    assert told_back(answered)["error"] == error


def test_an_unknown_person_is_denied(issuer):
    assert told_back(post(issuer, "/authorize", {**request(), "sub": "nobody"}))["error"] == "access_denied"


def test_the_configuration_names_its_own_addresses(issuer):
    told = json.loads(call(issuer, "GET", "/local-issuer/.well-known/openid-configuration").body)
    assert told["issuer"] == f"{BASE}/local-issuer"
    assert told["code_challenge_methods_supported"] == ["S256"]


def test_published_keys_hold_no_secret(issuer):
    keys = json.loads(call(issuer, "GET", "/local-issuer/.well-known/jwks.json").body)["keys"]
    assert [(key["kty"], key["alg"], "d" in key) for key in keys] == [("EC", "ES256", False)]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/local-issuer/x"), ("GET", "/local-issuer/token"), ("PUT", "/local-issuer/authorize")],
)
def test_nothing_else_is_there(issuer, method, path):
    assert call(issuer, method, path).status == 404


def test_a_form_that_is_too_large_or_none_is_not_read(issuer):
    large = call(issuer, "POST", "/local-issuer/token", b"a" * 20_000, content_type=FORM)
    other = call(issuer, "POST", "/local-issuer/token", b"{}", content_type="application/json")
    assert (large.status, other.status) == (400, 400)


def test_a_token_has_the_claims_of_a_cognito_access_token(place):
    token = tokens.access_token(place, tokens.person_of("dpo"), BASE, NOW, timedelta(minutes=5))
    decoded = read(place, token)
    assert decoded.header["alg"] == "ES256"
    assert decoded.header["kid"] == json.loads(tokens.public_keys(place))["keys"][0]["kid"]
    assert decoded.claims["iss"] == f"{BASE}/local-issuer"
    assert (decoded.claims["client_id"], decoded.claims["token_use"]) == ("khidmat-pages", "access")
    assert decoded.claims["exp"] - decoded.claims["iat"] == 300
    assert "aud" not in decoded.claims


def test_a_token_says_who_it_is_and_nothing_of_what_they_may(place):
    token = tokens.access_token(place, tokens.person_of("dpo"), BASE, NOW, timedelta(minutes=5))
    assert set(read(place, token).claims) == {
        "iss", "sub", "client_id", "token_use", "scope", "iat", "exp", "jti"
    }  # fmt: skip


@pytest.mark.parametrize("role", ["citizen", "king"])
def test_the_issuer_knows_no_citizen(place, role):
    with pytest.raises(tokens.UnknownPersonError, match="Roles: citizen, front_desk"):
        tokens.person_of(role)


def test_the_private_key_is_readable_by_its_owner_alone(place):
    tokens.public_keys(place)
    assert stat.S_IMODE((place.keys / "issuer.json").stat().st_mode) == 0o600


def test_keys_are_made_once(place):
    assert tokens.public_keys(place) == tokens.public_keys(place)
    assert tokens.cursor_key(place) == tokens.cursor_key(place)
    assert len(tokens.cursor_key(place)) >= 32


def test_a_person_can_be_named(place):
    assert tokens.person_of("sdpo", "sdpo-model-town").office == "sd-lhr-model-town"
    with pytest.raises(tokens.UnknownPersonError, match="sdpo-civil-lines, sdpo-model-town"):
        tokens.person_of("sdpo", "dpo-lahore")
