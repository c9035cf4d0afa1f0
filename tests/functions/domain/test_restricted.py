"""Reports of violence against women, and complaints about officers: who is told, who is not, what is on record."""

from dataclasses import replace

import pytest

from functions.domain import complaints, inbox, steps, sweep
from functions.domain.access import CLEARANCE_WOMEN, Caller, Role
from functions.domain.errors import CaseFull, ChangedMeanwhile, InvalidRequest, NotFound, PurposeNeeded
from functions.domain.history import first_broken
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.complaints import NewComment, NewComplaint
from schemas.steps import Accept
from tests import people
from tests.factories import CENTRAL_OFFICE, CITIZEN, DPO, NOON, SDPO, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
CLEARED = replace(SDPO, clearances=frozenset({CLEARANCE_WOMEN}), purpose="handling")
OFFICER = Caller("constable-1", Role.STATION_OFFICER, "ps-lhr-mozang")


def lodge(key="key-1", **changes):
    return complaints.lodge(CITIZEN, NewComplaint(**complaint_body(**changes)), key, NOON)


@pytest.fixture
def report():
    return lodge(category="violence_against_women").reference


def test_a_cleared_officers_reading_is_on_record_before_it_is_answered(report):
    case = complaints.read(CLEARED, report, NOON)
    last = cases.get(report).history[-1]

    assert (last.action, last.actor, last.facts) == ("read", "sdpo-1", (("purpose", "handling"),))
    assert case.history[-1] == last
    assert first_broken(case.history) is None


def test_a_reading_is_no_change_to_whoever_is_at_work_on_the_case(report):
    before = complaints.read(CLEARED, report, NOON).version

    assert complaints.read(CLEARED, report, NOON).version == before
    assert steps.take(CLEARED, report, Accept(action="accept"), NOON, before).state == "accepted"


def test_every_reading_is_on_record_and_the_citizens_own_is_not(report):
    for _ in range(3):
        complaints.read(CLEARED, report, NOON)
    complaints.read(CITIZEN, report, NOON)

    assert [e.action for e in cases.get(report).history] == ["lodge", "read", "read", "read"]


def test_whoever_is_not_cleared_cannot_tell_it_from_none(report):
    for caller in (SDPO, DPO, CENTRAL_OFFICE):
        with pytest.raises(NotFound):
            complaints.read(caller, report, NOON)


def test_only_the_cleared_are_asked_for_a_purpose(report):
    with pytest.raises(PurposeNeeded):
        complaints.read(replace(CLEARED, purpose=""), report, NOON)
    with pytest.raises(PurposeNeeded):
        steps.take(replace(CLEARED, purpose=""), report, Accept(action="accept"), NOON, None)
    assert [e.action for e in cases.get(report).history] == ["lodge"]


def test_a_step_and_a_comment_carry_their_purpose(report):
    steps.take(CLEARED, report, Accept(action="accept"), NOON, None)
    complaints.comment(CLEARED, report, NewComment(text="Taken up."), "c-1", NOON)

    assert [dict(e.facts).get("purpose") for e in cases.get(report).history] == [None, "handling", "handling"]


def test_a_reading_that_meets_a_change_is_noted_after_it(report, monkeypatch):
    real = cases.save

    def raced(case, indexed):
        monkeypatch.setattr(cases, "save", real)
        complaints.comment(CITIZEN, report, NewComment(text="Any news?"), "c-1", NOON)
        return real(case, indexed)

    monkeypatch.setattr(cases, "save", raced)
    complaints.read(CLEARED, report, NOON)

    assert [e.action for e in cases.get(report).history] == ["lodge", "comment", "read"]


def test_what_cannot_be_put_on_record_is_not_shown(report, monkeypatch):
    def stale(*_):
        raise StaleError

    monkeypatch.setattr(cases, "save", stale)

    with pytest.raises(ChangedMeanwhile):
        complaints.read(CLEARED, report, NOON)


def test_an_ordinary_reading_writes_nothing():
    case = lodge()
    complaints.read(SDPO, case.reference, NOON)

    assert cases.get(case.reference).write_id == case.write_id


