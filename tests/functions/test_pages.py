"""The front page and the reference, through the handler Lambda calls."""

from __future__ import annotations

import re

import pytest

from tests.browser import seed
from tests.functions.browsing import get

TOPIC = f"/board/topics/{seed.topic_id(1)}"


def test_anybody_reads_the_front_page_without_signing_in():
    reply = get("/", role=None)
    assert reply.status == 200
    assert "Sign in" in reply.text
    assert reply.headers["content-type"].startswith("text/html")


def test_every_page_forbids_scripts_and_styles_that_are_not_its_own(board):
    for url in ("/", "/docs", "/board", TOPIC):
        reply = get(url)
        assert "script-src 'self'; style-src 'self'" in reply.headers["content-security-policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", reply.text), url


@pytest.mark.usefixtures("tables")
def test_the_reader_s_choice_goes_before_what_the_browser_asks_for():
    assert 'lang="en"' in get("/", Cookie="khidmat_lang=en", Accept_Language="ur").text
    assert 'lang="ur"' in get("/", Accept_Language="ur").text


def test_the_reference_shows_every_operation_with_its_permission_and_fields():
    from functions import openapi

    page = get("/docs", role=None).text
    for route in openapi.ROUTES:
        if route.kind == "json":
            assert f'id="{route.handler.__name__}"' in page
            assert route.permission == "public" or f">{route.permission}</code>" in page
    assert "0300 1234567" in page or "narrative" in page
    assert 'id="form-Problem"' in page


def test_every_link_inside_the_reference_leads_somewhere():
    page = get("/docs", role=None).text
    targets = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
