"""Measures the models on texts whose group they have not seen. Needs scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from feedback_ml import training
from feedback_ml.classifier import TYPES
from feedback_ml.examples import NO, YES, Example, starred

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDS = 5
REVIEW_LABELS = ("Bug", "Feature", "Rating", "UserExperience")


@dataclass(frozen=True, slots=True)
class Figures:
    """Macro-F1 (0..1) of the main type over the phrases, and of the four public labels over the reviews."""

    phrases: dict[str, float] = field(default_factory=dict)
    by_type: dict[str, float] = field(default_factory=dict)
    reviews: dict[str, float] = field(default_factory=dict)
    sentiment: dict[str, float] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)


def evaluate(phrases: Sequence[Example], reviews: Sequence[Example], moods: Sequence[Example]) -> Figures:
    """Measure everything by cross-validation over groups; without reviews or moods their part stays empty."""
    by_language, by_type, confidence = _phrases(phrases, reviews)
    return Figures(
        phrases=by_language,
        by_type=by_type,
        reviews=_reviews(reviews) if reviews else {},
        sentiment=_sentiment(moods) if moods else {},
        confidence=confidence,
    )


def _phrases(
    phrases: Sequence[Example], reviews: Sequence[Example]
) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.metrics import f1_score  # noqa: PLC0415  as above
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  as above

    examples = [*phrases, *starred(phrases), *reviews]
    features, _ = training.matrix(examples, training.choose_terms(examples))
    targets = np.array([example.targets for example in examples])
    weights = np.array([example.weight for example in examples])
    groups = np.array([example.group for example in examples])
    truth = targets[: len(phrases)].argmax(axis=1)
    found, surest = np.zeros(len(phrases), dtype=int), np.zeros(len(phrases))
    for _, test in GroupKFold(FOLDS).split(phrases, groups=groups[: len(phrases)]):
        taught = np.flatnonzero(~np.isin(groups, groups[: len(phrases)][test]))
        inner = training.held_out(
            features[taught], targets[taught], weights[taught], groups[taught].tolist(), 3
        )
        cuts = training.choose_thresholds(inner, targets[taught], weights[taught])
        slope, offset = training.fit_confidence(inner, targets[taught], cuts)
        coefficients, bias = training.fit_columns(features[taught], targets[taught], weights[taught])
        margins = features[test] @ coefficients + bias - np.log(cuts / (1 - cuts))
        found[test] = margins.argmax(axis=1)
        ordered = np.sort(margins, axis=1)
        surest[test] = 1 / (1 + np.exp(-(slope * (ordered[:, -1] - ordered[:, -2]) + offset)))
    spoken = np.array([example.language for example in phrases])
    every = list(range(len(TYPES)))
    by_language = {
        str(name): float(
            f1_score(truth[spoken == name], found[spoken == name], labels=every, average="macro")
        )
        for name in sorted(set(spoken))
    }
    by_language["all"] = float(f1_score(truth, found, labels=every, average="macro"))
    each = f1_score(truth, found, labels=every, average=None)
    by_type = {name: float(each[at]) for at, name in enumerate(TYPES)}
    return by_language, by_type, _reliability(surest, found == truth)


def _reliability(surest: Any, right: Any) -> dict[str, float]:
    """Give the share of right answers where the confidence was low, middling and high; and the mean gap."""
    bands = {"below 0.5": (0.0, 0.5), "0.5 to 0.8": (0.5, 0.8), "0.8 and above": (0.8, 1.01)}
    shares = {}
    gap = 0.0
    for name, (low, high) in bands.items():
        inside = (surest >= low) & (surest < high)
        if inside.any():
            shares[name] = float(right[inside].mean())
            gap += float(inside.mean() * abs(right[inside].mean() - surest[inside].mean()))
    shares["mean difference"] = gap
    return shares


def _reviews(reviews: Sequence[Example]) -> dict[str, float]:
    """Train the same features on the four public labels: comparable with what others print for this set."""
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.metrics import f1_score  # noqa: PLC0415  as above
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  as above

    features, _ = training.matrix(reviews, training.choose_terms(reviews))
    targets = np.array([[YES if name in one.labels else NO for name in REVIEW_LABELS] for one in reviews])
    weights = np.ones(len(reviews))
    groups = np.array([example.group for example in reviews])
    found = np.zeros_like(targets)
    for train, test in GroupKFold(FOLDS).split(features, groups=groups):
        inner = training.held_out(features[train], targets[train], weights[train], groups[train].tolist(), 3)
        cuts = training.choose_thresholds(inner, targets[train], weights[train])
        coefficients, bias = training.fit_columns(features[train], targets[train], weights[train])
        found[test] = features[test] @ coefficients + bias >= np.log(cuts / (1 - cuts))
    each = f1_score(targets, found, average=None)
    figures = {name: float(each[at]) for at, name in enumerate(REVIEW_LABELS)}
    figures["macro"] = float(each.mean())
    return figures


def _sentiment(moods: Sequence[Example]) -> dict[str, float]:
    import numpy as np  # noqa: PLC0415  labelling must not load it
    from sklearn.metrics import f1_score  # noqa: PLC0415  as above
    from sklearn.model_selection import GroupKFold  # noqa: PLC0415  as above

    features, _ = training.matrix(moods, training.choose_terms(moods, rare=(3, 12)))
    truth = np.array([example.sentiment for example in moods])
    found = np.zeros(len(moods), dtype=int)
    groups = [example.group for example in moods]
    for train, test in GroupKFold(3).split(features, groups=groups):
        coefficients, bias = training.fit_sentiments(features[train], [moods[at] for at in train])
        found[test] = (features[test] @ coefficients + bias).argmax(axis=1)
    source = np.array([example.source for example in moods])
    return {
        str(name): float(f1_score(truth[source == name], found[source == name], average="macro",
                                  labels=sorted(set(truth[source == name].tolist()))))
        for name in sorted(set(source))
    }  # fmt: skip
