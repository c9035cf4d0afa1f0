"""Ranks topics by the evidence behind them, with the reasons as parts that sum to the score.

    score = sum of the parts, 0..100;  part = weight x strength (0..1) x trust

    people    log(1 + people) against the topic with the most people
    severity  mean severity of the texts, 1 -> 0 and 5 -> 1
    trend     a burst: how sure a Poisson test is that the last two weeks hold more texts than the six weeks
              before, and the traffic of all topics, let expect; growth of the whole inbox is not a trend
    rating    mean stars, 5 -> 0 and 1 -> 1, drawn to 3 as if two more people had given 3; without stars 0.5
    recency   mean over the people of one half to the power of (age of their last text / four weeks)
    reach     languages beyond the first, and versions beyond the first, both levelling off

    trust     people / (people + 2): one angry person does not outrank many calm ones

The weights are data (`weights.json`) and sum to 100. Topics of fewer than three people come after all
others, and praise and other, which ask for nothing, come after those.
"""

from __future__ import annotations

import functools
import json
import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

WEIGHTS = Path(__file__).parent / "weights.json"
PARTS = ("people", "severity", "trend", "rating", "recency", "reach")
NOT_UPGRADES = frozenset({"praise", "other"})
FEW = 3
"""Topics of fewer people than this never come before a topic of more."""
WEEKS, _RECENT_WEEKS = 8, 2
_WEEK = timedelta(days=7)
_HALF_LIFE_DAYS = 28.0
_SURE = 0.025
_TRUST, _CALM_STARS, _CALM_PEOPLE = 2.0, 3.0, 2.0

State = Literal["new", "escalating", "ongoing", "fading"]


@dataclass(frozen=True, slots=True)
class Row:
    """One text of a topic. `person` is a pseudonym; an empty one counts as a person of its own."""

    person: str
    written_at: datetime
    severity: int
    rating: int | None
    language: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A topic and all its texts."""

    topic_id: str
    type: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A topic's place. `parts` maps names to points and sums to `score` (0..100).

    `weeks` counts texts in eight weeks, oldest first, the last ending at the instant of ranking;
    `severity` is the mean, 1..5; `languages` and `versions` are the distinct ones, most frequent first.
    """

    topic_id: str
    rank: int
    score: float
    parts: Mapping[str, float]
    people: int
    weeks: tuple[int, ...]
    severity: float
    languages: tuple[str, ...]
    versions: tuple[str, ...]
    state: State


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one topic's rows up to the instant come to, before it is compared with the others."""

    topic: Evidence
    rows: tuple[Row, ...]
    people: int
    weeks: tuple[int, ...]
    as_of: datetime


@functools.cache
def shipped_weights() -> dict[str, float]:
    """Read the weights that ship."""
    return {name: float(points) for name, points in json.loads(WEIGHTS.read_bytes()).items()}


def rank(
    topics: Sequence[Evidence], *, as_of: datetime, weights: Mapping[str, float] | None = None
) -> list[Ranked]:
    """Rank topics at one instant; texts written after it do not count, nor do topics left without any.

    `weights` gives points per part and is scaled to sum to 100; ValueError when a part is unknown or
    negative.
    """
    points = _scaled(weights or shipped_weights())
    seen = [one for topic in topics if (one := _seen(topic, as_of)).rows]
    if not seen:
        return []
    most = max(one.people for one in seen)
    before = sum(sum(one.weeks[:-_RECENT_WEEKS]) for one in seen)
    recent = sum(sum(one.weeks[-_RECENT_WEEKS:]) for one in seen)
    scored = []
    for one in seen:
        rise, fall = _surprise(one, before, recent)
        parts = _parts(one, points, most, rise)
        scored.append((one, parts, _state(one, rise, fall)))
    scored.sort(key=lambda found: (*_place(found[0]), -sum(found[1].values()), found[0].topic.topic_id))
    return [_ranked(place, *found) for place, found in enumerate(scored, start=1)]


def _scaled(weights: Mapping[str, float]) -> dict[str, float]:
    if unknown := set(weights) - set(PARTS):
        raise ValueError(f"unknown part {min(unknown)!r}: the parts are {', '.join(PARTS)}")
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("weights must be 0 or more, and one of them more than 0")
    return {name: 100 * weights.get(name, 0.0) / total for name in PARTS}


