"""Trains the forecast of missed reports, written as plain weights. Needs scikit-learn; asking it does not.

Rows come from simulated years (`python -m infra.local simulate --rows`): what a case looked like at some
instant, and whether its report was late in the end. Who asks is functions/domain/forecast.py.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

FEWEST_CASES = 200
"""Of a class: with fewer a plain rule is used in place of a model."""
FOLDS = 5
SMALLEST_THRESHOLD, LARGEST_THRESHOLD, STEP = 0.2, 0.8, 0.05
NEAR_BEST = 0.005
DIGITS = 9
RULE_SHARE = 0.5
CARD = """# Model card: forecast of missed reports

Made by `python -m feedback_ml breaches` on {day}; plain weights in `functions/domain/forecast_weights.json`,
read by `functions/domain/forecast.py`.

**For** warning the office that has a case, while there is time, that its report is likely to come too late.
**Not for** judging an officer or an office, nor for the order in which a citizen is served.

A logistic regression of each class on the case's own history and progress ({features} features: share of
the time gone, accepted, contacted, begun, calls that failed, pauses, transfers, how long it took to accept
and how long nobody has done anything, when it was lodged, reopened, appeals, escalation). It sees neither the
citizen, nor the words, nor the office. A class with fewer than {fewest} training cases goes by a rule: not
accepted at half of the time.

It learnt from **simulated** cases alone, and how real offices behave is not known: train it anew on the
force's own before anybody relies on the figures.

Learnt from {learnt}.
Held out: {held}.

Measured there, when the sweep asks (at the reminders: half of the report's time, and half of the call's where
nobody called yet), threshold {threshold:.2f}:

| class | times asked | of them missed | precision | recall | Brier | rule: precision | rule: recall |
|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

Precision: of the warnings, how many came true. Recall: of the times it was asked about a case that missed,
how often it warned.
A case that nobody touches is easy; one that is begun and never finished is not.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A case at an instant: what was to be seen of it, and what became of its report."""

    case: str
    complaint_class: str
    asked: bool
    """Whether it is an instant at which the sweep asks."""
    features: tuple[float, ...]
    missed: bool


@dataclass(frozen=True, slots=True)
class Rows:
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    source: str

    def of_class(self, name: str) -> list[Row]:
        return [row for row in self.rows if row.complaint_class == name]

    @property
    def classes(self) -> list[str]:
        return sorted({row.complaint_class for row in self.rows})


@dataclass(frozen=True, slots=True)
class Measured:
    asked: int
    missed: int
    precision: float
    recall: float
    brier: float
    rule_precision: float
    rule_recall: float


def read(paths: Sequence[Path]) -> Rows:
    """Rows of every file; the first line of each names the features and says where the rows are from."""
    names: tuple[str, ...] = ()
    rows: list[Row] = []
    sources: list[str] = []
    for path in paths:
        first, *lines = path.read_text(encoding="utf-8").splitlines()
        head = json.loads(first)
        names = names or tuple(head["features"])
        if names != tuple(head["features"]):
            raise ValueError(f"{path} has other features")
        sources.append(head["source"])
        rows += [_row(json.loads(line)) for line in lines]
    return Rows(names, tuple(rows), "; ".join(sources))


def _row(told: dict[str, Any]) -> Row:
    return Row(told["case"], told["class"], told["asked"], tuple(told["features"]), told["missed"])


def fit(rows: Sequence[Row]) -> tuple[float, list[float]]:
    """Bias and weights of one class. Unbalanced, so that what it gives is a probability."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  asking must not load it

    model = LogisticRegression(C=1.0, max_iter=3_000)
    model.fit([row.features for row in rows], [row.missed for row in rows])
    return round(float(model.intercept_[0]), DIGITS), [round(float(w), DIGITS) for w in model.coef_[0]]


