"""The first code registers; races, and codes that were overtaken."""

import pytest

from functions.domain import accounts, codes, signing_in
from functions.domain.errors import ChangedMeanwhile, PhoneFull
from functions.storage import codes as store
from functions.storage import people
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from tests.codes import (
    DOCUMENT,
    NOW,
    OTHER_PHONE,
    PHONE,
    after,
    ask,
    enter,
    refused,
)

pytestmark = pytest.mark.usefixtures("tables")


def test_a_telephone_is_registered_for_five_people_and_no_more(phones):
    for number in range(5):
        enter(ask(after(hours=number), f"cnic:{number:013}"), phones.code(), after(hours=number))
    challenge = ask(after(hours=6), "cnic:9000000000000")

    with pytest.raises(PhoneFull):
        enter(challenge, phones.code(), after(hours=6))


def test_two_devices_that_register_at_once_are_one_person(phones, monkeypatch):
    challenge = ask(NOW)
    real = people.register

    def second(person, phone_index, most):
        # Another device of the same citizen is faster by a moment.
        monkeypatch.setattr(people, "register", real)
        signing_in.registered(DOCUMENT, PHONE, NOW)
        return real(person, phone_index, most)

    monkeypatch.setattr(people, "register", second)
    tokens = enter(challenge, phones.code(), NOW)
    holder = people.holder_of(keyring().index("document", DOCUMENT))

    assert tokens.refresh_token.startswith(holder.person)


def test_a_document_that_another_telephone_took_meanwhile_is_refused(phones, monkeypatch):
    challenge = ask(NOW)
    signing_in.registered(DOCUMENT, OTHER_PHONE, NOW)

    refused(challenge, phones.code())


def test_a_registration_that_never_comes_through_says_so(phones, monkeypatch):
    def stale(*_):
        raise StaleError

    monkeypatch.setattr(people, "register", stale)
    with pytest.raises(ChangedMeanwhile):
        enter(ask(NOW), phones.code(), NOW)


def test_a_code_that_was_used_between_the_two_writes_opens_nothing(phones, monkeypatch):
    challenge = ask(NOW)
    real = store.count_try

    def overtaken(row, nonce, most, now):
        counted = real(row, nonce, most, now)
        assert store.use(row, nonce, "another")
        return counted

    monkeypatch.setattr(store, "count_try", overtaken)

    refused(challenge, phones.code())


def test_a_use_whose_answer_was_lost_is_still_ours(phones):
    challenge = ask(NOW)
    claim = codes.claim_of(challenge, "sign_in")
    row = codes._row(claim.document, claim.purpose, claim.lane)

    assert store.use(row, claim.nonce, "mine")
    assert store.use(row, claim.nonce, "mine")
    assert not store.use(row, claim.nonce, "another's")


def test_forgetting_takes_live_codes_away(phones):
    challenge = ask(NOW)
    codes.forget(keyring().index("document", DOCUMENT))

    refused(challenge, phones.code())


def test_a_person_who_was_erased_meanwhile_is_nobody(phones, registered):
    challenge = ask(NOW)
    person = people.get(registered.refresh_token.split(".")[0], consistent=True)
    people.save(accounts.noted(person, "erase", NOW))
    people.PersonItem(person.person).delete()

    refused(challenge, phones.code())
