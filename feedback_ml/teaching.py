"""Teaches the product's classifier: every head, its thresholds, its confidence. Needs scikit-learn."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml import training
from feedback_ml.classifier import AREAS, COLUMNS, DANGER, FORMAT, SENTIMENTS, TYPES
from feedback_ml.examples import UNKNOWN, YES, Example

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RECALL_COUNTS = 2.0
"""How much more a missed call for help weighs than a false alarm (beta of the F measure)."""
RIGHT_ENOUGH = 0.5
"""Below the confidence at which answers are right this often, a person is asked."""
MOST_TERMS, MOST_MOOD_TERMS = 28_000, 30_000
_SMALLEST_CUT, _LARGEST_CUT = 0.05, 0.9


@dataclass(frozen=True, slots=True)
class Rules:
    """What turns scores into labels: probabilities 0..1; `confidence` is slope and offset of the lead."""

    thresholds: tuple[float, ...]
    area_thresholds: tuple[float, ...]
    danger_threshold: float
    confidence: tuple[float, float]
    abstain_below: tuple[float, ...]


def teach(examples: Sequence[Example], moods: Sequence[Example]) -> dict[str, Any]:
    """Fit all heads on `examples` (every type among them), the sentiments on both; give the model as JSON."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    taught = [one for one in examples if any(target != UNKNOWN for target in one.targets)]
    targets = np.array([one.targets for one in taught])
    weights = np.array([one.weight for one in taught])
    features, space = training.matrix(taught, training.choose_terms(taught))
    coefficients, _ = training.fit_columns(features, targets, weights)
    # Twice: most of what one learns from is seldom met again, and a cold start pays for every term.
    features, space = training.matrix(taught, training.weightiest(space, coefficients, MOST_TERMS))
    scores = training.held_out(features, targets, weights, [one.group for one in taught])
    coefficients, bias = training.fit_columns(features, targets, weights)
    return as_model(
        training.export(space, COLUMNS, coefficients, bias),
        _taught_moods([*examples, *moods]),
        rules(scores, targets, weights),
    )


def as_model(matters: dict[str, Any], moods: dict[str, Any], said: Rules) -> dict[str, Any]:
    """Put the parts together as `Classifier` reads them; the name tells one set of weights from another."""
    digest = hashlib.sha256(json.dumps([matters, moods], sort_keys=True).encode()).hexdigest()
    return {
        "format": FORMAT,
        "name": f"m-{digest[:12]}",
        "thresholds": _rounded(said.thresholds),
        "area_thresholds": _rounded(said.area_thresholds),
        "danger_threshold": round(said.danger_threshold, 6),
        "confidence": _rounded(said.confidence),
        "abstain_below": _rounded(said.abstain_below),
        "matters": matters,
        "moods": moods,
    }


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(float(value), 6) for value in values]


def rules(scores: Any, targets: Any, weights: Any) -> Rules:
    """Choose thresholds and confidence on scores of texts that the fitted models had not seen."""
    kinds, areas = slice(0, len(TYPES)), slice(len(TYPES), len(TYPES) + len(AREAS))
    at = COLUMNS.index(DANGER)
    # What is known whole is ours: thresholds follow our own texts, not the four labels of the public reviews.
    own = (targets[:, kinds] != UNKNOWN).all(axis=1) & (targets[:, areas] != UNKNOWN).all(axis=1)
    thresholds = training.choose_thresholds(scores[own, kinds], targets[own, kinds], weights[own])
    confidence, abstain = confidence_of(scores[own, kinds], targets[own, kinds], thresholds)
    return Rules(
        thresholds=tuple(thresholds),
        area_thresholds=tuple(
            training.choose_thresholds(scores[own, areas], targets[own, areas], weights[own])
        ),
        danger_threshold=danger_cut(scores[own, at], targets[own, at]),
        confidence=confidence,
        abstain_below=abstain,
    )


def confidence_of(
    scores: Any, targets: Any, thresholds: Any
) -> tuple[tuple[float, float], tuple[float, ...]]:
    """Fit how often the first type is right by its lead over the second (Platt 1999), and where to abstain.

    Gives slope and offset, and for each type the confidence below which it was right less than half the time.
    """
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above

    margins = scores - np.log(thresholds / (1 - thresholds))
    sure = (targets == YES).any(axis=1)
    main = margins[sure].argmax(axis=1)
    ordered = np.sort(margins[sure], axis=1)
    right = targets[sure][np.arange(sure.sum()), main] == YES
    lead = (ordered[:, -1] - ordered[:, -2])[:, None]
    if right.all() or not right.any():
        return (1.0, 0.0), (0.0,) * targets.shape[1]
    model = LogisticRegression(C=100.0).fit(lead, right)
    curve = float(model.coef_[0, 0]), float(model.intercept_[0])
    said = 1 / (1 + np.exp(-(curve[0] * lead[:, 0] + curve[1])))
    return curve, tuple(_abstain_below(said[main == at], right[main == at]) for at in range(targets.shape[1]))


def _abstain_below(said: Any, right: Any) -> float:
    """The smallest confidence from which, band by band, at least RIGHT_ENOUGH of the answers were right."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    limit = 0.0
    for low in np.arange(0.0, 0.7, 0.05):
        band = (said >= low) & (said < low + 0.1)
        if band.sum() >= 5 and right[band].mean() < RIGHT_ENOUGH:
            limit = float(low + 0.05)
    return limit


def danger_cut(scores: Any, targets: Any) -> float:
    """The probability at which held-out calls for help are found best, recall counting twice (F2)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    chances, calls = 1 / (1 + np.exp(-scores)), targets == YES
    if not calls.any():
        return _LARGEST_CUT
    grid = np.arange(_SMALLEST_CUT, _LARGEST_CUT + 0.005, 0.01)
    found = np.array([(chances[calls] >= cut).sum() for cut in grid])
    said = np.array([(chances >= cut).sum() for cut in grid])
    beta = RECALL_COUNTS**2
    worth = (1 + beta) * found / (said + beta * calls.sum())
    # The mean of all near-best cuts: one text does not move it.
    return float(np.mean(grid[worth >= worth.max() - 0.005]))


def _taught_moods(examples: Sequence[Example]) -> dict[str, Any]:
    felt = [one for one in examples if one.sentiment is not None]
    terms = mood_terms(felt)
    features, space = training.matrix(felt, terms)
    coefficients, _ = fit_moods(features, felt)
    features, space = training.matrix(felt, training.weightiest(space, coefficients, MOST_MOOD_TERMS))
    return training.export(space, SENTIMENTS, *fit_moods(features, felt))


def mood_terms(felt: Sequence[Example]) -> training.Terms:
    """Sentiment learns from the stars as the answer, so it must not see them as a question: no marks."""
    least = {**training.LEAST, "pieces": 5}
    return {**training.choose_terms(felt, least=least, rare=1), "marks": ()}


def fit_moods(features: Any, felt: Sequence[Example]) -> tuple[Any, Any]:
    """Fit negative, neutral and positive against each other on examples whose mood is known."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    classes = np.array([one.sentiment for one in felt])
    weights = np.array([one.weight for one in felt])
    return training.fit_classes(features, classes, weights, len(SENTIMENTS))


def write_model(model: dict[str, Any], path: Path) -> int:
    """Write the model as one line of JSON; give its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return path.stat().st_size