def test_a_complaint_about_an_officer_goes_above_the_officers_office():
    people.enrol(OFFICER, service_number="LHR1234")
    case = lodge(about_officers=["lhr-1234"])

    assert (case.office, case.about_offices, case.accused) == (
        "sd-lhr-civil-lines",
        ("ps-lhr-mozang",),
        ("constable-1", "#LHR1234"),
    )


def test_the_officer_over_whose_desk_it_would_go_never_gets_it():
    people.enrol(SDPO, service_number="LHR7")
    case = lodge(about_officers=["LHR 7"])

    assert (case.office, case.accused) == ("ds-lahore", ("sdpo-1", "#LHR7"))
    with pytest.raises(NotFound):
        complaints.read(SDPO, case.reference, NOON)
    assert complaints.read(DPO, case.reference, NOON).reference == case.reference


def test_an_officer_who_was_moved_up_since_still_does_not_see_it():
    people.enrol(SDPO, service_number="LHR7")
    case = lodge(about_officers=["LHR7"])
    promoted = Caller("sdpo-1", Role.DPO, "ds-lahore")
    sweep.flag_overdue(NOON.replace(day=20))

    with pytest.raises(NotFound):
        complaints.read(promoted, case.reference, NOON)
    assert inbox.overdue(promoted, None, NOON.replace(day=20), None, 25)[0] == []
    assert len(inbox.overdue(DPO, None, NOON.replace(day=20), None, 25)[0]) == 1


def test_of_several_offices_complained_of_it_goes_above_them_all():
    people.enrol(DPO, service_number="LHR1")

    assert lodge(about_officers=["LHR1"], about_office="ps-lhr-mozang").office == "rg-lahore"


def test_a_number_nobody_has_is_named_and_nothing_is_kept():
    people.enrol(OFFICER, service_number="LHR1234")
    with pytest.raises(InvalidRequest) as refused:
        lodge(about_officers=["LHR1234", "LHR9999"])

    assert [fault.pointer for fault in refused.value.faults] == ["/about_officers/1"]
    assert cases.of_owner("citizen-1", before=None, limit=5) == ([], None)


def test_an_accused_without_an_office_is_still_denied():
    people.enrol(Caller("auditor-1", Role.AUDITOR), service_number="CPO1")
    case = lodge(about_officers=["CPO1"])

    assert (case.accused, case.about_offices) == (("auditor-1", "#CPO1"), ())


def test_to_the_overdue_list_an_uncleared_officer_sees_no_restricted_case(report):
    sweep.flag_overdue(NOON.replace(day=20))

    assert inbox.overdue(SDPO, None, NOON.replace(day=20), None, 25)[0] == []
    assert len(inbox.overdue(CLEARED, None, NOON.replace(day=20), None, 25)[0]) == 1


def test_an_accused_with_another_account_and_the_same_number_does_not_see_it():
    people.enrol(OFFICER, service_number="LHR1234")
    case = lodge(about_officers=["LHR1234"])
    again = replace(SDPO, subject="sdpo-again", service_number="LHR1234")

    with pytest.raises(NotFound):
        complaints.read(again, case.reference, NOON)


def test_that_there_is_more_is_said_only_of_what_one_may_see():
    for key in ("a", "b"):
        lodge(key)
    people.enrol(SDPO, service_number="LHR7")
    lodge("c", about_officers=["LHR7"])
    sweep.flag_overdue(NOON.replace(day=20))

    rows, following = inbox.overdue(replace(DPO, subject="sdpo-1"), None, NOON.replace(day=20), None, 2)
    assert (len(rows), following) == (2, None)


def test_readings_leave_the_citizen_room_to_write(report, monkeypatch):
    monkeypatch.setattr(complaints, "ENTRIES_A_CASE", 4)
    for _ in range(6):
        complaints.read(CLEARED, report, NOON)
    for number in range(3):
        complaints.comment(CITIZEN, report, NewComment(text=f"Any news? {number}"), f"c-{number}", NOON)

    with pytest.raises(CaseFull):
        complaints.comment(CITIZEN, report, NewComment(text="Once more"), "c-9", NOON)


def test_what_is_wrong_with_the_place_is_said_before_a_number_is_looked_up():
    with pytest.raises(InvalidRequest) as refused:
        lodge(about_officers=["LHR9999"], district="ds-multan")

    assert [fault.pointer for fault in refused.value.faults] == ["/district"]
