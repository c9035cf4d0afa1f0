"""Signing in and out, against an issuer that is played."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import urllib.error
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from functions import outbound, sign_in
from tests import keys
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables")
NOON = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def issuer(monkeypatch):
    """The issuer's token address: keeps what it was sent; `answers` is what it says."""

    class Issuer:
        def __init__(self):
            self.sent = []
            self.answers = {"access_token": keys.token("owner-1"), "expires_in": 3600}

        def __call__(self, address, form):
            self.sent.append((address, {n: v[0] for n, v in parse_qs(form.decode()).items()}))
            if isinstance(self.answers, Exception):
                raise self.answers
            return json.dumps(self.answers).encode()

    played = Issuer()
    monkeypatch.setattr(sign_in, "post_form", played)
    return played


def begin(following="/board"):
    """(state, the pending cookie, what the issuer is asked)."""
    reply = get(f"/sign-in?next={following}", role=None)
    assert reply.status == 303
    asked = {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}
    [cookie] = reply.cookies
    return asked["state"], cookie, asked


def come_back(state, cookie, code="one-code", **more):
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return get(
        f"/sign-in/callback?state={state}&code={code}{query}", role=None, Cookie=cookie.partition(";")[0]
    )


def test_signing_in_asks_the_issuer_for_a_code_with_a_challenge():
    _, cookie, asked = begin()
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "khidmat-pages"
    assert asked["redirect_uri"] == "http://localhost:8000/sign-in/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert cookie.endswith("; Path=/sign-in; Max-Age=600; HttpOnly; SameSite=Lax")


def test_coming_back_with_the_code_opens_a_session_and_the_page_asked_for(issuer):
    state, cookie, asked = begin("/board?type=bug")
    reply = come_back(state, cookie)
    assert (reply.status, reply.headers["location"]) == (303, "/board?type=bug")
    session, used = reply.cookies
    assert (
        session
        == f"khidmat_session={issuer.answers['access_token']}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
    )
    assert used.startswith("khidmat_sign_in=; Path=/sign-in; Max-Age=0")
    [(address, form)] = issuer.sent
    assert address == "http://localhost:8000/local-issuer/token"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
    assert challenge.decode().rstrip("=") == asked["code_challenge"]
    assert form["code"] == "one-code"


def test_signing_in_as_somebody_else_asks_who_it_is_again():
    assert "prompt" not in begin()[2]
    assert begin("/board&again=1")[2]["prompt"] == "login"


def test_each_sign_in_has_a_state_and_a_challenge_of_its_own():
    first, second = begin()[2], begin()[2]
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


@pytest.mark.parametrize("state", ["", "another", "%F0%9F%98%80"])
def test_an_answer_to_another_sign_in_opens_nothing(issuer, state):
    _, cookie, _ = begin()
    reply = come_back(state, cookie)
    assert reply.status == 400
    assert "You are not signed in" in reply.text
    assert reply.cookies == []
    assert issuer.sent == []


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "khidmat_sign_in=",
        "khidmat_sign_in=a.b",
        "khidmat_sign_in=e30.e30",
        "khidmat_sign_in=x.y.z",
        "khidmat_sign_in=!!",
    ],
)
def test_without_the_cookie_of_its_beginning_a_sign_in_ends(issuer, cookie):
    state, _, _ = begin()
    assert come_back(state, cookie).status == 400
    assert issuer.sent == []


def test_a_cookie_changed_on_its_way_is_refused(issuer):
    state, cookie, _ = begin()
    payload, seal = cookie.partition(";")[0].removeprefix("khidmat_sign_in=").split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**content, "next": "/x"}).encode()).decode().rstrip("=")
    assert come_back(state, f"khidmat_sign_in={forged}.{seal}").status == 400


def test_a_sign_in_is_good_for_ten_minutes():
    kept = sign_in.sealed({"state": "s"}, NOON)
    assert sign_in.unsealed(kept, NOON + timedelta(minutes=10)) == {"state": "s"}
    with pytest.raises(sign_in.SignInError):
        sign_in.unsealed(kept, NOON + timedelta(minutes=10, seconds=1))


