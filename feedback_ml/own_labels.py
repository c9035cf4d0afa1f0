"""Anybody's labels: the product's features, models and threshold search on JSON lines of their own.

Beside the texts' own terms each label's model sees what the project's phrases teach of types and moods: a
linear score in the same space of terms, so that all of it is exported as one linear model
(`feedback_ml.linear`). Of an app never seen it still knows what a bug sounds like. The public sets are not
in that knowledge: whoever measures with them measures fairly.

Training needs scikit-learn; `OwnModel` labels with the standard library alone.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.linear import Linear, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from feedback_ml.examples import Example

FORMAT = 1
FILE = "model.json"
STRENGTHS = (1.0, 4.0)
"""Inverse ridge penalties tried; the first unless another's held-out macro-F1 is clearly better."""
CLEARLY = 0.005
MANY_LABELS = 12
FOLDS = 4
_KNOWN_BEFORE = 0.3
"""How much one standard deviation of a score known from the phrases counts beside a block of terms."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text: its labels (one, or several with --multi), stars, and what it is held out with."""

    text: str
    labels: tuple[str, ...]
    title: str = ""
    rating: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What an own model says: the label, or the labels, and a probability (0..1) for each."""

    label: str | tuple[str, ...]
    scores: dict[str, float]


class OwnModel:
    """A model of somebody's own labels, read from the folder that `train --out` wrote."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        if model.get("format") != FORMAT:
            raise ValueError("this model was written by another version: train it again")
        self.multi: bool = model["multi"]
        self._linear = Linear(model["linear"])
        self._cuts: tuple[float, ...] = tuple(model["cuts"])

    @classmethod
    def load(cls, folder: Path) -> OwnModel:
        """Read the model; OSError when the folder has none, ValueError for another format."""
        return cls(json.loads((folder / FILE).read_bytes()))

    def label(self, text: str, *, title: str = "", rating: int | None = None) -> Said:
        """Label one text. Of several labels those at or above their thresholds; of one kind the best."""
        scores = self._linear.scores(read(text, title), rating)
        names = self._linear.columns
        chances = [1 / (1 + math.exp(-max(-60.0, min(60.0, score)))) for score in scores]
        margins = [score - cut for score, cut in zip(scores, self._cuts, strict=True)]
        if self.multi:
            chosen = tuple(name for name, margin in zip(names, margins, strict=True) if margin >= 0)
            return Said(chosen, _rounded(names, chances))
        best = names[margins.index(max(margins))]
        whole = sum(chances)
        return Said(best, _rounded(names, [chance / whole for chance in chances]))


