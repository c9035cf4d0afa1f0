"""Exact intervals: against known ones, against their own coverage, and at their edges."""

from math import exp, inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, nchypergeom_fisher

from feedback_ml.ratios import Ratio, rate_ratio, ratio_against, swing, widened

COUNTS = st.integers(0, 60)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.1, 10))
def test_at_the_limits_of_a_rate_ratio_the_mid_p_is_a_fortieth(before, after, scale):
    found = rate_ratio(before, after, (scale, 1.0))
    for limit, tail in ((found.low, "upper"), (found.high, "lower")):
        share = limit / scale / (1 + limit / scale)
        known = binom(before + after, share)
        half = known.pmf(after) / 2
        mid = known.sf(after) + half if tail == "upper" else known.cdf(after - 1) + half
        assert mid == pytest.approx(0.025, rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 60), st.integers(1, 60))
def test_at_the_limits_against_a_control_the_mid_p_is_a_fortieth(before, after, others_before, others_after):
    found = ratio_against(before, after, others_before, others_after)
    total = before + after + others_before + others_after
    known = nchypergeom_fisher(total, before + after, after + others_after, found.high)
    assert known.cdf(after - 1) + known.pmf(after) / 2 == pytest.approx(0.025, rel=1e-3)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
@settings(deadline=None)
def test_an_interval_holds_its_ratio_and_turns_with_the_sides(before, after, others_before, others_after):
    for found, turned in (
        (rate_ratio(before, after, (10.0, 5.0)), rate_ratio(after, before, (5.0, 10.0))),
        (
            ratio_against(before, after, others_before, others_after),
            ratio_against(after, before, others_after, others_before),
        ),
    ):
        assert found.low <= found.high
        if found.value is not None:
            assert found.low <= found.value * (1 + 1e-9)
            assert found.value <= found.high * (1 + 1e-9)
        if 0 < turned.high < inf:
            assert found.low == pytest.approx(1 / turned.high, rel=1e-5)


def test_nothing_on_either_side_says_nothing():
    assert rate_ratio(0, 0, (1.0, 1.0)) == Ratio(None, 0.0, inf)
    assert ratio_against(3, 3, 0, 9) == Ratio(None, 0.0, inf)


def test_nothing_after_has_a_ratio_of_nought_and_an_upper_limit():
    found = rate_ratio(20, 0, (1.0, 1.0))
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high < 0.2


def test_many_texts_go_by_the_normal_curve_and_agree_with_the_exact():
    few, many = rate_ratio(1_990, 2_000, (1.0, 1.0)), rate_ratio(2_010, 2_020, (1.0, 1.0))
    assert log(many.high / many.low) == pytest.approx(log(few.high / few.low), rel=0.02)
    few, many = ratio_against(1_990, 1_990, 3_000, 3_000), ratio_against(2_010, 2_010, 3_000, 3_000)
    assert log(many.high / many.low) == pytest.approx(log(few.high / few.low), rel=0.02)


@pytest.mark.parametrize("counts", [(-1, 2), (2, -1)])
def test_negative_counts_are_refused(counts):
    with pytest.raises(ValueError, match="counts"):
        rate_ratio(*counts, (1.0, 1.0))
    with pytest.raises(ValueError, match="counts"):
        ratio_against(*counts, 1, 1)


def test_an_exposure_of_nought_is_refused():
    with pytest.raises(ValueError, match="exposures"):
        rate_ratio(1, 1, (0.0, 1.0))


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    chance = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        found = rate_ratio(int(chance.poisson(12)), int(chance.poisson(9)), (1.0, 1.0))
        held += found.low <= 0.75 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_topics_that_move_alike_do_not_swing_and_others_do():
    assert swing([(40, 80), (20, 40), (60, 120)]) == 0
    assert swing([(100, 20), (20, 100), (50, 50)]) > 0.5
    assert swing([(5, 9)]) == 0


@pytest.mark.parametrize(
    "ratio", [Ratio(0.5, 0.3, 0.8), Ratio(0.0, 0.0, 0.4), Ratio(None, 2.0, inf), Ratio(2.0, 1.1, inf)]
)
def test_swinging_widens_what_limits_there_are(ratio):
    found = widened(ratio, 0.3)
    assert found.low <= ratio.low
    assert found.high >= ratio.high
    assert found != ratio
    assert widened(ratio, 0.0) == ratio


def test_the_wider_interval_adds_variances():
    found = widened(Ratio(1.0, exp(-0.3), exp(0.3)), 0.4 / 1.959964)
    assert log(found.high) == pytest.approx(0.5)
