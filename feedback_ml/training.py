"""Trains the linear models and writes them as plain weights. Needs scikit-learn; labelling does not."""

from __future__ import annotations

import base64
import json
import struct
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.classifier import COLUMNS, FORMAT, SENTIMENTS, TYPES
from feedback_ml.concepts import concepts, paired
from feedback_ml.examples import STARRED, UNKNOWN, YES, Example
from feedback_ml.features import marks, pieces, tokens, word_terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INNER_FOLDS = 4
MARK_SCALE = 0.4
"""How much stars weigh beside words: a bug with five stars is a bug."""
SMALLEST_THRESHOLD, LARGEST_THRESHOLD = 0.2, 0.8
_TYPES_C, _SENTIMENT_C = 12.0, 2.0


@dataclass(frozen=True, slots=True)
class Terms:
    """The chosen words, pieces and marks, each list sorted; a term's place is its column in the matrix."""

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Trained weights: one row per term and one column per type, then per sentiment, then the squared idf."""

    terms: Terms
    rows: Any
    bias: tuple[float, ...]
    thresholds: tuple[float, ...]
    confidence: tuple[float, float]


def words_of(example: Example) -> list[str]:
    words = tokens(example.normal)
    return word_terms(words) + paired(concepts(words))


def pieces_of(example: Example) -> list[str]:
    return [piece for word in set(tokens(example.normal)) for piece in pieces(word)]


def marks_of(example: Example) -> list[str]:
    return marks(example.normal, example.rating)


def choose_terms(examples: Sequence[Example], *, rare: tuple[int, int] = (8, 30)) -> Terms:
    """Keep a term that two texts with types have (three for a piece), or `rare` many of all texts."""
    typed: list[Counter[str]] = [Counter(), Counter()]
    every: list[Counter[str]] = [Counter(), Counter()]
    found_marks: set[str] = set()
    for example in examples:
        if example.source == STARRED:
            found_marks.update(marks_of(example))
            continue
        taught = any(target != UNKNOWN for target in example.targets)
        for at, found in enumerate((set(words_of(example)), set(pieces_of(example)))):
            every[at].update(found)
            if taught:
                typed[at].update(found)
        if taught:
            found_marks.update(marks_of(example))
    kept = [
        tuple(sorted(term for term, n in every[at].items() if typed[at][term] >= least or n >= rare[at]))
        for at, least in enumerate((2, 3))
    ]
    return Terms(kept[0], kept[1], tuple(sorted(found_marks)))


def matrix(
    examples: Sequence[Example], terms: Terms, idf: tuple[Any, Any] | None = None
) -> tuple[Any, tuple[Any, Any]]:
    """Make the sparse features, one row per example, and the idf of words and pieces."""
    from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  labelling must not load it
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer  # noqa: PLC0415  as above

    blocks, learnt = [], []
    for at, (analyzer, vocabulary) in enumerate(((words_of, terms.words), (pieces_of, terms.pieces))):
        vectors = TfidfVectorizer(analyzer=analyzer, vocabulary=list(vocabulary), binary=True)
        if idf is None:
            blocks.append(vectors.fit_transform(examples))
        else:
            vectors.idf_ = idf[at]
            blocks.append(vectors.transform(examples))
        learnt.append(vectors.idf_)
    if terms.marks:
        counter = CountVectorizer(analyzer=marks_of, vocabulary=list(terms.marks), binary=True)
        blocks.append(counter.transform(examples) * MARK_SCALE)
    return csr_matrix(hstack(blocks)), (learnt[0], learnt[1])


def fit_one(features: Any, targets: Any, weights: Any, *, strength: float = _TYPES_C) -> tuple[Any, float]:
    """Fit one type against the rest on the examples that know it; give its weights and its bias."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  labelling must not load it

    model = LogisticRegression(
        C=strength, class_weight="balanced", solver="liblinear", random_state=0, max_iter=300
    )
    known = targets != UNKNOWN
    model.fit(features[known], targets[known], sample_weight=weights[known])
    return model.coef_[0], float(model.intercept_[0])


def fit_columns(features: Any, targets: Any, weights: Any) -> tuple[Any, Any]:
    """Fit every column of `targets`; give the weights (features x columns) and the biases."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    fitted = [fit_one(features, targets[:, at], weights) for at in range(targets.shape[1])]
    return np.column_stack([weight for weight, _ in fitted]), np.array([bias for _, bias in fitted])


def held_out(
    features: Any, targets: Any, weights: Any, groups: Sequence[str], folds: int = INNER_FOLDS
) -> Any:
    """Score every example by models that saw none of its group: log-odds, one column per type."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  as above

    scores = np.zeros(targets.shape)
    for train, test in GroupKFold(folds).split(features, groups=list(groups)):
        coefficients, bias = fit_columns(features[train], targets[train], weights[train])
        scores[test] = features[test] @ coefficients + bias
    return scores


