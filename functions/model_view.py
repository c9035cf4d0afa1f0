"""What the page of models draws: figures side by side, the paired test, what drifted most. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from schemas.feedback import Language
from schemas.models import Compared, Drift, ModelList, ModelStep, Report, Shifted

NARROWEST = 0.02
"""Half of the drawing's scale where the interval is narrower: a tiny difference should look tiny."""
MARGIN = 1.15
MOST_MOVERS = 3
LEAST_MOVED = 0.03
"""Of a share; less is what two windows of the same stream differ by."""
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of both models; `key` is of its name, and a language's own name stands beside it."""

    key: str
    compared: Compared
    language: Language | None = None

    @property
    def change(self) -> float:
        return self.compared.challenger - self.compared.champion


@dataclass(frozen=True, slots=True)
class Interval:
    """The difference and its interval on a scale of 100 with zero in the middle."""

    low: float
    point: float
    high: float
    most: float
    """What the ends of the scale stand for."""


@dataclass(frozen=True, slots=True)
class Mover:
    """A label whose share moved; shares in 0..1."""

    name: str
    before: float
    after: float


def figures(report: Report) -> Iterator[Figure]:
    """All of them, the languages in one order whatever order they came in."""
    yield Figure("figure_types", report.types)
    for language in LANGUAGES:
        if language in report.languages:
            yield Figure("figure_language", report.languages[language], language)
    yield Figure("figure_areas", report.areas)
    yield Figure("figure_danger_recall", report.danger_recall)
    yield Figure("figure_danger_precision", report.danger_precision)


def interval(report: Report) -> Interval:
    most = max(NARROWEST, *(abs(each) * MARGIN for each in (report.low, report.high, report.difference)))

    def place(value: float) -> float:
        return round(50 + 50 * value / most, 2)

    return Interval(place(report.low), place(report.difference), place(report.high), most)


def labels_since(listed: ModelList) -> ModelStep | None:
    """The step by which the champion came; None for the model that came with the software."""
    last = listed.history[-1] if listed.history else None
    return last if last and last.name == listed.champion else None


def is_against_another(report: Report, listed: ModelList) -> bool:
    """Whether it was measured against a model that is champion no more."""
    return report.champion != listed.champion


def movers(shifted: Shifted) -> tuple[Mover, ...]:
    """The labels whose shares moved most; what moved less than LEAST_MOVED is left out."""
    names = {*shifted.before, *shifted.after}
    rows = [Mover(name, shifted.before.get(name, 0.0), shifted.after.get(name, 0.0)) for name in names]
    moved = [row for row in rows if abs(row.after - row.before) >= LEAST_MOVED]
    return tuple(sorted(moved, key=lambda row: (-abs(row.after - row.before), row.name))[:MOST_MOVERS])


def as_of(drifts: list[Drift]) -> datetime | None:
    return max((each.as_of for each in drifts), default=None)


def by_alarm(drifts: list[Drift]) -> list[Drift]:
    """Apps with most alarms first, then by name."""
    return sorted(drifts, key=lambda each: (-len(each.alarms), each.app))
