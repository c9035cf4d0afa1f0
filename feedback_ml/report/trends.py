"""Counts over time: eight weeks up to an instant, twelve calendar months, and where releases fall. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feedback_ml.release_files import Entry

WEEKS, MONTHS = 8, 12
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Instants that part a stretch of time into columns, oldest first: one more than there are columns."""

    edges: tuple[datetime, ...]

    @property
    def starts(self) -> tuple[datetime, ...]:
        return self.edges[:-1]

    def count(self, instants: Iterable[datetime]) -> tuple[int, ...]:
        """How many instants fall into each column; the others are left out."""
        counts = [0] * (len(self.edges) - 1)
        for instant in instants:
            at = sum(edge <= instant for edge in self.edges) - 1
            if 0 <= at < len(counts):
                counts[at] += 1
        return tuple(counts)

    def place(self, instant: datetime) -> float | None:
        """Where an instant falls, 0 (first edge) to 1 (last), each column as wide as the next; else None."""
        for at, (begin, end) in enumerate(zip(self.edges, self.edges[1:], strict=False)):
            if begin <= instant < end:
                return (at + (instant - begin) / (end - begin)) / (len(self.edges) - 1)
        return None


@dataclass(frozen=True, slots=True)
class Mark:
    """A release on a chart: where it stands (0..1), and whether it was to help what the chart is about."""

    version: str
    released_at: datetime
    at: float
    is_about: bool


def weeks(as_of: datetime) -> Span:
    """The last eight weeks; an instant at `as_of` itself is in the last of them."""
    end = as_of + timedelta(microseconds=1)
    return Span(tuple(end - back * _WEEK for back in range(WEEKS, -1, -1)))


def months(as_of: datetime) -> Span:
    """The last twelve calendar months (UTC), that of `as_of` among them however little of it there is."""
    last = as_of.astimezone(UTC).year * 12 + as_of.astimezone(UTC).month - 1
    return Span(
        tuple(
            datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            for number in range(last - MONTHS + 1, last + 2)
        )
    )


def marks(span: Span, entries: Sequence[Entry], about: frozenset[str]) -> tuple[Mark, ...]:
    """The releases that fall into the span; `about` holds the versions that were to help."""
    found = ((entry, span.place(entry.released_at)) for entry in entries)
    return tuple(
        Mark(entry.version, entry.released_at, at, entry.version in about)
        for entry, at in found
        if at is not None
    )
