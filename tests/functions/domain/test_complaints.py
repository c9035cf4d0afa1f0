import hashlib
from datetime import timedelta

import pytest

from functions.domain import complaints, inbox, steps, sweep
from functions.domain.access import Caller, Role
from functions.domain.errors import (
    CaseFull,
    ChangedMeanwhile,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    NotPermitted,
    PreconditionFailed,
    TransitionNotAllowed,
)
from functions.domain.history import first_broken
from functions.domain.privacy import key_of
from functions.storage import cases
from functions.storage.tables import StaleError, StoreFailureError
from schemas.complaints import NewComment, NewComplaint
from schemas.steps import Accept, Confirm, Contact, Dispute, Report, Withdraw
from tests.factories import (
    CENTRAL_OFFICE,
    CITIZEN,
    DPO,
    NOON,
    OTHER_CITIZEN,
    OTHER_SDPO,
    SDPO,
    complaint_body,
)

pytestmark = pytest.mark.usefixtures("tables")
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
LATE = NOON + 20 * HOUR
REACHED = Contact(action="contact", outcome="reached")
REPORT = Report(action="report", finding="substantiated", text="The report was written today.")


def lodge(key="key-1", caller=CITIZEN, now=NOON, **changes):
    return complaints.lodge(caller, NewComplaint(**complaint_body(**changes)), key, now)


def step(reference, what, caller=SDPO, now=NOON + HOUR, if_version=None):
    return steps.take(caller, reference, what, now, if_version)


def overdue_references(caller=CENTRAL_OFFICE, district=None):
    rows, _ = inbox.overdue(caller, district, LATE, None, 100)
    return [row.case.reference for row in rows]


def test_a_complaint_lies_with_the_sub_division_of_its_station():
    assert lodge().office == "sd-lhr-civil-lines"


def test_without_a_station_it_lies_with_the_district():
    assert lodge(station=None, district="ds-multan").office == "ds-multan"


@pytest.mark.parametrize(
    ("about", "office"),
    [
        ("ps-lhr-mozang", "sd-lhr-civil-lines"),
        ("sd-lhr-civil-lines", "ds-lahore"),
        ("ds-lahore", "rg-lahore"),
        ("rg-lahore", "pb"),
        ("ps-lhr-model-town", "ds-lahore"),
        ("sd-lhr-model-town", "ds-lahore"),
        ("rg-multan", "pb"),
    ],
)
def test_a_complaint_about_an_office_goes_above_it(about, office):
    assert lodge(about_office=about).office == office


def test_a_district_that_is_not_the_stations_is_refused():
    with pytest.raises(InvalidRequest) as refused:
        lodge(district="ds-multan")

    assert refused.value.faults[0].pointer == "/district"


def test_a_complaint_about_the_highest_office_says_where_to_go():
    with pytest.raises(InvalidRequest) as refused:
        lodge(about_office="pb")

    assert refused.value.faults[0].pointer == "/about_office"


@pytest.mark.parametrize(
    ("field", "value"),
    [("station", "ps-nowhere"), ("station", "ds-lahore"), ("about_office", "nobody"), ("category", "noise")],
)
def test_what_the_catalogue_does_not_know_is_refused_by_name_and_nothing_is_stored(field, value):
    with pytest.raises(InvalidRequest) as refused:
        lodge(**{field: value})

    assert refused.value.faults[0].pointer == f"/{field}"
    assert complaints.mine(CITIZEN, None, 10) == ([], None)


def test_a_repeat_under_the_same_key_answers_the_same_case_and_adds_nothing():
    first = lodge()
    again = lodge(now=NOON + HOUR)

    assert again == first
    assert len(complaints.mine(CITIZEN, None, 10)[0]) == 1


def test_a_repeat_answers_as_at_first_even_after_the_case_has_moved_on():
    first = lodge()
    step(first.reference, Accept(action="accept"))

    assert lodge().lodged_at == first.lodged_at


def test_another_body_under_the_same_key_is_refused():
    lodge()

    with pytest.raises(IdempotencyKeyReused):
        lodge(narrative="Another matter altogether, of another day.")


def test_two_people_may_choose_the_same_key():
    assert lodge().reference != lodge(caller=OTHER_CITIZEN).reference


def test_a_reference_already_taken_by_another_case_is_passed_over(monkeypatch):
    first = lodge()
    real = complaints.reference_for
    monkeypatch.setattr(
        complaints, "reference_for", lambda seed, n: first.reference if n == 0 else real(seed, n)
    )

    second = lodge(key="key-2")

    assert second.reference != first.reference
    assert complaints.show(CITIZEN, second.reference).reference == second.reference


