"""What a topic's page draws: texts a week with releases marked, before and after one, what happened. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.board_view import Bar
from functions.domain.board import Facts
from functions.domain.deadlines import KARACHI
from functions.storage.releases import Release
from schemas.topics import Measured, TopicRow

FEWEST_WEEKS = 12
START, BOTTOM, TOP = 40, 28, 24
"""Pixels kept free beside, below and above the bars."""
END_OF_DATE = 16
"""Half of a date's width: the last one stays inside the drawing."""
GAP = 0.2
"""Of a week's width, left between two bars."""
LABEL_WIDTH = 64
WIDEST_RATIO = 8.0
"""Where a scale of ratios ends on both sides: an eighth, and eight times."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A release as a line down the drawing. `label` is "" where it would lie upon another's."""

    x: float
    version: str
    label: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    bars: tuple[Bar, ...]
    scale: tuple[tuple[float, int], ...]
    """(y, texts) of the lines across."""
    dates: tuple[tuple[float, str], ...]
    """(x, day and month) under the bars."""
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """One line of the table that says what the drawing shows."""

    ends: datetime
    texts: int
    releases: tuple[str, ...]


def weeks(row: TopicRow, facts: Facts) -> tuple[Week, ...]:
    """At least FEWEST_WEEKS where so many are known, and further back to the first text; without releases."""
    counts = facts.weeks or row.weeks
    first = next((n for n, count in enumerate(counts) if count), len(counts))
    shown = counts[min(first, max(0, len(counts) - FEWEST_WEEKS)) :]
    last = len(shown) - 1
    return tuple(Week(row.as_of - timedelta(weeks=last - n), count, ()) for n, count in enumerate(shown))


def with_releases(given: Sequence[Week], releases: Iterable[Release]) -> tuple[Week, ...]:
    out = [(each.shipped_at, each.version) for each in releases if each.shipped_at]
    return tuple(
        Week(
            week.ends,
            week.texts,
            tuple(version for at, version in sorted(out) if week.ends - timedelta(weeks=1) < at <= week.ends),
        )
        for week in given
    )


def chart(
    given: Sequence[Week], releases: Iterable[Release], own: str | None, width: int, height: int
) -> Chart:
    """`own` is the id of the topic's own release."""
    most = _round_up(max((week.texts for week in given), default=0))
    high, step = height - BOTTOM - TOP, (width - START) / max(1, len(given))
    bars = tuple(
        Bar(
            round(START + (n + GAP / 2) * step, 1),
            round(TOP + high * (1 - week.texts / most), 1),
            round(step * (1 - GAP), 1),
            round(high * week.texts / most, 1),
        )
        for n, week in enumerate(given)
    )
    lines = tuple((round(TOP + high * (1 - share), 1), round(most * share)) for share in (1.0, 0.5, 0.0))
    return Chart(width, height, bars, lines, _dates(given, step, width), _marks(given, releases, own, width))


def _dates(given: Sequence[Week], step: float, width: int) -> tuple[tuple[float, str], ...]:
    every = max(1, math.ceil(LABEL_WIDTH / step)) if given else 1
    last = len(given) - 1
    return tuple(
        (min(round(START + (n + 0.5) * step, 1), width - END_OF_DATE), _day_and_month(week.ends))
        for n, week in enumerate(given)
        if (last - n) % every == 0
    )


def _marks(
    given: Sequence[Week], releases: Iterable[Release], own: str | None, width: int
) -> tuple[Mark, ...]:
    if not given:
        return ()
    begin, end = given[0].ends - timedelta(weeks=1), given[-1].ends
    out = [each for each in releases if each.shipped_at and begin < each.shipped_at <= end]
    # The own release has its label first; of the others those that find room.
    out.sort(key=lambda each: (each.release_id != own, each.shipped_at))
    marks: list[Mark] = []
    for each in out:
        share = ((each.shipped_at or end) - begin) / (end - begin)
        x = round(START + share * (width - START), 1)
        has_room = all(abs(x - known.x) >= LABEL_WIDTH for known in marks if known.label)
        marks.append(Mark(x, each.version, each.version if has_room else "", each.release_id == own))
    return tuple(sorted(marks, key=lambda mark: mark.x))


@dataclass(frozen=True, slots=True)
class Scale:
    """Before to after as a place on a line from 0 to 100, 50 being "as before"; None for no figure."""

    value: float | None
    low: float
    high: float
    control: float | None


def scale(measured: Measured) -> Scale | None:
    """None where no interval could be worked out."""
    if measured.low is None:
        return None
    return Scale(
        value=_on_scale(measured.ratio),
        low=_place(measured.low),
        high=_place(measured.high) if measured.high is not None else 100.0,
        control=_on_scale(measured.control),
    )


def _on_scale(ratio: float | None) -> float | None:
    return None if ratio is None else _place(ratio)


def _place(ratio: float) -> float:
    """On a scale on which half and double lie equally far from 1."""
    if ratio <= 1 / WIDEST_RATIO:
        return 0.0
    return round(50 + 50 * min(1.0, math.log(ratio) / math.log(WIDEST_RATIO)), 1)


def _round_up(most: int) -> int:
    """An even number that is easily read: 4, 10, 20, 40, 60, 100 ..."""
    if most <= 4:
        return 4
    size = int(10 ** math.floor(math.log10(most)))
    return next(
        round(size * step) for step in (1, 2, 3, 4, 6, 8, 10) if size * step >= most and size * step > 4
    )


def _day_and_month(at: datetime) -> str:
    local = at.astimezone(KARACHI)
    return f"{local.day}/{local.month}"
