"""The `rank` command: JSON lines of texts that carry a topic, in; ranked topics with every part, out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from feedback_ml.priority import Evidence, Ranked, Row, rank
from feedback_ml.sources.rows import Refused, UnfitRowError, instant
from schemas.feedback import Area, FeedbackType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

TYPES, AREAS = get_args(FeedbackType), get_args(Area)
_LEAST, _MOST = 1, 5
_NAME_WIDTH = 40


@dataclass(slots=True)
class Told:
    """What the lines say of one topic; `shown` is its id as it stood, a number if it was one."""

    shown: str | int
    rows: list[Row] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    areas: Counter[str] = field(default_factory=Counter)
    effort_days: float | None = None

    def evidence(self, topic_id: str) -> Evidence:
        return Evidence(
            topic_id,
            _commonest(self.types) or "bug",
            tuple(self.rows),
            area=_commonest(self.areas) or "none",
            effort_days=self.effort_days,
        )


@dataclass(slots=True)
class Reading:
    """A file read: topics by id, what was refused and why, and how many lines name no topic."""

    topics: dict[str, Told] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    without_topic: int = 0

    @property
    def newest(self) -> datetime | None:
        return max((row.written_at for told in self.topics.values() for row in told.rows), default=None)


def read(path: Path) -> Reading:
    """Read JSON lines with `topic`, `severity` (1..5), `date`; `rating` and `person` may be null or missing.

    Also read where they are there: topic_name, type, area, language (or lang), version, district, overseas,
    channel, effort_days (the last line that gives it counts). Other fields are passed over. A line with an
    empty or null topic fits nowhere and is counted apart. OSError when the file cannot be opened.
    """
    found = Reading()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                _add(found, _object(line))
            except UnfitRowError as error:
                found.refused.append(Refused(path.name, number, str(error)))
    return found


def ranked(found: Reading, *, as_of: datetime | None, weights: Mapping[str, float] | None) -> list[Ranked]:
    """Rank what was read, as of the newest text unless told otherwise."""
    instant_of_ranking = as_of or found.newest
    if instant_of_ranking is None:
        return []
    evidence = [told.evidence(topic_id) for topic_id, told in found.topics.items()]
    return rank(evidence, as_of=instant_of_ranking, weights=weights)


def json_lines(places: list[Ranked], found: Reading) -> Iterator[str]:
    """One JSON object for each topic, best first."""
    for place in places:
        told = found.topics[place.topic_id]
        line = {
            "rank": place.rank,
            "place": place.place,
            "tied": place.tied,
            "low_rank": place.low_rank,
            "high_rank": place.high_rank,
            "topic": told.shown,
            "topic_name": _commonest(told.names),
            "score": place.score,
            "margin": place.margin,
            "parts": dict(place.parts),
            "people": place.people,
            "texts": place.texts,
            "severity": place.severity,
            "state": place.state,
            "weeks": place.weeks,
            "languages": place.languages,
            "versions": place.versions,
            "hit_harder": place.hit_harder,
        }
        yield json.dumps(line, ensure_ascii=False)


def table(places: list[Ranked], found: Reading) -> Iterator[str]:
    """The same for people: a line for each topic, topics of one place with one number."""
    if not places:
        return
    parts = list(places[0].parts)
    head = "".join(f"{part[:8]:>9}" for part in parts)
    yield (
        f"{'place':>6}  {'rank':>11}  {'score':>12}  {'people':>7}  {'texts':>7}  {'state':<10}{head}  topic"
    )
    for one in places:
        told = found.topics[one.topic_id]
        name = (_commonest(told.names) or str(told.shown))[:_NAME_WIDTH]
        points = "".join(f"{one.parts[part]:>9.2f}" for part in parts)
        yield (
            f"{'=' * one.tied + str(one.place):>6}  "
            f"{one.low_rank:>5}-{one.high_rank:<5}  {one.score:>6.2f}±{one.margin:<5.2f}  {one.people:>7,}  "
            f"{one.texts:>7,}  {one.state:<10}{points}  {name}"
        )


def _object(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnfitRowError("not UTF-8; save the file as UTF-8") from None
    except (ValueError, RecursionError):
        raise UnfitRowError("not JSON; write one object on each line") from None
    if not isinstance(told, dict):
        raise UnfitRowError('not an object; write {"topic": ..., "severity": ..., "date": ...}')
    return told


def _add(found: Reading, line: dict[str, Any]) -> None:
    shown = line.get("topic")
    if "topic" in line and shown in (None, ""):
        found.without_topic += 1
        return
    if isinstance(shown, bool) or not isinstance(shown, str | int):
        raise UnfitRowError("field 'topic': missing; give the topic's id, as text or a number")
    row, effort = _row(line), _number(line, "effort_days", 0, None)
    kind, area = _one_of(line, "type", TYPES), _one_of(line, "area", AREAS)
    name = _text(line, "topic_name")
    told = found.topics.setdefault(str(shown), Told(shown))
    told.rows.append(row)
    told.effort_days = told.effort_days if effort is None else effort
    for counts, value in ((told.names, name), (told.types, kind), (told.areas, area)):
        if value:
            counts[value] += 1


def _row(line: Mapping[str, Any]) -> Row:
    severity = _number(line, "severity", _LEAST, _MOST)
    if severity is None:
        raise UnfitRowError("field 'severity': missing; give a number from 1 to 5")
    return Row(
        person=_text(line, "person"),
        written_at=_date(line),
        severity=severity,
        rating=_number(line, "rating", _LEAST, _MOST),
        language=_text(line, "language") or _text(line, "lang"),
        version=_text(line, "version"),
        district=_text(line, "district"),
        overseas=_truth(line, "overseas"),
        channel=_text(line, "channel"),
    )


def _date(line: Mapping[str, Any]) -> datetime:
    written = line.get("date")
    if not isinstance(written, str) or not written.strip():
        raise UnfitRowError("field 'date': missing; write it as 2026-01-31 or 2026-01-31T09:30:00+05:00")
    try:
        return instant("date", written)
    except UnfitRowError as error:
        raise UnfitRowError(str(error).replace("column", "field", 1)) from None


def _number(line: Mapping[str, Any], name: str, least: float, most: float | None) -> float | None:
    value = line.get(name)
    if value is None:
        return None
    wanted = f"a number from {least} to {most}" if most is not None else f"a number of {least} or more"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitRowError(f"field {name!r}: {_shown(value)} is not a number; give {wanted}, or null")
    if not least <= value <= (float(10**6) if most is None else most):
        raise UnfitRowError(f"field {name!r}: {_shown(value)} is out of range; give {wanted}")
    return value


def _text(line: Mapping[str, Any], name: str) -> str:
    value = line.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnfitRowError(f"field {name!r}: {_shown(value)} is not text; write text, or leave it out")
    return str(value).strip()


def _truth(line: Mapping[str, Any], name: str) -> bool:
    value = line.get(name)
    if value is not None and not isinstance(value, bool):
        raise UnfitRowError(f"field {name!r}: {_shown(value)} is neither true nor false; write one of them")
    return bool(value)


def _one_of(line: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = _text(line, name)
    if value and value not in known:
        raise UnfitRowError(f"field {name!r}: {_shown(value)} is none of {', '.join(known)}")
    return value


def _shown(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 40 else told[:37] + "..."


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda value: (-counts[value], value), default="")
