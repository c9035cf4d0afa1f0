"""The commands beside `import`: label, train, evaluate, breaches and more. Each gives lines to print."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from feedback_ml import gold, label_files, own_labels
from feedback_ml.classifier import Classifier
from feedback_ml.own_labels import OwnModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from feedback_ml.examples import Example
    from feedback_ml.measures import Figure
    from feedback_ml.sources.rows import Refused


def label(path: Path, model: Path | None, refused: list[Refused]) -> Iterator[str]:
    """Give each line of JSON lines back with its labels; with `model`, an own model's beside them."""
    own = OwnModel.load(model) if model else None
    for row in label_files.label(path, Classifier.load(), own, refused):
        yield json.dumps(row, ensure_ascii=False)


def train_own(
    paths: Sequence[Path], out: Path, *, label: str, group: str | None, multi: bool, refused: list[Refused]
) -> Iterator[str]:
    """Fit a model of anybody's labels and write it into `out`; ValueError for fewer than two labels."""
    rows = label_files.rows(paths, label_field=label, group_field=group, multi=multi, refused=refused)
    size = own_labels.write(own_labels.train(rows, multi=multi), out)
    labels = len({name for row in rows for name in row.labels})
    yield f"{len(rows):,} texts, {labels} labels; {size:,} bytes written to {out / own_labels.FILE}"


def train(data: Path | None, corrections: Sequence[Path], out: Path, *, day: date) -> Iterator[str]:
    """Measure, train the product's classifier, and write `classifier.json` and `CARD.md` into `out`.

    It learns from the project's phrases, from product owners' corrections (files of the phrases' form), and
    from the public sets where `data` is their folder. ValueError when a text of the gold set is among what
    the project wrote or corrected.
    """
    from feedback_ml import teaching  # noqa: PLC0415  needs scikit-learn
    from feedback_ml.card import card  # noqa: PLC0415  only training writes it

    taught, moods = taught_of(data, corrections)
    size = teaching.write_model(teaching.teach(taught, moods), out / "classifier.json")
    figures = list(_figures(data, None, Classifier.load(out / "classifier.json")))
    (out / "CARD.md").write_text(card([*taught, *moods], figures, size=size, day=day), encoding="utf-8")
    yield from map(told, figures)
    yield f"{len(taught) + len(moods):,} texts; {size:,} bytes written to {out}, and the card beside them"


def taught_of(data: Path | None, corrections: Sequence[Path]) -> tuple[list[Example], list[Example]]:
    """Give what the classifier learns from, and what its moods learn from beside; no gold text is in either.

    A public text that happens to be a gold text (a greeting, a single word) is left out.
    """
    from feedback_ml import examples  # noqa: PLC0415  only training reads them

    own = examples.phrases()
    own += [examples.phrase(row) for path in corrections for row in examples.rows_of(path)]
    if known := gold.among(own):
        raise ValueError(f"{len(known)} texts of the gold set are among the training texts: {known[0]!r}")
    taught = examples.starred(own)
    if not data:
        return taught, []
    public = gold.without([*examples.reviews(data), *examples.issues(data)])
    return [*taught, *public], gold.without(examples.moods(data))


def evaluate(
    data: Path | None, gold_file: Path | None, model: Path | None, *, as_json: bool
) -> Iterator[str]:
    """Give one line for each figure, with interval, baseline, goal and shuffled control."""
    classifier = Classifier.load(model / "classifier.json" if model else None)
    for one in _figures(data, gold_file, classifier):
        yield json.dumps(asdict(one), ensure_ascii=False) if as_json else told(one)


def _figures(data: Path | None, gold_file: Path | None, classifier: Classifier) -> Iterator[Figure]:
    from feedback_ml import evaluation  # noqa: PLC0415  needs scikit-learn

    if data or not gold_file:
        yield from evaluation.evaluate(data)
    yield from gold.measure(gold.read(gold_file or gold.GOLD), classifier)


def told(one: Figure) -> str:
    """One figure as a line of text."""
    beside = [f"{name} {value}" for name, value in (("baseline", one.baseline), ("goal", one.goal)) if value]
    if one.control is not None:
        beside.append(f"shuffled {one.control:.3f}")
    interval = f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
    return f"{one.name:<58} {interval}  n={one.texts:,}" + "".join(f"  {text}" for text in beside)


def breaches(
    learn: Sequence[Path], judge: Sequence[Path], out: Path, card_at: Path, *, day: date
) -> Iterator[str]:
    """Train the forecast of missed reports, measure it on other rows, write weights and card."""
    from feedback_ml import breaches as forecast  # noqa: PLC0415  needs scikit-learn

    yield from forecast.run(learn, judge, out, card_at, day=day)