def test_a_stranger_cannot_tell_a_case_from_none():
    reference = lodge().reference

    with pytest.raises(NotFound):
        complaints.show(OTHER_CITIZEN, reference)
    with pytest.raises(NotFound):
        complaints.show(OTHER_SDPO, reference)


def test_a_comment_moves_no_deadline():
    before = lodge()
    complaints.comment(CITIZEN, before.reference, NewComment(text="Any news?"), "c-1", NOON + 5 * HOUR)
    after = complaints.show(CITIZEN, before.reference)

    assert (after.first_contact_due, after.final_report_due) == (
        before.first_contact_due,
        before.final_report_due,
    )
    assert key_of(after, CITIZEN).text(after.history[-1]) == "Any news?"


def test_a_comment_does_not_save_a_case_from_the_sweep():
    reference = lodge().reference
    complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON + 7 * HOUR)

    assert sweep.flag_overdue(NOON + 8 * HOUR + SECOND).flagged == 1


def test_a_comment_repeated_under_its_key_stands_once():
    reference = lodge().reference
    first = complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON)
    again = complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON + HOUR)

    assert again == first
    assert [e.action for e in complaints.show(CITIZEN, reference).history] == ["lodge", "comment"]


def test_a_comments_key_is_not_for_another_text():
    reference = lodge().reference
    complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON)

    with pytest.raises(IdempotencyKeyReused):
        complaints.comment(CITIZEN, reference, NewComment(text="Something else"), "c-1", NOON)


def test_a_comment_that_meets_another_change_is_added_after_it(monkeypatch):
    reference = lodge().reference
    real, races = cases.save, iter([True, False])

    def raced(case, indexed):
        if next(races, False):
            monkeypatch.setattr(cases, "save", real)
            step(reference, Accept(action="accept"))
        return real(case, indexed)

    monkeypatch.setattr(cases, "save", raced)
    complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON)

    assert [e.action for e in complaints.show(CITIZEN, reference).history] == ["lodge", "accept", "comment"]


def test_a_comment_gives_up_when_it_is_always_too_late(monkeypatch):
    reference = lodge().reference

    def stale(*_, **__):
        raise StaleError

    monkeypatch.setattr(cases, "save", stale)
    with pytest.raises(ChangedMeanwhile):
        complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-1", NOON)


def long_text(number):
    """A kilobyte and a half that cannot be written shorter, the same for the same number."""
    return hashlib.shake_256(str(number).encode()).hexdigest(750)


def test_long_histories_move_to_parts_and_stay_whole():
    reference = lodge().reference
    for number in range(40):
        complaints.comment(CITIZEN, reference, NewComment(text=long_text(number)), f"c-{number}", NOON)
    case = complaints.show(CITIZEN, reference)
    history = complaints.whole_history(case)

    assert case.archived_parts > 0
    assert [e.sequence for e in history] == list(range(1, 42))
    assert first_broken(history) is None


def test_a_key_is_remembered_after_its_comment_has_moved_to_a_part():
    reference = lodge().reference
    for number in range(20):
        complaints.comment(CITIZEN, reference, NewComment(text=long_text(number)), f"c-{number}", NOON)

    again = complaints.comment(CITIZEN, reference, NewComment(text=long_text(0)), "c-0", NOON + HOUR)

    assert again.sequence == 2


def test_the_life_of_a_complaint_up_to_the_citizens_word():
    reference = lodge().reference
    states = [
        step(reference, Accept(action="accept", note="Mine.")).state,
        step(reference, REACHED).state,
        step(reference, REPORT).state,
        step(reference, Confirm(action="confirm", rating=4), caller=CITIZEN).state,
    ]

    assert states == ["accepted", "contacted", "report_submitted", "closed"]
    assert complaints.show(CITIZEN, reference).closed_at == NOON + HOUR


def test_a_call_that_reached_nobody_stops_no_clock():
    reference = lodge().reference
    step(reference, Accept(action="accept"))

    assert step(reference, Contact(action="contact", outcome="not_reached")).first_contacted_at is None


def test_the_first_call_that_reached_the_citizen_counts():
    reference = lodge().reference
    step(reference, Accept(action="accept"))
    step(reference, REACHED, now=NOON + HOUR)

    assert step(reference, REACHED, now=NOON + 2 * HOUR).first_contacted_at == NOON + HOUR


