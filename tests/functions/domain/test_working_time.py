from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.domain.deadlines import KARACHI
from functions.domain.working_time import Calendar
from schemas.catalogue.policies import OfficeHours
from schemas.catalogue.reading import complaint_policies

HOURS = complaint_policies()[-1].office_hours
HOUR = 3600
EID = tuple(date(2026, 3, day) for day in (20, 21, 22))
CLOSED = (*EID, date(2026, 3, 23), date(2026, 5, 1), date(2027, 1, 1))
RAMADAN = (date(2026, 2, 19), date(2026, 3, 19))
OFFICES = Calendar.of(HOURS, CLOSED, [RAMADAN])
ROUND_THE_CLOCK = Calendar.of(
    OfficeHours(
        ordinary={"mon": (("00:00", "24:00"),), "tue": (("00:00", "08:00"), ("08:00", "24:00"))}, ramadan={}
    )
)
CALENDARS = (OFFICES, ROUND_THE_CLOCK)


def karachi(text):
    return datetime.fromisoformat(text).replace(tzinfo=KARACHI)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        # Ordinary days: Monday 1 June 2026.
        ("2026-06-01T10:00:00", 0, "2026-06-01T10:00:00"),
        ("2026-06-01T10:00:00", 4, "2026-06-01T14:00:00"),
        ("2026-06-01T09:00:00", 8, "2026-06-01T17:00:00"),
        ("2026-06-01T10:20:30", 8, "2026-06-02T10:20:30"),
        ("2026-06-01T16:59:59", 8, "2026-06-02T16:59:59"),
        ("2026-06-01T17:00:00", 8, "2026-06-02T17:00:00"),
        ("2026-06-01T17:00:00", 0, "2026-06-01T17:00:00"),
        ("2026-06-01T17:00:01", 0, "2026-06-02T09:00:00"),
        ("2026-06-01T03:00:00", 8, "2026-06-01T17:00:00"),
        ("2026-06-01T23:59:59", 1, "2026-06-02T10:00:00"),
        # The break on Friday, the week-end behind it.
        ("2026-06-05T09:00:00", 3.5, "2026-06-05T12:30:00"),
        ("2026-06-05T12:00:00", 1, "2026-06-05T15:00:00"),
        ("2026-06-05T13:00:00", 0, "2026-06-05T14:30:00"),
        ("2026-06-05T13:00:00", 2.5, "2026-06-05T17:00:00"),
        ("2026-06-05T16:00:00", 8, "2026-06-08T16:00:00"),
        ("2026-06-06T11:00:00", 8, "2026-06-08T17:00:00"),
        ("2026-06-07T23:00:00", 1, "2026-06-08T10:00:00"),
        # A holiday on a Friday, with the end of a month before it.
        ("2026-04-30T16:00:00", 2, "2026-05-04T10:00:00"),
        ("2026-05-01T10:00:00", 0, "2026-05-04T09:00:00"),
        ("2026-06-30T16:00:00", 2, "2026-07-01T10:00:00"),
        # Ramadan: shorter days, no Friday afternoon; its first day and its last.
        ("2026-02-18T16:00:00", 2, "2026-02-19T10:00:00"),
        ("2026-02-18T09:00:00", 8 + 6 + 3.5, "2026-02-20T12:30:00"),
        ("2026-03-02T09:00:00", 8, "2026-03-03T11:00:00"),
        ("2026-03-02T15:30:00", 0, "2026-03-03T09:00:00"),
        # Eid: three days from Friday to Sunday, and Pakistan Day behind them.
        ("2026-03-19T14:00:00", 1, "2026-03-19T15:00:00"),
        ("2026-03-19T14:00:00", 2, "2026-03-24T10:00:00"),
        ("2026-03-21T12:00:00", 8, "2026-03-24T17:00:00"),
        ("2026-03-19T09:00:00", 6 + 40, "2026-03-31T11:00:00"),
        # The end of a year, and a leap day, which is a Thursday.
        ("2026-12-31T16:00:00", 2, "2027-01-04T10:00:00"),
        ("2025-12-31T16:00:00", 2, "2026-01-01T10:00:00"),
        ("2024-02-28T16:00:00", 2, "2024-02-29T10:00:00"),
        ("2024-02-29T16:00:00", 2, "2024-03-01T10:00:00"),
        # Forty hours are more than a week: Friday has six.
        ("2026-06-01T09:00:00", 40, "2026-06-08T11:00:00"),
        ("2026-06-01T10:20:30", 40, "2026-06-08T12:20:30"),
        ("2026-06-06T10:00:00", 40, "2026-06-15T11:00:00"),
    ],
)
def test_so_many_open_hours_end_then(start, hours, end):
    assert OFFICES.add(karachi(start), round(hours * HOUR)) == karachi(end)
    assert OFFICES.measure(karachi(start), karachi(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "open_hours"),
    [
        # First contact and reports run by the clock on the wall: so much of them is open.
        ("2026-06-01T09:00:00", 8, 8),
        ("2026-06-01T17:00:00", 8, 0),
        ("2026-06-05T09:00:00", 24, 6),
        ("2026-06-05T09:00:00", 72, 6),
        ("2026-06-01T09:00:00", 336, 76),
        ("2026-03-16T09:00:00", 336, 4 * 6 + 3 * 8 + 6),
    ],
)
def test_so_much_of_running_hours_is_open(start, hours, open_hours):
    begun = karachi(start)

    assert OFFICES.measure(begun, begun + timedelta(hours=hours)) == open_hours * HOUR


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-06-01T08:59:59", False),
        ("2026-06-01T09:00:00", True),
        ("2026-06-01T16:59:59", True),
        ("2026-06-01T17:00:00", False),
        ("2026-06-05T13:00:00", False),
        ("2026-06-06T10:00:00", False),
        ("2026-03-18T15:30:00", False),
        ("2026-03-20T10:00:00", False),
    ],
)
def test_offices_are_open_then(at, is_open):
    assert OFFICES.is_open(karachi(at)) is is_open