def choose_thresholds(scores: Any, targets: Any, weights: Any) -> Any:
    """For each type the probability at which its F1 on held-out texts is best, kept between 0.2 and 0.8."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    probabilities = 1 / (1 + np.exp(-scores))
    grid = np.arange(SMALLEST_THRESHOLD, LARGEST_THRESHOLD + 0.01, 0.05)
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


def fit_confidence(scores: Any, targets: Any, thresholds: Any) -> tuple[float, float]:
    """Fit how often the first type is right, by its lead over the second (Platt's logistic curve)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above

    margins = scores - np.log(thresholds / (1 - thresholds))
    sure = (targets == YES).any(axis=1)
    ordered = np.sort(margins[sure], axis=1)
    right = targets[sure][np.arange(sure.sum()), margins[sure].argmax(axis=1)] == YES
    lead = (ordered[:, -1] - ordered[:, -2])[:, None]
    if right.all() or not right.any():
        return 1.0, 0.0
    model = LogisticRegression(C=100.0).fit(lead, right)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def fit_sentiments(features: Any, examples: Sequence[Example]) -> tuple[Any, Any]:
    """Fit negative, neutral and positive against each other where the mood is known, stars unseen."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above

    known = np.array([example.sentiment is not None for example in examples])
    moods = np.array([example.sentiment for example in examples if example.sentiment is not None])
    weights = np.array([example.weight for example in examples if example.sentiment is not None])
    model = LogisticRegression(C=_SENTIMENT_C, class_weight="balanced", max_iter=200, tol=1e-3)
    model.fit(features[known], moods, sample_weight=weights)
    coefficients, bias = np.zeros((features.shape[1], len(SENTIMENTS))), np.full(len(SENTIMENTS), -20.0)
    for at, mood in enumerate(model.classes_):
        coefficients[:, mood], bias[mood] = model.coef_[at], model.intercept_[at]
    return coefficients, bias


def train(examples: Sequence[Example], *, rare: tuple[int, int] = (8, 30)) -> Fitted:
    """Fit types, thresholds, confidence and sentiment. At least one example of every type must be there."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from scipy.sparse import diags  # noqa: PLC0415  as above

    terms = choose_terms(examples, rare=rare)
    features, idf = matrix(examples, terms)
    taught = np.array([any(target != UNKNOWN for target in example.targets) for example in examples])
    targets = np.array([example.targets for example in examples])[taught]
    weights = np.array([example.weight for example in examples])[taught]
    groups = [example.group for example, known in zip(examples, taught, strict=True) if known]
    scores = held_out(features[taught], targets, weights, groups)
    thresholds = choose_thresholds(scores, targets, weights)
    coefficients, bias = fit_columns(features[taught], targets, weights)
    words_end = len(terms.words) + len(terms.pieces)
    # Sentiment learns from the stars as the answer, so it must not see them as a question.
    keep = diags((np.arange(features.shape[1]) < words_end).astype(float))
    moods, mood_bias = fit_sentiments(features @ keep, examples)
    scale = np.concatenate([idf[0], idf[1], np.full(len(terms.marks), MARK_SCALE)])
    rows = np.column_stack([np.hstack([coefficients, moods]) * scale[:, None], scale**2])
    return Fitted(
        terms=terms,
        rows=rows,
        bias=(*bias.tolist(), *mood_bias.tolist()),
        thresholds=tuple(thresholds.tolist()),
        confidence=fit_confidence(scores, targets, thresholds),
    )


def as_model(fitted: Fitted) -> dict[str, Any]:
    """Give what `Classifier` reads: JSON values, the weights as base64 of little-endian 32-bit floats."""
    flat = fitted.rows.astype("<f4").ravel().tolist()
    if len(flat) % COLUMNS:
        raise ValueError(f"{len(flat)} weights do not fill rows of {COLUMNS}")
    return {
        "format": FORMAT,
        "types": list(TYPES),
        "sentiments": list(SENTIMENTS),
        "bias": [round(value, 9) for value in fitted.bias],
        "thresholds": [round(value, 4) for value in fitted.thresholds],
        "confidence": [round(value, 6) for value in fitted.confidence],
        "words": list(fitted.terms.words),
        "pieces": list(fitted.terms.pieces),
        "marks": list(fitted.terms.marks),
        "weights": base64.b64encode(struct.pack(f"<{len(flat)}f", *flat)).decode(),
    }


def write_model(fitted: Fitted, path: Path) -> int:
    """Write the model as one line of JSON; give its size in bytes."""
    text = json.dumps(as_model(fitted), ensure_ascii=False, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path.stat().st_size