def held_out(rows: Sequence[Row]) -> list[float]:
    """A probability for each row from a model that saw no row of its case."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  as above
    from sklearn.model_selection import GroupKFold, cross_val_predict  # noqa: PLC0415  as above

    given = cross_val_predict(
        LogisticRegression(C=1.0, max_iter=3_000),
        [row.features for row in rows],
        [row.missed for row in rows],
        groups=[row.case for row in rows],
        cv=GroupKFold(FOLDS),
        method="predict_proba",
    )
    return [float(p) for p in given[:, 1]]


def is_enough(rows: Sequence[Row]) -> bool:
    outcomes = Counter(row.missed for row in rows)
    return len({row.case for row in rows}) >= FEWEST_CASES and len(outcomes) > 1


def threshold_of(judged: Sequence[tuple[Row, float]]) -> float:
    """The probability at which F0.5 is best where the sweep asks: the mean of the near-best ones."""
    steps = round((LARGEST_THRESHOLD - SMALLEST_THRESHOLD) / STEP) + 1
    grid = [round(SMALLEST_THRESHOLD + STEP * n, 2) for n in range(steps)]
    asked = [(row.missed, p) for row, p in judged if row.asked]
    scores = [_f_half(asked, cut) for cut in grid]
    near = [cut for cut, score in zip(grid, scores, strict=True) if score >= max(scores) - NEAR_BEST]
    return round(sum(near) / len(near), 2)


def _f_half(judged: Sequence[tuple[bool, float]], cut: float) -> float:
    """Precision weighs twice as much as recall: who is often warned for nothing looks no more."""
    hits = sum(missed and p >= cut for missed, p in judged)
    said = 0.25 * sum(missed for missed, _ in judged) + sum(p >= cut for _, p in judged)
    return 1.25 * hits / said if said else 0.0


def train(learn: Rows) -> dict[str, Any]:
    """The weights as they are kept, without the figures of a held-out year."""
    classes, judged = {}, []
    for name in learn.classes:
        rows = learn.of_class(name)
        if not is_enough(rows):
            continue
        bias, weights = fit(rows)
        classes[name] = {"cases": len({row.case for row in rows}), "bias": bias, "weights": weights}
        judged += list(zip(rows, held_out(rows), strict=True))
    threshold = threshold_of(judged) if judged else 0.5
    holds = [row.missed for row in learn.rows if _by_rule(learn.names, row)]
    fails = [row.missed for row in learn.rows if not _by_rule(learn.names, row)]
    # What the rule holds likely is warned of, whatever share of it came true.
    rule = {"holds": max(threshold, _share(holds)), "fails": min(threshold - 0.01, _share(fails))}
    return {
        "threshold": threshold,
        "fewest_cases": FEWEST_CASES,
        "features": list(learn.names),
        "classes": classes,
        "rule": {name: round(value, 4) for name, value in rule.items()},
        "learnt_from": learn.source,
    }


def _share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.5


def _by_rule(names: Sequence[str], row: Row) -> bool:
    seen = dict(zip(names, row.features, strict=True))
    return bool(seen["not_accepted"]) and seen["gone"] >= RULE_SHARE - 1e-6


def probability(weights: dict[str, Any], row: Row) -> float:
    """What the exported weights say, by the same formula as the product's."""
    model = weights["classes"].get(row.complaint_class)
    if model is None:
        return float(weights["rule"]["holds" if _by_rule(weights["features"], row) else "fails"])
    total = model["bias"] + sum(w * x for w, x in zip(model["weights"], row.features, strict=True))
    return 1 / (1 + exp(-max(-60.0, min(60.0, total))))


def measure(weights: dict[str, Any], judge: Rows) -> dict[str, Measured]:
    """Figures by class, and of all, where the sweep asks."""
    asked = [(row, probability(weights, row)) for row in judge.rows if row.asked]
    by_class = {name: [pair for pair in asked if pair[0].complaint_class == name] for name in judge.classes}
    named = {**by_class, "all": asked}
    return {name: _measured(weights, pairs) for name, pairs in named.items() if pairs}


def _measured(weights: dict[str, Any], pairs: Sequence[tuple[Row, float]]) -> Measured:
    missed = [row.missed for row, _ in pairs]
    warned = [p >= weights["threshold"] for _, p in pairs]
    ruled = [_by_rule(weights["features"], row) for row, _ in pairs]
    brier = sum((p - row.missed) ** 2 for row, p in pairs) / len(pairs)
    return Measured(len(pairs), sum(missed), *_both(missed, warned), brier, *_both(missed, ruled))


def _both(missed: Sequence[bool], warned: Sequence[bool]) -> tuple[float, float]:
    hits = sum(m and w for m, w in zip(missed, warned, strict=True))
    return hits / sum(warned) if any(warned) else 0.0, hits / sum(missed) if any(missed) else 0.0


def write(weights: dict[str, Any], figures: dict[str, Measured], held: str, *, out: Path, day: date) -> None:
    """The weights with what was measured, in one file."""
    told = {name: _told(m) for name, m in figures.items()}
    whole = {**weights, "measured": {"on": held, "day": day.isoformat(), "by_class": told}}
    out.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def _told(m: Measured) -> dict[str, float]:
    return {
        "asked": m.asked,
        "missed": m.missed,
        "precision": round(m.precision, 3),
        "recall": round(m.recall, 3),
        "brier": round(m.brier, 3),
        "rule_precision": round(m.rule_precision, 3),
        "rule_recall": round(m.rule_recall, 3),
    }


def card(weights: dict[str, Any], figures: dict[str, Measured], held: str, day: date) -> str:
    lines = [
        f"| {name} | {m.asked:,} | {m.missed:,} | {m.precision:.2f} | {m.recall:.2f} | {m.brier:.3f} "
        f"| {m.rule_precision:.2f} | {m.rule_recall:.2f} |"
        for name, m in figures.items()
    ]
    return CARD.format(
        day=day,
        features=len(weights["features"]),
        fewest=FEWEST_CASES,
        learnt=weights["learnt_from"],
        held=held,
        threshold=weights["threshold"],
        rows="\n".join(lines),
    )


def run(
    learn: Sequence[Path], judge: Sequence[Path], out: Path, card_at: Path, *, day: date
) -> Iterator[str]:
    """Train on one lot of rows, measure on another, write weights and card; lines to print."""
    taught, held = read(learn), read(judge)
    weights = train(taught)
    figures = measure(weights, held)
    write(weights, figures, held.source, out=out, day=day)
    card_at.write_text(card(weights, figures, held.source, day), encoding="utf-8")
    models = ", ".join(f"{name} ({row['cases']:,} cases)" for name, row in weights["classes"].items())
    yield f"{len(taught.rows):,} rows; models of {models or 'no class'}; threshold {weights['threshold']:.2f}"
    for name, m in figures.items():
        yield (
            f"{name}: {m.asked:,} asked, {m.missed:,} missed, precision {m.precision:.2f}, "
            f"recall {m.recall:.2f} (rule {m.rule_precision:.2f}, {m.rule_recall:.2f}), Brier {m.brier:.3f}"
        )
    yield f"written to {out}, and the card to {card_at}"
