"""One-time codes: who gets one, and what it opens."""

import pytest

from functions.domain import codes
from functions.domain.errors import CodeRefused
from functions.storage import people
from functions.storage.keyring import keyring
from tests.codes import (
    DOCUMENT,
    NOW,
    OTHER_DOCUMENT,
    OTHER_PHONE,
    PHONE,
    after,
    ask,
    enter,
    refused,
    wrong,
)

pytestmark = pytest.mark.usefixtures("tables")


def test_the_first_code_registers_and_the_next_finds_the_same_person(phones):
    first = enter(ask(NOW), phones.code(), NOW)
    second = enter(ask(after(minutes=1)), phones.code(), after(minutes=1))
    person = people.get(first.refresh_token.split(".")[0], consistent=True)

    assert second.refresh_token.split(".")[0] == person.person
    assert {each.session for each in person.sessions} == {first.session, second.session}
    assert person.document_index == keyring().index("document", DOCUMENT)


def test_a_code_has_six_digits_and_is_sent_once(phones):
    ask(NOW)
    (message,) = phones.sent

    assert len(message.code) == 6
    assert message.code.isdigit()
    assert (message.phone, message.channel, message.tongue) == (PHONE, "sms", "en")
    assert message.expires == int(NOW.timestamp()) + 300


def test_a_code_opens_once(phones):
    challenge = ask(NOW)
    enter(challenge, phones.code(), NOW)

    refused(challenge, phones.code())


@pytest.mark.parametrize(("seconds", "opens"), [(299, True), (300, False), (600, False)])
def test_a_code_lasts_five_minutes(phones, seconds, opens):
    challenge = ask(NOW)
    if opens:
        assert enter(challenge, phones.code(), after(seconds=seconds))
    else:
        refused(challenge, phones.code(), after(seconds=seconds))


def test_three_tries_and_then_the_right_code_is_refused_too(phones):
    challenge = ask(NOW)
    for by in (1, 2, 3):
        refused(challenge, wrong(phones.code(), by))

    refused(challenge, phones.code())


def test_the_third_try_may_be_the_right_one(phones):
    challenge = ask(NOW)
    for by in (1, 2):
        refused(challenge, wrong(phones.code(), by))

    assert enter(challenge, phones.code(), NOW)


def test_the_newest_challenge_alone_counts(phones):
    older = ask(NOW)
    older_code = phones.code()
    newer = ask(NOW)

    refused(older, older_code)
    refused(older, phones.code())
    assert enter(newer, phones.code(), NOW)


def test_a_code_is_bound_to_its_telephone(phones):
    challenge = ask(NOW)

    refused(challenge, phones.code(), phone=OTHER_PHONE)
    assert enter(challenge, phones.code(), NOW)


def test_a_code_is_bound_to_its_challenge(phones):
    first, first_code = ask(NOW), phones.code()
    other = ask(NOW, OTHER_DOCUMENT, OTHER_PHONE)
    if first_code == phones.code():
        pytest.skip("once in a million the two are the same")

    refused(other, first_code, phone=OTHER_PHONE)
    refused(first, phones.code())


def test_a_challenge_for_another_purpose_is_refused_before_it_counts(phones):
    challenge = ask(NOW)
    with pytest.raises(CodeRefused):
        codes.claim_of(challenge, "change_phone")


@pytest.mark.parametrize("challenge", ["", "x", "چ", "AAAA", "A" * 400, "====", '["a"]'])
def test_a_challenge_that_is_none_of_ours_is_refused(challenge):
    refused(challenge, "000000")


def test_a_document_of_another_telephone_gets_the_same_answer_and_no_code(phones, registered):
    sent = len(phones.sent)
    challenge = ask(NOW, DOCUMENT, OTHER_PHONE)

    assert len(phones.sent) == sent
    assert phones.messages[-1] is None
    refused(challenge, "000000", phone=OTHER_PHONE)


def test_a_stranger_takes_neither_the_owners_challenge_nor_the_owners_turns(phones, registered):
    challenge, code = ask(NOW), phones.code()
    for number in range(30):
        ask(NOW, DOCUMENT, f"+92300100{number:04}", address=f"203.0.113.{number}")

    assert enter(challenge, code, NOW)
    assert enter(ask(NOW), phones.code(), NOW)


def test_who_knows_the_number_alone_cannot_use_it_up(phones, registered):
    for number in range(12):
        ask(NOW, f"cnic:{number + 10:013}", PHONE, address=f"203.0.113.{number}")

    assert enter(ask(NOW), phones.code(), NOW)


def test_a_telephone_that_was_changed_meanwhile_opens_nothing(phones, registered):
    challenge = ask(NOW)
    person = people.get(registered.refresh_token.split(".")[0], consistent=True)
    index = keyring().index("phone", OTHER_PHONE)
    people.change_phone(person, keyring().index("phone", PHONE), index, 5)

    refused(challenge, phones.code())
