"""What the classifier takes for what on labels that people gave, and whether it is as sure as it is right.

Needs numpy, for the intervals (`feedback_ml.measures`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from feedback_ml import measures
from feedback_ml.classifier import TYPES
from feedback_ml.text import language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feedback_ml.classifier import Classifier, Prediction
    from feedback_ml.measures import Figure

BANDS = 10
FEWEST = 20
"""Labelled texts; with fewer there is no figure to give."""
_FORMS = ("en", "ur", "ur-Latn", "mixed")
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Matrix:
    """Texts of one language: `counts[i][j]` are of type i (TYPES) and were taken for type j."""

    language: str
    counts: tuple[tuple[int, ...], ...]
    macro_f1: Figure

    @property
    def texts(self) -> int:
        return sum(map(sum, self.counts))


@dataclass(frozen=True, slots=True)
class Band:
    """Texts answered with a confidence in one tenth: the mean of it, the share right, its 95 % interval."""

    texts: int
    confidence: float
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """The gold set as the classifier reads it; `passed_over` lines had no type that it knows."""

    matrices: tuple[Matrix, ...]
    bands: tuple[Band, ...]
    calibration: Figure
    passed_over: int


def judge(lines: Sequence[Mapping[str, Any]], classifier: Classifier) -> Judged | None:
    """Hold the classifier against the lines' own types; None with fewer than FEWEST of them."""
    known = [line for line in lines if line.get("type") in TYPES]
    if len(known) < FEWEST:
        return None
    said = [
        classifier.label(str(line["text"]), title=line.get("title") or "", rating=line.get("rating"))
        for line in known
    ]
    truth = [str(line["type"]) for line in known]
    forms = [str(line.get("lang") or language(str(line["text"]))) for line in known]
    order = sorted(set(forms), key=lambda form: (form not in _FORMS, (*_FORMS, form).index(form)))
    return Judged(
        tuple(_matrix(form, truth, said, forms) for form in order),
        _bands(truth, said),
        _calibration(truth, said),
        len(lines) - len(known),
    )


def _matrix(form: str, truth: Sequence[str], said: Sequence[Prediction], forms: Sequence[str]) -> Matrix:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    rows = [at for at, spoken in enumerate(forms) if spoken == form]
    real, taken = np.array([truth[at] for at in rows]), np.array([said[at].type for at in rows])
    counts = [[0] * len(TYPES) for _ in TYPES]
    for at in rows:
        counts[TYPES.index(truth[at])][TYPES.index(said[at].type)] += 1
    figure = measures.figure(
        form, lambda drawn: measures.macro_f1(real[drawn], taken[drawn]), len(rows), goal=">= 0.80"
    )
    return Matrix(form, tuple(map(tuple, counts)), figure)


def _bands(truth: Sequence[str], said: Sequence[Prediction]) -> tuple[Band, ...]:
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BANDS)]
    for name, one in zip(truth, said, strict=True):
        held[min(int(one.confidence * BANDS), BANDS - 1)].append((one.confidence, one.type == name))
    return tuple(_band(answers) for answers in held if answers)


def _band(answers: Sequence[tuple[float, bool]]) -> Band:
    right = sum(is_right for _, is_right in answers)
    low, high = wilson(right, len(answers))
    mean = sum(sure for sure, _ in answers) / len(answers)
    return Band(len(answers), mean, right / len(answers), low, high)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927)."""
    share, square = right / of, _Z**2 / of
    middle = share + square / 2
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, (middle - half) / (1 + square)), min(1.0, (middle + half) / (1 + square))


def _calibration(truth: Sequence[str], said: Sequence[Prediction]) -> Figure:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    sure = np.array([one.confidence for one in said])
    right = np.array([one.type == name for one, name in zip(said, truth, strict=True)])
    return measures.figure(
        "expected calibration error",
        lambda at: measures.calibration_error(sure[at], right[at]),
        len(said),
        goal="<= 0.03",
    )
