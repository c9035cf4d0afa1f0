from datetime import timedelta

import pytest

from functions.domain import complaints, retention, retention_rules, steps, sweep
from functions.storage import cases
from functions.storage import feedback as feedback_store
from functions.storage.tables import StaleError
from schemas.complaints import NewComplaint
from schemas.steps import Withdraw
from tests.factories import CITIZEN, NOON, complaint_body, feedback, labels

pytestmark = pytest.mark.usefixtures("tables")
LATER = NOON.replace(year=2031) + timedelta(seconds=1)


def closed(key="key-1"):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), key, NOON)
    return steps.take(CITIZEN, case.reference, Withdraw(action="withdraw"), NOON, None).reference


def test_a_case_is_erased_when_its_time_is_over_and_not_a_second_sooner():
    reference = closed()

    assert retention.enforce(LATER - timedelta(seconds=1)).erased == 0
    assert cases.get(reference).case_key != b""
    assert retention.enforce(LATER).erased == 1
    left = cases.get(reference)
    assert (left.erased_at, left.sealed, left.history[-1].facts) == (LATER, (), (("reason", "retention"),))


def test_a_second_run_finds_nothing_left_to_do():
    closed()
    retention.enforce(LATER)

    assert retention.enforce(LATER + timedelta(days=1)).erased == 0


def test_an_open_case_is_kept_however_old():
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)

    assert retention.enforce(LATER.replace(year=2060)).erased == 0
    assert cases.get(case.reference).case_key != b""


def test_the_sweep_of_deadlines_does_not_see_what_waits_for_erasure():
    closed()

    assert sweep.flag_overdue(LATER).examined == 0


def test_an_index_row_that_lags_is_not_believed(monkeypatch):
    case = complaints.lodge(CITIZEN, NewComplaint(**complaint_body()), "key-1", NOON)
    lagging = iter([case.reference, "KH-2222-2222-2"])
    monkeypatch.setattr(cases, "due_before", lambda now, shard: lagging)

    assert retention.enforce(LATER).erased == 0


def test_a_case_that_fails_keeps_none_behind_it(monkeypatch):
    bad, good = closed("a"), closed("b")
    real = cases.get

    def broken(reference):
        if reference == bad:
            raise ValueError("cannot be read")
        return real(reference)

    monkeypatch.setattr(cases, "get", broken)
    done = retention.enforce(LATER)

    assert (done.erased, done.failed) == (1, 1)
    assert real(good).erased_at == LATER


def test_a_case_somebody_wrote_on_just_now_waits_for_the_next_run(monkeypatch):
    closed()

    def stale(*_):
        raise StaleError

    monkeypatch.setattr(complaints, "erase_personal", stale)
    assert retention.enforce(LATER) == retention.Forgetting(0, 0, 0, finished=True)


def test_a_run_ends_itself_in_time():
    closed()

    assert retention.enforce(LATER, has_time=lambda: False) == retention.Forgetting(0, 0, 0, finished=False)


def given(number, written_at):
    row = feedback_store.Labelled(feedback(number, written_at=written_at), labels(), "digest")
    feedback_store.register("pk.khidmat.app", {feedback_store.month_of(row.feedback)})
    feedback_store.put_many([row])
    return row.feedback.feedback_id


def test_feedback_goes_month_by_month_when_it_is_too_old():
    old, new = given(1, NOON.replace(year=2022)), given(2, NOON)
    done = retention.enforce(NOON)

    assert done.deleted == 1
    assert set(feedback_store.known({old, new})) == {new}
    assert feedback_store.months_before("pk.khidmat.app", "9999-12") == ["2026-03"]


def test_feedback_waits_when_there_is_no_time_left():
    given(1, NOON.replace(year=2022))
    answers = iter([False, False])

    assert retention.enforce(NOON, has_time=lambda: next(answers)).deleted == 0
    assert retention_rules.first_month_kept(NOON) == "2023-03"


def test_an_index_row_that_came_too_early_erases_nothing(monkeypatch):
    reference = closed()
    monkeypatch.setattr(cases, "due_before", lambda now, shard: iter([reference]))

    assert retention.enforce(LATER - timedelta(days=1)).erased == 0
    assert cases.get(reference).case_key != b""
