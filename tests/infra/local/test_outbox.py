import json
from datetime import UTC, datetime, timedelta

import pytest

from functions import sending
from functions.domain.codes import Message
from infra.local.front import site
from infra.local.outbox import Outbox
from tests.infra.local.wsgi import call

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def outbox(place, monkeypatch):
    monkeypatch.setenv("KHIDMAT_STAGE", "dev")
    monkeypatch.setenv("KHIDMAT_OUTBOX", str(place.outbox))
    return Outbox(place)


def send(code, seconds=0, channel="sms", tongue="en"):
    message = Message("+923000000001", code, channel, tongue, int(NOW.timestamp()) + 300)
    assert sending.send(message, NOW + timedelta(seconds=seconds))


def test_the_newest_message_is_on_top(outbox):
    send("111111")
    send("222222", 1, "whatsapp", "ur")
    page = call(outbox, "GET", "/local-outbox").body.decode()

    assert page.index("222222") < page.index("111111")
    assert "+923000000001" in page
    assert "WhatsApp, 2026-03-02T07:00:01+00:00" in page


def test_an_empty_outbox_says_so_and_a_page_runs_no_script(outbox):
    page = call(outbox, "GET", "/local-outbox")

    assert b"Nothing was sent yet" in page.body
    assert b'http-equiv="refresh"' in page.body
    assert b"<script" not in page.body
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_what_is_shown_is_escaped(outbox, place):
    row = {"to": "<b>", "text": "<script>", "channel": "<i>", "at": "<u>"}
    (place.outbox / "1.json").write_text(json.dumps(row))
    page = call(outbox, "GET", "/local-outbox").body.decode()

    assert "<script>" not in page
    assert "&lt;i&gt;" in page


def test_a_file_that_is_no_message_is_passed_over(outbox, place):
    (place.outbox / "1.json").write_text("{")
    send("333333")

    assert [message["text"][:6] for message in outbox.messages()] == ["333333"]


def test_the_outbox_is_only_read(outbox):
    assert call(outbox, "POST", "/local-outbox", b"").status == 405
    assert call(outbox, "HEAD", "/local-outbox").body == b""


def test_it_stands_beside_the_issuer(outbox):
    def named(name):
        def serve(_, start_response):
            start_response("200 OK", [])
            return [name]

        return serve

    whole = site(named(b"gateway"), named(b"issuer"), outbox)

    assert call(whole, "GET", "/local-outbox").body.startswith(b"<!doctype html>")
    assert call(whole, "GET", "/local-outbox/x").body == b"gateway"
    assert call(whole, "GET", "/local-issuer/token").body == b"issuer"
