"""The board of an app: every topic in a few words, worked out by night and true to the minute by day.

A night writes all that lists are filtered and sorted by, packed into a few items; a request reads one small
item, and the rest only when it is new. What was decided since is read live. So a list of 5,000 topics costs
one read, one batch for what changed, and one batch for the rows shown; to sort by any part costs no more.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.domain.disclosure import at_least_ten, shown
from functions.storage import board as store
from functions.storage import topics as topic_store
from functions.storage.board import Head
from functions.storage.feedback import Labelled
from functions.storage.tables import StaleError
from functions.storage.topics import Topic
from schemas.topics import FEWEST_PEOPLE, Quote, RankedTopic, TopicRow

MOST_TOPICS = 5_000
"""Of an app that no night has written yet, so many by rank are looked through."""
WEEKS_KEPT = 26
VERSIONS_KEPT = 12
SETTLED = timedelta(minutes=1)
"""A change is noted before it is written; after so long it is written, or never will be."""
BOARDS_KEPT = 8
WRITE_TRIES = 3
_kept: dict[str, tuple[str, Board]] = {}


@dataclass(frozen=True, slots=True)
class InVersion:
    """What was written of a version; `people` is None below 10, and so is `texts`."""

    version: str
    texts: int | None
    people: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the texts of a topic tell besides what it is ranked by. `weeks` are counts, oldest first."""

    newest: str = ""
    weeks: tuple[int, ...] = ()
    versions: tuple[InVersion, ...] = ()
    districts: tuple[str, ...] = ()


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Entry:
    """A topic as lists know it: nothing in it that may not be shown."""

    topic_id: str
    rank: int
    type: str
    area: str
    status: str
    names: tuple[str, ...]
    version: int = 1
    trend: str | None = None
    score: float | None = None
    people: int | None = None
    severity: float | None = None
    parts: Mapping[str, float] | None = None
    languages: tuple[str, ...] = ()
    release_id: str | None = None
    release_version: str | None = None
    verdict: str | None = None
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Board:
    """`people` counts each once over the topics that 10 or more wrote about; None where it is not known."""

    app: str
    entries: tuple[Entry, ...] = ()
    people: int | None = None
    as_of: datetime | None = None

    def entry(self, topic_id: str) -> Entry | None:
        return next((each for each in self.entries if each.topic_id == topic_id), None)


# --- by day


def of_app(app: str) -> Board:
    """The board as it is now."""
    head = store.head(app)
    whole = _generation(app, head)
    if not head.changed_ids:
        return whole
    live = topic_store.many(head.changed_ids)
    known = {each.topic_id: each for each in whole.entries}
    for topic_id in head.changed_ids:
        former, topic = known.pop(topic_id, None), live.get(topic_id)
        if topic is not None and topic.edits.is_listed:
            known[topic_id] = entry(topic, former.facts if former else None)
    return replace(whole, entries=_in_order(known.values()))


def rows(entries: Iterable[Entry]) -> list[TopicRow]:
    """The topics themselves, as they are now, in the order given; without those that have gone."""
    return rows_of(each.topic_id for each in entries)


def rows_of(topic_ids: Iterable[str]) -> list[TopicRow]:
    ids = list(topic_ids)
    live = topic_store.many(ids) if ids else {}
    return [shown(live[i].row) for i in ids if i in live and live[i].edits.is_listed]


def _generation(app: str, head: Head) -> Board:
    if app in _kept and _kept[app][0] == head.generation:
        return _kept[app][1]
    content = store.content(app, head) if head.generation else None
    if content is None:
        return _read_whole(app)
    board = _read(app, content)
    if len(_kept) >= BOARDS_KEPT:
        _kept.clear()
    _kept[app] = (head.generation, board)
    return board


def _read_whole(app: str) -> Board:
    """Before the first night, or while a generation is being replaced: from the topics themselves."""
    found: list[Topic[RankedTopic]] = []
    position: str | None = None
    while len(found) < MOST_TOPICS:
        rows, position = topic_store.ranked(app, after=position, limit=1_000)
        found += rows
        if position is None:
            break
    as_of = max((topic.row.as_of for topic in found), default=None)
    return Board(app, tuple(entry(topic, None) for topic in found), as_of=as_of)


# --- by night


def write(app: str, members: Mapping[str, Sequence[str]], rows: Mapping[str, Labelled], now: datetime) -> int:
    """Writes the board anew from what was just ranked; how many topics are on it.

    Looks again when another run wrote one meanwhile. StaleError after so many tries: theirs are as new.
    """
    for _ in range(WRITE_TRIES - 1):
        with suppress(StaleError):
            return _write(app, members, rows, now)
    return _write(app, members, rows, now)


