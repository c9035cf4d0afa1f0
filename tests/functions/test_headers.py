"""What every answer's headers say, and which other sites' scripts may read the API."""

import pytest

from app import DOORS, app
from functions import headers
from infra.local.gateway import Gateway
from tests.functions.browsing import get
from tests.http import send
from tests.infra.local.wsgi import call

pytestmark = pytest.mark.usefixtures("tables")
LISTED = "https://app.khidmat.example"
STRANGERS = [
    "https://evil.example",
    "null",
    "",
    "*",
    "http://app.khidmat.example",
    "https://APP.khidmat.example",
    "https://app.khidmat.example:8443",
    "https://app.khidmat.example.evil.example",
    "https://evil.example?https://app.khidmat.example",
    "https://app.khidmat.example, https://evil.example",
]
DATA = sorted({r.path for door in DOORS for r in door.declared if r.kind == "json"})
SHOWN = [r.path for door in DOORS for r in door.declared if r.kind != "json"]


def asked(path="/v1/health", origin=LISTED, method="GET", **more):
    return send(method, path, role=None, headers={"Origin": origin, **more})


@pytest.fixture
def nobody_else(settings, monkeypatch):
    monkeypatch.delenv("KHIDMAT_CORS_ORIGINS")
    settings.cache_clear()


def sharing(reply):
    return {name for name in reply.headers if name.startswith("access-control-")}


@pytest.mark.parametrize("name", headers.SECURITY_HEADERS)
def test_every_answer_carries_every_security_header(name):
    answers = [
        send("GET", "/v1/health"),
        send("GET", "/v1/complaints", role=None),
        get("/board"),
        get("/", role=None),
        send("GET", "/static/khidmat.css", role=None),
        asked(method="OPTIONS"),
    ]

    assert {reply.headers.get(name.lower()) for reply in answers} == {headers.SECURITY_HEADERS[name]}


def test_a_page_may_use_nothing_of_the_device():
    powers = headers.SECURITY_HEADERS["Permissions-Policy"].split(", ")

    assert {power.partition("=")[2] for power in powers} == {"()"}


def test_data_shown_as_a_document_loads_nothing():
    for reply in (send("GET", "/v1/health"), send("GET", "/v1/complaints", role=None)):
        assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_a_page_runs_nothing_written_into_it():
    policy = get("/", role=None).headers["content-security-policy"]

    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_listed_site_may_read_the_api():
    reply = asked()

    assert reply.headers["access-control-allow-origin"] == LISTED
    assert {"ETag", "Location", "Retry-After"} <= set(
        reply.headers["access-control-expose-headers"].split(", ")
    )
    assert reply.headers["vary"] == "Origin"


def test_a_listed_site_may_read_why_it_was_refused():
    reply = asked("/v1/complaints")

    assert (reply.status, reply.headers["access-control-allow-origin"]) == (401, LISTED)


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_site_may(origin, method):
    reply = asked(origin=origin, method=method)

    assert sharing(reply) == set()
    assert reply.headers["vary"] == "Origin"


@pytest.mark.parametrize("path", SHOWN)
def test_no_site_reads_pages(path):
    for method in ("GET", "POST"):
        assert sharing(asked(path, method=method)) == set()


def test_no_site_ever_sends_a_cookie_along():
    for method in ("GET", "OPTIONS"):
        assert "access-control-allow-credentials" not in asked(method=method).headers


@pytest.mark.usefixtures("nobody_else")
def test_without_a_list_nobody_may():
    for method in ("GET", "OPTIONS"):
        assert sharing(asked(method=method)) == set()


def test_an_answer_that_varies_already_varies_by_origin_too():
    assert headers.sharing({}, "Accept-Language")["Vary"] == "Accept-Language, Origin"


@pytest.mark.parametrize("path", DATA)
def test_every_path_of_the_api_answers_a_preflight_with_its_own_methods(path):
    reply = asked(path, method="OPTIONS")
    methods = sorted(r.method for door in DOORS for r in door.declared if r.path == path)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-methods"].split(", ") == methods
    assert reply.headers["access-control-allow-origin"] == LISTED


def test_a_preflight_names_the_headers_that_clients_send():
    allowed = asked(method="OPTIONS").headers

    assert set(allowed["access-control-allow-headers"].split(", ")) == {
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "Accept-Language",
        "X-Purpose",
    }
    assert allowed["access-control-max-age"] == "7200"


def test_pages_answer_no_preflight():
    assert {path for path, methods in app.routes.items() if "OPTIONS" in methods} == set(DATA)


def test_the_local_gateway_passes_a_preflight_on_as_the_deployed_one_does():
    reply = call(Gateway(app, "api"), "OPTIONS", "/v1/complaints", origin=LISTED)

    assert (reply.status, reply.headers["access-control-allow-methods"]) == (204, "GET, POST")
