"""What is worked out for the officers' pages: words for time, who has a case, what can be done, promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions import desk_view
from functions.desk_view import Left, left
from functions.domain import figures
from functions.domain.lifecycle import TRANSITIONS
from schemas.cases import Progress
from schemas.complaints import HistoryLine
from tests.factories import NOON, case
from tests.registered import row

HOUR = 3_600


@pytest.mark.parametrize(
    ("seconds", "said", "key"),
    [
        (40 * 60, Left(False, 0, 0, 40), "left_hours"),
        (-(6 * HOUR + 10 * 60), Left(True, 0, 6, 10), "late_hours"),
        (47 * HOUR + 59 * 60, Left(False, 0, 47, 59), "left_hours"),
        (48 * HOUR, Left(False, 2, 0, 0), "left_days"),
        (-75 * HOUR, Left(True, 3, 3, 0), "late_days"),
        (0, Left(False, 0, 0, 0), "left_hours"),
    ],
)
def test_time_is_said_in_hours_and_minutes_and_far_off_in_days(seconds, said, key):
    assert left(seconds) == said
    assert said.key == key


def test_a_case_is_with_the_office_it_was_escalated_to():
    assert desk_view.now_with(case()) == "sd-lhr-civil-lines"
    assert desk_view.now_with(case(progress=Progress(level=3))) == "ds-lahore"
    assert desk_view.now_with(case(progress=Progress(level=5))) == "pb"


def test_a_line_names_the_time_left_and_no_restricted_matter():
    shown = desk_view.row_of_case(case(), NOON)
    assert (shown.clock, shown.left, shown.category.en) == (
        "first_contact",
        Left(False, 0, 8, 0),
        "FIR not registered",
    )
    assert desk_view.row_of_case(case(category="violence_against_women"), NOON).category is None


def test_where_every_clock_was_met_or_stands_no_time_is_left():
    met = case(first_contacted_at=NOON, reported_at=NOON, state="report_submitted")
    still = case(first_contacted_at=NOON, progress=Progress(paused_at=NOON), state="information_awaited")
    assert [
        (line.left, line.stands) for line in (desk_view.row_of_case(each, NOON) for each in (met, still))
    ] == [
        (None, False),
        (None, True),
    ]


def test_an_office_that_is_no_more_goes_by_its_id():
    assert desk_view.office_name("sd-of-old", "en") == "sd-of-old"
    assert desk_view.office_name("ds-lahore", "ur") == "ضلع لاہور"


def test_a_case_goes_to_no_office_it_is_about_and_first_to_its_own_region():
    targets = desk_view.transfer_targets(case(about_offices=("sd-lhr-city",)))
    offered = {office for group in targets.values() for office in group}

    assert next(iter(targets)) == "rg-lahore"
    assert not offered & {"sd-lhr-city", "sd-lhr-civil-lines", "ps-lhr-mozang"}
    assert {"ds-lahore", "sd-rwp-cantt", "pb"} <= offered


def test_every_step_of_an_officer_has_a_form_with_a_key_of_its_own():
    officers = {action for (_, action), t in TRANSITIONS.items() if t.roles & {"sdpo", "dpo"}}
    assert officers - {form.name for form in desk_view.FORMS} == {"attempt"}
    keys = [form.key for form in desk_view.FORMS]
    assert len({*keys, "j", "k", "o", "w"}) == len(keys) + 4


def test_a_call_that_reached_nobody_is_noted_in_the_same_form():
    assert [form.name for form in desk_view.forms(("attempt", "accept"))] == ["accept", "contact"]


@pytest.mark.parametrize(
    ("action", "given", "said"),
    [
        ("transfer", {"office": "ds-lahore", "from": "sd-lhr-city"}, [("fact_to", "Lahore District")]),
        ("escalate", {"clock": "appeal", "level": "5", "office": "pb", "due_at": NOON.isoformat()},
         [("fact_level", "5"), ("fact_told", "Central Police Office, Punjab"), ("clock_appeal", None), ("fact_due_at", NOON)]),
        ("report", {"finding": "substantiated"}, [("finding_substantiated", None)]),
        ("merge", {"into": "KH-2345-6789-A"}, [("fact_into", "KH-2345-6789-A")]),
        ("ask", {"until": NOON.isoformat()}, [("fact_until", NOON)]),
    ],
)  # fmt: skip
def test_an_entry_says_what_it_changed(action, given, said):
    line = HistoryLine(at=NOON, by="sdpo", action=action, facts=given)
    assert list(desk_view.facts(line, "en")) == said


def test_the_step_just_taken_is_the_reader_s_own_last_one_whatever_was_read_since():
    mine, other, reading = (
        HistoryLine(at=NOON, by=by, action=action)
        for by, action in (("you", "accept"), ("sdpo", "begin"), ("you", "read"))
    )
    assert desk_view.step_just_taken((mine, reading)) == "accept"
    assert desk_view.step_just_taken((mine, other)) == ""
    assert desk_view.step_just_taken(()) == ""


# --- promises


def answered(number, *, late=False, **changes):
    due = NOON + timedelta(hours=72)
    at = due + timedelta(hours=1) if late else NOON
    made = row(
        number, state="closed", closed_by="citizen", final_report_due=due, reported_at=at, closed_at=at
    )
    return replace(made, **changes)


def test_a_promise_is_due_once_a_complaint_is_closed_or_overdue():
    now = NOON + timedelta(hours=80)
    rows = [
        answered(1),
        answered(2, late=True),
        row(3, runs_out=NOON),
        row(4, runs_out=now + timedelta(hours=1)),
        answered(5, office="ds-lahore", complaint_class="A"),
    ]
    found = figures.figures(rows, now)
    by_office = desk_view.promises(found, by_class=False)

    assert [(each.key, each.kept, each.due, each.open, each.overdue) for each in by_office] == [
        ("sd-lhr-civil-lines", 1, 3, 2, 1),
        ("ds-lahore", 1, 1, 0, 0),
    ]
    assert [(each.key, each.kept, each.due) for each in desk_view.promises(found, by_class=True)] == [
        ("B", 1, 3),
        ("A", 1, 1),
    ]


def test_the_interval_is_wide_for_few_cases_and_narrow_for_many():
    few, many, none = (
        desk_view.Promises("A", kept, due, open=0, overdue=0) for kept, due in ((1, 2), (500, 1_000), (0, 0))
    )
    assert (few.share, none.share, none.interval) == (0.5, None, (0.0, 1.0))
    assert few.interval == pytest.approx((0.0945, 0.9055), abs=0.001)
    assert many.interval == pytest.approx((0.469, 0.531), abs=0.001)
