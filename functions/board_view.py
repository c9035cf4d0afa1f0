"""What the board draws of a topic, worked out of its row: ranks with ties, bars, dots. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.storage.topics import VANISHED_RANK
from schemas.topics import Quote, TopicRow

TIE_MARGIN = 1.0
"""Points. Closer than this to the first of a group is no difference to order work by."""
DOTS = 5
BAR_STEP, BAR_WIDTH, BAR_HEIGHT = 12, 9, 24
QUOTE_LENGTH = 160
VERSIONS_SHOWN = 2


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
    versions: tuple[str, ...]
    versions_left: int

    @property
    def sample(self) -> Quote | None:
        return next((quote for quote in self.row.quotes if quote.text), None)

    @property
    def weeks_width(self) -> int:
        return max(1, len(self.weeks)) * BAR_STEP


def lines(rows: Sequence[TopicRow]) -> list[Line]:
    """Rows in rank order, as lines of the board; scores within TIE_MARGIN of the first share its place."""
    groups = _places(rows)
    shared = [place for place in groups if place is not None]
    return [
        line(row, place, tied=place is not None and shared.count(place) > 1)
        for row, place in zip(rows, groups, strict=True)
    ]


def line(row: TopicRow, place: int | None, *, tied: bool = False) -> Line:
    return Line(
        row=row,
        place=place,
        tied=tied,
        weeks=week_bars(row.weeks),
        dots=0 if row.severity is None else max(1, min(DOTS, round(row.severity))),
        parts=parts(row),
        versions=row.versions[:VERSIONS_SHOWN],
        versions_left=max(0, len(row.versions) - VERSIONS_SHOWN),
    )


def place_of(row: TopicRow) -> int | None:
    """None for a topic kept only for what was decided upon it."""
    return None if row.rank >= VANISHED_RANK else row.rank


def _places(rows: Sequence[TopicRow]) -> list[int | None]:
    found: list[int | None] = []
    place: int | None = None
    first_score: float | None = None
    for row in rows:
        if place_of(row) is None:
            found.append(None)
            continue
        # A withheld score ties with none, for a tie would tell it to a point.
        if first_score is None or row.score is None or first_score - row.score >= TIE_MARGIN:
            place, first_score = row.rank, row.score
        found.append(place)
    return found


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


def week_ends(row: TopicRow) -> tuple[datetime, ...]:
    """The last instant of each week shown, oldest first."""
    return tuple(row.as_of - timedelta(weeks=len(row.weeks) - 1 - number) for number in range(len(row.weeks)))


def shortened(text: str) -> str:
    """A quote cut at a word, for one line of the board."""
    if len(text) <= QUOTE_LENGTH:
        return text
    return text[:QUOTE_LENGTH].rsplit(" ", 1)[0] + "…"
