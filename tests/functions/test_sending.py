"""How a code reaches a telephone."""

import json
import logging
import stat
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from functions import events, outbound, sending
from functions.domain import codes
from functions.domain.codes import Message
from functions.messages import code_text
from functions.outbound import Fetched, HostUnreachableError
from functions.settings import SettingsError
from functions.storage import sms
from functions.storage.tables import StoreFailureError
from tests.codes import DOCUMENT, OTHER_PHONE, PHONE, Telephones, ask
from tests.http import Context

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
WHATSAPP = {
    "KHIDMAT_WHATSAPP_NUMBER_ID": "100",
    "KHIDMAT_WHATSAPP_TOKEN": "a-token",
    "KHIDMAT_WHATSAPP_TEMPLATE": "one_time_code",
}


def message(**changes):
    made = {
        "phone": PHONE, "code": "012345", "channel": "sms", "tongue": "en",
        "expires": int(NOW.timestamp()) + 300,
    }  # fmt: skip
    return Message(**(made | changes))


@pytest.fixture
def texts(monkeypatch):
    """(telephone, text) of each SMS."""
    sent = []
    monkeypatch.setattr(sms, "send", lambda phone, text: sent.append((phone, text)))
    return sent


@pytest.fixture
def graph(monkeypatch):
    """WhatsApp set up; what was posted, and the answer to give."""

    class Graph:
        posted, answer = [], Fetched(200, "application/json", b"{}")

    def post(address, body, hosts, *, headers, seconds):
        Graph.posted.append((address, json.loads(body), hosts, headers))
        if isinstance(Graph.answer, Exception):
            raise Graph.answer
        return Graph.answer

    Graph.posted = []
    for name, value in WHATSAPP.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(outbound, "post", post)
    return Graph


@pytest.mark.parametrize("tongue", ["en", "ur"])
def test_the_text_has_the_code_and_a_warning_and_fits_one_message(tongue):
    text = code_text("012345", tongue)

    assert text.startswith("012345")
    assert {"en": "Never tell it to anybody", "ur": "کسی کو نہ بتائیں"}[tongue] in text
    # 3GPP TS 23.038: 160 letters in the usual alphabet, 70 in any other.
    assert len(text) <= {"en": 160, "ur": 70}[tongue]


def test_a_code_goes_by_sms(texts):
    assert sending.send(message(), NOW)
    assert texts == [(PHONE, code_text("012345", "en"))]


def test_a_code_that_is_over_is_not_sent(texts):
    assert sending.send(message(), NOW + timedelta(seconds=299, microseconds=999_999))
    assert not sending.send(message(), NOW + timedelta(seconds=300))
    assert len(texts) == 1


def test_whatsapp_gets_an_authentication_template_with_the_code_twice(texts, graph):
    sending.send(message(channel="whatsapp", tongue="ur"), NOW)
    ((address, body, hosts, headers),) = graph.posted

    assert address == "https://graph.facebook.com/v25.0/100/messages"
    assert hosts == {"graph.facebook.com"}
    assert headers["Authorization"] == "Bearer a-token"
    assert body["to"] == PHONE.removeprefix("+")
    assert (body["template"]["name"], body["template"]["language"]) == ("one_time_code", {"code": "ur"})
    assert json.dumps(body).count("012345") == 2
    assert texts == []


@pytest.mark.parametrize("answer", [Fetched(400, "application/json", b"{}"), HostUnreachableError("late")])
def test_where_whatsapp_does_not_take_it_sms_does(texts, graph, answer):
    graph.answer = answer
    sending.send(message(channel="whatsapp"), NOW)

    assert len(graph.posted) == len(texts) == 1


@pytest.mark.parametrize("missing", WHATSAPP)
def test_where_whatsapp_is_not_set_up_sms_takes_it(texts, graph, monkeypatch, missing):
    monkeypatch.delenv(missing)
    sending.send(message(channel="whatsapp"), NOW)

    assert graph.posted == []
    assert len(texts) == 1


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_local_run_lays_the_text_into_a_folder_for_its_user_alone(texts, tmp_path, monkeypatch, channel):
    folder = tmp_path / "outbox"
    monkeypatch.setenv("KHIDMAT_OUTBOX", str(folder))
    sending.send(message(channel=channel), NOW)
    (file,) = folder.iterdir()

    assert json.loads(file.read_text()) == {
        "at": "2026-03-02T07:00:00+00:00", "to": PHONE, "channel": channel,
        "text": code_text("012345", "en"),
    }  # fmt: skip
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert texts == []


