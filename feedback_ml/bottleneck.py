"""The sequential information bottleneck: groups texts so that a text's group still tells most of its words.

Slonim, Friedman and Tishby, "Unsupervised document classification using sequential information maximization"
(SIGIR 2002). A text moves to the group where the least information about terms is lost. Several runs from
different beginnings vote, by being terms of a last one. How many groups there are follows from the texts: of
too many groups two become one as long as one multinomial explains both better than two (a Bayes factor under
a Dirichlet prior that grows with the number of texts, for a topic of many is less uniform than its prior).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack
from scipy.special import gammaln

RUNS, RUNS_OF_FEW = 8, 24
"""Runs that vote; of fewer than `FEW` texts it is cheap to ask more."""
FEW = 3_000
RUNS_A_LAST = 4
"""Runs for each of those that count the votes, of which the best is taken."""
SWEEPS = 10
"""Times that each text may move in a run, at most."""
SETTLED = 0.005
"""Share of texts that may still move when a run ends."""
TEXTS_A_PRIOR = 20
"""Texts for each pseudo-count of the prior under which groups are counted."""
LEAST_PRIOR = 5.0
"""Pseudo-counts of that prior at least, from 50 texts on: of few texts each says more by itself."""
SHORT = 12.0
"""Terms of a text (weighted) up to which each is evidence of its own."""
ALL, PART = 12_000, 8_000
"""Up to `ALL` texts, groups are learnt from each; of more, from `PART`, which then place the others."""
_AT_ONCE = 256
_TINY = 1e-9


def information(counts: Any) -> Any:
    """Give x log x, zero at zero."""
    return counts * np.log(np.maximum(counts, 1e-30))


def grouped(rows: Any, weights: Any, *, groups: int | None = None, seed: int = 0) -> Any:
    """Group the rows (texts x terms, ones and zeros, columns in order); give each a group's number.

    A row without any term has -1.

    `weights` is what one meeting of each term counts; `groups` the number of groups, None to let the texts
    decide. The same rows give the same answer.
    """
    chance = np.random.default_rng(seed)
    # What is said again in the same words is no second witness of which words go together.
    first, text_of = _distinct(rows)
    apart = rows[first]
    said = np.flatnonzero(np.diff(apart.indptr))
    labels = np.full(len(first), -1)
    if len(said):
        learnt = np.sort(chance.permutation(said)[:PART]) if len(said) > ALL else said
        part = _present(apart[learnt].astype(np.float32), weights)
        start: Any = None if groups else first_groups(*part, seed=seed)
        wanted = groups or int(start.max()) + 1
        labels[learnt] = _voted(*part, wanted, seed, RUNS_OF_FEW if len(learnt) < FEW else RUNS, start)
        rest = np.setdiff1d(said, learnt)
        if len(rest):
            labels[rest] = _placed(apart[rest], _Counts(apart[learnt], weights, labels[learnt], wanted))
    return labels[text_of]


def _distinct(rows: Any) -> tuple[Any, Any]:
    """Find the first of each set of equal rows, and for every row the place of its own among these."""
    places: dict[bytes, int] = {}
    ends, columns = rows.indptr.tolist(), rows.indices
    text_of = [places.setdefault(columns[begin:end].tobytes(), len(places)) for begin, end in pairwise(ends)]
    return np.unique(text_of, return_index=True)[1], np.array(text_of)


def _present(rows: Any, weights: Any) -> tuple[Any, Any]:
    there = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]))
    return rows[:, there].tocsr(), weights[there]


def first_groups(rows: Any, weights: Any, *, seed: int = 0) -> Any:
    """Group the rows roughly, into as many groups as they make: too many groups first, then merged."""
    texts = rows.shape[0]
    most = max(1, min(texts // 2 if texts < 100 else texts // 3, int(3 * texts**0.5)))
    many = _voted(rows, weights, most, seed, runs=8 if texts < FEW else 2)
    # The words of a long text follow from one another: it is no more evidence than a short one.
    evidence = min(1.0, SHORT / float(np.mean(rows @ weights)))
    prior = max(min(LEAST_PRIOR, texts / 10), texts / TEXTS_A_PRIOR)
    return _merged(rows, weights * evidence, many, most, prior)


def _voted(rows: Any, weights: Any, groups: int, seed: int, runs: int, start: Any = None) -> Any:
    """Let runs from random beginnings, and one from `start` if there is one, vote for the groups."""
    if groups <= 1:
        return np.zeros(rows.shape[0], dtype=int)
    votes = [_run(rows, weights, groups, seed + at)[0] for at in range(runs)]
    both = hstack([rows, *(_belonging(vote, groups) for vote in votes)]).tocsr().astype(np.float32)
    heavy = np.concatenate([weights, np.ones(groups * runs)])
    last = [_run(both, heavy, groups, seed + runs + at) for at in range(max(1, runs // RUNS_A_LAST))]
    if start is not None:
        last.append(_run(both, heavy, groups, seed, start))
    return max(last, key=lambda ended: float(ended[1]))[0]


def _belonging(labels: Any, groups: int) -> Any:
    return csr_matrix((np.ones(len(labels)), (np.arange(len(labels)), labels)), (len(labels), groups))


class _Counts:
    """Weighted counts of terms by group, and what one more meeting of a term would add to the information."""

    def __init__(self, rows: Any, weights: Any, labels: Any, groups: int) -> None:
        self.weights = weights
        self.by_term = np.ascontiguousarray(
            ((rows @ diags(weights)).T @ _belonging(labels, groups)).toarray()
        )
        gain = information(self.by_term + weights[:, None]) - information(self.by_term)
        # Half the bytes to go through: comparing groups needs no more digits.
        self.gain = gain.astype(np.float32)
        self.sizes = self.by_term.sum(axis=0)

    def scores(self, rows: Any, lengths: Any) -> Any:
        """Information kept by each group (columns) if each text joined it, what all lose alike left out."""
        grown = information(self.sizes + lengths[:, None]) - information(self.sizes)
        return rows @ self.gain - grown

    def kept_now(self, rows: Any, of_row: Any, labels: Any, lengths: Any) -> Any:
        """Measure the same for the groups the texts are in, as if each had left it and came back."""
        counts = self.by_term[rows.indices, labels[of_row]]
        without = np.maximum(counts - self.weights[rows.indices], 0)
        terms = np.bincount(of_row, information(counts) - information(without), len(labels))
        sizes = self.sizes[labels]
        return terms - (information(sizes) - information(np.maximum(sizes - lengths, 0)))

    def move(self, terms: Any, old: Any, new: Any) -> None:
        """Take one meeting of each term from its old group to its new one."""
        heavy = self.weights[terms]
        for groups, sign in ((old, -1), (new, 1)):
            np.add.at(self.by_term, (terms, groups), sign * heavy)
            np.add.at(self.sizes, groups, sign * heavy)
        self.sizes[self.sizes < _TINY] = 0
        at = np.concatenate([terms, terms]), np.concatenate([old, new])
        counts = self.by_term[at]
        counts[counts < _TINY] = 0
        self.by_term[at] = counts
        self.gain[at] = information(counts + self.weights[at[0]]) - information(counts)

    def information(self) -> float:
        return float(information(self.by_term).sum() - information(self.sizes).sum())


def _run(rows: Any, weights: Any, groups: int, seed: int, start: Any = None) -> tuple[Any, float]:
    """Move texts from a random beginning, or `start`, until few move; labels and information kept."""
    chance = np.random.default_rng(seed)
    texts = rows.shape[0]
    labels = chance.integers(0, groups, texts) if start is None else start.copy()
    counts = _Counts(rows, weights, labels, groups)
    lengths = np.asarray((rows @ diags(weights)).sum(axis=1)).ravel()
    # Texts that are looked at together do not see one another move: of few texts, few at once.
    size = max(1, min(_AT_ONCE, texts // 100))
    for _ in range(SWEEPS):
        order = chance.permutation(texts)
        moved = sum(
            _moved(rows, order[at : at + size], counts, labels, lengths) for at in range(0, texts, size)
        )
        if moved <= SETTLED * texts:
            break
    return labels, counts.information()


def _moved(rows: Any, which: Any, counts: _Counts, labels: Any, lengths: Any) -> int:
    part = rows[which]
    of_row = np.repeat(np.arange(len(which)), np.diff(part.indptr))
    old = labels[which]
    scores = counts.scores(part, lengths[which])
    scores[np.arange(len(which)), old] = counts.kept_now(part, of_row, old, lengths[which])
    new = scores.argmax(axis=1)
    moves = (new != old)[of_row]
    if moves.any():
        counts.move(part.indices[moves], old[of_row[moves]], new[of_row[moves]])
        labels[which] = new
    return int((new != old).sum())


def _placed(rows: Any, counts: _Counts) -> Any:
    lengths = np.asarray((rows @ diags(counts.weights)).sum(axis=1)).ravel()
    found = [
        counts.scores(rows[at : at + 4096], lengths[at : at + 4096]).argmax(axis=1)
        for at in range(0, rows.shape[0], 4096)
    ]
    return np.concatenate(found)


def _merged(rows: Any, weights: Any, labels: Any, groups: int, prior: float) -> Any:
    """Merge the two groups that one multinomial explains best, while it explains them better than two."""
    counts = (_belonging(labels, groups).T @ (rows @ diags(weights))).toarray()
    there = counts.sum(axis=1) > 0
    counts, homes = counts[there], np.arange(int(there.sum()))
    everywhere = np.maximum(prior * counts.sum(axis=0) / counts.sum(), 1e-6)
    whole = everywhere.sum()

    sizes = counts.sum(axis=1)

    def gains(at: int) -> Any:
        """Log Bayes factor of one group made of this one and each other; only its own terms change."""
        own = np.flatnonzero(counts[at])
        there, mine = counts[:, own] + everywhere[own], counts[at, own]
        terms = gammaln(there + mine) - gammaln(there) - gammaln(mine + everywhere[own])
        sums = gammaln(whole + sizes) + gammaln(whole + sizes[at]) - gammaln(whole + sizes + sizes[at])
        return (terms + gammaln(everywhere[own])).sum(axis=1) + sums - gammaln(whole)

    better = np.array([gains(at) for at in range(len(counts))])
    np.fill_diagonal(better, -np.inf)
    while True:
        first, second = np.unravel_index(better.argmax(), better.shape)
        if better[first, second] <= 0:
            names = np.full(groups, -1)
            names[there] = np.unique(homes, return_inverse=True)[1]
            return names[labels]
        homes[homes == second] = first
        counts[first] += counts[second]
        sizes[first] += sizes[second]
        counts[second], sizes[second] = 0, 0
        better[second, :] = better[:, second] = -np.inf
        row = np.where(sizes > 0, gains(int(first)), -np.inf)
        row[first] = -np.inf
        better[first, :] = better[:, first] = row
