from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.domain import deadlines
from schemas.catalogue.reading import policy_in_force
from tests.factories import NOON, case

KARACHI = ZoneInfo("Asia/Karachi")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("category", "hours"),
    [
        ("illegal_detention", 24),
        ("demand_of_gratification", 24),
        ("fir_not_registered", 72),
        ("arrest_of_innocent", 72),
        ("faulty_investigation", 14 * 24),
        ("slackness", 14 * 24),
    ],
)
@pytest.mark.parametrize(
    "lodged",
    [
        datetime(2026, 2, 28, 23, 59, 59, tzinfo=KARACHI),
        datetime(2028, 2, 28, 12, 0, tzinfo=KARACHI),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=KARACHI),
        datetime(2026, 3, 20, 13, 0, tzinfo=KARACHI),
    ],
    ids=["month end", "leap year", "year end", "Friday prayer"],
)
def test_running_hours_count_from_the_second_of_lodging(category, hours, lodged):
    first, final = deadlines.due_times(policy_in_force(lodged), category, lodged)

    assert first - lodged == timedelta(hours=8)
    assert final - lodged == timedelta(hours=hours)


def test_a_clock_is_not_late_at_its_very_instant_and_is_a_second_after():
    lodged = case()

    assert deadlines.breached(lodged, lodged.first_contact_due) == ()
    assert deadlines.breached(lodged, lodged.first_contact_due + SECOND) == ("first_contact",)


def test_both_clocks_are_late_when_both_were_missed():
    lodged = case()

    assert deadlines.breached(lodged, lodged.final_report_due + SECOND) == ("first_contact", "final_report")


def test_a_flagged_clock_is_not_flagged_again():
    flagged = case(flagged=(("first_contact", NOON),))

    assert deadlines.breached(flagged, flagged.first_contact_due + SECOND) == ()


def test_the_sweep_waits_for_the_earliest_clock_that_runs():
    assert deadlines.sweep_due(case()) == case().first_contact_due
    assert deadlines.sweep_due(case(first_contacted_at=NOON)) == case().final_report_due
    assert deadlines.sweep_due(case(first_contacted_at=NOON, reported_at=NOON)) is None


@pytest.mark.parametrize("state", ["closed", "withdrawn"])
def test_a_case_that_is_over_has_no_clocks(state):
    over = case(state=state, flagged=(("first_contact", NOON),))

    assert deadlines.unmet(over) == ()
    assert deadlines.sweep_due(over) is None
    assert deadlines.overdue_clock(over) is None


def test_a_case_is_overdue_by_the_clock_it_missed_first():
    both = (("first_contact", NOON), ("final_report", NOON))

    assert deadlines.overdue_clock(case(flagged=both)) == "first_contact"
    assert deadlines.overdue_clock(case(flagged=both, first_contacted_at=NOON)) == "final_report"
    assert deadlines.overdue_clock(case()) is None


@given(
    st.datetimes(datetime(2023, 1, 2), datetime(2035, 1, 1), timezones=st.just(UTC)), st.integers(0, 10**7)
)
def test_later_lodging_never_means_an_earlier_deadline(lodged, seconds):
    later = lodged + timedelta(seconds=seconds)
    policy = policy_in_force(lodged)

    assert deadlines.due_times(policy, "slackness", lodged) <= deadlines.due_times(policy, "slackness", later)


@given(st.datetimes(datetime(2026, 3, 2), datetime(2026, 3, 9), timezones=st.just(UTC)))
def test_what_the_sweep_does_not_wait_for_is_never_late(now):
    waiting = deadlines.sweep_due(case())

    assert bool(deadlines.breached(case(), now)) == (waiting < now)
