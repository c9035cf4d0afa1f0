"""Fits linear models on sparse text features and exports them. Needs scikit-learn; labelling does not."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.examples import UNKNOWN, YES, Example
from feedback_ml.features import marks, pieces
from feedback_ml.linear import BLOCKS, read_normal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INNER_FOLDS = 4
EMPHASIS = {"words": 1.0, "concepts": 0.5, "sounds": 0.7, "pieces": 1.0, "marks": 0.4}
"""How much a block counts beside the others: a bug with five stars is a bug."""
LEAST = {"words": 2, "concepts": 2, "sounds": 2, "pieces": 3, "marks": 1}
RARE = 8
SMALLEST_THRESHOLD, LARGEST_THRESHOLD = 0.05, 0.95
STRENGTH = 2.0
"""Inverse strength of the ridge penalty (scikit-learn's `C`)."""
MARGIN_STRENGTH = 0.1
_SMOOTHING, _COUNTED_SHARE, _NEVER = 0.3, 0.3, -20.0
_PRECISION = {"f": "<f4", "d": "<f8"}


Terms = dict[str, tuple[str, ...]]
"""The chosen terms of each block, sorted; a term's place, blocks in order, is its column in the matrix."""


@dataclass(frozen=True, slots=True)
class Space:
    """The features of texts: chosen terms by block, and what one occurrence of each weighs (its idf)."""

    terms: Terms
    idf: dict[str, Any]

    def scale(self) -> Any:
        """Weights of single occurrences before a block is brought to length one, all blocks in a row."""
        import numpy as np  # noqa: PLC0415  labelling must not load it

        return np.concatenate([self.idf[name] for name in BLOCKS])

    def emphasis(self) -> Any:
        """How much each column's block counts beside the others."""
        import numpy as np  # noqa: PLC0415  labelling must not load it

        return np.concatenate([np.full(len(self.terms[name]), EMPHASIS[name]) for name in BLOCKS])


def terms_of(example: Example) -> dict[str, list[str]]:
    """The terms of a text by block, each once."""
    reading = read_normal(example.normal)
    spelt = {piece for word in set(reading.words) for piece in pieces(word)}
    by_block = (*map(list, reading.terms), list(spelt), marks(example.normal, example.rating))
    return dict(zip(BLOCKS, by_block, strict=True))


def choose_terms(examples: Sequence[Example], *, least: Mapping[str, int] = LEAST, rare: int = RARE) -> Terms:
    """Keep a term that so many texts with labels have, or `rare` times as many of all texts."""
    typed: dict[str, Counter[str]] = {name: Counter() for name in BLOCKS}
    every: dict[str, Counter[str]] = {name: Counter() for name in BLOCKS}
    for example in examples:
        taught = any(target != UNKNOWN for target in example.targets)
        for name, found in terms_of(example).items():
            every[name].update(found)
            if taught:
                typed[name].update(found)
    return {
        name: tuple(
            sorted(
                term
                for term, n in every[name].items()
                if typed[name][term] >= least[name] or n >= rare * least[name]
            )
        )
        for name in BLOCKS
    }


def matrix(examples: Sequence[Example], terms: Terms, space: Space | None = None) -> tuple[Any, Space]:
    """Make the sparse features, one row per example, and the space they lie in (given, or learnt here)."""
    from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  labelling must not load it
    from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415  as above

    found = [terms_of(example) for example in examples]
    blocks, learnt = [], {}
    for name in BLOCKS:
        counts = _counts([one[name] for one in found], terms[name])
        plain = name == "marks" or not terms[name]
        if plain:
            learnt[name] = _ones(counts)
            blocks.append(counts * EMPHASIS[name])
            continue
        weighing = TfidfTransformer().fit(counts)
        if space is not None:
            weighing.idf_ = space.idf[name]
        learnt[name] = weighing.idf_
        blocks.append(weighing.transform(counts) * EMPHASIS[name])
    return csr_matrix(hstack(blocks)), space or Space(terms, learnt)


def _ones(counts: Any) -> Any:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    return np.ones(counts.shape[1])


def _counts(found: Sequence[Sequence[str]], terms: Sequence[str]) -> Any:
    """Which terms each text has (texts x terms, 0 or 1)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415  labelling must not load it

    at = {term: column for column, term in enumerate(terms)}
    places = [(row, at[term]) for row, one in enumerate(found) for term in one if term in at]
    rows, columns = zip(*places, strict=True) if places else ((), ())
    return csr_matrix(([1.0] * len(places), (rows, columns)), shape=(len(found), len(terms)))


def weightiest(space: Space, coefficients: Any, most: int) -> Terms:
    """The terms whose weights say most about any column, `most` at most; marks are always among them."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    strength = np.abs(coefficients).max(axis=1) * space.scale()
    marks_from = len(strength) - len(space.terms["marks"])
    strength[marks_from:] = np.inf
    kept = set(np.argsort(-strength, kind="stable")[:most].tolist())
    chosen, begin = {}, 0
    for name in BLOCKS:
        terms = space.terms[name]
        chosen[name] = tuple(term for at, term in enumerate(terms, start=begin) if at in kept)
        begin += len(terms)
    return chosen


def fit_one(features: Any, targets: Any, weights: Any, *, strength: float = STRENGTH) -> tuple[Any, float]:
    """Fit one column against the rest on the examples that know it; give its weights and its bias."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above

    known = targets != UNKNOWN
    if len(set(targets[known].tolist())) < 2:
        # Only one answer was ever given: the score says it, and no word changes it.
        return np.zeros(features.shape[1]), 10.0 if (targets[known] == YES).any() else -10.0
    model = LogisticRegression(
        C=strength, class_weight="balanced", solver="liblinear", random_state=0, max_iter=300
    )
    model.fit(features[known], targets[known], sample_weight=weights[known])
    return model.coef_[0], float(model.intercept_[0])


def fit_columns(features: Any, targets: Any, weights: Any, *, strength: float = STRENGTH) -> tuple[Any, Any]:
    """Fit every column of `targets`; give the weights (features x columns) and the biases."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    fitted = [fit_one(features, targets[:, at], weights, strength=strength) for at in range(targets.shape[1])]
    return np.column_stack([weight for weight, _ in fitted]), np.array([bias for _, bias in fitted])


def held_out(
    features: Any,
    targets: Any,
    weights: Any,
    groups: Sequence[str],
    folds: int = INNER_FOLDS,
    *,
    strength: float = STRENGTH,
) -> Any:
    """Score every example by models that saw none of its group: log-odds, one column per target."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    scores = np.zeros(targets.shape)
    for train, test in folds_of(groups, folds):
        coefficients, bias = fit_columns(features[train], targets[train], weights[train], strength=strength)
        scores[test] = features[test] @ coefficients + bias
    return scores


def folds_of(groups: Sequence[str], folds: int) -> Any:
    """Split rows so that no group is on both sides; as many folds as there are groups at most."""
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  labelling must not load it

    return GroupKFold(min(folds, len(set(groups)))).split(groups, groups=list(groups))


def choose_thresholds(scores: Any, targets: Any, weights: Any) -> Any:
    """For each column the probability at which its F1 on held-out texts is best, within 0.05..0.95."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    probabilities = 1 / (1 + np.exp(-scores))
    grid = np.arange(SMALLEST_THRESHOLD, LARGEST_THRESHOLD + 0.005, 0.02)
    chosen = []
    for at in range(targets.shape[1]):
        known = targets[:, at] != UNKNOWN
        true, weight, p = targets[known, at] == YES, weights[known], probabilities[known, at]
        hits = [(weight * (true & (p >= cut))).sum() for cut in grid]
        said = [(weight * true).sum() + (weight * (p >= cut)).sum() + 1e-9 for cut in grid]
        f1 = [2 * hit / both for hit, both in zip(hits, said, strict=True)]
        # The mean of all near-best cuts: one lucky text does not move it.
        chosen.append(float(np.mean(grid[np.asarray(f1) >= max(f1) - 0.005])))
    return np.array(chosen)


def fit_classes(features: Any, classes: Any, weights: Any, count: int) -> tuple[Any, Any]:
    """Fit classes 0..count-1 against each other; give weights (features x classes) and biases.

    The sum of a linear support vector machine and a complement naive Bayes (Rennie et al. 2003), each in
    units of its own spread: on short texts they err differently. A class that no example has is never said.
    """
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415  as above
    from sklearn.svm import LinearSVC  # noqa: PLC0415  as above

    found = np.unique(classes)
    machine = LinearSVC(C=MARGIN_STRENGTH, class_weight="balanced", random_state=0)
    machine.fit(features, classes, sample_weight=weights)
    counted = ComplementNB(alpha=_SMOOTHING).fit(features, classes, sample_weight=weights).feature_log_prob_.T
    # Of two classes scikit-learn keeps the second's score alone.
    one_sided = len(found) == 2
    edges = np.vstack([-machine.coef_, machine.coef_]).T if one_sided else machine.coef_.T
    start = np.array([-1, 1]) * machine.intercept_ if one_sided else machine.intercept_
    parts = []
    for weighed, bias, share in ((edges, start, 1.0), (counted, np.zeros(len(found)), _COUNTED_SHARE)):
        scores = features @ weighed
        centre = scores.mean(axis=0) if share != 1.0 else np.zeros(len(found))
        spread = (scores - centre).std() + 1e-9
        parts.append((weighed * share / spread, (bias - centre) * share / spread))
    coefficients, biases = np.zeros((features.shape[1], count)), np.full(count, _NEVER)
    coefficients[:, found] = sum(weighed for weighed, _ in parts)
    biases[found] = sum(bias for _, bias in parts)
    return coefficients, biases


def export(
    space: Space, columns: Sequence[str], coefficients: Any, bias: Any, *, precision: str = "f"
) -> dict[str, Any]:
    """Give what `feedback_ml.linear.Linear` reads: JSON values, the weights as base64 of floats."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    scale = space.scale()
    weighed = np.asarray(coefficients) * (scale * space.emphasis())[:, None]
    rows = np.column_stack([weighed, scale**2]).astype(_PRECISION[precision])
    blocks, begin = {}, 0
    for name in BLOCKS:
        terms = space.terms[name]
        packed = rows[begin : begin + len(terms)].tobytes()
        blocks[name] = {"terms": list(terms), "weights": base64.b64encode(packed).decode()}
        begin += len(terms)
    return {
        "columns": list(columns),
        "precision": precision,
        "bias": [round(float(value), 9) for value in bias],
        "blocks": blocks,
    }
