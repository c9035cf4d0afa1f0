"""Changes of topics by hand and by the loop: decisions on the version that was read, and what goes along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.storage import board
from functions.storage.tables import Table, named_failures
from functions.storage.topic_edits import Edits, Standing, edits_text, standing_text
from functions.storage.topics import (
    DECISIONS_IN_ITEM,
    DECISIONS_KEPT,
    DecisionsPart,
    Topic,
    TopicItem,
    connection,
    decisions_key,
    decisions_text,
    rank_key,
    save_members,
    shown_text,
)
from schemas.topics import Decision, RankedTopic, TopicBasis


@dataclass(frozen=True, slots=True)
class Change:
    """A decision upon a topic as it was read, with what it leaves of the edits (None: as they were)."""

    topic: Topic[TopicBasis]
    decision: Decision
    edits: Edits | None = None
    is_shipping: bool = False
    """Begins anew whom to tell and who says that it is still broken."""


Linking = tuple[Table, list[Action] | None, Condition]
"""The change of another item that goes with a decision or not at all; without actions the item is put."""


def adding(row: RankedTopic, member_ids: Sequence[str], edits: Edits, decision: Decision) -> Linking:
    """A topic that a product owner makes. Its texts are written now: without the topic nobody sees them."""
    actions: list[Action] = [
        TopicItem.app.set(row.app),
        TopicItem.rank_key.set(rank_key(row.rank, row.topic_id, edits)),
        TopicItem.shown.set(shown_text(row)),
        TopicItem.status.set(row.status),
        TopicItem.version.set(row.version),
        TopicItem.member_parts.set(save_members(row.topic_id, member_ids)),
        TopicItem.decisions.set(decisions_text((decision,))),
        TopicItem.edits.set(edits_text(edits) or ""),
    ]
    return TopicItem(row.topic_id), actions, TopicItem.topic_id.does_not_exist()


def decide(changes: Sequence[Change], also: Sequence[Linking] = ()) -> None:
    """All of the decisions or none of them, each on the version that was read; StaleError for none.

    When an item has many decisions, the older ones move to a part of their own in the same transaction.
    """
    writes = [*(write for change in changes for write in _writes(change)), *also]
    _note_on_board(changes, also)
    item, actions, condition = writes[0]
    if len(writes) == 1 and actions is not None:
        with named_failures():
            item.update(actions, condition=condition)
        return
    with named_failures(), TransactWrite(connection=connection()) as transaction:
        for item, actions, condition in writes:
            if actions is None:
                transaction.save(item, condition=condition)
            else:
                transaction.update(item, actions, condition=condition)


def _note_on_board(changes: Sequence[Change], also: Sequence[Linking]) -> None:
    """First: a note without a change costs one reading, a change without a note would not be seen by day."""
    made = [item.topic_id for item, _, _ in also if isinstance(item, TopicItem)]
    ids = [*(change.topic.row.topic_id for change in changes), *made]
    board.note(changes[0].topic.row.app, ids, changes[0].decision.at)


def _writes(change: Change) -> list[tuple[Any, list[Action] | None, Condition | None]]:
    topic, decision = change.topic, change.decision
    topic_id, on_version = topic.row.topic_id, topic.row.version
    unchanged = TopicItem.version == on_version
    decisions = (*topic.decisions, decision)
    actions: list[Action] = [TopicItem.status.set(decision.status), TopicItem.version.set(on_version + 1)]
    if change.edits is not None:
        actions += _editing(topic, change.edits)
    if change.is_shipping:
        fresh = replace(topic.standing, told_release="", told=0, measured=None)
        actions += [TopicItem.still_broken.set(0), TopicItem.standing.set(standing_text(fresh))]
    if len(decisions) <= DECISIONS_IN_ITEM:
        actions.append(TopicItem.decisions.set(decisions_text(decisions)))
        return [(TopicItem(topic_id), actions, unchanged)]
    moved, kept = decisions[:-DECISIONS_KEPT], decisions[-DECISIONS_KEPT:]
    actions += [
        TopicItem.decisions.set(decisions_text(kept)),
        TopicItem.decision_parts.set(topic.decision_parts + 1),
    ]
    part = DecisionsPart(decisions_key(topic_id, topic.decision_parts))
    moving: list[Action] = [DecisionsPart.decisions.set(decisions_text(moved))]
    return [(TopicItem(topic_id), actions, unchanged), (part, moving, None)]


def _editing(topic: Topic[TopicBasis], edits: Edits) -> list[Action]:
    text, row = edits_text(edits), topic.row
    return [
        TopicItem.edits.remove() if text is None else TopicItem.edits.set(text),
        TopicItem.rank_key.set(rank_key(row.rank, row.topic_id, edits)),
    ]


def save_standing(topic: Topic[TopicBasis], standing: Standing) -> None:
    """What the loop found; StaleError for a topic that has gone."""
    with named_failures():
        TopicItem(topic.row.topic_id).update(
            [TopicItem.standing.set(standing_text(standing))], condition=TopicItem.topic_id.exists()
        )


def counting_still_broken(topic_id: str, release_id: str) -> Linking:
    """One more person who says so, of the release that the topic shipped with."""
    actions: list[Action] = [TopicItem.still_broken.add(1)]
    return TopicItem(topic_id), actions, TopicItem.edits.contains(f'"{release_id}"')
