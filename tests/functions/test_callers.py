import http.client
import json
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from joserfc.jwk import RSAKey

from functions import callers, settings
from functions.callers import bearer, caller_of_token, claims_of_token
from functions.domain.access import CLEARANCE_WOMEN, Caller, Role
from functions.domain.errors import NotAuthenticated, NotEnrolled, Suspended
from functions.settings import SettingsError
from tests import keys, people
from tests.factories import CITIZEN, SDPO
from tests.forgeries import FORGERIES, STRANGER
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_nobody(forgery):
    people.enrol(SDPO)
    with pytest.raises(NotAuthenticated):
        caller_of_token(FORGERIES[forgery]())


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_no_door_of_the_handler(forgery):
    people.enrol(SDPO)
    authorization = f"Bearer {FORGERIES[forgery]()}".encode("ascii", "replace").decode()
    for path in ("/v1/complaints", "/v1/supervision/overdue", "/v1/me/export"):
        reply = send("GET", path, role=None, headers={"Authorization": authorization})

        assert reply.status == 401
        assert reply.headers["www-authenticate"].startswith("Bearer")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        """Nothing: the forgeries would fill the terminal."""


@contextmanager
def served():
    """The app behind the local gateway, over HTTP on the loopback."""
    from app import app
    from infra.local.gateway import Gateway

    server = make_server("127.0.0.1", 0, Gateway(app, "api"), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def asked(port, token):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/v1/complaints", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.mark.engine
def test_no_forged_token_opens_the_door_of_the_http_server():
    people.enrol(SDPO)
    admitted = {}
    with served() as port:
        for name, forged in FORGERIES.items():
            admitted[name] = asked(port, forged().encode("ascii", "replace").decode().replace("\x00", "%00"))
        answered = asked(port, people.citizen_token())

    assert {name: status for name, status in admitted.items() if status != 401} == {}
    assert (len(admitted) >= 20, answered) == (True, 200)


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_lodges_nothing_though_no_row_is_looked_up(forgery):
    if forgery in BELIEVED_FOR_TEN_MINUTES:
        pytest.skip("signed by us for a session: believed without a look-up, for its ten minutes")
    with pytest.raises(NotAuthenticated):
        caller_of_token(FORGERIES[forgery](), by_row=False)


BELIEVED_FOR_TEN_MINUTES = {"a citizen of a session that is over", "a citizen nobody knows"}


def test_an_officer_is_what_the_row_says():
    people.enrol(replace(SDPO, clearances=frozenset({CLEARANCE_WOMEN})))
    token = keys.token("sdpo-1", **{"cognito:groups": ["central_office"], "custom:office": "pb"})

    assert caller_of_token(token, purpose="handling") == Caller(
        "sdpo-1", Role.SDPO, "sd-lhr-civil-lines", frozenset({CLEARANCE_WOMEN}), purpose="handling"
    )


def test_whoever_has_no_row_is_signed_in_and_nobody_here():
    with pytest.raises(NotEnrolled):
        caller_of_token(keys.token("stranger-1"))
    assert send("GET", "/v1/complaints", role=None, headers=bearing(keys.token("stranger-1"))).status == 403


def test_a_suspended_officer_is_refused_with_the_next_request():
    token = keys.token("sdpo-1")
    people.enrol(SDPO)
    before = send("GET", "/v1/supervision/overdue", role=None, headers=bearing(token)).status
    people.enrol(SDPO, suspended=True)
    after = send("GET", "/v1/supervision/overdue", role=None, headers=bearing(token))

    assert (before, after.status, after.json["type"]) == (200, 403, "/problems/suspended")
    with pytest.raises(Suspended):
        caller_of_token(token)


def bearing(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_citizen_is_nothing_but_a_citizen_whatever_the_token_says():
    token = keys.citizen_token(**{"cognito:groups": ["administrator"], "custom:office": "pb"})

    assert caller_of_token(token) == CITIZEN


def test_a_citizen_cannot_take_an_officers_row():
    people.enrol(replace(SDPO, subject="citizen-1"))

    assert caller_of_token(people.citizen_token("citizen-1")).role is Role.CITIZEN


def test_without_the_row_a_citizen_brings_the_public_key_alone():
    caller = caller_of_token(people.citizen_token(), by_row=False)

    assert (caller.subject, caller.public_key, caller.private_key) == ("citizen-1", CITIZEN.public_key, b"")


def test_secrets_of_a_caller_are_not_shown():
    assert "private_key" not in repr(CITIZEN)
    assert str(CITIZEN.private_key) not in repr(CITIZEN)


def test_half_a_minute_of_clock_skew_is_forgiven():
    token = keys.token(iat=1_000, exp=2_000)

    assert claims_of_token(token, now=2_029)["sub"] == "sdpo-1"
    assert claims_of_token(token, now=971)["sub"] == "sdpo-1"
    with pytest.raises(NotAuthenticated):
        claims_of_token(token, now=2_031)


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer  ", "token"])
def test_other_authorization_headers_carry_no_token(header):
    with pytest.raises(NotAuthenticated):
        bearer(header)


def test_a_token_verified_before_expires_all_the_same():
    token = keys.token(iat=1_000, exp=2_000)
    claims_of_token(token, now=1_500)

    with pytest.raises(NotAuthenticated):
        claims_of_token(token, now=9_000)


def publish(monkeypatch, *published):
    monkeypatch.setenv("KHIDMAT_JWKS", json.dumps({"keys": list(published)}))
    settings.settings.cache_clear()
    callers.forget_keys()


def test_a_token_of_the_old_keys_is_nobody_once_the_keys_are_read_anew(monkeypatch):
    token = keys.token()
    claims_of_token(token)
    publish(monkeypatch, {**STRANGER.as_dict(private=False), "alg": "ES256"})

    with pytest.raises(NotAuthenticated):
        claims_of_token(token)


def test_a_pool_that_signs_with_rsa_is_understood_and_only_with_its_own_key(monkeypatch):
    from joserfc import jwt

    pool = RSAKey.generate_key(2048, parameters={"kid": "pool", "use": "sig", "alg": "RS256"}, private=True)
    publish(monkeypatch, pool.as_dict(private=False))
    honest = jwt.encode({"alg": "RS256", "kid": "pool"}, keys.claims(), pool, algorithms=["RS256"])

    assert claims_of_token(honest)["sub"] == "sdpo-1"
    for forged in (keys.token(), keys.signed(keys.claims(), kid="pool")):
        with pytest.raises(NotAuthenticated):
            claims_of_token(forged)


def test_a_published_key_that_does_not_say_its_algorithm_serves_for_none(monkeypatch):
    bare = {name: value for name, value in keys.KEY.as_dict(private=False).items() if name != "alg"}
    publish(monkeypatch, bare)

    with pytest.raises(SettingsError, match="KHIDMAT_JWKS"):
        claims_of_token(keys.token())