def test_a_disputed_report_is_no_report_and_keeps_its_deadline():
    lodged = lodge()
    step(lodged.reference, Accept(action="accept"))
    step(lodged.reference, REPORT)
    disputed = step(
        lodged.reference, Dispute(action="dispute", text="Nothing was written at all."), caller=CITIZEN
    )

    assert (disputed.reported_at, disputed.final_report_due) == (None, lodged.final_report_due)


@pytest.mark.parametrize("days", [1, 19])
def test_a_deadline_missed_before_the_sweep_saw_it_is_flagged_by_the_step_that_came_late(days):
    reference = lodge().reference
    late = NOON + timedelta(days=days)
    step(reference, Accept(action="accept"), now=late)
    called = step(reference, REACHED, now=late + HOUR)
    flags = [dict(e.facts)["clock"] for e in called.history if e.action == "flag_overdue"]

    assert called.flagged_at("first_contact") == late
    assert flags == (["first_contact"] if days == 1 else ["first_contact", "final_report"])
    actions = [e.action for e in called.history]
    assert actions.index("flag_overdue") < actions.index("accept")


def test_withdrawing_late_hides_no_missed_deadline():
    reference = lodge().reference
    gone = step(reference, Withdraw(action="withdraw"), caller=CITIZEN, now=NOON + timedelta(days=19))

    assert [clock for clock, _ in gone.flagged] == ["first_contact", "final_report"]


def test_a_case_the_sweep_cannot_read_hides_none_behind_it(monkeypatch):
    references = [lodge(key=f"key-{n}", now=NOON + n * SECOND).reference for n in range(5)]
    real = cases.get

    def broken(reference):
        if reference == references[0]:
            raise StoreFailureError("unreadable")
        return real(reference)

    monkeypatch.setattr(cases, "get", broken)
    swept = sweep.flag_overdue(NOON + 9 * HOUR)

    assert (swept.flagged, swept.failed, swept.finished) == (4, 1, True)


def test_a_case_takes_comments_up_to_its_limit_and_steps_beyond(monkeypatch):
    monkeypatch.setattr(complaints, "ENTRIES_A_CASE", 3)
    reference = lodge().reference
    for number in range(2):
        complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), f"c-{number}", NOON)

    with pytest.raises(CaseFull):
        complaints.comment(CITIZEN, reference, NewComment(text="Any news?"), "c-9", NOON)
    assert step(reference, Accept(action="accept")).state == "accepted"


def test_a_withdrawn_case_is_swept_no_more():
    reference = lodge().reference
    step(reference, Withdraw(action="withdraw"), caller=CITIZEN)

    assert sweep.flag_overdue(NOON + 1000 * HOUR).examined == 0


def test_a_step_on_a_version_that_has_passed_is_refused():
    reference = lodge().reference

    with pytest.raises(PreconditionFailed):
        step(reference, Accept(action="accept"), if_version=7)


def test_of_two_officers_at_once_one_wins_and_the_other_is_told_the_state(monkeypatch):
    reference = lodge().reference
    real = cases.save

    def raced(case, indexed):
        monkeypatch.setattr(cases, "save", real)
        step(reference, Accept(action="accept"), caller=DPO)
        return real(case, indexed)

    monkeypatch.setattr(cases, "save", raced)
    with pytest.raises(ChangedMeanwhile) as refused:
        step(reference, Accept(action="accept"))

    assert refused.value.words["state"] == "accepted"


def test_an_officers_own_write_whose_reply_was_lost_counts_as_done(monkeypatch):
    reference = lodge().reference
    real = cases.CaseItem.save

    def lost(self, *args, **kwargs):
        real(self, *args, **kwargs)
        monkeypatch.setattr(cases.CaseItem, "save", real)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(cases.CaseItem, "save", lost)

    assert step(reference, Accept(action="accept")).state == "accepted"


def test_a_citizen_cannot_report_on_the_own_complaint():
    reference = lodge().reference

    with pytest.raises(NotPermitted):
        step(reference, REPORT, caller=CITIZEN)


def test_a_report_before_acceptance_is_not_possible():
    reference = lodge().reference

    with pytest.raises(TransitionNotAllowed):
        step(reference, REPORT)


def test_a_missed_clock_is_flagged_once_however_often_the_sweep_runs():
    reference = lodge().reference
    runs = [sweep.flag_overdue(NOON + 8 * HOUR + SECOND).flagged for _ in range(3)]

    assert runs == [1, 0, 0]
    assert [e.action for e in complaints.show(CITIZEN, reference).history].count("flag_overdue") == 1


def test_the_sweep_leaves_alone_what_is_in_time():
    lodge()

    assert sweep.flag_overdue(NOON + 4 * HOUR).examined == 0
    assert sweep.flag_overdue(NOON + 8 * HOUR).flagged == 0


