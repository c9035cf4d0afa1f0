"""When a message waits for the morning."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.domain.quiet_hours import USUAL, Quiet, quiet_until

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def karachi(hour, minute=0, day=0):
    return DAY + timedelta(days=day, hours=hour - 5, minutes=minute)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (karachi(21, 59), None),
        (karachi(22), karachi(7, day=1)),
        (karachi(23, 59), karachi(7, day=1)),
        (karachi(0), karachi(7)),
        (karachi(6, 59), karachi(7)),
        (karachi(7), None),
        (karachi(12), None),
    ],
    ids=lambda at: f"{at:%dT%H:%M}" if at else "never",
)
def test_the_usual_quiet_goes_over_midnight(at, until):
    assert quiet_until(USUAL, at) == until


def test_quiet_within_a_day():
    siesta = Quiet(time(13), time(15, 30), 300)

    assert quiet_until(siesta, karachi(12, 59)) is None
    assert quiet_until(siesta, karachi(13)) == karachi(15, 30)
    assert quiet_until(siesta, karachi(15, 30)) is None


def test_somebody_abroad_sleeps_by_their_own_clock():
    new_york = Quiet(time(22), time(7), -300)

    assert quiet_until(new_york, karachi(12)) == DAY + timedelta(hours=12)  # 02:00 there, until 07:00
    assert quiet_until(new_york, karachi(22)) is None


@pytest.mark.parametrize("quiet", [None, Quiet(time(7), time(7), 300)])
def test_whoever_wants_no_quiet_has_none(quiet):
    assert quiet_until(quiet, karachi(3)) is None


@given(
    begin=st.times(),
    end=st.times(),
    offset=st.integers(-840, 840),
    minutes=st.integers(0, 3 * 1440),
)
@settings(max_examples=200)
def test_quiet_ends_within_a_day_and_is_over_then(begin, end, offset, minutes):
    quiet = Quiet(begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0), offset)
    now = DAY + timedelta(minutes=minutes)
    until = quiet_until(quiet, now)

    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert quiet_until(quiet, until) is None
