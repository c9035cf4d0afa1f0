import hashlib
import hmac
import json

import pytest

from functions.domain import feedback
from functions.storage import feedback as store
from functions.storage.tables import StoreFailureError
from tests.conftest import SETTINGS
from tests.feedback_ml.sources.test_whatsapp import body, message
from tests.http import send

pytestmark = pytest.mark.usefixtures("tables")
SECRET, TOKEN = SETTINGS["KHIDMAT_WHATSAPP_APP_SECRET"], SETTINGS["KHIDMAT_WHATSAPP_VERIFY_TOKEN"]
HOOK = "/v1/whatsapp"


def signature(raw, secret=SECRET):
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def deliver(payload, **headers):
    raw = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    given = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(raw)} | headers
    return send("POST", HOOK, role=None, headers=given, body=raw)


def kept():
    return [row.feedback for row in store.of_app("pk.khidmat.app")]


def verify(**changes):
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1158201444"} | changes
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value is not None)
    return send("GET", f"{HOOK}?{query}", role=None)


def test_the_challenge_is_answered_to_whoever_knows_the_token():
    reply = verify()

    assert (reply.status, reply.text) == (200, "1158201444")
    assert reply.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "%D8%B1"])
def test_no_other_token_is_answered(token):
    assert verify(**{"hub.verify_token": token}).status in (400, 403)


@pytest.mark.parametrize(
    "changes",
    [{"hub.mode": "unsubscribe"}, {"hub.challenge": None}, {"hub.challenge": "<script>"}, {"other": "1"}],
)
def test_a_question_of_another_shape_is_refused(changes):
    assert verify(**changes).status == 400


def test_a_marked_message_is_kept_and_names_nobody(tables):
    text = "Feedback: OTP nahi aata, call 0300 1234567"
    reply = deliver(
        body(message(text, id="wamid.HBgMOTIzMDAwMDAwMDAx"), message("Salam, mera case", id="wamid.2"))
    )

    assert (reply.status, reply.json) == (200, {"feedback": 1})
    (record,) = kept()
    assert (record.source, record.text) == ("whatsapp", "OTP nahi aata, call [phone]")
    stored = json.dumps(tables.scan(TableName="khidmat-test-feedback")["Items"])
    assert not any(word in stored for word in ("923000000001", "wamid", "HBgM", "mera case", "1234567"))


def test_a_message_delivered_again_and_again_is_one_text():
    for _ in range(3):
        assert deliver(body(message(), message())).json == {"feedback": 2}

    assert len(kept()) == 1


def test_one_sender_is_one_person_and_another_is_another():
    deliver(body(message(id="1"), message(id="2"), message(id="3", **{"from": "923000000002"})))
    people = [record.person for record in kept()]

    assert len(people) == 3
    assert len(set(people)) == 2


@pytest.mark.parametrize(
    "given", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "ü", signature(b"another body")]
)
def test_what_is_not_signed_is_refused_and_not_looked_at(given):
    reply = deliver(body(message()), **{"X-Hub-Signature-256": given})

    assert (reply.status, reply.json["type"]) == (403, "/problems/webhook-refused")
    assert kept() == []


def test_what_is_signed_by_another_secret_is_refused():
    raw = json.dumps(body(message())).encode()

    assert deliver(raw, **{"X-Hub-Signature-256": signature(raw, "another secret")}).status == 403


def test_the_signature_is_of_the_bytes_and_not_of_what_they_mean():
    """The same JSON written otherwise has another signature, and letters as they stand have theirs."""
    payload = body(message("رائے: ایپ سست ہے"))
    spaced = json.dumps(payload, indent=2).encode()

    assert deliver(spaced, **{"X-Hub-Signature-256": signature(json.dumps(payload).encode())}).status == 403
    assert deliver(payload).json == {"feedback": 1}
    assert [record.text for record in kept()] == ["ایپ سست ہے"]


def test_statuses_and_other_news_are_answered_and_left_alone():
    statuses = body(statuses=[{"id": "wamid.1", "status": "delivered"}], messages=[])

    assert deliver(statuses).json == {"feedback": 0}
    assert deliver({"object": "page"}).json == {"feedback": 0}


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff", b""])
def test_a_signed_body_that_is_no_object_is_refused(raw):
    assert deliver(raw).status in (400, 403)


def test_a_store_that_fails_has_it_delivered_again(monkeypatch):
    def failing(*_):
        raise StoreFailureError

    with monkeypatch.context() as ill:
        ill.setattr(feedback, "take_in", failing)
        assert deliver(body(message())).status == 503
    assert deliver(body(message())).status == 200
    assert len(kept()) == 1


def test_where_whatsapp_is_not_set_up_there_is_nothing_here(settings, monkeypatch):
    monkeypatch.setenv("KHIDMAT_WHATSAPP_APP_SECRET", "")
    monkeypatch.setenv("KHIDMAT_WHATSAPP_VERIFY_TOKEN", "")
    settings.cache_clear()

    assert deliver(body(message())).status == 404
    assert verify().status == 404


def test_hundreds_of_messages_in_one_delivery_are_all_kept():
    assert deliver(body(*(message(id=f"wamid.{n}") for n in range(230)))).json == {"feedback": 230}
    assert len(kept()) == 230