def test_a_cursor_never_passes_for_a_sign_in():
    from functions import cursors

    with pytest.raises(sign_in.SignInError):
        sign_in.unsealed(cursors.encode("x", "topics"), NOON)


def test_a_person_who_stopped_at_the_issuer_can_begin_again(issuer):
    state, cookie, _ = begin("/board?type=bug")
    reply = come_back(state, cookie, code="", error="access_denied")
    assert reply.status == 400
    assert 'href="/sign-in?next=%2Fboard%3Ftype%3Dbug">Try again' in reply.text


def test_a_code_the_issuer_refuses_opens_nothing(issuer):
    issuer.answers = urllib.error.HTTPError("x", 400, "Bad Request", None, io.BytesIO(b"{}"))
    assert come_back(*begin()[:2]).status == 400


@pytest.mark.parametrize(
    "answers",
    [
        TimeoutError(),
        ConnectionRefusedError(),
        {},
        [],
        {"access_token": 5, "expires_in": 5},
        {"access_token": "x"},
    ],
)
def test_an_issuer_that_does_not_answer_rightly_is_said_so(issuer, answers):
    issuer.answers = answers
    reply = come_back(*begin()[:2])
    assert reply.status == 503
    assert "Sign-in does not answer" in reply.text
    assert reply.cookies == []


def test_a_token_of_somebody_else_s_issuer_opens_nothing(issuer):
    issuer.answers = {
        "access_token": keys.token("owner-1", iss="https://evil.example"),
        "expires_in": 60,
    }
    reply = come_back(*begin()[:2])
    assert (reply.status, reply.cookies) == (400, [])


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/board\r\nSet-Cookie: a=b", "/board\t", "", "board", "/sign-in?next=/", "/sign-in/callback", "/بورڈ",
        "/" + "x" * 1000, "http:/evil.example", "///evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_to_these_pages_alone(address):
    assert sign_in.local_path(address) == "/board"


@pytest.mark.parametrize(
    "address", ["/", "/board", "/board?type=bug&app=a.b", "/board/topics/t-0000000000000001#why"]
)
def test_signing_in_leads_back_to_a_page_of_ours(address):
    assert sign_in.local_path(address) == address


def test_signing_out_ends_the_session():
    reply = post("/sign-out", {})
    assert (reply.status, reply.headers["location"]) == (303, "/")
    assert reply.cookies == ["khidmat_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]


def test_another_site_cannot_sign_anybody_out():
    reply = post("/sign-out", {}, origin="https://evil.example")
    assert (reply.status, reply.cookies) == (403, [])


def test_a_session_of_a_bearer_token_is_none_and_a_cookie_opens_no_api(tables):
    from tests import http

    assert http.send("GET", "/board", role="product_owner").status == 303
    assert get("/v1/topics").status == 401


def test_the_code_is_sent_to_the_issuer_alone_as_a_form(monkeypatch):
    asked = []

    def played(*sent, **how):
        asked.append((sent, how["headers"]["Content-Type"]))
        return outbound.Fetched(200, "application/json", b"{}")

    monkeypatch.setattr(outbound, "post", played)

    assert sign_in.post_form("https://issuer.example/token", b"a=1") == b"{}"
    assert asked == [
        (
            ("https://issuer.example/token", b"a=1", frozenset({"localhost:8000"})),
            "application/x-www-form-urlencoded",
        )
    ]


def test_a_refusal_of_the_issuer_is_told_from_its_silence(monkeypatch):
    monkeypatch.setattr(outbound, "post", lambda *_, **__: outbound.Fetched(400, "text/plain", b"no"))
    with pytest.raises(urllib.error.HTTPError) as refused:
        sign_in.post_form("https://issuer.example/token", b"")

    assert refused.value.code == 400
    refused.value.close()
