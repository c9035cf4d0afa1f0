"""The information bottleneck on texts whose groups are known."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from feedback_ml import bottleneck


def rows_of(themes, texts, terms=12, words=6, noise=1, seed=3):
    """Texts of several themes, each with words of its own and `noise` words of everybody's."""
    chance = np.random.default_rng(seed)
    rows = np.zeros((themes * texts, (themes + 1) * terms))
    for at in range(themes * texts):
        own = at % themes * terms
        rows[at, own + chance.choice(terms, words, replace=False)] = 1
        rows[at, themes * terms + chance.choice(terms, noise, replace=False)] = 1
    return csr_matrix(rows), np.ones(rows.shape[1])


def same_groups(labels, themes):
    return all(len(set(labels[at::themes])) == 1 for at in range(themes)) and len(set(labels)) == themes


@pytest.mark.parametrize(("themes", "texts"), [(2, 20), (5, 20), (12, 30)])
def test_themes_are_found_and_counted(themes, texts):
    labels = bottleneck.grouped(*rows_of(themes, texts))
    assert same_groups(labels.tolist(), themes)


def test_the_number_of_groups_can_be_given():
    assert len(set(bottleneck.grouped(*rows_of(4, 20), groups=2).tolist())) == 2


def test_the_same_rows_give_the_same_groups():
    rows, weights = rows_of(5, 20, noise=4)
    assert (bottleneck.grouped(rows, weights) == bottleneck.grouped(rows, weights)).all()


def test_a_text_without_terms_is_in_no_group():
    rows, weights = rows_of(2, 8)
    rows = csr_matrix(np.vstack([rows.toarray(), np.zeros(rows.shape[1])]))
    assert bottleneck.grouped(rows, weights)[-1] == -1
    assert bottleneck.grouped(csr_matrix((2, 3)), np.ones(3)).tolist() == [-1, -1]


def test_one_text_is_one_group():
    assert bottleneck.grouped(csr_matrix(np.ones((1, 3))), np.ones(3)).tolist() == [0]


def test_of_many_texts_a_part_is_learnt_from_and_the_others_are_placed(monkeypatch):
    monkeypatch.setattr(bottleneck, "ALL", 100)
    monkeypatch.setattr(bottleneck, "PART", 80)
    labels = bottleneck.grouped(*rows_of(4, 60))
    assert same_groups(labels.tolist(), 4)


def test_long_texts_do_not_make_more_groups():
    long = rows_of(3, 40, terms=60, words=40)
    assert len(set(bottleneck.first_groups(*long).tolist())) == 3


def test_moving_texts_keeps_the_counts_right():
    rows, weights = rows_of(3, 20)
    labels = np.arange(60) % 2
    counts = bottleneck._Counts(rows, weights, labels, 2)
    lengths = np.asarray(rows.sum(axis=1)).ravel()
    bottleneck._moved(rows, np.arange(60), counts, labels, lengths)
    again = bottleneck._Counts(rows, weights, labels, 2)
    assert np.allclose(counts.by_term, again.by_term)
    assert np.allclose(counts.sizes, again.sizes)
    assert np.allclose(counts.gain, again.gain, atol=1e-4)
