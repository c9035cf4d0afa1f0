"""What is held of a person, and being forgotten."""

from dataclasses import replace

import pytest

from functions.domain import accounts, complaints, feedback, notices, own_data, steps
from functions.domain.access import Caller, Role
from functions.domain.errors import CaseErased, CasesOpen, ChangedMeanwhile, NotAuthenticated
from functions.domain.history import first_broken
from functions.domain.privacy import key_of
from functions.storage import cases, people, sealing
from functions.storage import feedback as feedback_store
from functions.storage.history import read_history
from functions.storage.keyring import keyring
from functions.storage.sealing import UnsealedError
from functions.storage.tables import StaleError
from schemas.complaints import NewComment, NewComplaint
from schemas.steps import Withdraw
from schemas.topics import NewFeedback
from tests.factories import CITIZEN, NOON, OTHER_CITIZEN, SDPO, complaint_body, labels
from tests.news import change_of

pytestmark = pytest.mark.usefixtures("tables")
DOCUMENT, PHONE = "cnic:3520100000001", "+923000000000"


@pytest.fixture
def amina():
    """A person registered with document and telephone, as the caller of a signed-in device."""
    person = accounts.new_person(DOCUMENT, PHONE, NOON)
    people.register(person, keyring().index("phone", PHONE), most_holders=5)
    tokens = accounts.open_session(person, "my phone", NOON)
    return Caller(
        person.person,
        Role.CITIZEN,
        session=tokens.session,
        public_key=person.keys.public,
        private_key=person.keys.private,
    )


def lodge(caller, key="key-1"):
    return complaints.lodge(caller, NewComplaint(**complaint_body()), key, NOON)


def closed(caller, key="key-1"):
    case = lodge(caller, key)
    return steps.take(caller, case.reference, Withdraw(action="withdraw"), NOON, None)


def give(caller, key="f-1"):
    return feedback.give(
        caller, NewFeedback(text="The code never arrives"), "app", key, NOON, lambda _: labels(), lambda t: t
    )


def everything(caller):
    pages, position = [], None
    while True:
        page = own_data.export(caller, position)
        pages.append(page)
        position = page.following
        if position is None:
            return pages


def test_the_export_holds_account_cases_feedback_and_notices(amina):
    case = lodge(amina)
    give(amina)
    notices.record_change(change_of(case))
    pages = everything(amina)
    account = pages[0].account

    assert (account.document, account.phone) == (DOCUMENT, PHONE)
    assert [entry.action for entry in account.history] == ["register"]
    assert [c.reference for page in pages for c in page.cases] == [case.reference]
    assert [row.feedback.text for page in pages for row in page.feedback] == ["The code never arrives"]
    assert [row.event for page in pages for row in page.notices] == ["lodge"]


def test_a_long_export_is_read_to_its_end_page_by_page(amina, monkeypatch):
    monkeypatch.setattr(own_data, "PAGE", 2)
    for number in range(5):
        lodge(amina, f"key-{number}")
        give(amina, f"f-{number}")
    pages = everything(amina)

    assert len({c.reference for page in pages for c in page.cases}) == 5
    assert len([row for page in pages for row in page.feedback]) == 5
    assert [page.account is not None for page in pages] == [True] + [False] * (len(pages) - 1)


def test_nothing_of_another_person_is_in_the_export(amina):
    lodge(OTHER_CITIZEN)
    give(OTHER_CITIZEN)

    assert [c for page in everything(amina) for c in page.cases] == []
    assert [row for page in everything(amina) for row in page.feedback] == []


def test_after_erasure_nothing_that_was_written_opens_again(amina):
    case = closed(amina)
    before = people.get(amina.subject)
    forgotten = own_data.erase(amina, NOON)
    left = cases.get(case.reference)

    assert (forgotten.complaints, left.erased_at, left.case_key, left.sealed) == (1, NOON, b"", ())
    assert key_of(left).field(left, "narrative") is None
    # A copy of the case from before, in a backup or a stream, does not open either: the key is gone.
    assert key_of(replace(case, write_id="")).key is None
    assert people.get(amina.subject, consistent=True).keys is None
    assert before.keys is not None


def test_what_the_law_requires_stays_whole(amina):
    case = closed(amina)
    own_data.erase(amina, NOON)
    left = cases.get(case.reference)

    assert [entry.action for entry in left.history] == ["lodge", "withdraw", "erase"]
    assert first_broken(left.history) is None
    assert (left.state, left.lodged_at) == ("withdrawn", NOON)


def test_the_account_itself_is_a_tombstone(amina, tables):
    own_data.erase(amina, NOON)
    row = tables.get_item(TableName="khidmat-test-people", Key={"person": {"S": amina.subject}})["Item"]

    assert set(row) == {"person", "created_at", "erased_at", "history", "write_id"}
    assert [entry.action for entry in read_history(row["history"]["S"])] == ["register", "erase"]
    assert people.holder_of(keyring().index("document", DOCUMENT)) is None
    assert people.holders_of_phone(keyring().index("phone", PHONE)) == 0