def test_an_answer_is_in_utc_and_a_question_in_any_offset():
    start = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
    end = OFFICES.add(start, 5 * HOUR)

    assert (end, end.tzinfo) == (datetime(2026, 6, 2, 6, 0, tzinfo=UTC), UTC)


def test_hours_round_the_clock_join_at_midnight_and_within_a_day():
    assert ROUND_THE_CLOCK.add(karachi("2026-06-01T12:00:00"), 24 * HOUR) == karachi("2026-06-02T12:00:00")
    assert ROUND_THE_CLOCK.add(karachi("2026-06-01T00:00:00"), 48 * HOUR) == karachi("2026-06-03T00:00:00")


def test_time_back_is_less_than_nothing():
    monday, tuesday = karachi("2026-06-01T09:00:00"), karachi("2026-06-02T09:00:00")

    assert OFFICES.measure(tuesday, monday) == -8 * HOUR


def test_two_calendars_of_the_same_days_are_the_same():
    assert Calendar.of(HOURS, CLOSED, [RAMADAN]) == OFFICES
    assert Calendar.of(HOURS, CLOSED) != OFFICES


# --- what is no calendar, and what is no question


@pytest.mark.parametrize(
    "spans", [(("09:00", "09:00"),), (("10:00", "09:00"),), (("09:00", "12:00"), ("11:00", "17:00"))]
)
def test_spans_out_of_order_are_refused(spans):
    with pytest.raises(ValueError, match="follow one another"):
        Calendar.of(OfficeHours(ordinary={"mon": spans}, ramadan={}))


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(ValueError, match="no open span"):
        Calendar.of(OfficeHours(ordinary={"mon": ()}, ramadan={"mon": (("09:00", "12:00"),)}))


def test_a_week_has_seven_days():
    with pytest.raises(ValueError, match="seven days"):
        Calendar(ordinary=(((0, 60),),), ramadan=((),) * 7)


def test_seconds_only_go_forward():
    with pytest.raises(ValueError, match="forward"):
        OFFICES.add(karachi("2026-06-01T09:00:00"), -1)


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        OFFICES.is_open(karachi("2026-06-01T09:00:00").replace(tzinfo=None))


def test_a_search_ends_after_a_hundred_years():
    seldom = Calendar.of(OfficeHours(ordinary={"mon": (("09:00", "09:01"),)}, ramadan={}))

    with pytest.raises(ValueError, match="hundred years"):
        seldom.add(karachi("2026-06-01T09:00:00"), 60 * 53 * 100)


def test_a_search_ends_with_the_last_day_there_is():
    with pytest.raises(ValueError, match="hundred years"):
        OFFICES.add(karachi("9999-12-30T09:00:00"), 100 * HOUR)


# --- what holds for all of them

calendars = st.sampled_from(CALENDARS)
starts = st.datetimes(datetime(2023, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
amounts = st.one_of(st.integers(0, 60), st.integers(0, 60 * HOUR), st.integers(0, 400).map(HOUR.__mul__))
quickly = settings(max_examples=150, deadline=None)


@quickly
@given(calendars, starts, amounts)
def test_what_was_added_is_measured_again(calendar, start, seconds):
    assert calendar.measure(start, calendar.add(start, seconds)) == seconds


@quickly
@given(calendars, starts, amounts, st.timedeltas(timedelta(0), timedelta(days=9)), amounts)
def test_later_or_longer_never_ends_earlier(calendar, start, seconds, later, more):
    assert calendar.add(start + later, seconds) >= calendar.add(start, seconds)
    assert calendar.add(start, seconds + more) >= calendar.add(start, seconds)


@quickly
@given(calendars, starts, amounts)
def test_nothing_ends_in_a_closed_hour(calendar, start, seconds):
    end = calendar.add(start, seconds)

    assert calendar.is_open(end) or calendar.is_open(end - timedelta(microseconds=1))


def test_no_time_at_all_after_a_day_that_closes_at_midnight_is_that_midnight():
    whole_day, none = ((0, 86_400),), ()
    calendar = Calendar((whole_day, none, none, none, none, none, none), (none,) * 7)
    midnight = calendar.add(datetime(2026, 11, 23, tzinfo=KARACHI), 86_400)

    assert midnight == datetime(2026, 11, 24, tzinfo=KARACHI)
    assert calendar.add(midnight, 0) == midnight


@quickly
@given(calendars, starts, amounts, amounts)
def test_two_parts_end_when_the_whole_does(calendar, start, some, more):
    assert calendar.add(calendar.add(start, some), more) == calendar.add(start, some + more)


@quickly
@given(calendars, starts, starts, starts)
def test_parts_of_a_time_add_up_to_it(calendar, start, between, end):
    assert calendar.measure(start, between) + calendar.measure(between, end) == calendar.measure(start, end)


@quickly
@given(calendars, starts, st.integers(0, 3 * 86_400))
def test_each_second_that_is_open_counts_as_one(calendar, start, length):
    # Against the rule said the slow way: quarter hours, for every span begins and ends on one.
    begun = start.replace(minute=0, second=0, microsecond=0)
    quarters = range(0, length - length % 900, 900)
    counted = sum(900 for past in quarters if calendar.is_open(begun + timedelta(seconds=past)))

    assert calendar.measure(begun, begun + timedelta(seconds=len(quarters) * 900)) == counted
