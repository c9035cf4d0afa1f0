from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from feedback_ml.waiting import seconds_to_wait

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


def test_waiting_grows_without_a_word_and_never_passes_a_minute():
    assert [seconds_to_wait("", attempt, NOW) for attempt in (0, 1, 2, 20)] == [0.5, 1.0, 2.0, 60.0]


def test_jitter_shortens_what_nobody_asked_for_by_half_at_most():
    assert seconds_to_wait("", 1, NOW, jitter=1.0) == 0.5
    assert seconds_to_wait("7", 1, NOW, jitter=1.0) == 7.0


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("100000", 60.0),
        ("9" * 400, 60.0),
        (format_datetime(NOW + timedelta(seconds=20), usegmt=True), 20.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=1), usegmt=True), 60.0),
        ("nonsense", 0.5),
        ("-5", 0.5),
        ("1.5", 0.5),
        ("Mon, 02 Nov 2026 07:00:20", 0.5),
    ],
)
def test_what_is_asked_for_is_waited_within_bounds(asked, waits):
    assert seconds_to_wait(asked, 0, NOW) == waits
