"""Topics, ranked by app; their members in items of their own, so that reading the board never reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from functions.storage.tables import Table, TableMeta, instant_key, named_failures, read_instant
from schemas.feedback import Status
from schemas.topics import Decision, TopicRow

MEMBERS_A_PART = 5_000
"""Ids in one item: 26 characters each, well under the 400 KB an item may have."""
VANISHED_RANK = 900_000
"""Where a topic stands that was decided upon but that nobody writes about any more."""


class Ranked(GlobalSecondaryIndex["TopicItem"]):
    class Meta:
        index_name = "ranked"
        projection = AllProjection()

    app = UnicodeAttribute(hash_key=True)
    rank_key = UnicodeAttribute(range_key=True)


class TopicItem(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    app = UnicodeAttribute()
    rank_key = UnicodeAttribute()
    shown = UnicodeAttribute()
    """All that the ranking works out, as one JSON string."""
    status = UnicodeAttribute()
    decisions = UnicodeAttribute(null=True)
    version = NumberAttribute()
    member_parts = NumberAttribute(default=0)

    ranked = Ranked()


class MemberItem(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    members = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Topic:
    row: TopicRow
    decisions: tuple[Decision, ...]
    member_parts: int


def get(topic_id: str) -> Topic | None:
    try:
        with named_failures():
            return _topic(TopicItem.get(topic_id, consistent_read=True))
    except DoesNotExist:
        return None


def ranked(app: str, *, after: str | None, limit: int) -> tuple[list[Topic], str | None]:
    """By rank, best first, and the position to go on from."""
    since = (Ranked.rank_key > after) if after else None
    with named_failures():
        rows = list(TopicItem.ranked.query(app, since, limit=limit + 1))
    position = rows[limit - 1].rank_key if len(rows) > limit else None
    return [_topic(row) for row in rows[:limit]], position


def all_of(app: str) -> Iterator[Topic]:
    with named_failures():
        for item in TopicItem.ranked.query(app):
            yield _topic(item)


def members(topic: Topic) -> list[str]:
    """Ids of the topic's feedback, newest first."""
    ids: list[str] = []
    for number in range(topic.member_parts):
        with named_failures():
            part = MemberItem.get(_part_key(topic.row.topic_id, number), consistent_read=True)
        ids.extend(part.members.split(","))
    return ids


def save_ranking(row: TopicRow, member_ids: Sequence[str]) -> None:
    """Writes what the ranking found. Status, decisions and version belong to people and are left alone."""
    parts = [member_ids[i : i + MEMBERS_A_PART] for i in range(0, len(member_ids), MEMBERS_A_PART)]
    for number, part in enumerate(parts):
        with named_failures():
            MemberItem(_part_key(row.topic_id, number), members=",".join(part)).save()
    with named_failures():
        TopicItem(row.topic_id).update(
            [
                TopicItem.app.set(row.app),
                TopicItem.rank_key.set(_rank_key(row.rank, row.topic_id)),
                TopicItem.shown.set(_shown(row)),
                TopicItem.member_parts.set(len(parts)),
                TopicItem.status.set(TopicItem.status | row.status),
                TopicItem.version.set(TopicItem.version | 1),
            ]
        )


def decide(topic: Topic, decision: Decision, *, on_version: int) -> int:
    """Appends a decision, sets the status, answers the new version; StaleError if not `on_version`."""
    decisions = (*topic.decisions, decision)
    with named_failures():
        TopicItem(topic.row.topic_id).update(
            [
                TopicItem.status.set(decision.status),
                TopicItem.decisions.set(_decisions_text(decisions)),
                TopicItem.version.set(on_version + 1),
            ],
            condition=TopicItem.version == on_version,
        )
    return on_version + 1


def remove(topic: Topic) -> None:
    """Takes away a topic nobody writes about and nobody decided upon; StaleError if somebody just has."""
    for number in range(topic.member_parts):
        with named_failures():
            MemberItem(_part_key(topic.row.topic_id, number)).delete()
    with named_failures():
        TopicItem(topic.row.topic_id).delete(TopicItem.version == topic.row.version)


def _rank_key(rank: int, topic_id: str) -> str:
    return f"{rank:06d}#{topic_id}"


def _part_key(topic_id: str, number: int) -> str:
    return f"{topic_id}#members#{number:04d}"


def _shown(row: TopicRow) -> str:
    return row.model_dump_json(exclude={"topic_id", "app", "status", "version"})


def _decisions_text(decisions: Sequence[Decision]) -> str:
    rows = [{**decision.model_dump(), "at": instant_key(decision.at)} for decision in decisions]
    return json.dumps(rows, ensure_ascii=False)


def _topic(item: TopicItem) -> Topic:
    shown: dict[str, Any] = json.loads(item.shown)
    row = TopicRow.model_validate(
        {
            **shown,
            "topic_id": item.topic_id,
            "app": item.app,
            "status": item.status,
            "version": int(item.version),
        }
    )
    decisions = tuple(
        Decision(at=read_instant(d["at"]), by=d["by"], status=cast("Status", d["status"]), reason=d["reason"])
        for d in json.loads(item.decisions or "[]")
    )
    return Topic(row, decisions, int(item.member_parts))
