"""Counts a topic's people and texts at one instant: what the ranking weighs, before topics are compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from feedback_ml.bursts import WEEKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from feedback_ml.priority import Evidence, Row

_WEEK = timedelta(days=7)
_HALF_LIFE_DAYS = 28.0


@dataclass(frozen=True, slots=True)
class Person:
    """What one person wrote about one topic, in all channels together.

    `name` is the pseudonym, or a name of its own for a text without one. `severity` is the mean of the
    texts, `stars` the mean of those rated (`rated` is 0 or 1), `fresh` one half to the power of the age of
    the last text in four weeks.
    """

    name: str
    severity: float
    rated: int
    stars: float
    fresh: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A topic at an instant.

    `weeks` counts texts in eight weeks, oldest first; `people_weeks` the people who wrote in each. `groups`
    counts people by what may be hit harder: ("language", "ur"), ("district", code), ("overseas", "yes").
    """

    topic: Evidence
    people: tuple[Person, ...]
    texts: int
    first: datetime
    weeks: tuple[int, ...]
    people_weeks: tuple[int, ...]
    severity: float
    languages: tuple[str, ...]
    versions: tuple[str, ...]
    version_people: tuple[int, ...]
    groups: Counter[tuple[str, str]]


def count(topic: Evidence, as_of: datetime) -> Counted | None:
    """Count a topic's texts up to the instant; None when there is none."""
    rows = [row for row in topic.rows if row.written_at <= as_of]
    if not rows:
        return None
    of_person: dict[str, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        of_person[row.person or f"\x00{topic.topic_id}\x00{number}"].append(row)
    by_version = Counter(version for own in of_person.values() for version in _versions(own))
    return Counted(
        topic=topic,
        people=tuple(sorted((_person(name, own, as_of) for name, own in of_person.items()), key=_order)),
        texts=len(rows),
        first=min(row.written_at for row in rows),
        weeks=_by_week((row.written_at for row in rows), as_of),
        people_weeks=_people_by_week(of_person.values(), as_of),
        severity=sum(row.severity for row in rows) / len(rows),
        languages=_frequent(row.language for row in rows if row.language),
        versions=_frequent(row.version for row in rows if row.version),
        version_people=tuple(by_version.values()),
        groups=Counter(group for own in of_person.values() for group in _groups(own)),
    )


def _person(name: str, rows: Sequence[Row], as_of: datetime) -> Person:
    stars = [row.rating for row in rows if row.rating is not None]
    age = (as_of - max(row.written_at for row in rows)).total_seconds() / 86_400
    return Person(
        name=name,
        severity=sum(row.severity for row in rows) / len(rows),
        rated=1 if stars else 0,
        stars=sum(stars) / len(stars) if stars else 0.0,
        fresh=0.5 ** (age / _HALF_LIFE_DAYS),
    )


def _order(person: Person) -> tuple[bool, str | float, float, float, float]:
    """Nameless people by what they said: the order in which rows came in decides nothing."""
    named = not person.name.startswith("\x00")
    return named, person.name if named else 0.0, person.severity, person.stars, person.fresh


def _versions(rows: Sequence[Row]) -> set[str]:
    return {row.version for row in rows if row.version}


def _groups(rows: Sequence[Row]) -> set[tuple[str, str]]:
    found = {("language", row.language) for row in rows if row.language}
    found |= {("district", row.district) for row in rows if row.district}
    found.add(("overseas", "yes" if any(row.overseas for row in rows) else "no"))
    return found


def _by_week(instants: Iterable[datetime], as_of: datetime) -> tuple[int, ...]:
    weeks = [0] * WEEKS
    for instant in instants:
        age = (as_of - instant) // _WEEK
        if age < WEEKS:
            weeks[WEEKS - 1 - age] += 1
    return tuple(weeks)


def _people_by_week(of_person: Iterable[Sequence[Row]], as_of: datetime) -> tuple[int, ...]:
    weeks = [0] * WEEKS
    for rows in of_person:
        for age in {(as_of - row.written_at) // _WEEK for row in rows}:
            if age < WEEKS:
                weeks[WEEKS - 1 - age] += 1
    return tuple(weeks)


def _frequent(values: Iterable[str]) -> tuple[str, ...]:
    counts = Counter(values)
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))
