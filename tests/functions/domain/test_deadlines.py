from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain import deadlines
from functions.domain.deadlines import Rules
from functions.domain.working_time import Calendar
from schemas.cases import Progress
from schemas.catalogue.reading import complaint_policies, policy_in_force, policy_of_version
from tests.factories import NOON, case

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
RULES = Rules(policy_of_version("2023-01"))
LODGED = {
    "an ordinary Monday": "2026-11-23T12:00:00+05:00",
    "Friday at prayers": "2026-11-27T13:30:00+05:00",
    "a night in Ramadan": "2026-03-01T23:59:59+05:00",
    "the eve of Eid": "2026-03-19T16:00:00+05:00",
    "the last second of a year": "2026-12-31T23:59:59+05:00",
    "the day before a leap day": "2028-02-28T18:00:00+05:00",
    "the end of a short month": "2027-02-28T09:00:00+05:00",
}


@pytest.mark.parametrize("lodged", LODGED.values(), ids=LODGED)
@pytest.mark.parametrize(
    ("category", "hours"), [("illegal_detention", 24), ("fir_not_registered", 72), ("slackness", 336)]
)
def test_running_deadlines_are_exact_to_the_second_whatever_the_calendar(category, hours, lodged):
    at = datetime.fromisoformat(lodged)
    first, final = deadlines.due_times(RULES, category, at)

    assert first - at == 8 * HOUR
    assert final - at == hours * HOUR


def working(**holidays):
    policy = policy_of_version("2026-07")
    return Rules(policy, Calendar.of(policy.office_hours, **({"closed": ()} | holidays)))


WORKING = {
    # Lodged, due: 40 office hours later; Mon-Thu 9-17, Fri 9-12:30 and 14:30-17.
    "Monday morning": ("2026-11-23T09:00:00+05:00", "2026-11-30T11:00:00+05:00"),
    "Friday at prayers": ("2026-11-27T13:30:00+05:00", "2026-12-04T16:30:00+05:00"),
    "Saturday": ("2026-11-28T10:00:00+05:00", "2026-12-07T11:00:00+05:00"),
    "over the new year": ("2026-12-29T12:00:00+05:00", "2027-01-05T14:00:00+05:00"),
}


@pytest.mark.parametrize(("lodged", "due"), WORKING.values(), ids=WORKING)
def test_working_deadlines_are_exact_to_the_second(lodged, due):
    _, final = deadlines.due_times(working(), "service_delay", datetime.fromisoformat(lodged))

    assert final == datetime.fromisoformat(due)


def test_a_case_keeps_the_version_it_was_lodged_under():
    in_2016 = policy_in_force(datetime(2020, 5, 1, tzinfo=UTC))
    at = datetime(2020, 5, 1, tzinfo=UTC)

    assert deadlines.due_times(Rules(in_2016), "fir_not_registered", at)[1] - at == 48 * HOUR
    assert deadlines.due_times(RULES, "fir_not_registered", NOON)[1] - NOON == 72 * HOUR


@pytest.mark.parametrize("policy", complaint_policies(), ids=lambda policy: policy.version)
def test_every_ladder_climbs_in_order_and_ends_at_the_central_office(policy):
    for ladder in (policy.ladders.first_contact, policy.ladders.final_report, policy.ladders.appeal):
        shares = [point.share for point in ladder]
        assert shares == sorted(shares)
        assert ladder[-1].to == "province"


def test_a_clock_due_now_is_not_late_yet():
    lodged = case()

    assert deadlines.breached(lodged, lodged.first_contact_due) == ()
    assert deadlines.breached(lodged, lodged.first_contact_due + SECOND) == ("first_contact",)


def test_both_clocks_can_be_late_at_once_earliest_first():
    lodged = case()

    assert deadlines.breached(lodged, lodged.final_report_due + SECOND) == ("first_contact", "final_report")