def test_whoever_was_forgotten_is_signed_out_and_may_register_anew(amina):
    own_data.erase(amina, NOON)

    assert accounts.keys_of_session(amina.subject, amina.session, NOON.timestamp()) is None
    with pytest.raises(NotAuthenticated):
        own_data.export(amina, None)
    again = accounts.new_person(DOCUMENT, PHONE, NOON)
    people.register(again, keyring().index("phone", PHONE), most_holders=5)
    assert again.person != amina.subject


def test_feedback_stays_and_is_nobodys(amina):
    row = give(amina)
    assert own_data.erase(amina, NOON).feedback == 1
    kept = feedback_store.in_order([row.feedback.feedback_id])[0]

    assert (kept.feedback.text, kept.feedback.person) == ("The code never arrives", "")
    assert feedback_store.of_giver(amina.subject, after=None, limit=5) == ([], None)


def test_notices_go(amina):
    case = closed(amina)
    notices.record_change(change_of(case))
    own_data.erase(amina, NOON)

    assert notices.mine(amina, None, 10) == ([], None)


def test_while_an_office_has_to_answer_nothing_is_erased_and_the_cases_are_named(amina):
    over, waiting = closed(amina, "over"), lodge(amina, "waiting")
    with pytest.raises(CasesOpen) as refused:
        own_data.erase(amina, NOON)

    assert refused.value.words == {"references": waiting.reference}
    assert cases.get(over.reference).erased_at is None


def test_a_case_lodged_while_erasing_keeps_the_key(amina, monkeypatch):
    closed(amina)
    real = notices.notices.forget

    def meanwhile(recipient):
        lodge(amina, "meanwhile")
        real(recipient)

    monkeypatch.setattr(own_data.notices, "forget", meanwhile)
    with pytest.raises(CasesOpen):
        own_data.erase(amina, NOON)
    assert people.get(amina.subject, consistent=True).keys is not None


def test_an_erasure_cut_short_is_finished_by_asking_again(amina, monkeypatch):
    case = closed(amina)
    real = people.erase

    def cut(*_):
        monkeypatch.setattr(people, "erase", real)
        raise ConnectionError

    monkeypatch.setattr(people, "erase", cut)
    with pytest.raises(ConnectionError):
        own_data.erase(amina, NOON)
    own_data.erase(amina, NOON)

    assert [entry.action for entry in cases.get(case.reference).history].count("erase") == 1
    assert people.get(amina.subject, consistent=True).keys is None


def test_an_erasure_that_meets_a_sign_in_is_done_on_what_is_there(amina, monkeypatch):
    real = people.erase

    def raced(person, index, at):
        monkeypatch.setattr(people, "erase", real)
        accounts.open_session(people.get(amina.subject, consistent=True), "another", NOON)
        return real(person, index, at)

    monkeypatch.setattr(people, "erase", raced)
    own_data.erase(amina, NOON)

    assert people.get(amina.subject, consistent=True).keys is None


def test_two_erasures_at_once_are_one(amina, monkeypatch):
    real = people.erase

    def raced(person, index, at):
        monkeypatch.setattr(people, "erase", real)
        own_data._destroy(people.get(amina.subject, consistent=True), NOON)
        raise StaleError

    monkeypatch.setattr(people, "erase", raced)
    own_data.erase(amina, NOON)

    assert people.get(amina.subject, consistent=True).erased_at == NOON


def test_nothing_is_added_to_an_erased_case(amina):
    case = closed(amina)
    own_data.erase(amina, NOON)

    with pytest.raises(CaseErased):
        complaints.comment(SDPO, case.reference, NewComment(text="One more thing."), "c-1", NOON)


def test_a_report_without_a_name_can_be_forgotten_too():
    closed(CITIZEN)
    own_data.erase(CITIZEN, NOON)

    assert people.get("citizen-1", consistent=True).keys is None


def test_a_case_that_was_read_meanwhile_is_erased_after_the_reading(amina, monkeypatch):
    case = closed(amina)
    real = complaints.erase_personal

    def raced(*arguments):
        monkeypatch.setattr(complaints, "erase_personal", real)
        complaints.comment(SDPO, case.reference, NewComment(text="One more thing."), "c-1", NOON)
        return real(*arguments)

    monkeypatch.setattr(complaints, "erase_personal", raced)
    own_data.erase(amina, NOON)

    assert [entry.action for entry in cases.get(case.reference).history][-2:] == ["comment", "erase"]


def test_a_case_that_never_holds_still_is_said_and_the_key_stays(amina, monkeypatch):
    closed(amina)

    def stale(*_):
        raise StaleError

    monkeypatch.setattr(complaints, "erase_personal", stale)
    with pytest.raises(ChangedMeanwhile):
        own_data.erase(amina, NOON)
    assert people.get(amina.subject, consistent=True).keys is not None


def test_a_public_key_put_into_the_row_by_another_hand_opens_nothing(amina, tables):
    row = {"TableName": "khidmat-test-people", "Key": {"person": {"S": amina.subject}}}
    strange = {":k": {"B": sealing.new_pair().public}}
    tables.update_item(**row, UpdateExpression="SET public_key = :k", ExpressionAttributeValues=strange)

    with pytest.raises(UnsealedError):
        people.get(amina.subject, consistent=True)
