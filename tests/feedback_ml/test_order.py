"""The order of topics follows people times severity, in worlds of several kinds; a shuffled order does not."""

import time
from datetime import timedelta
from statistics import mean

import numpy as np
import pytest

from feedback_ml.priority import Evidence, Row, rank
from tests.feedback_ml.worlds import AS_OF, KINDS, ndcg_at_3, spearman, world

WORLDS = 10


def _figures(kind, noise):
    """Means over worlds: NDCG@3 and Spearman of the ranking, and of a shuffled order."""
    chance = np.random.default_rng(KINDS.index(kind) + 1)
    found = []
    for _ in range(WORLDS):
        made = world(kind, chance, noise=noise)
        order = [one.topic_id for one in rank(made.topics, as_of=AS_OF)]
        control = [str(name) for name in chance.permutation(order)]
        found.append([judge(o, made.truth) for o in (order, control) for judge in (ndcg_at_3, spearman)])
    return [mean(column) for column in zip(*found, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_topics_stand_in_the_order_of_people_times_severity(kind):
    ndcg, rho, shuffled_ndcg, shuffled_rho = _figures(kind, noise=0.0)
    print(f"{kind}: NDCG@3 {ndcg:.3f}, Spearman {rho:.3f}; shuffled {shuffled_ndcg:.3f}, {shuffled_rho:.3f}")
    assert ndcg >= 0.98
    assert rho >= 0.97
    assert shuffled_ndcg < 0.85
    assert abs(shuffled_rho) < 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_a_tenth_of_wrong_labels_leaves_the_order_nearly_as_it_was(kind):
    ndcg, rho, shuffled_ndcg, _ = _figures(kind, noise=0.1)
    print(f"{kind}, a tenth wrong: NDCG@3 {ndcg:.3f}, Spearman {rho:.3f}; shuffled {shuffled_ndcg:.3f}")
    assert ndcg >= 0.97
    assert rho >= 0.88


def test_five_thousand_topics_of_two_hundred_thousand_texts_rank_in_time():
    chance = np.random.default_rng(1)
    rows = [[] for _ in range(5_000)]
    texts = 200_000
    topic = np.minimum((chance.pareto(1.0, texts) * 20).astype(int), len(rows) - 1)
    topic[: len(rows)] = range(len(rows))
    who, age, severity = (
        chance.integers(0, 80_000, texts),
        chance.uniform(0, 365, texts),
        chance.integers(1, 6, texts),
    )
    for at in range(texts):
        written = AS_OF - timedelta(days=float(age[at]))
        rows[topic[at]].append(
            Row(f"p{who[at]}", written, int(severity[at]), None, "en", f"{at % 9}", f"d{at % 36}")
        )
    topics = [Evidence(f"t{at}", "bug", tuple(own)) for at, own in enumerate(rows)]
    began = time.process_time()
    found = rank(topics, as_of=AS_OF)
    seconds = time.process_time() - began
    print(f"{len(found):,} topics of {texts:,} texts in {seconds:.1f} s of CPU")
    assert len(found) == 5_000
    assert seconds < 20
