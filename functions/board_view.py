"""What the board draws of a topic, worked out of its row: ranks with ties, bars, dots. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.storage.topics import VANISHED_RANK
from schemas.topics import Quote, TopicRow

DOTS = 5
BAR_STEP, BAR_WIDTH, BAR_HEIGHT = 12, 9, 24
QUOTE_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of a drawing BAR_HEIGHT high, measured from its top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of the score: `points` of 100, drawn from `x` on."""

    name: str
    points: float
    x: float
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    row: TopicRow
    place: int | None
    tied: bool
    weeks: tuple[Bar, ...]
    dots: int
    parts: tuple[Part, ...]

    @property
    def sample(self) -> Quote | None:
        return next((quote for quote in self.row.quotes if quote.text), None)

    @property
    def weeks_width(self) -> int:
        return max(1, len(self.weeks)) * BAR_STEP


def line(row: TopicRow) -> Line:
    """A topic as the board draws it; those whose order the evidence does not settle share a place."""
    place = place_of(row)
    return Line(
        row=row,
        place=place,
        tied=place is not None and bool(row.tied),
        weeks=week_bars(row.weeks),
        dots=0 if row.severity is None else max(1, min(DOTS, round(row.severity))),
        parts=parts(row),
    )


def place_of(row: TopicRow) -> int | None:
    """None for a topic kept only for what was decided upon it."""
    if row.rank >= VANISHED_RANK:
        return None
    return row.place or row.rank


def week_bars(weeks: Sequence[int]) -> tuple[Bar, ...]:
    """One bar a week, the fullest as high as the drawing; a week without texts keeps a line to stand on."""
    most = max((*weeks, 1))
    heights = [max(1.0, round(BAR_HEIGHT * count / most, 1)) for count in weeks]
    return tuple(
        Bar(number * BAR_STEP, round(BAR_HEIGHT - height, 1), BAR_WIDTH, height)
        for number, height in enumerate(heights)
    )


def parts(row: TopicRow) -> tuple[Part, ...]:
    """Parts side by side, in the order the ranking gives them."""
    found: list[Part] = []
    x = 0.0
    for number, (name, points) in enumerate(row.parts.items(), start=1):
        found.append(Part(name, points, round(x, 2), number))
        x += max(0.0, points)
    return tuple(found)


def shortened(text: str) -> str:
    """A quote cut at a word, for one line of the board."""
    if len(text) <= QUOTE_LENGTH:
        return text
    return text[:QUOTE_LENGTH].rsplit(" ", 1)[0] + "…"
