"""The drawings of a report, each with the numbers that stand beside it as a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from feedback_ml.report import drawing, trends
from feedback_ml.report.drawing import Told
from feedback_ml.report.wording import ratio

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from markupsafe import Markup

    from feedback_ml.release_files import Entry
    from feedback_ml.report.confusion import Judged
    from feedback_ml.report.findings import Findings, Topic
    from feedback_ml.report.outcomes import Outcome, Outcomes
    from feedback_ml.report.trends import Mark, Span
    from feedback_ml.report.wording import Words

TOP = 20
_ROUND_TO = 10
_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts over time: the drawing, and (label, count) for each of its columns. `most` is its tallest."""

    heading: str
    image: Markup
    rows: tuple[tuple[str, int], ...]
    most: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ranking."""

    topic: Topic
    name: str
    place: str
    image: Markup
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of releases."""

    outcome: Outcome
    image: Markup
    between: str


def ranking(found: Findings, words: Words, top: int = TOP) -> list[Line]:
    """The first topics with their bars, all on one scale: that of the highest, rounded up."""
    topics = found.topics[:top]
    reach = max((one.ranked.score + one.ranked.margin for one in topics), default=1.0)
    scale = _ROUND_TO * max(1, ceil(reach / _ROUND_TO))
    return [_line(one, scale, words) for one in topics]


def _line(topic: Topic, scale: float, words: Words) -> Line:
    ranked, name = topic.ranked, topic.name(words.tongue)
    # What rounds to nothing is in the table of parts, and would be no more than a name here.
    parts = tuple((part, points) for part, points in ranked.parts.items() if points >= _LEAST)
    told = ", ".join(f"{words.named('part', part)} {points:.1f}" for part, points in parts)
    about = Told(
        f"bar-{ranked.topic_id}",
        words("bar_title", name=name),
        words("bar_desc", score=f"{ranked.score:.1f}", margin=f"{ranked.margin:.1f}", parts=told),
    )
    image = drawing.stacked(parts, of=scale, margin=ranked.margin, told=about)
    return Line(topic, name, f"{ranked.place}{'=' if ranked.tied else ''}", image, parts)


def of_topic(topic: Topic, found: Findings, outcomes: Outcomes, words: Words) -> tuple[Trend, Trend]:
    """A topic's eight weeks and twelve months, with the releases."""
    instants = [text.feedback.written_at for text in topic.texts]
    about = outcomes.versions_about(topic)
    return _both(
        f"topic-{topic.ranked.topic_id}",
        topic.name(words.tongue),
        instants,
        found,
        outcomes.entries,
        about,
        words,
    )


def of_types(
    found: Findings, outcomes: Outcomes, words: Words, types: Iterable[str]
) -> list[tuple[str, tuple[Trend, Trend]]]:
    """The same of every kind of text, most frequent first."""
    return [
        (
            kind,
            _both(
                f"type-{kind}",
                words.named("type", kind),
                [text.feedback.written_at for text in found.texts if text.labels.type == kind],
                found,
                outcomes.entries,
                frozenset(),
                words,
            ),
        )
        for kind in types
    ]


def _both(
    ident: str,
    name: str,
    instants: Sequence[datetime],
    found: Findings,
    entries: Sequence[Entry],
    about: frozenset[str],
    words: Words,
) -> tuple[Trend, Trend]:
    weeks, months = trends.weeks(found.as_of), trends.months(found.as_of)
    by_week = tuple(f"{start:%Y-%m-%d}" for start in weeks.starts)
    by_month = tuple(words.month(start) for start in months.starts)
    kinds = (("last_weeks", weeks, by_week), ("last_months", months, by_month))
    first, second = (
        _trend(f"{ident}-{what}", words, name, words(what), span, labels, instants,
               trends.marks(span, entries, about))
        for what, span, labels in kinds
    )  # fmt: skip
    return first, second


def _trend(
    ident: str,
    words: Words,
    name: str,
    heading: str,
    span: Span,
    labels: Sequence[str],
    instants: Sequence[datetime],
    marks: tuple[Mark, ...],
) -> Trend:
    counts = span.count(instants)
    most = max(counts)
    numbers = ", ".join(map(str, counts))
    told = Told(
        ident,
        words("chart_title", name=name, what=heading),
        words("chart_desc", first=labels[0], last=labels[-1], numbers=numbers),
    )
    image = drawing.columns(counts, marks, most=most, told=told)
    return Trend(heading, image, tuple(zip(labels, counts, strict=True)), most, marks)


def releases(outcomes: Outcomes, words: Words) -> list[Row]:
    """Every topic and release that was measured, newest release first."""
    ordered = sorted(
        outcomes.found, key=lambda one: (one.entry.released_at, one.topic.ranked.topic_id), reverse=True
    )
    return [_row(at, one, words) for at, one in enumerate(ordered)]


def _row(at: int, one: Outcome, words: Words) -> Row:
    found = one.measured.ratio
    value, low, high = map(ratio, (found.value, found.low, found.high))
    told = Told(
        f"release-{at}",
        words("forest_title", name=one.topic.name(words.tongue), version=one.entry.version),
        words("forest_desc", value=value, low=low, high=high),
    )
    image = drawing.forest(found.value, found.low, found.high, verdict=one.measured.verdict, told=told)
    return Row(one, image, f"{value} [{low}, {high}]")


def calibration(judged: Judged, words: Words) -> Markup:
    numbers = ", ".join(f"{band.confidence:.2f} → {band.right:.2f}" for band in judged.bands)
    told = Told("calibration", words("calibration_title"), numbers)
    return drawing.calibration(judged.bands, told, across=words("confidence"), up=words("right"))
