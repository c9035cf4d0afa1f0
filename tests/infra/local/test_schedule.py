from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.schedule import ScheduleError, parse

START = datetime(2026, 11, 23, 21, 30, 15, tzinfo=UTC)


def after(expression, start=START):
    return parse(expression).next_after(start).strftime("%Y-%m-%d %H:%M")


def test_a_rate_fires_on_whole_periods():
    assert after("rate(5 minutes)") == "2026-11-23 21:35"
    assert after("rate(1 hour)") == "2026-11-23 22:00"
    assert after("rate(1 day)") == "2026-11-24 00:00"


def test_a_rate_does_not_fire_twice_at_one_instant():
    times = parse("rate(1 minute)")
    first = times.next_after(START)
    assert times.next_after(first) == first + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("0 22 * * ? *", "2026-11-23 22:00"),
        ("0 21 * * ? *", "2026-11-24 21:00"),
        ("30 21 * * ? *", "2026-11-24 21:30"),  # this minute has begun
        ("0/15 * * * ? *", "2026-11-23 21:45"),
        ("*/20 * * * ? *", "2026-11-23 21:40"),
        ("0 3,9,15 * * ? *", "2026-11-24 03:00"),
        ("0 8-10/2 * * ? *", "2026-11-24 08:00"),
        ("0 0 1 * ? *", "2026-12-01 00:00"),
        ("0 0 31 * ? *", "2026-12-31 00:00"),
        ("0 0 L * ? *", "2026-11-30 00:00"),
        ("0 0 L FEB ? *", "2027-02-28 00:00"),
        ("0 0 L 2 ? 2028", "2028-02-29 00:00"),
        ("0 0 29 2 ? *", "2028-02-29 00:00"),
        ("0 0 LW * ? *", "2026-11-30 00:00"),
        ("0 0 LW MAY ? 2026-2027", "2027-05-31 00:00"),
        ("0 0 LW JAN ? 2027", "2027-01-29 00:00"),
        ("0 0 1W AUG ? 2027", "2027-08-02 00:00"),  # the 1st is a Sunday
        ("0 0 1W MAY ? 2027", "2027-05-03 00:00"),  # a Saturday, and April is not entered
        ("0 0 15W MAY ? 2027", "2027-05-14 00:00"),
        ("0 0 31W OCT ? 2027", "2027-10-29 00:00"),
        ("0 9 ? * MON-FRI *", "2026-11-24 09:00"),
        ("0 9 ? * 1 *", "2026-11-29 09:00"),
        ("0 9 ? * SAT,SUN *", "2026-11-28 09:00"),
        ("0 9 ? * L *", "2026-11-28 09:00"),
        ("0 9 ? * 6L *", "2026-11-27 09:00"),
        ("0 9 ? * TUE#1 *", "2026-12-01 09:00"),
        ("0 9 ? * 3#5 *", "2026-12-29 09:00"),
        ("0 0 1 JAN ? 2030/2", "2030-01-01 00:00"),
    ],
)
def test_cron_fires_next_at(fields, expected):
    assert after(f"cron({fields})") == expected


def test_cron_is_in_utc_whatever_zone_is_asked():
    karachi = START.astimezone(timezone(timedelta(hours=5)))
    assert after("cron(0 22 * * ? *)", karachi) == "2026-11-23 22:00"


@pytest.mark.parametrize(
    "expression",
    [
        "every day", "rate(0 minutes)", "rate(1 minutes)", "rate(2 hour)", "rate(5 weeks)", "cron(* * * *)",
        "cron(0 0 * * * *)", "cron(0 0 ? * ? *)", "cron(60 0 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 32 * ? *)",
        "cron(0 0 * 13 ? *)", "cron(0 0 ? * 8 *)", "cron(0 0 ? * MON#6 *)", "cron(0 10-8 * * ? *)", "cron(a 0 * * ? *)",
        "cron(0 0 1,x * ? *)", "cron(0 0 ? * MON,FOO *)", "cron(٣ 0 * * ? *)", "cron(0/0 0 * * ? *)",
    ],
)  # fmt: skip
def test_what_eventbridge_refuses_is_refused(expression):
    with pytest.raises(ScheduleError):
        parse(expression)


@pytest.mark.parametrize("fields", ["0 0 1 1 ? 2020", "0 0 31 2 ? *", "0 0 1 1 ? 2026", "0 0 31 12 ? 2025"])
def test_a_schedule_that_is_over_says_so(fields):
    with pytest.raises(ScheduleError):
        after(f"cron({fields})")


def test_the_last_minute_that_can_be_named_has_none_after_it():
    with pytest.raises(ScheduleError):
        after("cron(* * * * ? *)", datetime(2199, 12, 31, 23, 59, tzinfo=UTC))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)), st.integers(0, 59), st.integers(0, 23))
def test_the_next_firing_is_later_and_within_a_day_for_a_daily_cron(start, minute, hour):
    start = start.replace(tzinfo=UTC)
    firing = parse(f"cron({minute} {hour} * * ? *)").next_after(start)
    assert start < firing <= start + timedelta(days=1)
    assert (firing.minute, firing.hour) == (minute, hour)