def _rounded(names: Sequence[str], chances: Sequence[float]) -> dict[str, float]:
    return {name: round(chance, 6) for name, chance in zip(names, chances, strict=True)}


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights (terms x labels), biases, and the cuts (log-odds) found on held-out texts."""

    coefficients: Any
    bias: Any
    cuts: Any


def train(rows: Sequence[Row], *, multi: bool) -> dict[str, Any]:
    """Fit a model of the rows' labels; ValueError when fewer than two labels are there.

    Thresholds and the penalty come from an inner cross-validation whose folds split no group (nor, without
    groups, a text that occurs twice).
    """
    labels = sorted({label for row in rows for label in row.labels})
    if len(labels) < 2:
        raise ValueError("two different labels at least are needed: give the field that holds them")
    known = Known(rows)
    fit = known.fit(range(len(rows)), labels, multi=multi)
    from feedback_ml.training import export  # noqa: PLC0415  needs numpy, which labelling must not load

    return {
        "format": FORMAT,
        "multi": multi,
        "cuts": [round(float(cut), 6) for cut in fit.cuts],
        "linear": export(known.space, labels, fit.coefficients, fit.bias, precision="d"),
    }


def write(model: Mapping[str, Any], folder: Path) -> int:
    """Write the model into the folder; give its size in bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(json.dumps(model, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return path.stat().st_size


class Known:
    """Rows in one space of terms, with what the phrases teach of them. Fits any part of the rows."""

    def __init__(self, rows: Sequence[Row]) -> None:
        from feedback_ml import examples, training  # noqa: PLC0415  only training reads them

        own = [_example(row) for row in rows]
        taught = examples.phrases()
        terms = training.choose_terms([*own, *taught])
        both, self.space = training.matrix([*own, *taught], terms)
        self.features = both[: len(own)]
        self.labels = [row.labels for row in rows]
        self.groups = [row.group or one.normal for row, one in zip(rows, own, strict=True)]
        self._before, self._before_bias = _of_phrases(both[len(own) :], taught)

    def fit(self, chosen: Sequence[int], labels: Sequence[str], *, multi: bool) -> Fit:
        """Fit the chosen rows; everything, the penalty and the thresholds too, is learnt of them alone."""
        import numpy as np  # noqa: PLC0415  labelling must not load it

        from feedback_ml import training  # noqa: PLC0415  only training reads them

        rows = np.asarray(chosen)
        told = _Told(self.features[rows], self._before, self._before_bias)
        targets = np.array([[label in self.labels[row] for label in labels] for row in rows]).astype(int)
        weights = np.ones(len(rows))
        groups = [self.groups[row] for row in rows]
        strengths = STRENGTHS if len(labels) <= MANY_LABELS else (4.0,)
        tried = []
        for strength in strengths:
            scores = training.held_out(told.features, targets, weights, groups, FOLDS, strength=strength)
            cuts = _cuts(scores, targets, multi=multi)
            tried.append((_macro_f1(scores - cuts, targets, multi=multi), strength, cuts))
        best = max(tried, key=lambda one: one[0])
        _, strength, cuts = best if best[0] >= tried[0][0] + CLEARLY else tried[0]
        coefficients, bias = training.fit_columns(told.features, targets, weights, strength=strength)
        return Fit(*told.in_terms(coefficients, bias), cuts)

    def scores(self, fit: Fit, chosen: Sequence[int]) -> Any:
        """Log-odds of the chosen rows under a fit (rows x labels)."""
        return self.features[list(chosen)] @ fit.coefficients + fit.bias


class _Told:
    """Features with the scores known before appended, and the way back to terms alone."""

    def __init__(self, features: Any, before: Any, bias: Any) -> None:
        from scipy.sparse import csr_matrix, hstack  # noqa: PLC0415  labelling must not load it

        self._before = before
        scores = features @ before + bias
        self._mean, self._spread = scores.mean(axis=0) - bias, scores.std(axis=0) + 1e-9
        standard = (scores - bias - self._mean) / self._spread * _KNOWN_BEFORE
        self.features = csr_matrix(hstack([features, csr_matrix(standard)]))

    def in_terms(self, coefficients: Any, bias: Any) -> tuple[Any, Any]:
        own = len(self._before)
        part = coefficients[own:] * (_KNOWN_BEFORE / self._spread)[:, None]
        return coefficients[:own] + self._before @ part, bias - self._mean @ part


def _example(row: Row) -> Example:
    from feedback_ml.examples import YES, Example  # noqa: PLC0415  only training reads them

    return Example(
        normal=read(row.text, row.title).normal,
        language="en",
        group=row.group,
        targets=(YES,),
        rating=row.rating,
    )


def _of_phrases(features: Any, taught: Sequence[Example]) -> tuple[Any, Any]:
    """Fit types and moods on the project's phrases; give weights (terms x scores) and biases."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    from feedback_ml import training  # noqa: PLC0415  only training reads them
    from feedback_ml.classifier import SENTIMENTS, TYPES  # noqa: PLC0415  as above

    kinds = np.array([one.targets[: len(TYPES)] for one in taught])
    moods = np.array([[one.sentiment == at for at in range(len(SENTIMENTS))] for one in taught]).astype(int)
    return training.fit_columns(features, np.hstack([kinds, moods]), np.ones(len(taught)))


def _cuts(scores: Any, targets: Any, *, multi: bool) -> Any:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    from feedback_ml import training  # noqa: PLC0415  only training reads them

    if multi:
        limits = training.choose_thresholds(scores, targets, np.ones(len(targets)))
        return np.log(limits / (1 - limits))
    return _offsets(scores, targets)


def _offsets(scores: Any, targets: Any) -> Any:
    """What to take off each label's score so that the best of them is right most evenly (macro-F1)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    cuts = np.zeros(scores.shape[1])
    if scores.shape[1] > MANY_LABELS:
        return cuts
    for at in (*range(len(cuts)), *range(len(cuts))):
        steps = np.linspace(-1.0, 1.0, 21)
        tried = []
        for step in steps:
            moved = cuts.copy()
            moved[at] = step
            tried.append(_macro_f1(scores - moved, targets, multi=False))
        near = np.asarray(tried) >= max(tried) - 0.002
        # Of equals the smallest step: one lucky text does not move it.
        cuts[at] = min(steps[near], key=abs)
    return cuts


def _macro_f1(margins: Any, targets: Any, *, multi: bool) -> float:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    said = margins >= 0 if multi else margins == margins.max(axis=1, keepdims=True)
    hits = (said & (targets == 1)).sum(axis=0)
    f1 = 2 * hits / np.maximum(said.sum(axis=0) + targets.sum(axis=0), 1)
    return float(f1.mean())
