"""Measures the pipeline on public sets, with intervals, baselines and shuffled controls. Needs scikit-learn.

Every figure is of texts that the models scoring them had not seen: five folds that split no text that occurs
twice, or one whole set against another. The baselines are those of word TF-IDF and logistic regression on the
same data (types, moods) or of common clustering (groups), as measured before this project began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feedback_ml import examples, measures, own_labels, teaching, training
from feedback_ml.classifier import TYPES, Classifier
from feedback_ml.examples import Example
from feedback_ml.measures import Figure, figure
from feedback_ml.own_labels import Known, Row
from feedback_ml.text import normalise
from feedback_ml.topic_files import topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FOLDS = 5
REVIEW_LABELS = ("Bug", "Feature", "Rating", "UserExperience")
_PROBLEM, _NONE = "problem", "none"


def evaluate(data: Path | None) -> Iterator[Figure]:
    """Give every figure that the folder of public sets, if there is one, lets one measure; takes minutes."""
    if data:
        yield types_of_reviews(data)
        yield from problems_across_sets(data)
        yield from moods(data)
        yield from intents(data)
    yield from phrases_by_language(examples.phrases())


def review_rows(data: Path) -> list[Row]:
    """Read the reviews with their four labels, several of which may be true."""
    return [
        Row(row["text"], tuple(row["labels"]), row["title"] or "", row["rating"])
        for row in examples.rows_of(data / "app_reviews_types.jsonl")
    ]


def types_of_reviews(data: Path) -> Figure:
    """Macro-F1 of the four labels of `app_reviews_types`, thresholds found inside each fold."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    rows = review_rows(data)
    truth = np.array([[name in row.labels for name in REVIEW_LABELS] for row in rows]).astype(int)
    said = _held_out_types(rows)
    mixed_up = np.random.default_rng(1).permutation(truth)
    return figure(
        "types of public reviews, several labels, macro-F1",
        lambda at: measures.macro_f1_of_many(truth[at], said[at]),
        len(rows),
        baseline="0.651",
        goal=">= 0.70",
        control=measures.macro_f1_of_many(mixed_up, said),
    )


def _held_out_types(rows: Sequence[Row]) -> Any:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    known = Known(rows)
    said = np.zeros((len(rows), len(REVIEW_LABELS)), dtype=int)
    for train, test in training.folds_of([normalise(row.text) for row in rows], FOLDS):
        fit = known.fit(train, REVIEW_LABELS, multi=True)
        said[test] = known.scores(fit, test) >= fit.cuts
    return said


def problems_across_sets(data: Path) -> Iterator[Figure]:
    """Train "reports a problem" on one set, test on the other, both ways, without stars: ROC area."""
    reviews = [
        Row(row.text, (_PROBLEM,) if {"Bug", "Feature"} & set(row.labels) else (_NONE,), row.title)
        for row in review_rows(data)
    ]
    issues = [
        Row(row["text"], (_PROBLEM,) if row["spans"] else (_NONE,))
        for row in examples.rows_of(data / "app_reviews_issue_spans.jsonl")
    ]
    for name, learnt, tested in (("types -> spans", reviews, issues), ("spans -> types", issues, reviews)):
        yield _across(f"reports a problem, {name}, AUC", learnt, tested)


def _across(name: str, learnt: Sequence[Row], tested: Sequence[Row]) -> Figure:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    seen = {normalise(row.text) for row in learnt}
    tested = [row for row in tested if normalise(row.text) not in seen]
    model = own_labels.OwnModel(own_labels.train(learnt, multi=False))
    scores = np.array([model.label(row.text, title=row.title).scores[_PROBLEM] for row in tested])
    truth = np.array([_PROBLEM in row.labels for row in tested])
    mixed_up = np.random.default_rng(1).permutation(truth)
    return figure(
        name,
        lambda at: measures.auc(truth[at], scores[at]),
        len(tested),
        baseline="0.90 to 0.93",
        goal=">= 0.94",
        control=measures.auc(mixed_up, scores),
    )