def _write(
    app: str, members: Mapping[str, Sequence[str]], rows: Mapping[str, Labelled], now: datetime
) -> int:
    former = store.head(app)
    listed = {topic.row.topic_id: topic for topic in topic_store.all_of(app)}
    for topic_id in former.changed_ids:
        # From the table itself: the index may not have yet what was decided a moment ago.
        topic = topic_store.get(topic_id)
        if topic is not None:
            listed[topic_id] = topic
    found = [topic for topic in listed.values() if topic.edits.is_listed]
    as_of = max((topic.row.as_of for topic in found), default=now)
    texts = {t.row.topic_id: [rows[i] for i in members.get(t.row.topic_id, ()) if i in rows] for t in found}
    entries = _in_order(entry(t, facts(texts[t.row.topic_id], as_of)) for t in found)
    counted = [texts[each.topic_id] for each in entries if each.people is not None]
    people = len({_person(row) for topic in counted for row in topic})
    board = Board(app, entries, people if counted else None, as_of)
    store.publish(app, _written(board), former, former.before(now - SETTLED))
    return len(entries)


def entry(topic: Topic[RankedTopic], known: Facts | None) -> Entry:
    """The topic with what its texts told at night; of one that no night has seen, what its row says."""
    row = shown(topic.row)
    return Entry(
        topic_id=row.topic_id,
        rank=row.rank,
        type=row.type,
        area=row.area,
        status=row.status,
        names=tuple(row.name.values()),
        version=row.version,
        trend=row.trend,
        score=row.score,
        people=row.people,
        severity=row.severity,
        parts=row.parts or None,
        languages=row.languages,
        release_id=row.release_id,
        release_version=row.release_version,
        verdict=row.verdict,
        facts=_may_be_shown(known or _facts_of_row(row), row),
    )


def facts(texts: Sequence[Labelled], as_of: datetime) -> Facts:
    """Worked out from all texts of a topic."""
    if not texts:
        return NO_FACTS
    weeks = [0] * WEEKS_KEPT
    by_version: dict[str, list[Labelled]] = {}
    by_district: dict[str, set[str]] = {}
    for row in texts:
        ago = (as_of - row.feedback.written_at) // timedelta(weeks=1)
        if 0 <= ago < WEEKS_KEPT:
            weeks[WEEKS_KEPT - 1 - ago] += 1
        by_version.setdefault(row.feedback.version, []).append(row)
        by_district.setdefault(row.feedback.district, set()).add(_person(row))
    by_version.pop("", None)
    by_district.pop("", None)
    newest = sorted(by_version, key=lambda each: _last(by_version[each]), reverse=True)[:VERSIONS_KEPT]
    return Facts(
        newest=_last(texts),
        weeks=tuple(weeks),
        versions=tuple(_in_version(each, by_version[each]) for each in newest),
        districts=tuple(sorted(d for d, people in by_district.items() if len(people) >= FEWEST_PEOPLE)),
    )


def _in_version(version: str, texts: Sequence[Labelled]) -> InVersion:
    people = at_least_ten(len({_person(row) for row in texts}))
    return InVersion(version, len(texts) if people else None, people)


def _may_be_shown(known: Facts, row: TopicRow) -> Facts:
    """Of a topic of few people only when it was last written about, which its texts themselves say."""
    return Facts(newest=known.newest) if row.suppressed else known


def _facts_of_row(row: TopicRow) -> Facts:
    newest = max((_instant(quote) for quote in row.quotes), default="")
    versions = tuple(InVersion(version, None, None) for version in reversed(row.versions))
    return Facts(newest=newest, weeks=row.weeks, versions=versions)


def _instant(quote: Quote) -> str:
    return quote.written_at.astimezone(UTC).isoformat(timespec="seconds")


def _last(texts: Sequence[Labelled]) -> str:
    return max(row.feedback.written_at for row in texts).astimezone(UTC).isoformat(timespec="seconds")


def _person(row: Labelled) -> str:
    return row.feedback.person or row.feedback.feedback_id


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda each: (each.rank, each.topic_id)))


# --- how it is kept


def _written(board: Board) -> bytes:
    said = {
        "people": board.people,
        "as_of": board.as_of.isoformat() if board.as_of else None,
        "entries": [_without_blanks(each) for each in board.entries],
    }
    return zlib.compress(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def _without_blanks(of: Entry) -> dict[str, Any]:
    said = {name: value for name, value in asdict(of).items() if value not in (None, (), {})}
    told = of.facts
    versions = [(each.version, each.texts, each.people) for each in told.versions]
    said["facts"] = [told.newest, told.weeks, versions, told.districts]
    return said


def _read(app: str, content: bytes) -> Board:
    said = json.loads(zlib.decompress(content))
    as_of = datetime.fromisoformat(said["as_of"]) if said["as_of"] else None
    return Board(app, tuple(_entry_read(each) for each in said["entries"]), said["people"], as_of)


def _entry_read(said: dict[str, Any]) -> Entry:
    newest, weeks, versions, districts = said.pop("facts")
    told = Facts(newest, tuple(weeks), tuple(InVersion(*each) for each in versions), tuple(districts))
    names, languages = tuple(said.pop("names")), tuple(said.pop("languages", ()))
    return Entry(names=names, languages=languages, facts=told, **said)
