"""Which texts come before a release and which after: by the version they were written on, then by date."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Text:
    """One text: its topic (empty when it has none), the version it was written on (empty: unknown)."""

    topic: str
    version: str
    written_at: datetime
    person: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A version, when it came out, and the topics it was to help."""

    version: str
    released_at: datetime
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a release: texts about the topic, exposure (all texts, or active users), by other topics.

    A person's further texts about the same topic on the same side are not counted.
    """

    texts: int
    exposure: float
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """`before` is from `since` until `release`, `after` from then until `until`, in instants of versions."""

    since: datetime
    release: datetime
    until: datetime


def came_out(release: Release, releases: Iterable[Release]) -> dict[str, datetime]:
    """When each version came out: the first time, where it is named twice."""
    found: dict[str, datetime] = {}
    for one in (release, *releases):
        found[one.version] = min(one.released_at, found.get(one.version, one.released_at))
    return found


def span(topic: str, release: Release, releases: Iterable[Release]) -> Span:
    """Up to the releases that touch the same topic before and after this one."""
    others = [one.released_at for one in releases if topic in one.topics]
    earlier = [at for at in others if at < release.released_at]
    later = [at for at in others if at > release.released_at]
    return Span(max(earlier, default=EVER), release.released_at, min(later, default=NEVER))


def touched(releases: Iterable[Release], begin: datetime, end: datetime) -> frozenset[str]:
    """Topics that any release within the window was to help: no control."""
    return frozenset().union(*(one.topics for one in releases if begin <= one.released_at <= end))


def sides(
    topic: str, texts: Iterable[Text], versions: Mapping[str, datetime], within: Span
) -> tuple[Side, Side]:
    """Count both sides of a span; texts outside it are left out."""
    counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    seen: set[tuple[int, str, str]] = set()
    for text in texts:
        at = versions.get(text.version, text.written_at)
        if not within.since <= at < within.until:
            continue
        side = int(at >= within.release)
        if text.person:
            if (side, text.topic, text.person) in seen:
                continue
            seen.add((side, text.topic, text.person))
        counts[side][text.topic] += 1
    before, after = (_side(topic, counted) for counted in counts)
    return before, after


def _side(topic: str, counted: Counter[str]) -> Side:
    others = {name: count for name, count in counted.items() if name not in {"", topic}}
    return Side(counted[topic], float(counted.total()), others)


def users(
    active: Mapping[str, float], versions: Mapping[str, datetime], begin: datetime, end: datetime
) -> float:
    """Active users of the versions that came out from `begin` until `end`."""
    return sum(count for version, count in active.items() if begin <= versions[version] < end)


def untouched(topic: str, both: Sequence[Side], exclude: frozenset[str]) -> list[str]:
    """Names of the topics on either side that no release was to help."""
    names = {name for side in both for name in side.others}
    return sorted(names - exclude - {topic})
