"""What anybody can learn from asking for codes: nothing."""

import base64
import json
from collections import Counter

import pytest
from botocore.client import BaseClient

from functions.domain import codes, signing_in
from functions.domain.errors import TooManyRequests
from tests.codes import (
    ADDRESS,
    DOCUMENT,
    NOW,
    OTHER_DOCUMENT,
    OTHER_PHONE,
    PHONE,
    ask,
    refused,
)

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def calls(monkeypatch):
    """Every call to the store and the queue: (operation, how many items)."""
    made = []
    real = BaseClient._make_api_call

    def recorded(client, operation, given):
        items = given.get("TransactItems") or next(iter(given.get("RequestItems", {}).values()), {}).get(
            "Keys"
        )
        made.append((operation, len(items) if items else 1))
        return real(client, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", recorded)
    return made


@pytest.fixture
def three(registered):
    """The three that must not be told apart: registered with it, with another, not at all."""
    return {
        "own": (DOCUMENT, PHONE),
        "other": (DOCUMENT, OTHER_PHONE),
        "unknown": (OTHER_DOCUMENT, OTHER_PHONE),
    }


def test_known_and_unknown_make_the_same_calls_and_get_answers_of_one_form(three, calls, monkeypatch):
    bodies, answers, made = {}, {}, {}
    monkeypatch.setattr("functions.storage.queues.ask_to_send_code", lambda body: bodies.update({name: body}))
    for name, (document, phone) in three.items():
        calls.clear()
        answers[name] = signing_in.ask(document, phone, channel="sms", tongue="en", address=ADDRESS, now=NOW)
        made[name] = list(calls)

    assert made["own"] == made["other"] == made["unknown"]
    assert made["own"] == [
        ("GetItem", 1), ("UpdateItem", 1), ("BatchGetItem", 4), ("TransactWriteItems", 5)
    ]  # fmt: skip
    assert len({(len(a.challenge), a.expires_at) for a in answers.values()}) == 1
    assert len({len(body) for body in bodies.values()}) == 1


def test_a_wrong_code_makes_the_same_calls_whoever_is_known(three, calls):
    made = {}
    for name, (document, phone) in three.items():
        challenge = ask(NOW, document, phone)
        calls.clear()
        refused(challenge, "no", phone=phone)
        made[name] = list(calls)

    assert made["own"] == made["other"] == made["unknown"]
    assert made["own"] == [("UpdateItem", 1), ("UpdateItem", 1)]


def test_who_exhausts_every_limit_still_cannot_tell_known_from_unknown(phones, registered):
    def asked(document, phone):
        try:
            ask(NOW, document, phone, address="203.0.113.9")
        except TooManyRequests as refusal:
            return refusal.seconds
        return "asked"

    def probed(document):
        answers = [asked(document, f"+92300{document[-1]}00{number:04}") for number in range(12)]
        return [*answers, asked(document, PHONE)]

    assert probed(DOCUMENT) == probed(OTHER_DOCUMENT)


def test_everything_sealed_has_one_size_whatever_is_in_it(phones):
    documents = ("cnic:0000000000001", "passport:GB:A1234", f"passport:GB:{'A' * 20}")
    numbers = ("+923000000001", "+442079460000", "+12025550100")
    challenges = [ask(NOW, d, p) for d, p in zip(documents, numbers, strict=True)]

    assert len({len(challenge) for challenge in challenges}) == 1
    assert len({len(body) for body in phones.bodies}) == 1


def test_what_could_not_hide_its_length_is_not_sent(phones):
    with pytest.raises(ValueError, match="longer"):
        ask(NOW, document="passport:GB:" + "A" * 200)


def test_neither_table_nor_queue_nor_challenge_holds_a_number_a_code_or_an_address(tables, phones):
    challenge = ask(NOW)
    rows = json.dumps(tables.scan(TableName="khidmat-test-codes")["Items"])
    said = rows + phones.bodies[0] + challenge + str(base64.urlsafe_b64decode(challenge))

    assert len(json.loads(rows)) == 6
    for secret in (DOCUMENT, "0000000000001", PHONE, "3000000001", ADDRESS, f'"{phones.code()}"'):
        assert secret not in said


def test_every_row_of_the_table_goes_by_itself(tables, phones):
    ask(NOW)
    refused("none", "000000")
    rows = tables.scan(TableName="khidmat-test-codes")["Items"]

    assert Counter(row["row"]["S"].split("#")[0] for row in rows) == {
        "challenge": 1, "document-asked": 1, "phone-asked": 1, "document-sent": 1, "phone-sent": 1,
        "hour-of-challenges": 1, "hour-of-exchanges": 1,
    }  # fmt: skip
    assert all(int(row["expires"]["N"]) > NOW.timestamp() for row in rows)


@pytest.mark.parametrize("body", ["", "x", "AAAA", "چ"])
def test_a_message_that_is_none_of_ours_is_not_read(body):
    with pytest.raises(ValueError, match=r".*"):
        codes.read_message(body)
