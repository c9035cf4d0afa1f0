"""Figures with their intervals: macro-F1, pairwise F1, normalised mutual information, calibration.

Intervals are 95 % percentile bootstraps over texts, seeded. Needs numpy and scikit-learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DRAWS = 400


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with its interval; `baseline`, `goal` and `control` where there is one.

    `control` is the same measure with the truth shuffled: what chance alone would print.
    """

    name: str
    value: float
    low: float
    high: float
    texts: int
    baseline: str = ""
    goal: str = ""
    control: float | None = None


def figure(
    name: str,
    measure: Callable[[Any], float],
    count: int,
    *,
    baseline: str = "",
    goal: str = "",
    control: float | None = None,
    of_pairs: bool = False,
) -> Figure:
    """Measure on all of `count` texts, and on draws of them with replacement; `measure` takes row numbers.

    With `of_pairs` on halves drawn without replacement (the delete-half jackknife, whose spread is that of
    the whole; Shao and Wu 1989): a text drawn twice would be a pair with itself.
    """
    import numpy as np  # noqa: PLC0415  labelling must not load it

    random = np.random.default_rng(0)
    value = float(measure(np.arange(count)))
    if of_pairs:
        drawn = np.array([measure(random.permutation(count)[: count // 2]) for _ in range(DRAWS)])
        drawn += value - np.median(drawn)
    else:
        drawn = np.array([measure(random.integers(0, count, count)) for _ in range(DRAWS)])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(name, value, float(low), float(high), count, baseline, goal, control)


def macro_f1(truth: Any, said: Any) -> float:
    """Mean F1 over the classes that the truth has (texts: any labels, in order)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    names = np.unique(truth)
    hits = np.array([((truth == name) & (said == name)).sum() for name in names])
    both = np.array([(truth == name).sum() + (said == name).sum() for name in names])
    return float((2 * hits / both).mean()) if len(names) else 0.0


def macro_f1_among(truth: Any, said: Any, rows: Any) -> Callable[[Any], float]:
    """Give the measure of some rows alone, as `figure` draws from them."""
    return lambda at: macro_f1(truth[rows[at]], said[rows[at]])


def macro_f1_of_many(truth: Any, said: Any) -> float:
    """Mean F1 over columns, several of which may be true of one text (texts x columns, 0 or 1)."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    both = truth.sum(axis=0) + said.sum(axis=0)
    return float((2 * (truth & said).sum(axis=0) / np.maximum(both, 1)).mean())


def pairwise(truth: Sequence[Any], said: Sequence[Any]) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of texts that lie in one group."""
    from collections import Counter  # noqa: PLC0415  beside the others of this function

    def pairs(names: Sequence[Any]) -> int:
        return sum(n * (n - 1) // 2 for n in Counter(names).values())

    together = pairs(list(zip(truth, said, strict=True)))
    found, wanted = pairs(said), pairs(truth)
    precision = together / found if found else 0.0
    recall = together / wanted if wanted else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def nmi(truth: Any, said: Any) -> float:
    """Normalised mutual information (arithmetic mean), 0..1."""
    from sklearn.metrics import normalized_mutual_info_score  # noqa: PLC0415  labelling must not load it

    return float(normalized_mutual_info_score(truth, said))


def calibration_error(confidence: Any, right: Any) -> float:
    """Expected calibration error over ten bands of equal width."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    band = np.minimum((confidence * 10).astype(int), 9)
    return float(
        sum(
            (band == at).mean() * abs(right[band == at].mean() - confidence[band == at].mean())
            for at in range(10)
            if (band == at).any()
        )
    )


def auc(truth: Any, scores: Any) -> float:
    """Area under the ROC curve; 0.5 where only one answer is among the texts."""
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415  labelling must not load it

    return float(roc_auc_score(truth, scores)) if len(set(truth.tolist())) == 2 else 0.5
