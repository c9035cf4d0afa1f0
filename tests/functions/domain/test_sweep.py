"""The ladder of time: every missed step climbed once, whenever and however often the sweep runs."""

from datetime import timedelta

import pytest

from functions.domain import complaints, inbox, marking, moving, steps, sweep
from functions.domain.inbox import Asked
from functions.storage import cases, holidays
from functions.storage.tables import StoreFailureError
from schemas.complaints import NewComplaint
from schemas.holidays import Amend
from schemas.steps import Accept, Contact, Report
from tests.factories import ADMINISTRATOR, CENTRAL_OFFICE, CITIZEN, DPO, NOON, SDPO, complaint_body

pytestmark = pytest.mark.usefixtures("tables")
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def lodge(key="key-1", now=NOON, **changes):
    return complaints.lodge(CITIZEN, NewComplaint(**complaint_body(**changes)), key, now).reference


def climbed(reference):
    facts = [dict(e.facts) for e in cases.get(reference).history if e.action == "escalate"]
    return [(int(f["level"]), f["office"]) for f in facts]


ALL_LEVELS = [
    (1, "sd-lhr-civil-lines"),
    (2, "sd-lhr-civil-lines"),
    (3, "ds-lahore"),
    (4, "rg-lahore"),
    (5, "pb"),
]


def contacted():
    reference = lodge()
    steps.take(SDPO, reference, Accept(action="accept"), NOON + HOUR, None)
    steps.take(SDPO, reference, Contact(action="contact", outcome="reached"), NOON + HOUR, None)
    return reference


def test_a_case_climbs_one_level_a_missed_step_through_all_five():
    reference, levels = contacted(), []
    for share in (0.6, 0.8, 1, 1.25, 1.5):
        due = NOON + share * 72 * HOUR
        sweep.flag_overdue(due)
        before = cases.get(reference).progress.level
        sweep.flag_overdue(due + SECOND)
        levels.append((before, cases.get(reference).progress.level))

    assert levels == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    assert climbed(reference) == ALL_LEVELS


@pytest.mark.parametrize("ticks", [[200], [50, 200], [30, 60, 90, 200, 200]])
def test_missed_ticks_and_repeated_ones_end_at_the_same_steps(ticks):
    reference = contacted()
    for hours in ticks:
        sweep.flag_overdue(NOON + hours * HOUR)

    assert climbed(reference) == ALL_LEVELS
    assert [c for c, _ in cases.get(reference).flagged] == ["final_report"]


def test_what_nobody_took_up_climbs_as_well():
    reference = lodge()
    sweep.flag_overdue(NOON + 25 * HOUR)

    assert cases.get(reference).state == "lodged"
    assert [level for level, _ in climbed(reference)] == [2, 3, 4, 5]


def test_a_level_is_climbed_once_though_both_clocks_have_ladders():
    reference = lodge()
    for hours in (25, 50, 200):
        sweep.flag_overdue(NOON + hours * HOUR)

    assert [level for level, _ in climbed(reference)] == [2, 3, 4, 5]
    assert cases.get(reference).progress.level == 5


def test_no_comment_and_no_second_call_resets_a_clock():
    reference = contacted()
    steps.take(SDPO, reference, Contact(action="contact", outcome="reached"), NOON + 50 * HOUR, None)

    assert cases.get(reference).final_report_due == NOON + 72 * HOUR


def test_the_ladder_of_a_complaint_about_an_office_passes_it_by():
    reference = lodge(about_office="ds-lahore")
    sweep.flag_overdue(NOON + 200 * HOUR)

    assert {office for _, office in climbed(reference)} == {"rg-lahore", "pb"}


def test_after_the_last_step_the_sweep_has_nothing_more_to_examine():
    lodge()
    sweep.flag_overdue(NOON + 500 * HOUR)

    assert sweep.flag_overdue(NOON + 9_000 * HOUR).examined == 0
    assert len(list(cases.open_in("ds-lahore"))) == 1


def test_the_forecast_is_asked_at_reminders_until_it_warns_and_is_on_record():
    reference, asked = lodge(), []

    def forecast(case, rules, now):
        asked.append(now)
        return 0.812 if len(asked) > 1 else None

    for hours in (5, 37, 60):
        sweep.flag_overdue(NOON + hours * HOUR, forecast=forecast)
    case = cases.get(reference)

    assert case.progress.at_risk
    assert len(asked) == 2
    assert [dict(e.facts)["probability"] for e in case.history if e.action == "forecast"] == ["0.81"]


def test_the_inbox_is_ordered_by_time_left_whatever_was_flagged():
    later, sooner = lodge(key="a", now=NOON + HOUR), lodge(key="b")
    done = lodge(key="c")
    steps.take(SDPO, done, Accept(action="accept"), NOON, None)
    steps.take(SDPO, done, Contact(action="contact", outcome="reached"), NOON, None)
    steps.take(
        SDPO, done, Report(action="report", finding="substantiated", text="Written today."), NOON, None
    )
    sweep.flag_overdue(NOON + 8 * HOUR + SECOND)
    rows, _ = inbox.page(SDPO, Asked(), None, 10)

    assert [row.case.reference for row in rows] == [sooner, later, done]
    assert rows[2].clock is None


