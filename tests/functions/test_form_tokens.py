"""A page's form works for the session it was made for, and for no other."""

import re

import pytest

from app import DOORS
from functions import form_tokens, rendering
from functions.domain.errors import CrossSiteRequest
from tests import http
from tests.conftest import BASE_URL
from tests.functions import browsing
from tests.functions.browsing import get, post

pytestmark = pytest.mark.usefixtures("tables")
TEMPLATES = sorted((rendering.FOLDER / "templates").rglob("*.html"))
POSTED = [r.path for door in DOORS for r in door.declared if r.kind == "page" and r.method != "GET"]
FORM = re.compile(r"<form[^>]*(?:method=\"post\"|hx-post)[^>]*>.*?</form>", re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="csrf" value="([0-9a-f]{64})">')
WHOSE = {"/desk": "sdpo", "/danger": "central_office", "/feedback": "citizen"}


def session_cookie():
    return browsing._headers("product_owner", {}, part=False)["Cookie"]


def test_a_page_carries_the_token_of_its_own_session():
    mine, theirs = get("/board").text, get("/board", role="auditor").text

    assert HIDDEN.search(mine).group(1) != HIDDEN.search(theirs).group(1)


def test_a_page_without_a_session_carries_none():
    assert HIDDEN.search(get("/", role=None).text) is None


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_is_posted_carries_it(template):
    forms = FORM.findall(template.read_text(encoding="utf-8"))

    assert [form for form in forms if 'name="csrf" value="{{ csrf }}"' not in form] == []


def test_the_form_of_an_open_page_works():
    session = session_cookie()
    shown = HIDDEN.search(get("/board", role=None, Cookie=session).text).group(1)

    assert post("/sign-out", {}, role=None, Cookie=session, csrf=shown).status == 303


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    "token",
    ["", "0" * 64, "0", "چابی"],
    ids=["none", "wrong", "short", "not ASCII"],
)
def test_without_its_sessions_token_no_form_is_taken(path, token):
    url = path.replace("{topic_id}", "t-0123456789abcdef").replace("{reference}", "KH-2345-6789-A")
    role = next((role for begin, role in WHOSE.items() if path.startswith(begin)), "product_owner")
    reply = post(url, {"status": "planned"}, role=role, csrf=token)

    assert reply.status == 403
    assert "This was not sent from our own page" in reply.text


def test_another_sessions_token_is_refused():
    theirs = HIDDEN.search(get("/board", role="auditor").text).group(1)

    assert post("/sign-out", {}, csrf=theirs).status == 403


def test_a_refused_part_of_a_page_says_so_in_the_open_page():
    reply = post("/sign-out", {}, csrf="", part=True)

    assert (reply.status, reply.headers["hx-retarget"]) == (403, "#problem")


def test_the_token_is_looked_at_before_the_form_is():
    reply = post("/board/topics/t-0123456789abcdef/decisions", {"colour": "blue"}, csrf="0" * 64)

    assert reply.status == 403


def test_the_right_token_does_not_make_up_for_a_wrong_origin():
    assert post("/sign-out", {}, origin="https://evil.example").status == 403


def test_who_is_not_signed_in_needs_none():
    assert post("/sign-out", {}, role=None).status == 303


def test_nothing_else_that_is_signed_passes_for_a_token(settings):
    from functions import cursors

    session = "a-session"
    with pytest.raises(CrossSiteRequest):
        form_tokens.check(cursors.encode(session) or "", session)


def test_another_key_makes_another_token(settings, monkeypatch):
    before = form_tokens.token("a-session")
    monkeypatch.setenv("KHIDMAT_CURSOR_KEY", "another key of thirty-two characters")
    settings.cache_clear()

    assert form_tokens.token("a-session") != before


@pytest.mark.parametrize("fields", [b"csrf=\xff", b"&".join(b"a=1" for _ in range(101))])
def test_a_form_that_cannot_be_read_is_refused(fields):
    given = {
        "Cookie": session_cookie(),
        "Origin": BASE_URL,
        "Content-Type": "application/x-www-form-urlencoded",
    }

    assert http.send("POST", "/sign-out", role=None, headers=given, body=fields).status == 400
