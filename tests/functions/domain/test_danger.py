from datetime import timedelta

import pytest

from functions.domain import alerts, complaints, danger, feedback, labels, preferences
from functions.domain.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TransitionNotAllowed,
)
from functions.storage import danger as store
from functions.storage import feedback as feedback_store
from functions.storage import messages, queues
from functions.storage.tables import StaleError, StoreFailureError
from schemas.complaints import NewComplaint
from schemas.feedback import leaves_the_loop
from schemas.topics import NewFeedback
from tests import factories, stored
from tests.factories import CENTRAL_OFFICE, CITIZEN, DPO, NOON, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
APP = "pk.khidmat.app"
OFFICE = "office:pb"
HELP = "He is at my door with a knife, send somebody"
OTHER_OFFICER = CENTRAL_OFFICE.__class__("central-2", CENTRAL_OFFICE.role, "pb")
NOBODY = "0" * 26


def in_danger(_):
    return factories.labels(danger=True, type="other", types=("other",), margin=2.0)


def give(text=HELP, key="key-1", at=NOON):
    sent = NewFeedback(text=text)
    return feedback.give(CITIZEN, sent, APP, key, at, in_danger, str).feedback.feedback_id


def take(*records, now=NOON):
    return feedback.take_in(records, in_danger, str, now)


def message(feedback_id, event=alerts.RAISED, raising=1):
    return messages.get(messages.key_of(f"{event}-{feedback_id}", raising, OFFICE))


def asked_to_send():
    return [each.body for each in stored.queues()["khidmat-test-messages"]._messages]


def opened(state="open"):
    return [call.row.feedback_id for call in danger.intake(state, None, 10)[0]]


# --- the alert


def test_a_call_for_help_leaves_the_loop_is_put_before_officers_and_told_at_once():
    feedback_id = give()
    row = feedback_store.known([feedback_id])[feedback_id]

    assert leaves_the_loop(row.labels)
    assert opened() == [feedback_id]
    assert (message(feedback_id).reference, message(feedback_id).state) == (feedback_id, "waiting")
    assert len(asked_to_send()) == 1


def test_other_feedback_wakes_nobody():
    feedback.take_in([factories.feedback(1)], lambda _: factories.labels(), str, NOON)

    assert opened() == asked_to_send() == []


def test_an_alert_says_nothing_of_the_person_or_the_text():
    feedback_id = give()
    said = f"{message(feedback_id)} {store.get(feedback_id)} {asked_to_send()}"

    assert "knife" not in said
    assert CITIZEN.subject not in said


def test_the_same_words_again_are_one_alert():
    give()
    give()
    take(factories.feedback(1), factories.feedback(1))
    take(factories.feedback(1))

    assert len(opened()) == 2
    assert len(asked_to_send()) == 2


def test_a_crash_before_the_text_was_stored_loses_no_alert(monkeypatch):
    def failing(*_):
        raise StoreFailureError

    with monkeypatch.context() as patch:
        patch.setattr(feedback_store, "put_many", failing)
        with pytest.raises(StoreFailureError):
            take(factories.feedback(1))
    (call,), _ = danger.intake("open", None, 10)
    assert call.text is None
    take(factories.feedback(1))

    assert len(asked_to_send()) == 1
    assert danger.intake("open", None, 10)[0][0].text is not None


def test_a_crash_before_the_message_was_written_loses_none(monkeypatch):
    def failing(*_):
        raise StoreFailureError

    with monkeypatch.context() as patch:
        patch.setattr(messages, "add", failing)
        with pytest.raises(StoreFailureError):
            give()
    feedback_id = give()

    assert message(feedback_id).state == "waiting"


def test_an_alert_that_the_queue_does_not_take_waits_for_the_schedule(monkeypatch):
    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(queues, "ask_to_send_message", failing)
    feedback_id = give()

    assert message(feedback_id).state == "waiting"


def test_other_words_of_the_same_text_are_raised_anew():
    first = factories.feedback(1, text=HELP)
    take(first)
    danger.acknowledge(CENTRAL_OFFICE, first.feedback_id, NOON, None)
    take(factories.feedback(1, text=f"{HELP}!!", revised_at=NOON + timedelta(hours=1)))
    row = store.get(first.feedback_id)

    assert (row.state, row.raising) == ("open", 2)
    assert [entry.action for entry in row.history] == ["raise", "acknowledge", "raise"]
    assert message(first.feedback_id, raising=2)


