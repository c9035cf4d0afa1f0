"""Static files: which there are, how long they keep, and that nothing else can be reached through them."""

from __future__ import annotations

import hashlib
import re

import pytest

from functions import assets
from tests import http


def get(url: str, **headers: str) -> http.Reply:
    return http.send("GET", url, role=None, headers={n.replace("_", "-"): v for n, v in headers.items()})


def test_a_file_asked_for_by_its_digest_is_kept_for_a_year():
    reply = get(assets.address("khidmat.css"))
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert reply.body == (assets.FOLDER / "khidmat.css").read_bytes()


@pytest.mark.parametrize("query", ["", "?v=0123456789ab"])
def test_a_file_asked_for_without_its_present_digest_is_soon_asked_for_again(query):
    assert get(f"/static/khidmat.css{query}").headers["cache-control"] == "public, max-age=300"


def test_a_file_the_browser_has_already_is_not_sent_again():
    tag = get("/static/khidmat.css").headers["etag"]
    again = get("/static/khidmat.css", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("accept", ["*/*", "font/woff2", "text/html", ""])
def test_the_font_arrives_whole_whatever_the_browser_says_it_accepts(accept):
    reply = get("/static/noto-nastaliq-urdu-5.3.0.woff2", Accept=accept)
    assert reply.status == 200
    assert reply.headers["content-type"] == "font/woff2"
    assert reply.body.startswith(b"wOF2")


def test_the_font_arrives_at_a_client_that_names_no_accept():
    from app import app

    event = http.event("GET", "/static/noto-nastaliq-urdu-5.3.0.woff2")
    del event["headers"]["Accept"]
    answer = app(event, http.Context())
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True)


def test_the_gateway_takes_every_type_for_binary_because_fonts_are_asked_for_with_any():
    from app import app

    assert app.api.binary_types == ["*/*"]


@pytest.mark.parametrize(
    "name",
    [
        "..",
        "%2e%2e%2fwords.json",
        "..%2fwords.json",
        "words.json",
        "VENDORED.md",
        "../pages.py",
        "khidmat.css%00",
        "KHIDMAT.CSS",
    ],
)
def test_only_the_files_listed_exist(name):
    from app import app

    event = http.event("GET", "/static/x")
    event["pathParameters"] = {"name": name}
    assert app(event, http.Context())["statusCode"] == 404


def test_vendored_files_are_those_their_list_says():
    listed = re.findall(
        r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (assets.FOLDER / "VENDORED.md").read_text(), re.MULTILINE
    )
    assert len(listed) == 2
    for name, digest in listed:
        assert hashlib.sha256((assets.FOLDER / name).read_bytes()).hexdigest() == digest, name


def test_every_vendored_file_has_its_licence_beside_it():
    text = (assets.FOLDER / "VENDORED.md").read_text()
    for licence in ("htmx.LICENSE.txt", "noto-nastaliq-urdu.OFL.txt"):
        assert licence in text
        assert (assets.FOLDER / licence).stat().st_size > 500


def test_the_stylesheet_asks_for_the_font_as_it_is_now():
    sheet = (assets.FOLDER / "khidmat.css").read_text()
    [(name, digest)] = re.findall(r'url\("([^?"]+)\?v=(\w+)"\)', sheet)
    assert assets.assets()[name].digest == digest


def test_what_a_telephone_loads_for_the_board_stays_small():
    names = ("khidmat.css", "khidmat.js", "htmx-2.0.11.min.js", "noto-nastaliq-urdu-5.3.0.woff2", "icon.svg")
    assert sum(len(assets.assets()[name].content) for name in names) < 250_000