def test_the_inbox_pages_on_without_gap_or_repeat_and_filters():
    made = [
        lodge(key=f"k-{n}", now=NOON + n * HOUR, category=c)
        for n, c in enumerate(("slackness", "fir_not_registered") * 3)
    ]
    seen, position = [], None
    while True:
        rows, position = inbox.page(DPO, Asked(), position, 4)
        seen += [row.case.reference for row in rows]
        if position is None:
            break

    assert seen == made
    assert len(inbox.page(DPO, Asked(complaint_class="C"), None, 10)[0]) == 3
    assert inbox.page(DPO, Asked(states=frozenset({"accepted"})), None, 10)[0] == []
    assert inbox.page(DPO, Asked(office="sd-lhr-city"), None, 10)[0] == []
    assert inbox.page(DPO, Asked(district="ds-multan"), None, 10)[0] == []


def test_a_page_that_passes_too_many_by_ends_short_and_says_where_to_go_on(monkeypatch):
    monkeypatch.setattr(inbox, "LOOKED_AT", 2)
    for number in range(4):
        lodge(key=f"k-{number}", now=NOON + number * HOUR)
    rows, position = inbox.page(DPO, Asked(states=frozenset({"accepted"})), None, 2)

    assert (rows, position is not None) == ([], True)


def test_an_index_row_whose_case_has_ended_meanwhile_is_not_shown(monkeypatch):
    reference = lodge()
    rows = list(cases.open_in("ds-lahore"))
    from schemas.steps import Withdraw

    steps.take(CITIZEN, reference, Withdraw(action="withdraw"), NOON, None)
    monkeypatch.setattr(cases, "open_in", lambda area: iter(rows if area == "ds-lahore" else ()))

    assert inbox.page(DPO, Asked(), None, 10) == ([], None)


def test_how_an_office_stands_is_counted_from_the_index():
    lodge(key="a")
    lodge(key="b", now=NOON + 6 * HOUR)
    now = NOON + 9 * HOUR
    counts = inbox.counts(SDPO, now, now + 6 * HOUR)

    assert (counts.open, counts.overdue, counts.due_soon, counts.waiting_for_citizen) == (2, 1, 1, 0)


def test_a_complaint_without_a_station_is_marked_to_the_least_loaded_sub_division_once():
    lodge(key="load-1", station="ps-lhr-mozang")
    lodge(key="load-2", station="ps-lhr-model-town")
    reference = lodge(key="c", station=None, district="ds-lahore")

    assert marking.mark_by_load(reference, NOON)
    assert not marking.mark_by_load(reference, NOON)
    assert (cases.get(reference).office, cases.get(reference).state) == ("sd-lhr-city", "marked")
    assert cases.get(reference).first_contact_due == NOON + 8 * HOUR


def test_where_no_sub_division_is_known_or_a_station_was_named_nothing_is_marked():
    assert not marking.mark_by_load(lodge(key="a", station=None, district="ds-multan"), NOON)
    assert not marking.mark_by_load(lodge(key="b"), NOON)
    assert not marking.mark_by_load("KH-2222-2222-2", NOON)


def test_a_sub_division_complained_of_is_passed_by_when_marking():
    reference = lodge(key="c", station=None, district="ds-lahore", about_office="sd-lhr-civil-lines")

    assert "sd-lhr-civil-lines" not in [office for office, _ in marking.loads(cases.get(reference))]


def service_delay(now):
    return lodge(key=f"s-{now}", now=now, category="service_delay")


def test_a_moved_eid_moves_open_working_deadlines_and_no_running_ones():
    from functions.domain import holidays as amending

    monday = NOON.replace(year=2027, month=3, day=1)
    slow, running = service_delay(monday), lodge(now=monday)
    before = cases.get(slow).final_report_due
    new = Amend.model_validate(
        {
            "kind": "holiday",
            "name": {"en": "Day of mourning", "ur": "یوم سوگ"},
            "days": ["2027-03-03", "2027-03-04"],
            "reason": "Declared.",
        }
    )
    amending.amend(ADMINISTRATOR, "mourning-2027", new, monday + HOUR, None)
    later = monday + 3 * HOUR
    moved = moving.move_deadlines(later)
    case = cases.get(slow)

    assert (moved.examined, moved.moved, moved.finished) == (1, 1, True)
    assert case.final_report_due > before
    assert dict(case.history[-1].facts)["why"] == "holiday"
    assert cases.get(running).final_report_due == monday + 72 * HOUR
    assert moving.move_deadlines(later) == moving.Moving()
    assert holidays.moved_until() == 1


def test_moving_is_repeated_until_nobody_can_have_lodged_by_the_former_calendar(monkeypatch):
    from functions.storage.holidays import Revision

    monkeypatch.setattr(moving.calendars, "revision", lambda now, fresh: Revision(3, NOON))
    moving.move_deadlines(NOON + SECOND)
    assert holidays.moved_until() == 0
    assert moving.move_deadlines(NOON + HOUR, has_time=lambda: False).finished
    assert holidays.moved_until() == 3


def test_a_case_that_cannot_be_read_is_counted_and_the_walk_is_not_done(monkeypatch):
    from functions.storage.holidays import Revision

    service_delay(NOON.replace(month=9))
    monkeypatch.setattr(moving.calendars, "revision", lambda now, fresh: Revision(3, NOON))
    monkeypatch.setattr(moving, "_moved", lambda *_: (_ for _ in ()).throw(StoreFailureError("busy")))
    done = moving.move_deadlines(NOON.replace(year=2027))

    assert (done.failed, holidays.moved_until()) == (1, 0)
    assert not moving.move_deadlines(NOON.replace(year=2027), has_time=lambda: False).finished


def test_the_central_office_sees_the_overdue_of_every_district():
    for number, place in enumerate(("ds-multan", "ds-attock")):
        lodge(key=f"k-{number}", station=None, district=place)

    assert len(inbox.overdue(CENTRAL_OFFICE, None, NOON + 9 * HOUR, None, 10)[0]) == 2
