"""The life of a case, step by step, through the rules as they are lived."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from functions.domain import call_backs, complaints, steps, sweep
from functions.domain.access import Caller, Role
from functions.domain.audit import _differs
from functions.domain.errors import (
    ChangedMeanwhile,
    InvalidRequest,
    NotFound,
    NotPermitted,
    PauseNotAllowed,
    TooLate,
    TransitionNotAllowed,
)
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.complaints import NewComplaint
from schemas.steps import CallBack, Step
from tests.factories import CENTRAL_OFFICE, CITIZEN, DPO, NOON, OTHER_CITIZEN, RPO, SDPO, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
HOUR = timedelta(hours=1)
STEP = TypeAdapter(Step)
TEXT = "Enough was written here to be read."
CENTRE = Caller("desk-1", Role.FRONT_DESK, "ps-rwp-cantt")


def lodge(key="key-1", caller=CITIZEN, now=NOON, **changes):
    return complaints.lodge(caller, NewComplaint(**complaint_body(**changes)), key, now).reference


def step(reference, action, hours, caller=SDPO, **fields):
    taken = STEP.validate_python({"action": action, **fields})
    return steps.take(caller, reference, taken, NOON + hours * HOUR, None)


def reported(hours=10, **changes):
    reference = lodge(**changes)
    step(reference, "accept", 1)
    step(reference, "contact", 2, outcome="reached")
    step(reference, "report", hours, finding="substantiated", text=TEXT)
    return reference


def closed(rating=5):
    reference = reported()
    step(reference, "confirm", 20, CITIZEN, rating=rating)
    return reference


def actions(case):
    return [entry.action for entry in case.history]


def assert_chain_binds(reference):
    case = cases.get(reference)
    assert _differs(f"case:{reference}", complaints.whole_history(case)) is None


def test_while_the_citizen_is_asked_the_reports_clock_stands_and_then_goes_on_from_there():
    reference = lodge()
    step(reference, "accept", 1)
    asked = step(reference, "ask", 10, text="Which gate was it?")
    assert (asked.state, asked.progress.paused_at) == ("information_awaited", NOON + 10 * HOUR)

    told = step(reference, "inform", 30, CITIZEN, text="The one by the school.")

    assert told.state == "in_progress"
    assert told.final_report_due == NOON + (72 + 20) * HOUR
    assert told.first_contact_due == NOON + 8 * HOUR
    assert_chain_binds(reference)


def test_a_pause_that_lasted_as_long_as_it_may_ends_by_itself_at_its_own_instant():
    reference = lodge()
    step(reference, "accept", 1)
    step(reference, "ask", 10, text="Which gate was it?")
    sweep.flag_overdue(NOON + 140 * HOUR)
    case = cases.get(reference)

    assert case.state == "in_progress"
    assert case.final_report_due == NOON + (72 + 120) * HOUR
    assert "resume" in actions(case)


def test_a_clock_that_ran_out_does_not_stand():
    reference = lodge()
    step(reference, "accept", 1)
    asked = step(reference, "ask", 80, text="Which gate was it?")
    assert asked.progress.paused_at is None

    again = step(reference, "resume", 90, note="Found out.")

    assert again.final_report_due == NOON + 72 * HOUR
    assert again.flagged_at("final_report") == NOON + 80 * HOUR


def test_nobody_is_asked_without_end():
    reference = lodge()
    step(reference, "accept", 1)
    for hours in (2, 4):
        step(reference, "ask", hours, text="Which gate was it?")
        step(reference, "inform", hours + 1, CITIZEN, text="The one by the school.")

    with pytest.raises(PauseNotAllowed):
        step(reference, "ask", 6, text="And which street?")


def test_a_report_in_a_pause_ends_the_pause():
    reference = lodge()
    step(reference, "accept", 1)
    step(reference, "ask", 10, text="Which gate was it?")
    case = step(reference, "report", 20, finding="substantiated", text=TEXT)

    assert (case.progress.paused_at, case.progress.pause_until) == (None, None)
    assert case.final_report_due == NOON + 82 * HOUR


def test_a_disputed_report_takes_the_time_it_lay_with_the_citizen_out_of_the_clock():
    reference = reported(hours=10)
    case = step(reference, "dispute", 40, CITIZEN, text=TEXT)

    assert (case.state, case.reported_at) == ("in_progress", None)
    assert case.final_report_due == NOON + (72 + 30) * HOUR
    assert_chain_binds(reference)


def test_a_report_that_came_too_late_gives_no_time_back():
    reference = reported(hours=80)
    case = step(reference, "dispute", 100, CITIZEN, text=TEXT)

    assert case.final_report_due == NOON + 72 * HOUR
    assert case.flagged_at("final_report") is not None


def test_a_transfer_keeps_the_clocks_and_takes_the_district_along():
    reference = lodge()
    case = step(reference, "transfer", 3, office="sd-rwp-cantt", text="It happened there.")

    assert (case.state, case.office, case.district) == ("transferred", "sd-rwp-cantt", "ds-rawalpindi")
    assert case.final_report_due == NOON + 72 * HOUR
    assert_chain_binds(reference)
    with pytest.raises(NotFound):
        step(reference, "accept", 4)
    rawalpindi = Caller("sdpo-9", Role.SDPO, "sd-rwp-cantt")
    assert step(reference, "accept", 4, rawalpindi).state == "accepted"


@pytest.mark.parametrize(
    ("office", "caller"),
    [("ps-lhr-mozang", SDPO), ("sd-lhr-civil-lines", SDPO), ("nowhere", SDPO)],
)
def test_a_case_goes_to_no_office_that_cannot_have_it(office, caller):
    with pytest.raises(InvalidRequest) as refused:
        step(lodge(), "transfer", 1, caller, office=office, text="Not ours.")
    assert refused.value.faults[0].pointer == "/office"


def test_a_case_never_goes_to_the_office_complained_of_or_under_it():
    reference = lodge(about_office="sd-lhr-civil-lines")
    assert cases.get(reference).office == "ds-lahore"

    for office in ("sd-lhr-civil-lines",):
        with pytest.raises(InvalidRequest):
            step(reference, "mark", 1, DPO, office=office)


def test_a_case_is_marked_to_an_office_below_and_to_no_other():
    reference = lodge(station=None, district="ds-lahore")
    with pytest.raises(InvalidRequest):
        step(reference, "mark", 1, DPO, office="sd-rwp-cantt")

    assert step(reference, "mark", 1, DPO, office="sd-lhr-city").office == "sd-lhr-city"


def test_silence_closes_only_after_calls_that_are_on_record_and_apart():
    reference = reported(hours=10)
    sweep.flag_overdue(NOON + 90 * HOUR)
    assert actions(cases.get(reference))[-1] == "attempts_needed"
    for hours in (91, 92, 93, 96):
        step(reference, "contact", hours, outcome="not_reached")
    assert cases.get(reference).progress.attempts == 2
    sweep.flag_overdue(NOON + 100 * HOUR)
    assert cases.get(reference).state == "report_submitted"

    step(reference, "contact", 101, outcome="not_reached")
    sweep.flag_overdue(NOON + 102 * HOUR)
    case = cases.get(reference)

    assert (case.state, case.progress.closed_by) == ("closed", "window")


def test_a_call_before_there_is_a_report_is_no_attempt_to_close():
    reference = lodge()
    step(reference, "accept", 1)

    assert step(reference, "contact", 2, outcome="not_reached").progress.attempts == 0


@pytest.fixture
def drawn(monkeypatch):
    monkeypatch.setattr(call_backs, "is_drawn", lambda _: True)


@pytest.mark.usefixtures("drawn")
def test_a_call_back_from_outside_the_chain_verifies_and_then_the_case_closes():
    reference = reported()
    outside = caller_back("ds-lahore")
    assert [case.reference for case in call_backs.waiting_for(outside, 10)] == [reference]
    verified = call_backs.take(outside, reference, CallBack(outcome="settled"), NOON + 12 * HOUR, None)
    assert verified.state == "verified"
    sweep.flag_overdue(NOON + 37 * HOUR)
    case = cases.get(reference)

    assert (case.state, case.progress.closed_by) == ("closed", "call_back")
    assert call_backs.waiting_for(outside, 10) == []


@pytest.mark.usefixtures("drawn")
def test_a_citizen_who_is_not_content_sends_the_case_back_to_work():
    reference = reported()
    said = CallBack(outcome="not_settled", note="Nobody came.")

    assert (
        call_backs.take(caller_back("ds-lahore"), reference, said, NOON + 12 * HOUR, None).state
        == "in_progress"
    )


@pytest.mark.usefixtures("drawn")
def test_nobody_inside_the_chain_calls_back_and_nothing_that_was_not_reported_is_seen():
    reference = reported()
    inside = Caller("desk-2", Role.FRONT_DESK, "ps-lhr-mozang")
    waiting = lodge(key="another")

    for caller, each in (
        (inside, reference),
        (caller_back("ds-lahore"), waiting),
        (Caller("desk-3", Role.FRONT_DESK), reference),
    ):
        with pytest.raises(NotFound):
            call_backs.take(caller, each, CallBack(outcome="settled"), NOON + 12 * HOUR, None)


def test_a_report_that_was_not_drawn_waits_for_nobody(monkeypatch):
    monkeypatch.setattr(call_backs, "is_drawn", lambda _: False)
    reference = reported()

    assert call_backs.waiting_for(caller_back("ds-lahore"), 10) == []
    with pytest.raises(NotFound):
        call_backs.take(
            caller_back("ds-lahore"), reference, CallBack(outcome="settled"), NOON + 12 * HOUR, None
        )


def test_what_is_called_back_is_drawn_with_a_key_in_the_share_the_policy_names():
    from tests.factories import case as made

    drawn = sum(call_backs.is_drawn(made(reference=f"KH-{n}")) for n in range(600))
    assert 100 < drawn < 200


def caller_back(district):
    from functions.domain.access import calls_back
    from schemas.catalogue.reading import offices

    other = calls_back(district)
    station = next(
        (o.id for o in offices().values() if o.rank == "station" and other in complaints.ladder(o.id)), other
    )
    return Caller("desk-9", Role.FRONT_DESK, station)


def test_a_poor_rating_takes_the_case_one_level_up_on_a_clock_of_its_own():
    reference = reported()
    case = step(reference, "confirm", 20, CITIZEN, rating=1)

    assert (case.state, case.office) == ("appealed", "ds-lahore")
    assert case.appeal_due == NOON + (20 + 120) * HOUR
    assert case.progress.level == 0
    assert actions(case)[-1] == "appeal"
    step(reference, "accept", 21, DPO)
    answered = step(reference, "report", 30, DPO, finding="substantiated", text=TEXT)
    assert answered.appeal_answered_at == NOON + 30 * HOUR
    assert step(reference, "confirm", 40, CITIZEN, rating=4).state == "closed"
    assert_chain_binds(reference)


def test_above_the_central_office_there_is_nobody_to_hear_an_appeal():
    reference = reported()
    for hours, officer in ((20, DPO), (60, RPO), (100, CENTRAL_OFFICE)):
        assert step(reference, "confirm", hours, CITIZEN, rating=1).state == "appealed"
        step(reference, "accept", hours + 1, officer)
        step(reference, "report", hours + 2, officer, finding="not_substantiated", text=TEXT)

    assert step(reference, "confirm", 140, CITIZEN, rating=1).state == "closed"
    with pytest.raises(TransitionNotAllowed):
        step(reference, "appeal", 141, CITIZEN, text=TEXT)


def test_an_ended_case_can_be_taken_up_again_for_72_hours_and_no_longer():
    first, second = closed(), None
    again = step(first, "reopen", 92, CITIZEN, text=TEXT)
    assert (again.state, again.progress.reopened, again.closed_at) == ("reopened", 1, None)
    second = lodge(key="key-2")
    step(second, "accept", 1)
    step(second, "report", 10, finding="substantiated", text=TEXT)
    step(second, "confirm", 20, CITIZEN, rating=5)

    for action in ("reopen", "appeal"):
        with pytest.raises(TooLate):
            step(second, action, 93, CITIZEN, text=TEXT)


def test_a_rejection_is_no_sub_divisions_and_can_be_appealed():
    reference = lodge()
    with pytest.raises(NotPermitted):
        step(reference, "reject", 1, reason="no_facts", text=TEXT)
    step(reference, "reject", 1, DPO, reason="no_facts", text=TEXT)

    assert step(reference, "appeal", 2, CITIZEN, text=TEXT).office == "ds-lahore"


def test_a_merged_case_goes_on_in_the_other_and_its_citizen_can_take_it_out_again():
    parent, child = lodge(), lodge(key="other", caller=OTHER_CITIZEN)
    merged = step(child, "merge", 2, into=parent)
    assert (merged.state, merged.merged_into) == ("merged", parent)
    assert cases.children_of(parent) == [child]

    again = step(child, "reopen", 22, OTHER_CITIZEN, text=TEXT)

    assert (again.state, again.merged_into) == ("reopened", "")
    assert again.final_report_due == NOON + 92 * HOUR
    assert cases.children_of(parent) == []


def test_a_case_is_merged_into_nothing_that_would_lose_it_or_show_it_to_the_accused():
    parent, child = lodge(), lodge(key="b", caller=OTHER_CITIZEN)
    about = lodge(key="c", about_office="ps-lhr-mozang")
    far = lodge(key="d", station=None, district="ds-multan")
    gone = lodge(key="e")
    step(gone, "withdraw", 1, CITIZEN)
    step(child, "merge", 2, into=parent)

    for case, into in (
        (about, parent),
        (parent, parent),
        (parent, far),
        (parent, gone),
        (parent, "KH-nonsense"),
        (parent, about),
    ):
        with pytest.raises(InvalidRequest) as refused:
            step(case, "merge", 3, into=into)
        assert refused.value.faults[0].pointer == "/into"


def test_of_two_at_once_one_wins_and_the_other_is_told_the_present_state(monkeypatch):
    reference = lodge()

    def stale(_):
        raise StaleError

    monkeypatch.setattr(steps, "save", stale)
    with pytest.raises(ChangedMeanwhile) as refused:
        step(reference, "accept", 1)
    assert refused.value.words["state"] == "lodged"


def test_a_first_call_that_was_never_made_is_not_missed_while_the_case_is_over():
    reference = lodge()
    step(reference, "withdraw", 1, CITIZEN)
    other = lodge(key="b")
    step(other, "accept", 1)
    step(other, "report", 2, finding="substantiated", text=TEXT)
    step(other, "confirm", 3, CITIZEN, rating=5)
    case = step(other, "reopen", 33, CITIZEN, text=TEXT)

    assert case.first_contact_due == NOON + (8 + 30) * HOUR
    assert case.final_report_due == NOON + (72 + 31) * HOUR
    sweep.flag_overdue(NOON + 34 * HOUR)
    assert cases.get(other).flagged == ()
    assert_chain_binds(other)


def test_a_call_that_was_missed_before_the_case_ended_stays_missed():
    reference = lodge()
    step(reference, "accept", 9)
    step(reference, "report", 10, finding="substantiated", text=TEXT)
    step(reference, "confirm", 11, CITIZEN, rating=5)
    case = step(reference, "reopen", 40, CITIZEN, text=TEXT)

    assert case.first_contact_due == NOON + 8 * HOUR
    assert case.flagged_at("first_contact") == NOON + 9 * HOUR


def test_a_step_after_a_pause_that_no_sweep_ended_finds_the_clock_going_again():
    reference = lodge()
    step(reference, "accept", 1)
    step(reference, "ask", 10, text="Which gate was it?")
    case = step(reference, "report", 10 + 120 + 63, finding="substantiated", text=TEXT)

    assert case.final_report_due == NOON + (72 + 120) * HOUR
    assert case.flagged_at("final_report") == NOON + 193 * HOUR


def test_an_answer_that_comes_after_the_pause_is_taken():
    reference = lodge()
    step(reference, "accept", 1)
    step(reference, "ask", 10, text="Which gate was it?")
    sweep.flag_overdue(NOON + 131 * HOUR)

    case = step(reference, "inform", 132, CITIZEN, text="The one by the school.")
    assert (case.state, case.final_report_due) == ("in_progress", NOON + 192 * HOUR)


def test_a_merged_case_can_be_taken_out_as_long_as_the_other_goes_on_and_72_hours_after():
    parent, child, other = lodge(), lodge(key="b", caller=OTHER_CITIZEN), lodge(key="c", caller=OTHER_CITIZEN)
    for each in (child, other):
        step(each, "merge", 2, into=parent)
    assert step(child, "reopen", 200, OTHER_CITIZEN, text=TEXT).state == "reopened"

    step(parent, "withdraw", 201, CITIZEN)
    with pytest.raises(TooLate):
        step(other, "reopen", 201 + 73, OTHER_CITIZEN, text=TEXT)
    assert step(other, "reopen", 201 + 71, OTHER_CITIZEN, text=TEXT).state == "reopened"
