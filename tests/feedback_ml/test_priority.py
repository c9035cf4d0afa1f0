"""Ranking by evidence: parts that sum, bursts against expectation, and thin data kept low."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_ml.priority import PARTS, Evidence, Row, came_again, rank
from feedback_ml.weights import shipped_weights

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
    assert found["burst"].parts["trend"] > 1
    assert found["steady"].parts["trend"] < 0.1
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


def _part(name, rows, *, beside=(), **topic):
    """Points of one part of a topic, ranked beside others."""
    found = rank([Evidence("t", "bug", tuple(rows), **topic), *beside], as_of=NOW)
    return next(one.parts[name] for one in found if one.topic_id == "t")


def test_severity_and_lost_stars_each_raise_their_own_part():
    calm = _steady(1, severity=2, rating=4)
    assert _part("severity", _steady(1, severity=5, rating=4)) > _part("severity", calm)
    assert _part("rating", _steady(1, severity=2, rating=1)) > _part("rating", calm)


def test_without_stars_the_rating_is_neither_good_nor_bad():
    unrated = _part("rating", _steady(1))
    assert _part("rating", _steady(1, rating=5)) < unrated < _part("rating", _steady(1, rating=1))


def test_five_channels_of_one_person_are_one_person():
    channels = ("play", "whatsapp", "centre", "in_app", "complaint")
    rows = tuple(Row("p", NOW - timedelta(days=2), 4, None, "en", channel=name) for name in channels)
    (found,) = rank([Evidence("t", "bug", rows)], as_of=NOW)
    assert (found.people, found.texts) == (1, 5)


def test_one_person_does_not_decide_the_severity_by_writing_often():
    shouting = [_row(person="loud", severity=5) for _ in range(50)] + [_row(severity=2) for _ in range(9)]
    calm = [_row(person="loud", severity=5)] + [_row(severity=2) for _ in range(9)]
    assert _part("severity", shouting) == _part("severity", calm)


def test_twice_the_people_weigh_as_much_as_twice_the_severity():
    weights = shipped_weights()
    per_log = weights["people"] / math.log(1_000_000)
    assert weights["severity"] / math.log(5) == pytest.approx(per_log, rel=0.01)


def test_reach_is_the_areas_share_of_people_and_evenness_over_versions_and_districts():
    def rows(version, district):
        return [
            Row(f"p{n}", NOW - timedelta(days=20), 3, None, "en", version(n), district(n)) for n in range(12)
        ]

    one_place = rows(lambda n: "1", lambda n: "lahore")
    spread = rows(lambda n: f"{n % 4}", lambda n: f"d{n % 6}")
    assert _part("reach", one_place) == 0
    assert _part("reach", spread) > 0.1
    other = Evidence("other", "bug", tuple(_steady(4)), area="payments")
    assert _part("reach", one_place, beside=[other], area="sign_in") > 0
    assert _part("reach", one_place, beside=[other], area="none") == 0


def test_recent_texts_weigh_more_than_old_ones():
    assert _part("recency", [_row(days=1 + n) for n in range(6)]) > _part(
        "recency", [_row(days=100 + n) for n in range(6)]
    )


def test_the_cheaper_of_two_comes_first_and_no_estimate_adds_nothing():
    rows = _steady(1)
    assert _part("effort", rows, effort_days=1) > _part("effort", rows, effort_days=10) > 0
    assert _part("effort", rows) == 0
    topics = [
        Evidence("dear", "bug", tuple(rows), effort_days=20),
        Evidence("x", "bug", tuple(rows), effort_days=1),
    ]
    assert [one.topic_id for one in rank(topics, as_of=NOW)] == ["x", "dear"]


def _mixed(name, groups):
    """A topic whose people are so many of each group: {(language, district, overseas): people}."""
    return Evidence(
        name,
        "bug",
        tuple(
            Row(f"{name}{group}{n}", NOW - timedelta(days=30), 3, None, group[0], "", group[1], group[2])
            for group, people in groups.items()
            for n in range(people)
        ),
    )


EVERYBODY = {("en", "lahore", False): 300, ("ur", "multan", False): 90, ("en", "", True): 30}


@pytest.mark.parametrize(
    ("group", "hit"),
    [
        (("ur", "", False), "language:ur"),
        (("en", "multan", False), "district:multan"),
        (("en", "", True), "overseas:yes"),
    ],
)
def test_a_group_hit_harder_than_its_share_raises_equity_and_is_named(group, hit):
    found = rank([_mixed("all", EVERYBODY), _mixed("theirs", {group: 30})], as_of=NOW)
    theirs = next(one for one in found if one.topic_id == "theirs")
    assert theirs.parts["equity"] > 0.3
    assert theirs.hit_harder == hit
    assert next(one for one in found if one.topic_id == "all").parts["equity"] < 0.1


def test_a_group_hit_as_its_share_gives_no_equity():
    alike = {group: people // 3 for group, people in EVERYBODY.items()}
    found = rank([_mixed("all", EVERYBODY), _mixed("alike", alike)], as_of=NOW)
    assert {one.parts["equity"] for one in found} == {0.0}
    assert {one.hit_harder for one in found} == {""}


def test_thin_data_gives_next_to_no_equity():
    found = rank([_mixed("all", EVERYBODY), _mixed("thin", {("ur", "", False): 3})], as_of=NOW)
    assert next(one for one in found if one.topic_id == "thin").parts["equity"] < 0.15


@given(TOPICS, st.randoms(use_true_random=False))
def test_the_order_in_which_evidence_comes_in_decides_nothing(topics, shuffling):
    plain = [_topic(str(at), rows, kind) for at, (kind, rows) in enumerate(topics)]
    mixed = [
        Evidence(one.topic_id, one.type, tuple(shuffling.sample(one.rows, len(one.rows)))) for one in plain
    ]
    shuffling.shuffle(mixed)
    assert rank(plain, as_of=NOW) == rank(mixed, as_of=NOW)


@given(TOPICS)
def test_places_and_intervals_hold_the_rank(topics):
    found = rank([_topic(str(at), rows, kind) for at, (kind, rows) in enumerate(topics)], as_of=NOW)
    for one in found:
        assert 1 <= one.low_rank <= one.rank <= one.high_rank <= len(found)
        assert one.place <= one.rank
        assert found[one.place - 1].place == one.place
        assert one.tied == (sum(other.place == one.place for other in found) > 1)
        assert one.margin >= 0


def test_topics_whose_order_is_not_sure_share_a_place():
    near = [_topic("a", _steady(5)), _topic("b", [*_steady(5), _row()]), _topic("far", _steady(1))]
    found = rank(near, as_of=NOW)
    assert [one.place for one in found] == [1, 1, 3]
    assert [one.tied for one in found] == [True, True, False]
    assert (found[0].low_rank, found[0].high_rank) == (1, 2)


def test_a_sure_order_is_no_tie():
    found = rank([_topic("many", _steady(40)), _topic("some", _steady(4))], as_of=NOW)
    assert [(one.place, one.tied, one.low_rank, one.high_rank) for one in found] == [
        (1, False, 1, 1),
        (2, False, 2, 2),
    ]


def test_more_people_make_the_score_surer():
    found = {
        one.topic_id: one for one in rank([_topic("many", _steady(40)), _topic("few", _steady(1))], as_of=NOW)
    }
    assert found["many"].margin < found["few"].margin


def test_the_margin_is_that_of_counting_people():
    (found,) = rank([_topic("t", _steady(25, severity=3))], as_of=NOW)
    assert found.people == 200
    per_log = found.parts["people"] / math.log(200)
    assert found.margin == pytest.approx(1.645 * per_log / math.sqrt(200), rel=0.25)


def test_the_seed_alone_decides_the_draws():
    topics = [_topic("a", _steady(3)), _topic("b", _steady(4))]
    assert rank(topics, as_of=NOW, seed=7) == rank(topics, as_of=NOW, seed=7)
    assert rank(topics, as_of=NOW, seed=7)[0].margin != rank(topics, as_of=NOW, seed=8)[0].margin


def test_a_topic_that_came_back_says_so_whatever_its_counts():
    (found,) = rank([Evidence("t", "bug", tuple(_steady(2)), regressed=True)], as_of=NOW)
    assert found.state == "regressed"


def test_a_burst_after_the_release_is_seen_although_the_flood_before_it_was_greater():
    flood = [_row(days=50 + n / 10) for n in range(200)]
    quiet = [_row(days=20 + n) for n in range(3)]
    again = [_row(days=1 + n / 10) for n in range(15)]
    mended = NOW - timedelta(days=45)
    assert came_again([*flood, *quiet, *again], mended_at=mended, as_of=NOW)
    assert not came_again([*flood, *quiet], mended_at=mended, as_of=NOW)
    assert not came_again(flood, mended_at=mended, as_of=NOW)


def test_a_steady_trickle_after_the_release_is_not_its_return():
    assert not came_again(_steady(3), mended_at=NOW - timedelta(days=45), as_of=NOW)


def test_within_three_weeks_of_the_release_nothing_has_come_back():
    again = [_row(days=1 + n / 10) for n in range(15)]
    assert not came_again(again, mended_at=NOW - timedelta(days=20), as_of=NOW)


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


def test_given_weights_are_scaled_to_a_hundred():
    (found,) = rank([_topic("t", _steady(1, severity=5))], as_of=NOW, weights={"severity": 3})
    assert found.parts["severity"] == found.score == pytest.approx(100.0)


@pytest.mark.parametrize("weights", [{"charm": 1.0}, {"people": -1.0, "severity": 3.0}, {"people": 0.0}])
def test_unknown_or_negative_weights_are_refused(weights):
    with pytest.raises(ValueError, match=r"part|weights"):
        rank([], as_of=NOW, weights=weights)
