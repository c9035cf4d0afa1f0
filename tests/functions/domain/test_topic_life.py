"""The life of a topic, as data."""

from typing import get_args

import pytest

from functions.domain.errors import TransitionNotAllowed
from functions.domain.topic_life import (
    OUT,
    TRANSITIONS,
    Actor,
    after_measurement,
    next_statuses,
    require,
)
from schemas.feedback import Status

STATUSES = get_args(Status)


def test_every_status_can_be_reached_and_none_is_a_dead_end():
    assert {wanted for _, wanted in TRANSITIONS} == set(STATUSES)
    assert {begin for begin, _ in TRANSITIONS} == set(STATUSES)


@pytest.mark.parametrize("actor", get_args(Actor))
def test_what_is_not_in_the_table_is_refused(actor):
    for begin in STATUSES:
        for wanted in STATUSES:
            may = actor in TRANSITIONS.get((begin, wanted), ())
            if may or (begin == wanted and actor == "owner"):
                require(begin, wanted, actor)
                continue
            with pytest.raises(TransitionNotAllowed):
                require(begin, wanted, actor)


def test_only_a_release_ships_and_only_figures_measure():
    assert {begin for (begin, wanted) in TRANSITIONS if wanted == "shipped"} == {"in_release"}
    assert "shipped" not in next_statuses("in_release")
    assert "measured" not in next_statuses("shipped")


@pytest.mark.parametrize(
    ("present", "former", "verdict", "leads_to"),
    [
        ("shipped", None, "too_early", "shipped"),
        ("shipped", None, "helped", "measured"),
        ("shipped", None, "no_change", "measured"),
        ("shipped", None, "worse", "regressed"),
        ("measured", "helped", "helped", "measured"),
        ("measured", "helped", "no_change", "regressed"),
        ("measured", "no_change", "no_change", "measured"),
        ("measured", "helped", "worse", "regressed"),
        ("regressed", "helped", "worse", "regressed"),
        ("accepted", None, "worse", "accepted"),
    ],
)
def test_where_a_verdict_leads(present, former, verdict, leads_to):
    assert after_measurement(present, former, verdict) == leads_to
    assert present == leads_to or present in OUT
