"""Before and after a release: sides, verdicts, false alarms under no effect, and what comes back."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_ml.releases import (
    HORIZON,
    Release,
    Side,
    Text,
    came_back,
    judge,
    measure,
    regressed,
)

DAY = timedelta(days=1)
OUT = datetime(2026, 3, 1, tzinfo=UTC)
OLD = Release("12.05", OUT - 200 * DAY)
NEW = Release("12.1", OUT, frozenset({"otp"}))
BOTH = (OLD, NEW)
OTHERS = tuple(f"other{n}" for n in range(8))


def _texts(topic, count, *, begin, days=40, version="", person=""):
    """So many texts, evenly over the days from `begin`."""
    step = timedelta(days=days) / max(1, count)
    return [Text(topic, version, begin + step * n, person) for n in range(count)]


def _world(before, after, *, growth=1.0, versions=("12.05", "12.1")):
    """Texts about the topic on the old and on the new version, with eight steady topics beside."""
    found = []
    for topic, old, new in [("otp", before, after), *((name, 40, int(40 * growth)) for name in OTHERS)]:
        found += _texts(topic, old, begin=OUT - 41 * DAY, version=versions[0])
        found += _texts(topic, new, begin=OUT + DAY, version=versions[1])
    return found


def _measured(texts, *, release=NEW, releases=BOTH, as_of=OUT + 60 * DAY, **more):
    return measure("otp", release, texts, releases, as_of=as_of, **more)


def _codes(found):
    return [reason.code for reason in found.reasons]


def test_a_topic_that_falls_against_the_others_was_helped():
    found = _measured(_world(80, 12))
    assert found.verdict == "helped"
    assert found.ratio.high < 1
    assert _codes(found) == ["fell", "control"]
    assert found.control == pytest.approx(found.before.exposure / found.after.exposure)


def test_a_topic_that_goes_on_as_the_others_has_no_change():
    found = _measured(_world(80, 80))
    assert found.verdict == "no_change"
    assert found.ratio.value == pytest.approx(1.0)


def test_a_topic_that_rises_against_the_others_is_worse():
    assert _measured(_world(20, 90)).verdict == "worse"


def test_a_topic_made_by_the_release_is_worse_although_there_was_none_before():
    found = _measured(_world(0, 60))
    assert found.verdict == "worse"
    assert found.ratio.value is None
    assert found.ratio.high == inf


def test_a_fall_that_all_topics_share_is_no_help():
    assert _measured(_world(80, 40, growth=0.5)).verdict == "no_change"


def test_rates_are_per_thousand_texts():
    found = _measured(_world(80, 20))
    assert found.rate_before == pytest.approx(1_000 * 80 / (80 + 8 * 40))
    assert (found.before.texts, found.after.texts) == (80, 20)


def test_versions_are_ordered_by_when_they_came_out_and_not_by_name():
    texts = _world(80, 12, versions=("12.10", "12.9"))
    releases = (Release("12.10", OUT - 90 * DAY), Release("12.9", OUT, frozenset({"otp"})))
    found = measure("otp", releases[1], texts, releases, as_of=OUT + 60 * DAY)
    assert (found.before.texts, found.after.texts) == (80, 12)


def test_texts_on_the_old_version_after_the_release_belong_to_before():
    late = _texts("otp", 30, begin=OUT + 5 * DAY, version="12.05")
    found = _measured([*_world(80, 12), *late])
    assert (found.before.texts, found.after.texts) == (110, 12)


def test_texts_on_the_new_version_before_its_day_belong_to_after():
    early = _texts("otp", 3, begin=OUT - 2 * DAY, days=1, version="12.1")
    assert _measured([*_world(80, 12), *early]).after.texts == 15


@pytest.mark.parametrize("version", ["", "99.9-beta"])
def test_texts_without_a_known_version_go_by_their_date(version):
    found = _measured(_world(80, 12, versions=(version, version)))
    assert (found.before.texts, found.after.texts) == (80, 12)


def test_a_version_named_twice_came_out_the_first_time():
    twice = (*BOTH, Release("12.1", OUT + 30 * DAY))
    assert _measured(_world(80, 12), releases=twice).after.texts == 12


def test_texts_beyond_eight_weeks_and_after_the_instant_do_not_count():
    far = [
        *_texts("otp", 5, begin=OUT - HORIZON - 5 * DAY, days=4),
        *_texts("otp", 5, begin=OUT + HORIZON + DAY, days=4),
    ]
    assert _measured([*_world(80, 12), *far]).before.texts == 80
    assert _measured(_world(80, 40), as_of=OUT + 21 * DAY).after.texts == 21


def test_a_later_release_that_touches_the_topic_ends_the_window():
    later = Release("12.11", OUT + 20 * DAY, frozenset({"otp"}))
    texts = [*_world(80, 0), *_texts("otp", 20, begin=OUT + DAY, days=15, version="12.1")]
    texts += _texts("otp", 50, begin=OUT + 21 * DAY, days=20, version="12.11")
    first = _measured(texts, releases=(*BOTH, later))
    second = _measured(texts, release=later, releases=(*BOTH, later))
    assert first.after.texts == 20
    assert (second.before.texts, second.after.texts) == (20, 50)


def test_a_release_that_touches_other_topics_ends_nothing_but_they_are_no_control():
    later = Release("12.11", OUT + 20 * DAY, frozenset({"other0"}))
    texts = [*_world(80, 12), *_texts("otp", 5, begin=OUT + 25 * DAY, days=5, version="12.11")]
    found = _measured(texts, releases=(*BOTH, later))
    assert found.after.texts == 17
    (control,) = [reason for reason in found.reasons if reason.code == "control"]
    assert control.figures["topics"] == 7


def test_one_persons_further_texts_about_a_topic_are_not_counted():
    again = [Text("otp", "12.1", OUT + n * DAY, "p") for n in range(2, 30)]
    found = _measured([*_world(80, 12), *again])
    assert found.after.texts == 13
    assert found.after.exposure == _measured(_world(80, 12)).after.exposure + 1


def test_with_active_users_rates_are_per_thousand_of_them():
    found = _measured(_world(80, 12), active={"12.05": 40_000.0, "12.1": 20_000.0, "7.0": 9.0})
    assert (found.before.exposure, found.after.exposure) == (40_000, 20_000)
    assert found.rate_before == pytest.approx(2.0)
    assert found.plain.value == pytest.approx(12 / 20_000 / (80 / 40_000))


def test_with_active_users_texts_of_unnamed_versions_are_left_out():
    texts = [*_world(80, 12), *_texts("otp", 9, begin=OUT + DAY)]
    assert _measured(texts, active={"12.05": 40_000.0, "12.1": 20_000.0}).after.texts == 12


def test_without_users_on_one_side_it_is_too_early():
    found = _measured(_world(80, 12), active={"12.05": 40_000.0})
    assert found.verdict == "too_early"
    assert found.control is None
    assert "few_texts" in _codes(found)


def test_a_week_must_have_passed():
    found = _measured(_world(80, 80), as_of=OUT + 3 * DAY)
    assert found.verdict == "too_early"
    assert "few_days" in _codes(found)


def test_a_hundred_texts_are_needed_on_either_side():
    few = [text for text in _world(80, 12) if text.topic in {"otp", "other0"}]
    found = _measured(few)
    assert found.verdict == "too_early"
    assert "few_texts" in _codes(found)


def test_where_few_texts_were_expected_none_after_proves_nothing():
    found = _measured(_world(6, 0))
    assert found.verdict == "too_early"
    assert "few_expected" in _codes(found)


def test_without_control_the_plain_rate_decides_and_it_is_said():
    texts = [*(text for text in _world(120, 20) if text.topic == "otp")]
    texts += _texts("", 300, begin=OUT - 41 * DAY, version="12.05")
    texts += _texts("", 300, begin=OUT + DAY, version="12.1")
    found = _measured(texts)
    assert found.verdict == "helped"
    assert found.control is None
    assert _codes(found) == ["fell", "no_control"]


def test_few_control_topics_are_said_to_be_few():
    texts = [text for text in _world(120, 20) if text.topic in {"otp", "other0", "other1"}]
    assert "few_controls" in _codes(_measured(texts))


def test_a_rise_that_is_only_less_than_the_others_is_no_help():
    before, after = (
        Side(60, 10_000.0, dict.fromkeys(OTHERS, 40)),
        Side(70, 9_000.0, dict.fromkeys(OTHERS, 200)),
    )
    found = judge("otp", NEW, before, after, until=OUT + 50 * DAY, controls=OTHERS)
    assert found.verdict == "no_change"
    assert _codes(found)[0] == "only_against_control"


def test_no_change_tells_whether_a_halving_is_ruled_out():
    assert _codes(_measured(_world(14, 14)))[0] == "halving_possible"
    before, after = (
        Side(900, 9_000.0, dict.fromkeys(OTHERS, 900)),
        Side(900, 9_000.0, dict.fromkeys(OTHERS, 900)),
    )
    sure = judge("otp", NEW, before, after, until=OUT + 50 * DAY, controls=OTHERS)
    assert _codes(sure)[0] == "halving_ruled_out"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Text,
            topic=st.sampled_from(["otp", "a", "b", ""]),
            version=st.sampled_from(["", "12.05", "12.1", "x"]),
            written_at=st.datetimes(datetime(2025, 12, 1), datetime(2026, 6, 1), timezones=st.just(UTC)),
            person=st.sampled_from(["", "p", "q"]),
        ),
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_every_text_is_on_one_side_at_most_and_the_order_of_texts_decides_nothing(texts, shuffling):
    found = _measured(texts)
    assert found.before.exposure + found.after.exposure <= len(texts)
    for side in (found.before, found.after):
        assert side.texts + sum(side.others.values()) <= side.exposure
    mixed = shuffling.sample(texts, len(texts))
    assert _measured(mixed) == found


def _simulated(effect, chance, *, swings, controls=12, people=60, times=250):
    """Share of each verdict when the topic's rate is multiplied by `effect` and topics swing by themselves."""
    verdicts = Counter()
    for _ in range(times):
        usual = np.append(people, chance.gamma(2, people / 2, controls) + 5)
        now, then = (usual * np.exp(chance.normal(0, swings, controls + 1)) for _ in range(2))
        then[0] *= effect
        old, new = chance.poisson(now), chance.poisson(then)
        names = [f"c{n}" for n in range(controls)]
        before, after = (
            Side(
                int(counts[0]), float(counts.sum() + 500), dict(zip(names, map(int, counts[1:]), strict=True))
            )
            for counts in (old, new)
        )
        found = judge("t", NEW, before, after, until=OUT + 50 * DAY, controls=names)
        verdicts[found.verdict] += 1
    return {name: count / times for name, count in verdicts.items()}