def test_a_review_of_last_year_wakes_nobody_and_can_be_read():
    old = factories.feedback(1, text=HELP, written_at=NOON - timedelta(days=8))
    take(old)

    assert opened() == asked_to_send() == []
    assert opened("past") == [old.feedback_id]
    assert danger.flag_overdue(NOON + timedelta(days=1)).examined == 0


def test_two_ways_in_at_once_raise_one(monkeypatch):
    put = store.put

    def second_at_once(row, before):
        monkeypatch.setattr(store, "put", put)
        put(row, before)
        return put(row, before)

    monkeypatch.setattr(store, "put", second_at_once)
    give()

    assert len(opened()) == 1


def test_a_raising_met_by_another_is_looked_at_again(monkeypatch):
    put = store.put

    def losing(row, before):
        monkeypatch.setattr(store, "put", put)
        put(row.__class__(**{**_fields(row), "raised_at": NOON - timedelta(seconds=1)}), before)
        raise StaleError

    monkeypatch.setattr(store, "put", losing)
    give()

    assert store.get(opened()[0]).raising == 1


def _fields(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


# --- the intake


def test_the_oldest_stands_first_and_pages_go_on():
    ids = [give(key=str(n), at=NOON + timedelta(minutes=n)) for n in range(3)]
    first, position = danger.intake("open", None, 2)
    rest, end = danger.intake("open", position, 2)

    assert [call.row.feedback_id for call in first + rest] == ids
    assert end is None
    assert danger.intake("acknowledged", None, 5) == ([], None)


def test_who_asked_is_on_record_before_the_giver_is_named(monkeypatch):
    feedback_id = give()
    to = preferences.Addressee("en", ("sms",), {"sms": "+923000000007"})
    monkeypatch.setattr(preferences, "addressee", lambda who: to if who == CITIZEN.subject else None)
    call, giver = danger.reach(CENTRAL_OFFICE, feedback_id, NOON)

    assert (giver.subject, giver.phone) == (CITIZEN.subject, "+923000000007")
    assert [(e.action, e.actor) for e in call.row.history] == [("raise", "clock"), ("reach", "central-1")]


def test_asking_that_cannot_be_put_on_record_names_nobody(monkeypatch):
    feedback_id = give()

    def failing(*_):
        raise StoreFailureError

    monkeypatch.setattr(store, "put", failing)
    with pytest.raises(StoreFailureError):
        danger.reach(CENTRAL_OFFICE, feedback_id, NOON)


def test_of_a_public_review_nobody_is_named():
    take(factories.feedback(1, text=HELP))
    _, giver = danger.reach(CENTRAL_OFFICE, factories.feedback(1).feedback_id, NOON)

    assert giver is None


def test_of_a_person_who_was_forgotten_nobody_is_named():
    feedback_id = give()
    feedback_store.forget_giver(CITIZEN.subject)

    assert danger.reach(CENTRAL_OFFICE, feedback_id, NOON)[1] is None


def test_a_person_without_a_telephone_is_named_without_one():
    _, giver = danger.reach(CENTRAL_OFFICE, give(), NOON)

    assert (giver.subject, giver.phone) == (CITIZEN.subject, "")


def test_acknowledging_says_who_and_when_and_twice_is_once():
    feedback_id = give()
    call = danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, 1)
    again = danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON + timedelta(hours=1), 1)

    assert (call.row.acknowledged_by, call.row.acknowledged_at) == ("central-1", NOON)
    assert again.row == call.row
    assert opened() == []
    assert opened("acknowledged") == [feedback_id]


def test_a_colleague_who_was_slower_is_told():
    feedback_id = give()
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)

    with pytest.raises(ChangedMeanwhile):
        danger.acknowledge(OTHER_OFFICER, feedback_id, NOON, None)


def test_of_two_at_once_one_has_it(monkeypatch):
    feedback_id = give()
    put = store.put

    def colleague_first(row, before):
        monkeypatch.setattr(store, "put", put)
        danger.acknowledge(OTHER_OFFICER, feedback_id, NOON, None)
        return put(row, before)

    monkeypatch.setattr(store, "put", colleague_first)
    with pytest.raises(ChangedMeanwhile):
        danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)
    assert store.get(feedback_id).acknowledged_by == "central-2"


