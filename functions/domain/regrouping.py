"""Grouping and ranking an app's feedback anew, at night and on request, as product owners' edits want it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback_ml import priority
from feedback_ml import topics as grouping
from functions.domain import board, loop, topics
from functions.domain.constraints import Arranged, Known, Text, arrange, root_of
from functions.domain.placing import placed
from functions.storage import feedback as store
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from functions.storage.tables import StaleError
from functions.storage.topic_edits import Edits
from functions.storage.topics import VANISHED_RANK, Topic
from schemas.feedback import Area, leaves_the_loop
from schemas.topics import RankedTopic

NOT_UPGRADES = frozenset({"praise", "other"})
"""What asks for nothing to be done makes no topic."""
Rows = Mapping[str, Labelled]
log = logging.getLogger("khidmat")


class AppsNotRegroupedError(Exception):
    """So many apps could not be grouped and ranked; the others were."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the night before left: the topics with what people edited since, and each one's own texts."""

    topics: Mapping[str, Topic[RankedTopic]]
    members: Mapping[str, tuple[str, ...]]
    known: Mapping[str, Known]

    def edits_of(self, topic_id: str) -> Edits:
        return self.topics[topic_id].edits if topic_id in self.topics else Edits()


def regroup_all(now: datetime) -> dict[str, int]:
    """Number of topics by app. AppsNotRegroupedError, at the end, if some could not be."""
    counts: dict[str, int] = {}
    failed = 0
    for app, _ in store.apps():
        try:
            counts[app] = regroup(app, now)
        except Exception:
            log.exception("not regrouped", extra={"apps": 1})
            failed += 1
    if failed:
        raise AppsNotRegroupedError(failed)
    return counts


def regroup(app: str, now: datetime) -> int:
    """Groups and ranks an app's feedback anew; how many topics it has. Idempotent.

    Trends end at the newest text, not today: last year's export is judged as of last year. A ranking that
    took so long that a later reading was ranked before it is dropped. What releases did is measured on the
    same texts, and who wrote of what has shipped is told.
    """
    try:
        reading = store.begin_reading(app)
    except StaleError:
        return 0
    rows = {row.feedback.feedback_id: row for row in store.of_app(app)}
    if not rows:
        _retire(topic_store.all_of(app), rows)
        return 0
    as_of = min(now, max(row.feedback.written_at for row in rows.values()))
    items = [_item(i, row) for i, row in rows.items() if _asks_for_something(row)]
    groups = grouping.group(items)
    before = _before(app)
    arranged = arrange(
        app,
        groups,
        before.known,
        {i: Text(_text(row), row.labels.language, row.labels.type) for i, row in rows.items()},
    )
    ranking = _ranking(arranged, before, rows, as_of)
    try:
        store.claim_ranking(app, reading)
    except StaleError:
        return len(ranking)
    _save(app, ranking, arranged, before, rows, as_of)
    store.ranked_as_of(app, as_of.isoformat())
    members = {i: group.members for i, group in arranged.groups.items()}
    loop.follow(app, members, rows, as_of, now)
    board.write(app, members, rows, now)
    return len(ranking)


def _before(app: str) -> Before:
    found = {topic.row.topic_id: topic for topic in topic_store.all_of(app)}
    members = {topic_id: tuple(topic_store.members(topic)) for topic_id, topic in found.items()}
    whole = {i: Known(topic.row, topic.edits, members[i]) for i, topic in found.items()}
    lent: dict[str, set[str]] = {}
    for topic_id, topic in found.items():
        if topic.edits.merged_into:
            lent.setdefault(root_of(topic_id, whole), set()).update(members[topic_id])
    known = {
        i: Known(each.row, each.edits, tuple(m for m in each.members if m not in lent.get(i, ())))
        for i, each in whole.items()
    }
    return Before(found, members, known)


def _ranking(arranged: Arranged, before: Before, rows: Rows, as_of: datetime) -> list[priority.Ranked]:
    listed = [i for i in arranged.groups if before.edits_of(i).is_listed]
    evidence = [_evidence(i, arranged.groups[i], before.topics.get(i), rows) for i in listed]
    overrides = {i: placed_at for i in listed if (placed_at := before.edits_of(i).override)}
    return placed(priority.rank(evidence, as_of=as_of), overrides)


def _save(
    app: str,
    ranking: Sequence[priority.Ranked],
    arranged: Arranged,
    before: Before,
    rows: Rows,
    as_of: datetime,
) -> None:
    for place in ranking:
        group = arranged.groups[place.topic_id]
        _save_topic(_row(app, place, group, rows, as_of), _newest_first(group.members, rows), before)
    hidden = {i: group.members for i, group in arranged.groups.items() if not before.edits_of(i).is_listed}
    for topic_id, members in {**hidden, **arranged.own}.items():
        _save_topic(before.topics[topic_id].row, _newest_first(members, rows), before)
    vanished = [
        topic
        for topic_id, topic in before.topics.items()
        if topic_id not in arranged.groups and topic_id not in arranged.own and topic.edits.is_listed
    ]
    _retire(vanished, rows)


