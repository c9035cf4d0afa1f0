"""The commands beside `import`: label, topics, train, evaluate, breaches. Each gives lines to print."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from feedback_ml.classifier import Classifier
from feedback_ml.importing import Summary, gather, progress
from feedback_ml.priority import Evidence, Row, rank
from feedback_ml.topics import Group, GroupItem, group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from feedback_ml.classifier import Prediction
    from feedback_ml.evaluation import Figures
    from feedback_ml.examples import Example
    from feedback_ml.sources.rows import Accepted


def label(paths: Sequence[Path], *, app: str | None, written_at: datetime, summary: Summary) -> Iterator[str]:
    """Give one line of JSON for each text: its id in the source, and its labels."""
    classifier = Classifier.load()
    for row in gather(paths, app=app, written_at=written_at, summary=summary):
        own = row.feedback
        labels = classifier.label(own.text, title=own.title, rating=own.rating)
        yield json.dumps(
            {"external_id": own.external_id, "text": own.text, **asdict(labels)}, ensure_ascii=False
        )


def topics(
    paths: Sequence[Path],
    *,
    app: str | None,
    written_at: datetime,
    as_of: datetime | None,
    top: int,
    summary: Summary,
) -> Iterator[str]:
    """Group and rank the files' texts, as of the last of them unless told otherwise; one line per topic."""
    classifier = Classifier.load()
    found = gather(paths, app=app, written_at=written_at, summary=summary)
    labelled = {
        row.feedback.feedback_id: (
            row,
            classifier.label(row.feedback.text, title=row.feedback.title, rating=row.feedback.rating),
        )
        for row in progress(found, total=len(found), unit=" texts")
    }
    groups = group([_item(row, labels) for row, labels in labelled.values()])
    evidence = [_evidence(str(at), one, labelled) for at, one in enumerate(groups)]
    instant = as_of or max((row.feedback.written_at for row in found), default=written_at)
    grouped = sum(len(one.members) for one in groups)
    yield f"{len(found):,} texts, {len(groups)} topics with {grouped:,} texts, as of {instant:%Y-%m-%d}"
    for ranked in rank(evidence, as_of=instant)[:top]:
        one = groups[int(ranked.topic_id)]
        parts = ", ".join(f"{name} {points:g}" for name, points in ranked.parts.items())
        yield (
            f"{ranked.rank:>3}  {ranked.score:5.1f}  {ranked.people:>5} people  {ranked.state:<10}  "
            f"{one.type:<17}  {one.name_en}\n     {parts}"
        )


def _item(row: Accepted, labels: Prediction) -> GroupItem:
    own = row.feedback
    text = f"{own.title} . {own.text}" if own.title else own.text
    return GroupItem(own.feedback_id, text, labels.type, labels.language, own.person)


def _evidence(topic_id: str, one: Group, labelled: dict[str, tuple[Accepted, Prediction]]) -> Evidence:
    rows = []
    for feedback_id in one.members:
        row, labels = labelled[feedback_id]
        own = row.feedback
        rows.append(
            Row(own.person, own.written_at, labels.severity, own.rating, labels.language, own.version)
        )
    return Evidence(topic_id, one.type, tuple(rows))


def _examples(data: Path | None) -> tuple[list[Example], list[Example], list[Example]]:
    from feedback_ml import examples  # noqa: PLC0415  only training reads them

    own = examples.phrases()
    return own, examples.reviews(data) if data else [], examples.moods(data) if data else []


def evaluate(data: Path | None) -> Iterator[str]:
    """Measure by cross-validation over groups; takes about a minute with the public sets."""
    from feedback_ml.evaluation import evaluate as measure  # noqa: PLC0415  needs scikit-learn

    yield from _told(measure(*_examples(data)))


def _told(figures: Figures) -> Iterator[str]:
    for name, values in asdict(figures).items():
        if values:
            yield f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in values.items())


def train(data: Path | None, out: Path, *, day: date) -> Iterator[str]:
    """Measure, train on everything, and write `classifier.json` and `CARD.md` into `out`."""
    from feedback_ml import training  # noqa: PLC0415  needs scikit-learn
    from feedback_ml.card import card  # noqa: PLC0415  only training writes it
    from feedback_ml.evaluation import evaluate as measure  # noqa: PLC0415  needs scikit-learn
    from feedback_ml.examples import starred  # noqa: PLC0415  only training reads them

    own, reviews, moods = _examples(data)
    every = [*own, *starred(own), *reviews, *moods]
    figures = measure(own, reviews, moods)
    yield from _told(figures)
    size = training.write_model(training.train(every), out / "classifier.json")
    (out / "CARD.md").write_text(card(every, figures, size=size, day=day), encoding="utf-8")
    yield f"{len(every):,} texts; {size:,} bytes written to {out / 'classifier.json'}, and the card beside it"


def breaches(
    learn: Sequence[Path], judge: Sequence[Path], out: Path, card_at: Path, *, day: date
) -> Iterator[str]:
    """Train the forecast of missed reports, measure it on other rows, write weights and card."""
    from feedback_ml import breaches as forecast  # noqa: PLC0415  needs scikit-learn

    yield from forecast.run(learn, judge, out, card_at, day=day)