@pytest.mark.parametrize("swings", [0.0, 0.2])
def test_without_any_effect_help_is_seldom_claimed(swings):
    found = _simulated(1.0, np.random.default_rng(5), swings=swings)
    print(f"no effect, topics swing by {swings}: {found}")
    assert found.get("helped", 0) <= 0.05
    assert found.get("worse", 0) <= 0.06


def test_a_halving_of_a_topic_of_sixty_is_mostly_seen():
    found = _simulated(0.5, np.random.default_rng(6), swings=0.0)
    print(f"halved: {found}")
    assert found["helped"] >= 0.65
    assert found.get("worse", 0) == 0


def _after_the_measurement(count):
    late = _world(80, 12)
    for topic, many in [("otp", count), *((name, 20) for name in OTHERS)]:
        late += _texts(topic, many, begin=OUT + 61 * DAY, days=25, version="12.1")
    return late


def test_a_topic_that_was_helped_and_rises_again_has_regressed():
    texts = _after_the_measurement(40)
    found = regressed(_measured(texts), NEW, texts, BOTH, as_of=OUT + 88 * DAY)
    assert found.is_back
    assert found.reasons[0].code == "came_back"
    assert found.reasons[0].figures["way_back"] > 0.5


def test_a_topic_that_stays_down_has_not():
    texts = _after_the_measurement(6)
    found = regressed(_measured(texts), NEW, texts, BOTH, as_of=OUT + 88 * DAY)
    assert not found.is_back
    assert found.reasons[0].code == "still_down"


def test_what_was_never_helped_does_not_regress():
    texts = [*_world(80, 80), *_texts("otp", 80, begin=OUT + 61 * DAY, days=25, version="12.1")]
    assert not regressed(_measured(texts), NEW, texts, BOTH, as_of=OUT + 88 * DAY).is_back


def test_before_anything_was_written_later_nothing_is_back():
    texts = _world(80, 12)
    found = regressed(_measured(texts), NEW, texts, BOTH, as_of=OUT + 60 * DAY)
    assert not found.is_back
    assert found.later.texts == 0


def test_a_return_within_the_eight_weeks_is_seen_by_looking_from_four_weeks_ago():
    texts = []
    for topic, old, settled, late in [("otp", 80, 6, 60), *((name, 40, 25, 25) for name in OTHERS)]:
        texts += _texts(topic, old, begin=OUT - 41 * DAY, version="12.05")
        texts += _texts(topic, settled, begin=OUT + DAY, days=24, version="12.1")
        texts += _texts(topic, late, begin=OUT + 27 * DAY, days=24, version="12.1")
    assert came_back("otp", NEW, texts, BOTH, as_of=OUT + 54 * DAY).is_back