@pytest.mark.parametrize("stage", ["prod", "staging"])
def test_the_folder_is_refused_where_real_people_are_served(texts, tmp_path, monkeypatch, stage):
    monkeypatch.setenv("KHIDMAT_OUTBOX", str(tmp_path / "outbox"))
    monkeypatch.setenv("KHIDMAT_STAGE", stage)

    with pytest.raises(SettingsError, match="KHIDMAT_OUTBOX"):
        sending.send(message(), NOW)
    assert not (tmp_path / "outbox").exists()


# --- SNS ------------------------------------------------------------------------------------------------------


class Sns:
    def __init__(self, error=None):
        self.published, self.error = [], error

    def publish(self, **given):
        if self.error:
            raise self.error
        self.published.append(given)


@pytest.mark.parametrize("sender", ["", "KHIDMAT"])
def test_an_sms_is_transactional_and_names_its_sender(monkeypatch, sender):
    sns = Sns()
    monkeypatch.setattr(sms, "client", lambda: sns)
    monkeypatch.setenv("KHIDMAT_SMS_SENDER", sender)
    sms.send(PHONE, "text")
    ((given),) = sns.published
    attributes = {name: value["StringValue"] for name, value in given.pop("MessageAttributes").items()}

    assert given == {"PhoneNumber": PHONE, "Message": "text"}
    named = {"AWS.SNS.SMS.SenderID": sender} if sender else {}
    assert attributes == {"AWS.SNS.SMS.SMSType": "Transactional", **named}


def test_an_sms_that_is_not_taken_fails_without_the_number(monkeypatch):
    error = ClientError({"Error": {"Code": "Throttled", "Message": PHONE}}, "Publish")
    monkeypatch.setattr(sms, "client", lambda: Sns(error))

    with pytest.raises(StoreFailureError) as failure:
        sms.send(PHONE, "text")
    assert PHONE not in str(failure.value)
    assert failure.value.__suppress_context__


@pytest.mark.usefixtures("tables")
def test_sns_itself_takes_what_is_sent():
    sms.client.cache_clear()
    sms.send(PHONE, "text")
    sms.client.cache_clear()


# --- the consumer ---------------------------------------------------------------------------------------------


def batch(*bodies):
    return {"Records": [{"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)]}


@pytest.fixture
def real_and_decoy(monkeypatch, tables):
    phones = Telephones(monkeypatch)
    now = datetime.now(UTC)
    ask(now)
    from functions.domain import signing_in

    signing_in.registered(DOCUMENT, PHONE, now)
    ask(now, DOCUMENT, OTHER_PHONE)
    return phones


def test_a_code_is_sent_and_a_decoy_ends_here(texts, real_and_decoy):
    assert events.on_code_request(batch(*real_and_decoy.bodies), Context()) == {"batchItemFailures": []}
    assert texts == [(PHONE, code_text(real_and_decoy.code(), "en"))]


def test_what_could_not_be_sent_comes_again_alone(real_and_decoy, monkeypatch):
    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(sms, "send", failing)

    assert events.on_code_request(batch("nonsense", *real_and_decoy.bodies), Context()) == {
        "batchItemFailures": [{"itemIdentifier": "m-0"}, {"itemIdentifier": "m-1"}]
    }


def test_a_code_that_came_too_late_is_done_with(texts, real_and_decoy, monkeypatch):
    real = codes.read_message
    monkeypatch.setattr(
        codes, "read_message", lambda body: (read := real(body)) and message(code=read.code, expires=0)
    )

    assert events.on_code_request(batch(real_and_decoy.bodies[0]), Context()) == {"batchItemFailures": []}
    assert texts == []


def test_nothing_of_a_person_is_logged(real_and_decoy, graph, monkeypatch, caplog):
    def failing(phone, text):
        raise StoreFailureError

    monkeypatch.setattr(sms, "send", failing)
    graph.answer = HostUnreachableError("late")
    monkeypatch.setattr(logging.getLogger("khidmat"), "propagate", True)
    with caplog.at_level("INFO"):
        events.on_code_request(batch("nonsense", *real_and_decoy.bodies), Context())

    assert "a code was not sent" in caplog.text
    for secret in (PHONE, PHONE[3:], real_and_decoy.code(), DOCUMENT):
        assert secret not in "".join(record.getMessage() for record in caplog.records)


@pytest.mark.usefixtures("tables")
def test_a_request_puts_its_sealed_message_on_the_queue():
    import boto3

    from functions.storage import queues

    ask(NOW)
    sqs = boto3.client("sqs")
    url = queues.settings().codes_queue_url
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]

    assert codes.read_message(received["Body"]).phone == PHONE


@pytest.mark.usefixtures("tables")
def test_a_queue_that_does_not_answer_is_told_as_busy(monkeypatch):
    from functions.storage import queues

    class Silent:
        def send_message(self, **_):
            raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")

    monkeypatch.setattr(queues, "client", Silent)

    with pytest.raises(StoreFailureError, match="ClientError"):
        ask(NOW)