def test_a_sweep_that_missed_its_ticks_flags_both_clocks():
    lodge()

    assert sweep.flag_overdue(NOON + 100 * HOUR).flagged == 2


def test_the_final_report_is_flagged_though_first_contact_was_before():
    lodge()
    sweep.flag_overdue(NOON + 9 * HOUR)

    assert sweep.flag_overdue(NOON + 73 * HOUR).flagged == 1


def test_a_sweep_cut_short_goes_on_where_it_stopped():
    for number in range(6):
        lodge(key=f"key-{number}")
    ticks = iter([True, True, False])
    cut = sweep.flag_overdue(NOON + 9 * HOUR, has_time=lambda: next(ticks))
    rest = sweep.flag_overdue(NOON + 9 * HOUR)

    assert (cut.flagged, cut.finished) == (2, False)
    assert (rest.flagged, rest.finished) == (4, True)


def test_the_sweep_looks_again_at_a_case_somebody_just_changed(monkeypatch):
    reference = lodge().reference
    real = cases.save

    def raced(case, indexed):
        monkeypatch.setattr(cases, "save", real)
        step(reference, Accept(action="accept"))
        return real(case, indexed)

    monkeypatch.setattr(cases, "save", raced)

    assert sweep.flag_overdue(NOON + 9 * HOUR).flagged == 1
    actions = [e.action for e in complaints.show(CITIZEN, reference).history]
    assert actions == ["lodge", "accept", "remind", "flag_overdue", "escalate"]


def test_an_index_row_that_lags_behind_its_case_is_not_believed(monkeypatch):
    reference = lodge().reference
    monkeypatch.setattr(cases, "due_before", lambda now, shard: iter([reference, "KH-2222-2222-2"]))

    assert sweep.flag_overdue(NOON + HOUR).flagged == 0


def test_the_longest_overdue_stands_first():
    late = [lodge(key=f"key-{n}", now=NOON + n * HOUR).reference for n in (3, 1, 2)]
    sweep.flag_overdue(NOON + 20 * HOUR)

    assert overdue_references() == [late[1], late[2], late[0]]


def test_overdue_cases_of_all_districts_come_in_one_order_page_by_page():
    places = ["ds-multan", "ds-lahore", "ds-attock", "ds-multan", "ds-lahore"]
    late = [
        lodge(key=f"key-{n}", now=NOON + n * HOUR, station=None, district=place).reference
        for n, place in enumerate(places)
    ]
    sweep.flag_overdue(NOON + 20 * HOUR)
    seen, position = [], None
    while True:
        rows, position = inbox.overdue(CENTRAL_OFFICE, None, LATE, position, 2)
        seen += [row.case.reference for row in rows]
        if position is None:
            break

    assert seen == late


def test_an_officer_sees_what_is_overdue_below_and_not_beside():
    mine = lodge(key="key-1").reference
    lodge(key="key-2", station="ps-lhr-model-town")
    sweep.flag_overdue(NOON + 20 * HOUR)

    assert overdue_references(SDPO) == [mine]
    assert len(overdue_references(DPO)) == 2
    assert overdue_references(Caller("dpo-2", Role.DPO, "ds-multan")) == []
    assert overdue_references(Caller("dpo-3", Role.DPO, None)) == []


def test_a_district_that_is_not_ones_own_shows_nothing():
    lodge()
    sweep.flag_overdue(NOON + 20 * HOUR)

    assert overdue_references(DPO, "ds-multan") == []
    assert len(overdue_references(DPO, "ds-lahore")) == 1


def test_a_complaint_about_an_office_is_not_on_its_overdue_list():
    lodge(about_office="ds-lahore")
    sweep.flag_overdue(NOON + 20 * HOUR)

    assert overdue_references(DPO) == []
    assert len(overdue_references(CENTRAL_OFFICE)) == 1


def test_a_clock_met_late_leaves_the_list():
    reference = lodge().reference
    sweep.flag_overdue(NOON + 9 * HOUR)
    step(reference, Accept(action="accept"), now=NOON + 10 * HOUR)
    step(reference, REACHED, now=NOON + 10 * HOUR)

    assert overdue_references() == []


def test_a_citizens_list_is_paged_newest_first():
    made = [lodge(key=f"key-{n}", now=NOON + n * HOUR).reference for n in range(5)]
    first, position = complaints.mine(CITIZEN, None, 3)
    second, end = complaints.mine(CITIZEN, position, 3)

    assert [row.reference for row in (*first, *second)] == made[::-1]
    assert end is None
