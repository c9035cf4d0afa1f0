"""How a code reaches a telephone."""

import json
import logging
import stat
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from functions import events, outbound, sending
from functions.domain import codes
from functions.domain.codes import Message
from functions.domain.dispatch import Letter
from functions.messages import code_text
from functions.outbound import (
    AnswerTooLargeError,
    Fetched,
    HostUnreachableError,
    NotConnectedError,
    RedirectRefusedError,
)
from functions.settings import SettingsError
from functions.storage import mail, sms
from functions.storage.providers import NotTakenError
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


# --- messages of the outbox -----------------------------------------------------------------------------------


REFERENCE = "KH-2345-6789-A"
NOTICE = f"Khidmat: An officer has taken up your complaint {REFERENCE}."


def letter(**changes):
    made = {
        "channel": "sms", "address": PHONE, "tongue": "en", "event": "accept", "reference": REFERENCE,
        "to_office": False, "key": f"{REFERENCE}#2#p-1", "at": NOW,
    }  # fmt: skip
    return Letter(**(made | changes))


@pytest.fixture
def all_set_up(monkeypatch, graph):
    monkeypatch.setenv("KHIDMAT_WHATSAPP_NOTICE_TEMPLATE", "case_notice")
    monkeypatch.setenv("KHIDMAT_EMAIL_SENDER", "notices@khidmat.example")
    return graph


@pytest.mark.parametrize(
    ("channel", "missing"),
    [
        ("whatsapp", "KHIDMAT_WHATSAPP_NUMBER_ID"),
        ("whatsapp", "KHIDMAT_WHATSAPP_TOKEN"),
        ("whatsapp", "KHIDMAT_WHATSAPP_NOTICE_TEMPLATE"),
        ("email", "KHIDMAT_EMAIL_SENDER"),
    ],
)
def test_a_channel_without_its_settings_is_not_set_up(all_set_up, monkeypatch, channel, missing):
    carrier = sending.carrier()
    assert all(carrier.is_set_up(each) for each in ("sms", "whatsapp", "email"))
    monkeypatch.delenv(missing)

    assert not carrier.is_set_up(channel)
    assert carrier.is_set_up("sms")
    assert not carrier.is_set_up("pigeon")
    assert not carrier.is_repeatable


def test_a_notice_by_whatsapp_is_a_utility_template_with_the_sentence_in_its_gap(all_set_up):
    assert sending.carrier().send(letter(channel="whatsapp")) == "sent"
    ((_, body, hosts, _),) = all_set_up.posted

    assert (body["to"], hosts) == (PHONE[1:], sending.HOSTS)
    assert body["template"] == {
        "name": "case_notice",
        "language": {"code": "en"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": NOTICE}]}],
    }


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Fetched(200, "application/json", b"{}"), "sent"),
        (Fetched(400, "application/json", b"{}"), "refused"),
        (Fetched(429, "application/json", b"{}"), "refused"),
        (Fetched(500, "application/json", b"{}"), "unknown"),
        (NotConnectedError("refused"), "refused"),
        (RedirectRefusedError("302"), "refused"),
        (HostUnreachableError("too slow"), "unknown"),
        (AnswerTooLargeError("64"), "unknown"),
    ],
    ids=lambda each: (
        type(each).__name__ if isinstance(each, Exception) else str(getattr(each, "status", each))
    ),
)
def test_whatsapp_refused_took_it_or_nobody_can_tell(all_set_up, answer, outcome):
    all_set_up.answer = answer

    assert sending.carrier().send(letter(channel="whatsapp")) == outcome


def client_error(status, code="Code"):
    said = {"Error": {"Code": code, "Message": PHONE}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "Publish")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "sent"),
        (client_error(400), "refused"),
        (client_error(429), "refused"),
        (client_error(500), "unknown"),
        (ClientError({}, "Publish"), "unknown"),
        (EndpointConnectionError(endpoint_url="https://sns.example"), "refused"),
        (ConnectTimeoutError(endpoint_url="https://sns.example"), "refused"),
        (ReadTimeoutError(endpoint_url="https://sns.example"), "unknown"),
        (ConnectionClosedError(endpoint_url="https://sns.example"), "unknown"),
    ],
    ids=lambda each: type(each).__name__,
)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_aws_refused_took_it_or_nobody_can_tell(all_set_up, monkeypatch, caplog, channel, error, outcome):
    aws = Sns(error)
    aws.send_email = aws.publish
    monkeypatch.setattr(sms, "client_once", lambda: aws)
    monkeypatch.setattr(mail, "client", lambda: aws)
    monkeypatch.setattr(logging.getLogger("khidmat"), "propagate", True)

    assert sending.carrier().send(letter(channel=channel)) == outcome
    assert PHONE not in caplog.text
    assert len(aws.published) == (outcome == "sent")


def test_a_message_by_sms_and_by_mail_says_the_same(all_set_up, monkeypatch):
    sns, ses = Sns(), Sns()
    ses.send_email = ses.publish
    monkeypatch.setattr(sms, "client_once", lambda: sns)
    monkeypatch.setattr(mail, "client", lambda: ses)
    sending.carrier().send(letter())
    sending.carrier().send(letter(channel="email", address="person@example.org"))
    ((text,), (mailed,)) = sns.published, ses.published

    assert (text["PhoneNumber"], text["Message"]) == (PHONE, NOTICE)
    assert mailed["FromEmailAddress"] == "notices@khidmat.example"
    assert mailed["Destination"] == {"ToAddresses": ["person@example.org"]}
    assert mailed["Content"]["Simple"]["Subject"]["Data"] == f"Khidmat {REFERENCE}"
    assert mailed["Content"]["Simple"]["Body"]["Text"]["Data"].startswith(f"{NOTICE}\n\nNobody will ever ask")


@pytest.mark.usefixtures("tables")
def test_ses_and_sns_are_asked_once_and_never_again_by_themselves():
    for made in (sms.client_once, mail.client):
        made.cache_clear()
        assert made().meta.config.retries["total_max_attempts"] == 1
        made.cache_clear()
    sms.send_once(PHONE, "text")


@pytest.mark.usefixtures("tables")
def test_ses_itself_takes_what_is_sent():
    mail.client.cache_clear()
    mail.client().create_email_identity(EmailIdentity="notices@khidmat.example")
    mail.send("notices@khidmat.example", "person@example.org", "subject", "text")
    with pytest.raises(NotTakenError):
        mail.send("stranger@khidmat.example", "person@example.org", "subject", "text")
    mail.client.cache_clear()


def test_in_a_local_run_a_letter_given_twice_lies_there_once(texts, tmp_path, monkeypatch):
    monkeypatch.setenv("KHIDMAT_OUTBOX", str(tmp_path))
    carrier = sending.carrier()
    for given in (letter(), letter(), letter(channel="email", address="person@example.org", tongue="ur")):
        assert carrier.is_set_up(given.channel)
        assert carrier.send(given) == "sent"
    shown = sorted(tuple(json.loads(file.read_text()).values()) for file in tmp_path.iterdir())

    assert carrier.is_repeatable
    assert [row[1:3] for row in shown] == [(PHONE, "sms"), ("person@example.org", "email")]
    assert texts == []


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
