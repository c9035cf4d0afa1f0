"""A change of telephone while somebody else changes the same person."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.domain import accounts, audit, complaints, officers, own_data, phone_changes, signing_in
from functions.domain.access import Caller, Role
from functions.domain.errors import (
    ChangedMeanwhile,
    FreshSignInNeeded,
    NotAuthenticated,
    NotFound,
    TooManyRequests,
)
from functions.domain.phone_changes import Change
from functions.storage import officers as officer_store
from functions.storage import people
from functions.storage.tables import StaleError
from schemas.complaints import NewComplaint
from tests.codes import ADDRESS, DOCUMENT, OTHER_PHONE, PHONE
from tests.factories import complaint_body
from tests.people import enrol

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DESK = Caller("desk-1", Role.FRONT_DESK, "ps-lhr-mozang")
ELSEWHERE = Caller("desk-3", Role.FRONT_DESK, "ps-lhr-model-town")


def test_a_change_is_made_on_what_is_there_now(monkeypatch):
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    real = people.change_phone

    def overtaken(*arguments):
        monkeypatch.setattr(people, "change_phone", real)
        accounts.open_session(person, "", NOW)
        return real(*arguments)

    monkeypatch.setattr(people, "change_phone", overtaken)
    phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)
    changed = people.get(person.person, consistent=True)

    assert changed.sessions == ()
    assert signing_in.registered(DOCUMENT, OTHER_PHONE, NOW).person == person.person


def complaint_of(person, **changes):
    caller = Caller(person.person, Role.CITIZEN, public_key=person.keys.public)
    return complaints.lodge(caller, NewComplaint(**complaint_body(**changes)), "key-1", NOW)


def test_an_officer_complained_of_does_not_get_the_telephone_of_the_complainant():
    enrol(DESK, service_number="LHR9")
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    complaint_of(person, about_officers=["LHR9"])

    for officer in (DESK, Caller("desk-2", Role.FRONT_DESK, "ps-lhr-mozang")):
        with pytest.raises(NotFound):
            phone_changes.change_at_desk(officer, DOCUMENT, OTHER_PHONE, NOW)
    assert signing_in.registered(DOCUMENT, PHONE, NOW).person == person.person
    phone_changes.change_at_desk(ELSEWHERE, DOCUMENT, OTHER_PHONE, NOW)
    assert signing_in.registered(DOCUMENT, OTHER_PHONE, NOW).person == person.person


def test_a_change_at_the_desk_is_in_a_chain_that_goes_into_the_ledger():
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    complaint_of(person)
    phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)
    (entry,) = audit.chain_of("officer:desk.desk-1.2026-03-02")

    assert (entry.actor, entry.action, entry.facts) == (
        "desk-1",
        "change_phone",
        (("person", person.person),),
    )


def test_a_desk_changes_so_many_telephones_a_day_and_no_more(monkeypatch):
    monkeypatch.setattr(phone_changes, "DESK_CHANGES", 2)
    signing_in.registered(DOCUMENT, PHONE, NOW)
    phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)
    phone_changes.change_at_desk(DESK, DOCUMENT, PHONE, NOW)

    with pytest.raises(TooManyRequests) as refused:
        phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)
    assert refused.value.seconds == 12 * 3_600 + 1
    phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW + timedelta(days=1))


def test_two_changes_at_one_desk_at_once_are_both_on_record(monkeypatch):
    real = officer_store.put

    def raced(row, former):
        monkeypatch.setattr(officer_store, "put", real)
        officers.note(DESK, "change_phone", (), NOW, most_a_day=9)
        return real(row, former)

    monkeypatch.setattr(officer_store, "put", raced)
    officers.note(DESK, "change_phone", (), NOW, most_a_day=9)

    assert len(audit.chain_of("officer:desk.desk-1.2026-03-02")) == 2


def test_a_record_that_never_comes_through_moves_nothing(monkeypatch):
    signing_in.registered(DOCUMENT, PHONE, NOW)

    def stale(*_):
        raise StaleError

    monkeypatch.setattr(officer_store, "put", stale)
    with pytest.raises(ChangedMeanwhile):
        phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)
    assert signing_in.registered(DOCUMENT, PHONE, NOW)


def test_a_device_that_signed_in_long_ago_changes_no_telephone_and_erases_nobody():
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    tokens = accounts.open_session(person, "", NOW)
    caller = Caller(person.person, Role.CITIZEN, session=tokens.session)
    late = NOW + timedelta(seconds=accounts.FRESH_SECONDS + 1)

    with pytest.raises(FreshSignInNeeded):
        phone_changes.ask(caller, OTHER_PHONE, channel="sms", tongue="en", address=ADDRESS, now=late)
    with pytest.raises(FreshSignInNeeded):
        own_data.erase(caller, late)
    accounts.refresh(tokens.refresh_token, late)
    with pytest.raises(FreshSignInNeeded):
        own_data.erase(caller, late)


def test_a_change_that_never_comes_through_says_so(monkeypatch):
    signing_in.registered(DOCUMENT, PHONE, NOW)

    def stale(*_):
        raise StaleError

    monkeypatch.setattr(people, "change_phone", stale)
    with pytest.raises(ChangedMeanwhile):
        phone_changes.change_at_desk(DESK, DOCUMENT, OTHER_PHONE, NOW)


def test_whose_document_went_meanwhile_is_not_moved():
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    people.DocumentItem(f"document#{person.document_index}").delete()

    with pytest.raises(NotFound):
        phone_changes._move(Change(person.person, OTHER_PHONE, "desk-1", "front_desk"), NOW)


def test_who_was_erased_meanwhile_is_not_signed_in_any_more():
    person = signing_in.registered(DOCUMENT, PHONE, NOW)
    people.PersonItem(person.person).delete()
    caller = Caller(person.person, Role.CITIZEN)

    with pytest.raises(NotAuthenticated):
        phone_changes.ask(caller, OTHER_PHONE, channel="sms", tongue="en", address=ADDRESS, now=NOW)