def test_an_old_version_is_refused():
    feedback_id = give()
    danger.reach(CENTRAL_OFFICE, feedback_id, NOON)

    with pytest.raises(PreconditionFailed):
        danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, 1)


@pytest.mark.parametrize("name", [NOBODY, "nonsense"])
def test_what_was_never_raised_is_not_found(name):
    for ask in (lambda: danger.show(name), lambda: danger.reach(CENTRAL_OFFICE, name, NOON)):
        with pytest.raises(NotFound):
            ask()


# --- what came of it


def settled(feedback_id, outcome, reference=None, by=CENTRAL_OFFICE):
    return danger.settle(by, feedback_id, outcome, reference, NOON, None)


def test_a_case_is_linked_to_it():
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "1", NOON)
    feedback_id = give()
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)
    call = settled(feedback_id, "case", case.reference)
    again = settled(feedback_id, "case", case.reference)

    assert (call.row.outcome, call.row.reference) == ("case", case.reference)
    assert again.row == call.row
    assert dict(call.row.history[-1].facts)["reference"] == case.reference


@pytest.mark.parametrize("reference", ["KH-0000-0000-0", "nonsense"])
def test_a_case_that_is_none_is_refused(reference):
    feedback_id = give()
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)

    with pytest.raises(InvalidRequest):
        settled(feedback_id, "case", reference)


def test_a_case_that_the_officer_may_not_read_is_refused():
    case = complaints.lodge(
        CITIZEN, NewComplaint(**complaint_body(district="ds-kasur", station=None)), "1", NOON
    )
    feedback_id = give()
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)

    with pytest.raises(InvalidRequest):
        settled(feedback_id, "case", case.reference, by=DPO)


def test_nothing_comes_of_what_nobody_took_up():
    with pytest.raises(TransitionNotAllowed):
        settled(give(), "helped")


def test_a_false_alarm_goes_back_into_the_loop():
    feedback_id = give()
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)
    call = settled(feedback_id, "false_alarm")

    assert call.row.outcome == "false_alarm"
    assert not leaves_the_loop(call.text.labels)
    assert [row.feedback.feedback_id for row in labels.queue(APP, None, None, 5)[0]] == [feedback_id]


# --- and time


def test_a_quarter_of_an_hour_without_an_officer_is_flagged_once_and_told_again():
    feedback_id = give()
    on_time = danger.flag_overdue(NOON + timedelta(minutes=15))
    late = danger.flag_overdue(NOON + timedelta(minutes=16))
    again = danger.flag_overdue(NOON + timedelta(minutes=21))

    assert (on_time.examined, late, again) == (0, danger.Flagged(1, 1), danger.Flagged(1, 0))
    assert store.get(feedback_id).overdue_at == NOON + timedelta(minutes=16)
    assert message(feedback_id, alerts.OVERDUE).state == "waiting"
    assert len(asked_to_send()) == 2


def test_it_is_overdue_from_the_minute_on_and_no_more_once_somebody_has_it():
    feedback_id = give()
    row = store.get(feedback_id)
    assert not danger.is_overdue(row, NOON + timedelta(minutes=15))
    assert danger.is_overdue(row, NOON + timedelta(minutes=15, seconds=1))
    danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)

    assert not danger.is_overdue(store.get(feedback_id), NOON + timedelta(hours=1))
    assert danger.flag_overdue(NOON + timedelta(hours=1)).examined == 0


def test_what_an_officer_takes_up_while_it_is_flagged_is_left_to_them(monkeypatch):
    feedback_id = give()
    put = store.put

    def officer_first(row, before):
        monkeypatch.setattr(store, "put", put)
        danger.acknowledge(CENTRAL_OFFICE, feedback_id, NOON, None)
        return put(row, before)

    monkeypatch.setattr(store, "put", officer_first)

    assert danger.flag_overdue(NOON + timedelta(hours=1)).flagged == 0
    assert store.get(feedback_id).state == "acknowledged"


def test_a_write_whose_answer_was_lost_is_ours(monkeypatch):
    save = store.DangerItem.save

    def losing(item, condition=None):
        save(item, condition)
        save(item, condition)

    monkeypatch.setattr(store.DangerItem, "save", losing)

    assert store.get(give()).version == 1
