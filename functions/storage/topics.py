"""Topics, ranked by app; their members in items of their own, so that reading the board never reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from functions.storage.tables import Table, TableMeta, instant_key, named_failures, read_instant
from functions.storage.topic_edits import (
    NO_EDITS,
    NO_STANDING,
    Edits,
    Standing,
    edits_text,
    read_edits,
    read_standing,
)
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
HIDDEN = "~"
"""Begins the key of topics that are merged or no topics, after all ranks: lists end before it."""
AFTER = " "
"""Sorts right behind the key it is put to, and before any other."""


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
    edits = UnicodeAttribute(null=True)
    standing = UnicodeAttribute(null=True)
    still_broken = NumberAttribute(null=True)
    """People who say of the release they were told of that it mended nothing; counted by the table."""

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
    edits: Edits = NO_EDITS
    standing: Standing = NO_STANDING


def get(topic_id: str) -> Topic[RankedTopic] | None:
    try:
        with named_failures():
            return _topic(TopicItem.get(topic_id, consistent_read=True))
    except DoesNotExist:
        return None


def many(topic_ids: Sequence[str]) -> dict[str, Topic[RankedTopic]]:
    """Those of the given that are there, by id."""
    with named_failures():
        found = TopicItem.batch_get(list(dict.fromkeys(topic_ids)), consistent_read=True)
        return {item.topic_id: _topic(item) for item in found}


def ranked(app: str, *, after: str | None, limit: int) -> tuple[list[Topic[RankedTopic]], str | None]:
    """By rank, best first, without those that are hidden, and the position to go on from."""
    since = Ranked.rank_key.between(after + AFTER, HIDDEN) if after else Ranked.rank_key < HIDDEN
    with named_failures():
        rows = list(TopicItem.ranked.query(app, since, limit=limit + 1))
    position = rows[limit - 1].rank_key if len(rows) > limit else None
    return [topic for row in rows[:limit] if (topic := _topic(row)).edits.is_listed], position


def hidden(app: str, *, after: str | None, limit: int) -> tuple[list[Topic[RankedTopic]], str | None]:
    """Topics that were merged into another or are none, and the position to go on from."""
    since = (Ranked.rank_key > after) if after else Ranked.rank_key.startswith(HIDDEN)
    with named_failures():
        rows = list(TopicItem.ranked.query(app, since, limit=limit + 1))
    position = rows[limit - 1].rank_key if len(rows) > limit else None
    return [_topic(row) for row in rows[:limit]], position


def all_of(app: str) -> Iterator[Topic[RankedTopic]]:
    """Every topic of an app, the hidden ones too."""
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
            part = DecisionsPart.get(decisions_key(topic.row.topic_id, number), consistent_read=True)
        decisions.extend(_read_decisions(part.decisions))
    return tuple(decisions)


def save_ranking(row: RankedTopic, member_ids: Sequence[str], *, edits: Edits | None = None) -> None:
    """Writes what the ranking found. Status, decisions and version belong to people and are left alone.

    With `edits`, those that the ranking went by: StaleError when somebody has edited the topic since.
    """
    save_members(row.topic_id, member_ids)
    known = _known_edits(edits) if edits is not None else None
    with named_failures():
        TopicItem(row.topic_id).update(
            [
                TopicItem.app.set(row.app),
                TopicItem.rank_key.set(rank_key(row.rank, row.topic_id, edits or NO_EDITS)),
                TopicItem.shown.set(shown_text(row)),
                TopicItem.member_parts.set(_parts_of(member_ids)),
                TopicItem.status.set(TopicItem.status | row.status),
                TopicItem.version.set(TopicItem.version | 1),
            ],
            condition=known,
        )


def save_members(topic_id: str, member_ids: Sequence[str]) -> int:
    """Writes a topic's texts, newest first; how many items they take."""
    parts = [member_ids[i : i + MEMBERS_A_PART] for i in range(0, len(member_ids), MEMBERS_A_PART)]
    for number, part in enumerate(parts):
        with named_failures():
            MemberItem(_part_key(topic_id, number), members=",".join(part)).save()
    return len(parts)


