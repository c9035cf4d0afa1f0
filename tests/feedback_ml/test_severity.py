"""The severity formula, part by part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.classifier import SENTIMENTS, TYPES
from feedback_ml.severity import severity

RATINGS = st.sampled_from([None, 1, 2, 3, 4, 5])


def test_a_plain_bug_is_in_the_middle():
    assert severity("bug", sentiment="negative", rating=None, terms={"button"}) == 3


def test_danger_counts_most():
    assert severity("service_complaint", sentiment="negative", rating=None, terms={"dhamki"}) == 5


def test_money_counts_more_than_being_locked_out():
    money = severity("bug", sentiment="negative", rating=None, terms={"deducted"})
    locked = severity("bug", sentiment="neutral", rating=None, terms={"login"})
    assert money > locked


@pytest.mark.parametrize("kind", ["praise", "other", "feature_request"])
def test_harm_words_do_not_count_where_no_harm_is_reported(kind):
    assert severity(kind, sentiment="neutral", rating=None, terms={"emergency"}) == 1


@given(
    st.sampled_from(TYPES),
    st.sampled_from(SENTIMENTS),
    RATINGS,
    st.sets(st.sampled_from(["threat", "refund", "otp"])),
)
def test_severity_is_always_one_to_five_and_fewer_stars_never_lower_it(kind, sentiment, rating, terms):
    here = severity(kind, sentiment=sentiment, rating=rating, terms=terms)
    assert 1 <= here <= 5
    assert severity(kind, sentiment=sentiment, rating=1, terms=terms) >= here