def moods(data: Path) -> Iterator[Figure]:
    """Macro-F1 of sentiment on the public sets, each learnt with the other."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    felt = examples.moods(data)
    said = _held_out_moods(felt)
    truth = np.array([one.sentiment for one in felt])
    source = np.array([one.source for one in felt])
    mixed_up = np.random.default_rng(1).permutation(truth)
    told = (("roman_urdu_sentiment", "0.659", ">= 0.69"), ("urdu_product_sentiment", "", ""))
    for name, baseline, goal in told:
        rows = np.flatnonzero(source == name)
        yield figure(
            f"{name}, macro-F1",
            measures.macro_f1_among(truth, said, rows),
            len(rows),
            baseline=baseline,
            goal=goal,
            control=measures.macro_f1(mixed_up[rows], said[rows]),
        )


def _held_out_moods(felt: Sequence[Example]) -> Any:
    import numpy as np  # noqa: PLC0415  labelling must not load it

    features, _ = training.matrix(felt, teaching.mood_terms(felt))
    said = np.zeros(len(felt), dtype=int)
    for train, test in training.folds_of([one.group for one in felt], FOLDS):
        coefficients, bias = teaching.fit_moods(features[train], [felt[at] for at in train])
        said[test] = (features[test] @ coefficients + bias).argmax(axis=1)
    return said


def intents(data: Path) -> Iterator[Figure]:
    """Group the questions to a bank as the command `topics` does, blind to their intents, and compare."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    rows = list(topics(data / "banking_intents.jsonl", Classifier.load(), within=None, refused=[]))
    truth = np.array([row["intent"] for row in rows])
    said = np.array([row["topic"] for row in rows])
    mixed_up = np.random.default_rng(1).permutation(said)
    yield figure(
        f"intents of a bank, NMI of {len(set(said.tolist()))} groups",
        lambda at: measures.nmi(truth[at], said[at]),
        len(rows),
        baseline="0.558",
        goal=">= 0.70",
        control=measures.nmi(truth, mixed_up),
        of_pairs=True,
    )
    yield figure(
        "intents of a bank, pairwise F1",
        lambda at: measures.pairwise(truth[at].tolist(), said[at].tolist())[2],
        len(rows),
        control=measures.pairwise(truth.tolist(), mixed_up.tolist())[2],
        of_pairs=True,
    )


def phrases_by_language(own: Sequence[Example]) -> Iterator[Figure]:
    """Main type of the project's phrases by language form, learnt from the other writers' sittings."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    main, said, sure = _held_out_phrases(own)
    spoken = np.array([one.language for one in own])
    mixed_up = np.random.default_rng(1).permutation(main)
    for form in (*sorted(set(spoken.tolist())), "all"):
        rows = np.arange(len(own)) if form == "all" else np.flatnonzero(spoken == form)
        yield figure(
            f"own phrases, type, macro-F1, {form}",
            measures.macro_f1_among(main, said, rows),
            len(rows),
            goal=">= 0.80",
            control=measures.macro_f1(mixed_up[rows], said[rows]),
        )
    right = said == main
    yield figure(
        "own phrases, expected calibration error",
        lambda at: measures.calibration_error(sure[at], right[at]),
        len(own),
        baseline="0.015",
        goal="<= 0.03",
    )


def _held_out_phrases(own: Sequence[Example]) -> tuple[Any, Any, Any]:
    """Main types as they are and as they are said (numbers of `TYPES`), and the confidence of each."""
    import numpy as np  # noqa: PLC0415  labelling must not load it

    features, _ = training.matrix(own, training.choose_terms(own))
    targets = np.array([one.targets[: len(TYPES)] for one in own])
    weights = np.array([one.weight for one in own])
    groups = np.array([one.group for one in own])
    main = np.array([TYPES.index(one.main) for one in own])
    said, sure = np.zeros(len(own), dtype=int), np.zeros(len(own))
    for train, test in training.folds_of(groups.tolist(), FOLDS):
        inner = training.held_out(features[train], targets[train], weights[train], groups[train].tolist(), 3)
        cuts = training.choose_thresholds(inner, targets[train], weights[train])
        (slope, offset), _ = teaching.confidence_of(inner, targets[train], cuts)
        coefficients, bias = training.fit_columns(features[train], targets[train], weights[train])
        margins = features[test] @ coefficients + bias - np.log(cuts / (1 - cuts))
        said[test] = margins.argmax(axis=1)
        ordered = np.sort(margins, axis=1)
        sure[test] = 1 / (1 + np.exp(-(slope * (ordered[:, -1] - ordered[:, -2]) + offset)))
    return main, said, sure