def move_members(topic_id: str, member_ids: Sequence[str]) -> None:
    """Gives a topic other texts at once, before a night has ranked it with them."""
    parts = save_members(topic_id, member_ids)
    with named_failures():
        TopicItem(topic_id).update([TopicItem.member_parts.set(parts)], condition=TopicItem.topic_id.exists())


def remove(topic: Topic[TopicBasis]) -> None:
    """Takes away a topic nobody writes about and nobody decided upon; StaleError if somebody just has.

    The topic goes first: one that stays, stays with its members.
    """
    with named_failures():
        TopicItem(topic.row.topic_id).delete(TopicItem.version == topic.row.version)
    for number in range(topic.member_parts):
        with named_failures():
            MemberItem(_part_key(topic.row.topic_id, number)).delete()


def rank_key(rank: int, topic_id: str, edits: Edits) -> str:
    return f"{rank:06d}#{topic_id}" if edits.is_listed else f"{HIDDEN}#{topic_id}"


def _known_edits(edits: Edits) -> Condition:
    text = edits_text(edits)
    return TopicItem.edits.does_not_exist() if text is None else TopicItem.edits == text


def _parts_of(member_ids: Sequence[str]) -> int:
    return -(-len(member_ids) // MEMBERS_A_PART)


def _part_key(topic_id: str, number: int) -> str:
    return f"{topic_id}#members#{number:04d}"


def decisions_key(topic_id: str, number: int) -> str:
    return f"{topic_id}#decisions#{number:04d}"


def connection() -> Any:
    """What a transaction over this and other tables goes through."""
    return TopicItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def shown_text(row: RankedTopic) -> str:
    return row.model_dump_json(exclude=OF_THE_ITEM)


OF_THE_ITEM = {
    "topic_id", "app", "status", "version", "release_id", "release_version", "done", "override", "renamed",
    "merged_into", "split_from", "verdict", "measured", "told", "still_broken",
}  # fmt: skip
"""Fields of a row that have attributes of their own, which a ranking does not write."""


def decisions_text(decisions: Sequence[Decision]) -> str:
    rows = [
        {**_without_blanks(decision), "at": instant_key(decision.at), "status": decision.status}
        for decision in decisions
    ]
    return json.dumps(rows, ensure_ascii=False)


def _without_blanks(decision: Decision) -> dict[str, Any]:
    said = decision.model_dump(exclude={"at", "status"})
    said["before"] = decision.before
    return {name: value for name, value in said.items() if value}


def _read_decisions(text: str) -> tuple[Decision, ...]:
    return tuple(
        Decision.model_construct(
            at=read_instant(said.pop("at")),
            by=said.pop("by"),
            status=cast("Status", said.pop("status")),
            **said,
        )
        for said in json.loads(text)
    )


def _topic(item: TopicItem) -> Topic[RankedTopic]:
    shown: dict[str, Any] = json.loads(item.shown)
    edits, standing = read_edits(item.edits), read_standing(item.standing)
    measured = standing.measured
    row = RankedTopic.model_validate(
        {
            **shown,
            "topic_id": item.topic_id,
            "app": item.app,
            "status": item.status,
            "version": int(item.version),
            "name": dict(edits.names) or shown["name"],
            "renamed": bool(edits.names),
            "override": edits.override,
            "release_id": edits.release_id or None,
            "release_version": edits.release_version or None,
            "done": dict(edits.done),
            "merged_into": edits.merged_into or None,
            "split_from": edits.split_from or None,
            "verdict": measured.verdict if measured else None,
            "measured": measured,
            "told": standing.told,
            "still_broken": int(item.still_broken or 0),
        }
    )
    decisions = _read_decisions(item.decisions or "[]")
    parts = int(item.member_parts), int(item.decision_parts or 0)
    return Topic(row, decisions, *parts, edits, standing)