def test_what_was_flagged_is_not_flagged_again():
    flagged = case(flagged=(("first_contact", NOON),))

    assert deadlines.breached(flagged, flagged.first_contact_due + SECOND) == ()


def test_the_sweep_looks_first_at_the_first_reminder_and_then_at_each_point_in_turn():
    assert deadlines.next_look(case(), RULES) == NOON + 4 * HOUR
    past = case(progress=Progress(points=(("first_contact", 1),)))
    assert deadlines.next_look(past, RULES) == past.first_contact_due
    met = case(first_contacted_at=NOON)
    assert deadlines.next_look(met, RULES) == NOON + 36 * HOUR


def test_points_by_hours_of_their_own_count_from_the_start():
    point = RULES.policy.ladders.final_report[0].model_copy(update={"share": None, "hours": 1.5})
    ladders = RULES.policy.ladders.model_copy(update={"final_report": (point,)})
    rules = Rules(RULES.policy.model_copy(update={"ladders": ladders}))

    assert deadlines.points_ahead(case(), rules, "final_report")[0].at == NOON + timedelta(minutes=90)


def test_a_case_that_is_over_has_no_clocks():
    over = case(state="closed")

    assert deadlines.unmet(over) == ()
    assert deadlines.next_look(over, RULES) is None
    assert deadlines.next_due(over) is None
    assert deadlines.overdue_clock(over, NOON + 999 * HOUR) is None


def test_overdue_is_by_the_earliest_clock_that_is_not_met():
    late = NOON + 999 * HOUR

    assert deadlines.overdue_clock(case(), late) == "first_contact"
    assert deadlines.overdue_clock(case(first_contacted_at=NOON), late) == "final_report"
    assert deadlines.overdue_clock(case(), NOON) is None


def test_a_clock_that_stands_is_neither_late_nor_has_points():
    asked = case(
        first_contacted_at=NOON,
        state="information_awaited",
        progress=Progress(paused_at=NOON, pause_until=NOON + 120 * HOUR, pauses=1),
    )

    assert deadlines.breached(asked, NOON + 100 * HOUR) == ()
    assert deadlines.points_reached(asked, RULES, NOON + 100 * HOUR) == []
    assert deadlines.next_look(asked, RULES) == NOON + 120 * HOUR
    assert deadlines.seconds_left(asked, RULES, "final_report") == 72 * 3600
    assert deadlines.next_due(asked) is None


def test_an_appeal_has_a_clock_of_its_own_from_its_own_instant():
    appealed = case(
        first_contacted_at=NOON,
        reported_at=NOON,
        appeal_due=NOON + 220 * HOUR,
        progress=Progress(appealed_at=NOON + 100 * HOUR),
    )

    assert deadlines.report_clock(appealed) == "appeal"
    assert deadlines.due_now(appealed, RULES, "appeal") == NOON + 220 * HOUR
    assert deadlines.points_ahead(appealed, RULES, "appeal")[0].at == NOON + 160 * HOUR


def test_asking_for_the_due_time_of_a_clock_that_is_not_there_is_a_mistake():
    with pytest.raises(ValueError, match="appeal"):
        deadlines.due(case(), "appeal")


def test_the_window_is_looked_at_again_only_once_the_calls_are_there():
    reported = case(first_contacted_at=NOON, reported_at=NOON, state="report_submitted")
    end = NOON + 72 * HOUR

    assert deadlines.next_look(reported, RULES) == end
    asked = case(
        first_contacted_at=NOON,
        reported_at=NOON,
        state="report_submitted",
        progress=Progress(attempts_asked=True, attempts=2),
    )
    assert deadlines.next_look(asked, RULES) is None


@given(
    lodged=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    later=st.integers(0, 10**7),
)
def test_a_later_complaint_is_never_due_earlier(lodged, later):
    after = lodged + timedelta(seconds=later)

    for rules, category in ((RULES, "slackness"), (working(), "service_delay")):
        assert deadlines.due_times(rules, category, lodged) <= deadlines.due_times(rules, category, after)
