"""Topics, ranked by app; their members in items of their own, so that reading the board never reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite

from functions.storage.tables import Table, TableMeta, instant_key, named_failures, read_instant
from schemas.feedback import Status
from schemas.topics import Decision, RankedTopic, TopicBasis

MEMBERS_A_PART = 5_000
"""Ids in one item: 26 characters each, well under the 400 KB an item may have."""
DECISIONS_IN_ITEM = 50
"""More go to parts of their own: with reasons of 1,000 characters an item takes no 100 of them."""
DECISIONS_KEPT = 25
"""What stays in the item when older ones move."""
DECISION_PARTS_READ = 20
"""The newest 500 of what has moved: an answer may have 6 MB."""
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
    decision_parts = NumberAttribute(null=True)

    ranked = Ranked()


class MemberItem(Table):
    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    members = UnicodeAttribute()


class DecisionsPart(Table):
    """Older decisions upon a topic, in the same table under a key no reader can type."""

    noun = "topics"

    class Meta(TableMeta):
        pass

    topic_id = UnicodeAttribute(hash_key=True)
    decisions = UnicodeAttribute()


Row_co = TypeVar("Row_co", bound=TopicBasis, covariant=True)


@dataclass(frozen=True, slots=True)
class Topic(Generic[Row_co]):
    """A topic as its item has it, or as it may be shown: `decisions` are the latest, oldest first."""

    row: Row_co
    decisions: tuple[Decision, ...]
    member_parts: int
    decision_parts: int = 0


def get(topic_id: str) -> Topic[RankedTopic] | None:
    try:
        with named_failures():
            return _topic(TopicItem.get(topic_id, consistent_read=True))
    except DoesNotExist:
        return None


def ranked(app: str, *, after: str | None, limit: int) -> tuple[list[Topic[RankedTopic]], str | None]:
    """By rank, best first, and the position to go on from."""
    since = (Ranked.rank_key > after) if after else None
    with named_failures():
        rows = list(TopicItem.ranked.query(app, since, limit=limit + 1))
    position = rows[limit - 1].rank_key if len(rows) > limit else None
    return [_topic(row) for row in rows[:limit]], position


def all_of(app: str) -> Iterator[Topic[RankedTopic]]:
    with named_failures():
        for item in TopicItem.ranked.query(app):
            yield _topic(item)


def members(topic: Topic[TopicBasis]) -> list[str]:
    """Ids of the topic's feedback, newest first. A part that has just gone with its topic holds none."""
    ids: list[str] = []
    for number in range(topic.member_parts):
        try:
            with named_failures():
                part = MemberItem.get(_part_key(topic.row.topic_id, number), consistent_read=True)
        except DoesNotExist:
            continue
        ids.extend(part.members.split(","))
    return ids


def older_decisions(topic: Topic[TopicBasis]) -> tuple[Decision, ...]:
    """What was moved out of the item, oldest first; of very many parts the newest."""
    decisions: list[Decision] = []
    for number in range(max(0, topic.decision_parts - DECISION_PARTS_READ), topic.decision_parts):
        with named_failures():
            part = DecisionsPart.get(_decisions_key(topic.row.topic_id, number), consistent_read=True)
        decisions.extend(_read_decisions(part.decisions))
    return tuple(decisions)


def save_ranking(row: RankedTopic, member_ids: Sequence[str]) -> None:
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


def decide(topic: Topic[TopicBasis], decision: Decision, *, on_version: int) -> int:
    """Appends a decision, sets the status, answers the new version; StaleError if not `on_version`.

    When the item has many, the older ones move to a part of their own in the same transaction.
    """
    item = TopicItem(topic.row.topic_id)
    unchanged = TopicItem.version == on_version
    decisions = (*topic.decisions, decision)
    changes: list[Action] = [TopicItem.status.set(decision.status), TopicItem.version.set(on_version + 1)]
    if len(decisions) <= DECISIONS_IN_ITEM:
        with named_failures():
            item.update([*changes, TopicItem.decisions.set(_decisions_text(decisions))], condition=unchanged)
        return on_version + 1
    moved, kept = decisions[:-DECISIONS_KEPT], decisions[-DECISIONS_KEPT:]
    changes += [
        TopicItem.decisions.set(_decisions_text(kept)),
        TopicItem.decision_parts.set(topic.decision_parts + 1),
    ]
    part = DecisionsPart(_decisions_key(topic.row.topic_id, topic.decision_parts))
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.update(item, changes, condition=unchanged)
        transaction.update(part, [DecisionsPart.decisions.set(_decisions_text(moved))])
    return on_version + 1


def remove(topic: Topic[TopicBasis]) -> None:
    """Takes away a topic nobody writes about and nobody decided upon; StaleError if somebody just has.

    The topic goes first: one that stays, stays with its members.
    """
    with named_failures():
        TopicItem(topic.row.topic_id).delete(TopicItem.version == topic.row.version)
    for number in range(topic.member_parts):
        with named_failures():
            MemberItem(_part_key(topic.row.topic_id, number)).delete()


def _rank_key(rank: int, topic_id: str) -> str:
    return f"{rank:06d}#{topic_id}"


def _part_key(topic_id: str, number: int) -> str:
    return f"{topic_id}#members#{number:04d}"


def _decisions_key(topic_id: str, number: int) -> str:
    return f"{topic_id}#decisions#{number:04d}"


def _connection() -> Any:
    return TopicItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def _shown(row: RankedTopic) -> str:
    return row.model_dump_json(exclude={"topic_id", "app", "status", "version"})


def _decisions_text(decisions: Sequence[Decision]) -> str:
    rows = [{**decision.model_dump(), "at": instant_key(decision.at)} for decision in decisions]
    return json.dumps(rows, ensure_ascii=False)


def _read_decisions(text: str) -> tuple[Decision, ...]:
    return tuple(
        Decision(at=read_instant(d["at"]), by=d["by"], status=cast("Status", d["status"]), reason=d["reason"])
        for d in json.loads(text)
    )


def _topic(item: TopicItem) -> Topic[RankedTopic]:
    shown: dict[str, Any] = json.loads(item.shown)
    row = RankedTopic.model_validate(
        {
            **shown,
            "topic_id": item.topic_id,
            "app": item.app,
            "status": item.status,
            "version": int(item.version),
        }
    )
    decisions = _read_decisions(item.decisions or "[]")
    return Topic(row, decisions, int(item.member_parts), int(item.decision_parts or 0))
