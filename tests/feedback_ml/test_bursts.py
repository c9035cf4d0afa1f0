"""Bursts against chance: the negative binomial, what is expected, and what is only the inbox growing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from feedback_ml.bursts import Inbox, at_least, at_most, burst, inbox

STEADY = Inbox(before=600, recent=200, swing=0.0)


@given(st.integers(0, 80), st.floats(0.1, 60), st.floats(0.01, 2))
def test_both_chances_are_those_of_the_negative_binomial(count, mean, swing):
    size = 1 / swing
    known = nbinom(size, size / (size + mean))
    assert at_least(count, mean, swing) == pytest.approx(known.sf(count - 1), abs=1e-9)
    assert at_most(count, mean, swing) == pytest.approx(known.cdf(count), abs=1e-9)


def test_large_counts_do_not_underflow():
    assert at_most(50_000, 50_000, 1e-6) == pytest.approx(0.5, abs=0.01)


def test_a_steady_topic_has_no_burst():
    found = burst((5,) * 8, STEADY)
    assert found.rise > 0.3
    assert found.excess < 0.1


def test_a_sudden_rise_is_sure_and_mostly_beyond_expectation():
    found = burst((5, 5, 5, 5, 5, 5, 30, 30), STEADY)
    assert found.rise < 1e-4
    assert found.excess > 0.7


def test_a_rise_shared_by_the_whole_inbox_is_expected():
    assert burst((5, 5, 5, 5, 5, 5, 15, 15), Inbox(600, 600, 0.0)).rise > 0.2


def test_going_on_while_all_else_falls_silent_is_no_burst():
    assert burst((5,) * 8, Inbox(600, 20, 0.0)).rise > 0.3


def test_the_fewer_weeks_are_known_the_less_sure_a_rise_is():
    known = burst((20, 20, 20, 20, 20, 20, 30, 30), Inbox(1_200, 400, 0.0))
    hardly = burst((0, 0, 0, 0, 0, 2, 1, 2), Inbox(1_200, 400, 0.0))
    assert known.rise < 0.02 < hardly.rise


def test_topics_that_swing_by_themselves_need_a_greater_rise():
    weeks = (5, 5, 5, 5, 5, 5, 12, 12)
    assert burst(weeks, Inbox(600, 200, 0.4)).rise > burst(weeks, Inbox(600, 200, 0.0)).rise


def test_the_swing_of_all_topics_is_measured():
    calm = inbox([(20,) * 8, (30,) * 8, (40,) * 8])
    restless = inbox([(40, 2, 38, 3, 41, 2, 0, 0), (2, 40, 3, 39, 2, 38, 0, 0), (20,) * 8])
    assert calm.swing == 0
    assert restless.swing > 0.2


def test_an_empty_inbox_swings_not_at_all():
    assert inbox([]) == Inbox(0, 0, 0.0)
    assert burst((0,) * 8, Inbox(0, 0, 0.0)).excess == 0