def _seen(topic: Evidence, as_of: datetime) -> _Seen:
    rows = tuple(row for row in topic.rows if row.written_at <= as_of)
    weeks = [0] * WEEKS
    for row in rows:
        age = (as_of - row.written_at) // _WEEK
        if age < WEEKS:
            weeks[WEEKS - 1 - age] += 1
    return _Seen(topic, rows, len(_last_texts(rows)), tuple(weeks), as_of)


def _last_texts(rows: Sequence[Row]) -> list[datetime]:
    """The instant of each person's last text."""
    last: dict[str, datetime] = {}
    for number, row in enumerate(rows):
        person = row.person or f"\x00{number}"
        last[person] = max(last.get(person, row.written_at), row.written_at)
    return list(last.values())


def _place(one: _Seen) -> tuple[bool, bool]:
    return one.topic.type in NOT_UPGRADES, one.people < FEW


def _surprise(one: _Seen, before: int, recent: int) -> tuple[float, float]:
    """Give the chances, by a Poisson test, of as many recent texts or more, and of as few or fewer."""
    own = sum(one.weeks[:-_RECENT_WEEKS])
    # Half a text is added on both sides: a topic that did not exist is not expected never.
    share = (own + 0.5) / (before + 0.5 * (WEEKS - _RECENT_WEEKS) + 1)
    plain = (own + 0.5) * _RECENT_WEEKS / (WEEKS - _RECENT_WEEKS)
    # Where everything grows, a topic is expected to grow; where all else fell silent, going on is no burst.
    expected = max(share * recent, plain)
    count = sum(one.weeks[-_RECENT_WEEKS:])
    return _at_least(count, expected), _at_most(count, min(share * recent, plain) if recent else plain)


def _at_most(count: int, expected: float) -> float:
    """Chance of `count` or fewer where `expected` are expected; the normal curve from a thousand on."""
    if expected > 1000:
        return 0.5 * math.erfc(-(count + 0.5 - expected) / math.sqrt(2 * expected))
    term = total = math.exp(-expected)
    for number in range(1, count + 1):
        term *= expected / number
        total += term
        if number > expected and term < 1e-12:
            break
    return min(1.0, total)


def _at_least(count: int, expected: float) -> float:
    return 1.0 if count == 0 else max(0.0, 1.0 - _at_most(count - 1, expected))


def _parts(one: _Seen, points: Mapping[str, float], most: int, rise: float) -> dict[str, float]:
    stars = [row.rating for row in one.rows if row.rating is not None]
    calm = (sum(stars) + _CALM_STARS * _CALM_PEOPLE) / (len(stars) + _CALM_PEOPLE)
    ages = [(one.as_of - instant).total_seconds() / 86_400 for instant in _last_texts(one.rows)]
    languages = len({row.language for row in one.rows})
    versions = len({row.version for row in one.rows if row.version})
    strength = {
        "people": math.log1p(one.people) / math.log1p(most),
        "severity": (_mean_severity(one.rows) - 1) / 4,
        "trend": min(1.0, max(0.0, -math.log10(max(rise, 1e-6) / 0.5) / 4)) if rise < 0.5 else 0.0,
        "rating": (5 - calm) / 4,
        "recency": sum(0.5 ** (age / _HALF_LIFE_DAYS) for age in ages) / len(ages),
        "reach": 0.5 * min(1.0, (languages - 1) / 2) + 0.5 * min(1.0, max(0, versions - 1) / 4),
    }
    trust = one.people / (one.people + _TRUST)
    return {name: round(points[name] * strength[name] * trust, 2) for name in PARTS}


def _mean_severity(rows: Sequence[Row]) -> float:
    return sum(row.severity for row in rows) / len(rows)


def _state(one: _Seen, rise: float, fall: float) -> State:
    first = min(row.written_at for row in one.rows)
    if one.as_of - first <= _RECENT_WEEKS * _WEEK:
        return "new"
    if rise < _SURE:
        return "escalating"
    if fall < _SURE or not any(one.weeks[-2 * _RECENT_WEEKS :]):
        return "fading"
    return "ongoing"


def _ranked(place: int, one: _Seen, parts: dict[str, float], state: State) -> Ranked:
    return Ranked(
        topic_id=one.topic.topic_id,
        rank=place,
        score=round(sum(parts.values()), 2),
        parts=parts,
        people=one.people,
        weeks=one.weeks,
        severity=round(_mean_severity(one.rows), 2),
        languages=_frequent(row.language for row in one.rows),
        versions=_frequent(row.version for row in one.rows if row.version),
        state=state,
    )


def _frequent(values: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(values)
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))