def _save_topic(row: RankedTopic, members: Sequence[str], before: Before) -> None:
    """Writes what is new of the topic: a night that finds nothing new costs no write."""
    present = before.topics.get(row.topic_id)
    if present and _is_same(row, present.row) and before.members[row.topic_id] == tuple(members):
        return
    try:
        topic_store.save_ranking(row, members, edits=before.edits_of(row.topic_id))
    except StaleError:
        # Edited while it was being ranked: the regrouping that every edit asks for knows more.
        log.info("a topic was edited meanwhile", extra={"topics": 1})


def _is_same(row: RankedTopic, present: RankedTopic) -> bool:
    return row.model_dump(exclude=PEOPLES) == present.model_dump(exclude=PEOPLES) and (
        present.renamed or row.name == present.name
    )


PEOPLES = {"status", "version", "name", *topic_store.OF_THE_ITEM}
"""What a ranking does not write."""


def _asks_for_something(row: Labelled) -> bool:
    """Nor is a text of somebody in danger a wish for the app: officers have it."""
    return row.labels.type not in NOT_UPGRADES and not leaves_the_loop(row.labels)


def _item(feedback_id: str, row: Labelled) -> grouping.GroupItem:
    area = row.labels.area
    return grouping.GroupItem(
        feedback_id=feedback_id,
        text=_text(row),
        type=row.labels.type,
        language=row.labels.language,
        area="" if area == "none" else area,
    )


def _text(row: Labelled) -> str:
    return " ".join(part for part in (row.feedback.title, row.feedback.text) if part)


def _evidence(
    topic_id: str, group: grouping.Group, present: Topic[RankedTopic] | None, rows: Rows
) -> priority.Evidence:
    return priority.Evidence(
        topic_id=topic_id,
        type=group.type,
        rows=tuple(_evidence_row(rows[i]) for i in group.members),
        area=_area(group.members, rows),
        regressed=present is not None and present.row.status == "regressed",
    )


def _evidence_row(row: Labelled) -> priority.Row:
    feedback = row.feedback
    return priority.Row(
        person=feedback.person or feedback.feedback_id,
        written_at=feedback.written_at,
        severity=row.labels.severity,
        rating=feedback.rating,
        language=row.labels.language,
        version=feedback.version,
        district=feedback.district,
        overseas=feedback.overseas,
        channel=feedback.source,
    )


def _area(member_ids: Iterable[str], rows: Rows) -> Area:
    """What most of the texts are about that say it; "none" where none does."""
    said = Counter(rows[i].labels.area for i in member_ids)
    del said["none"]
    return min(said, key=lambda area: (-said[area], area)) if said else "none"


def _row(app: str, place: priority.Ranked, group: grouping.Group, rows: Rows, as_of: datetime) -> RankedTopic:
    return RankedTopic(
        topic_id=place.topic_id,
        app=app,
        type=group.type,
        name={"en": group.name_en, "ur": group.name_ur},
        rank=place.rank,
        score=place.score,
        parts=dict(place.parts),
        people=place.people,
        texts=len(group.members),
        weeks=place.weeks,
        severity=place.severity,
        languages=place.languages,
        versions=place.versions,
        trend=place.state,
        place=place.place,
        tied=place.tied,
        low_rank=place.low_rank,
        high_rank=place.high_rank,
        margin=place.margin,
        hit_harder=place.hit_harder,
        area=_area(group.members, rows),
        status="new",
        version=1,
        as_of=as_of,
        quotes=tuple(topics.quote(rows[i]) for i in group.quotes),
        terms=group.terms,
    )


def _newest_first(member_ids: Iterable[str], rows: Rows) -> list[str]:
    return sorted(member_ids, key=lambda i: (rows[i].feedback.written_at, i), reverse=True)


def _retire(vanished: Iterable[Topic[RankedTopic]], rows: Rows) -> None:
    """What was decided upon stays, behind all others; of its quotes those whose texts are still kept."""
    for topic in vanished:
        if topic.decisions:
            kept = tuple(one for one in topic.row.quotes if one.feedback_id in rows)
            row = topic.row.model_copy(update={"rank": VANISHED_RANK, "trend": "fading", "quotes": kept})
            if row != topic.row:
                topic_store.save_ranking(row, topic_store.members(topic))
            continue
        try:
            topic_store.remove(topic)
        except StaleError:
            continue  # somebody decided upon it just now: the next night keeps it
