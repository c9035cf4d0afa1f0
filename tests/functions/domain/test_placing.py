"""Topics put where their owners say."""

from datetime import timedelta

import pytest

from feedback_ml.priority import Ranked
from functions.domain.placing import PART, placed
from schemas.topics import Override
from tests.factories import NOON


def row(topic_id, rank, score, place=None):
    return Ranked(
        topic_id=topic_id, rank=rank, score=score, parts={"people": score}, people=20, weeks=(0,) * 8,
        severity=3.0, languages=("en",), versions=(), state="ongoing", texts=20, place=place or rank,
        tied=place is not None, low_rank=rank, high_rank=rank, margin=1.0,
    )  # fmt: skip


RANKING = [row("a", 1, 80.0), row("b", 2, 60.0, place=2), row("c", 3, 59.0, place=2), row("d", 4, 10.0)]


def wanted(place=None, points=None, minutes=0):
    return Override(
        reason="Law", place=place, points=points, by="owner-1", at=NOON + timedelta(minutes=minutes)
    )


def order(overrides, ranking=RANKING):
    return [each.topic_id for each in placed(ranking, overrides)]


def test_without_overrides_nothing_moves():
    assert placed(RANKING, {}) == RANKING


@pytest.mark.parametrize(
    ("overrides", "found"),
    [
        ({"d": wanted(place=1)}, "dabc"),
        ({"a": wanted(place=3)}, "bcad"),
        ({"a": wanted(place=99)}, "bcda"),
        ({"d": wanted(points=55)}, "adbc"),
        ({"a": wanted(points=-75)}, "bcda"),
        ({"c": wanted(place=1), "d": wanted(place=1, minutes=1)}, "dcab"),
        ({"c": wanted(place=2), "d": wanted(place=1)}, "dcab"),
        ({"a": wanted(points=-75), "d": wanted(place=1)}, "dbca"),
    ],
)
def test_a_topic_stands_where_it_was_put(overrides, found):
    assert order(overrides) == list(found)


def test_parts_sum_and_ranks_count_from_one():
    found = placed(RANKING, {"d": wanted(place=2), "a": wanted(points=-30)})

    assert [each.rank for each in found] == [1, 2, 3, 4]
    assert all(sum(each.parts.values()) == pytest.approx(each.score) for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert {each.topic_id for each in found if PART in each.parts} == {"a", "d"}


def test_ties_stay_and_who_was_put_somewhere_ties_with_nobody():
    found = {each.topic_id: each for each in placed(RANKING, {"d": wanted(place=1)})}

    assert (found["b"].place, found["c"].place) == (3, 3)
    assert (found["d"].place, found["d"].tied) == (1, False)


def test_the_only_topic_stays_where_it_is():
    (found,) = placed(RANKING[:1], {"a": wanted(place=1)})

    assert found.score == 80.0
