"""Ranking by evidence: parts that sum, bursts against expectation, and thin data kept low."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.priority import PARTS, Evidence, Row, _at_least, _at_most, rank, shipped_weights

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _row(days=1.0, person="", severity=3, rating=None, language="en", version=""):
    return Row(person, NOW - timedelta(days=days), severity, rating, language, version)


def _topic(name, rows, kind="bug"):
    return Evidence(name, kind, tuple(rows))


def _steady(per_week, weeks=8, **fields):
    return [_row(days=7 * week + 0.5 + n / 1000, **fields) for week in range(weeks) for n in range(per_week)]


ROWS = st.builds(
    Row,
    person=st.sampled_from(["", "a", "b", "c"]),
    written_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 7, 1), timezones=st.just(UTC)),
    severity=st.integers(1, 5),
    rating=st.sampled_from([None, 1, 3, 5]),
    language=st.sampled_from(["en", "ur", "ur-Latn"]),
    version=st.sampled_from(["", "1.0", "1.1"]),
)
TOPICS = st.lists(
    st.tuples(st.sampled_from(["bug", "praise", "question"]), st.lists(ROWS, max_size=12)), max_size=5
)


@given(TOPICS)
def test_the_parts_sum_to_the_score_and_ranks_count_from_one(topics):
    found = rank([_topic(str(at), rows, kind) for at, (kind, rows) in enumerate(topics)], as_of=NOW)
    assert [one.rank for one in found] == list(range(1, len(found) + 1))
    for one in found:
        assert tuple(one.parts) == PARTS
        assert sum(one.parts.values()) == pytest.approx(one.score, abs=1e-6)
        assert 0 <= one.score <= 100
        assert all(points >= 0 for points in one.parts.values())
        assert len(one.weeks) == 8


@given(TOPICS)
def test_thin_topics_never_come_before_thick_ones(topics):
    found = rank([_topic(str(at), rows, "bug") for at, (_, rows) in enumerate(topics)], as_of=NOW)
    thin = [one.people < 3 for one in found]
    assert thin == sorted(thin)


def test_more_people_rank_higher_all_else_equal():
    found = rank([_topic("few", _steady(1)), _topic("many", _steady(5))], as_of=NOW)
    assert [one.topic_id for one in found] == ["many", "few"]


def test_one_person_writing_often_is_one_person():
    (found,) = rank([_topic("t", [_row(days=n, person="p") for n in range(5)])], as_of=NOW)
    assert found.people == 1


def test_texts_without_a_person_count_one_each():
    (found,) = rank([_topic("t", [_row(days=n) for n in range(5)])], as_of=NOW)
    assert found.people == 5


def test_one_furious_person_does_not_come_first():
    furious = _topic("furious", [_row(severity=5, rating=1, person="p")])
    found = rank([furious, _topic("calm", _steady(1, severity=2))], as_of=NOW)
    assert found[0].topic_id == "calm"


@pytest.mark.parametrize("kind", ["praise", "other"])
def test_praise_and_other_come_last(kind):
    found = rank([_topic("loved", _steady(9), kind), _topic("bug", _steady(1))], as_of=NOW)
    assert [one.topic_id for one in found] == ["bug", "loved"]


def test_a_burst_is_escalating_and_has_trend_points():
    burst = _topic("burst", [*_steady(1), *[_row(days=1 + n / 100) for n in range(12)]])
    found = {one.topic_id: one for one in rank([burst, _topic("steady", _steady(6))], as_of=NOW)}
    assert found["burst"].state == "escalating"
    assert found["burst"].parts["trend"] > 5
    assert found["steady"].state == "ongoing"


def test_growth_of_the_whole_inbox_is_no_burst():
    grown = [_topic(name, [*_steady(2, weeks=8), *_steady(4, weeks=2)]) for name in ("a", "b", "c", "d")]
    assert {one.state for one in rank(grown, as_of=NOW)} == {"ongoing"}


def test_a_topic_first_seen_in_the_last_two_weeks_is_new():
    (found,) = rank([_topic("t", [_row(days=n) for n in range(4)])], as_of=NOW)
    assert found.state == "new"


def test_a_topic_that_fell_silent_is_fading():
    (found,) = rank([_topic("t", [_row(days=60 + n) for n in range(5)])], as_of=NOW)
    assert found.state == "fading"


def test_weeks_are_counted_oldest_first_up_to_the_instant():
    (found,) = rank(
        [_topic("t", [_row(days=0.1), _row(days=6.9), _row(days=7.1), _row(days=55.9), _row(days=56.1)])],
        as_of=NOW,
    )
    assert found.weeks == (1, 0, 0, 0, 0, 0, 1, 2)


def test_texts_after_the_instant_do_not_count():
    assert rank([_topic("t", [_row(days=-1)])], as_of=NOW) == []


def test_severity_stars_and_reach_each_raise_their_own_part():
    base = _steady(1, severity=2, rating=4)
    for part, worse in (
        ("severity", _steady(1, severity=5, rating=4)),
        ("rating", _steady(1, severity=2, rating=1)),
        (
            "reach",
            [
                _row(days=n, severity=2, rating=4, language="ur" if n % 2 else "en", version=f"{n}")
                for n in range(8)
            ],
        ),
    ):
        (plain,) = rank([_topic("t", base)], as_of=NOW)
        (found,) = rank([_topic("t", worse)], as_of=NOW)
        assert found.parts[part] > plain.parts[part], part


def test_languages_and_versions_are_listed_most_frequent_first():
    rows = [
        _row(language="ur", version="2"),
        _row(language="en", version="1"),
        _row(language="ur", version="2"),
        _row(),
    ]
    (found,) = rank([_topic("t", [*rows, _row(language="ur")])], as_of=NOW)
    assert found.languages == ("ur", "en")
    assert found.versions == ("2", "1")


def test_the_shipped_weights_name_every_part_and_sum_to_a_hundred():
    assert tuple(shipped_weights()) == PARTS
    assert sum(shipped_weights().values()) == 100


def test_given_weights_are_scaled_to_a_hundred():
    (found,) = rank([_topic("t", _steady(1, severity=5))], as_of=NOW, weights={"severity": 3})
    assert found.parts["severity"] == found.score == pytest.approx(80.0)


@pytest.mark.parametrize("weights", [{"charm": 1.0}, {"people": -1.0, "severity": 3.0}, {"people": 0.0}])
def test_unknown_or_negative_weights_are_refused(weights):
    with pytest.raises(ValueError, match=r"part|weights"):
        rank([], as_of=NOW, weights=weights)


@given(st.integers(0, 60), st.floats(0.1, 60))
def test_the_poisson_chances_overlap_in_exactly_the_count(count, expected):
    both = _at_most(count, expected) + _at_least(count, expected)
    assert both + 1e-9 >= 1
    assert both <= 2


def test_large_counts_use_the_normal_curve():
    assert _at_most(5_000, 5_000) == pytest.approx(0.5, abs=0.01)
