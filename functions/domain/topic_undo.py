"""Taking back what a product owner made of topics, with every other topic that it was about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.domain import topics
from functions.domain.access import Caller
from functions.domain.topic_decisions import Stored, decided, for_editing, is_undone, undoing, write
from functions.domain.topic_edits import joined
from functions.storage import topics as topic_store
from functions.storage.topic_changes import Change
from functions.storage.topics import Topic
from schemas.topic_edits import Undo
from schemas.topics import Decision, TopicRow

Moves = list[tuple[str, list[str]]]
"""Topics and the texts they have afterwards."""


def undo(
    caller: Caller, topic_id: str, wanted: Undo, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    """Takes back the last decision that holds; named by its number, so that twice is once.

    A merge gives the others back their texts; a split gives the texts back to where they came from.
    """
    topic = topics.stored(topic_id)
    if is_undone(topic, wanted.decision):
        return topics.show(topic_id)
    if not topic.edits.merged_into:
        topic = for_editing(topic_id, if_version)
    change, links = undoing(topic, caller, wanted, now)
    last = next(each for each in topic.decisions if each.number == wanted.decision)
    changes, moves = _with_others(topic, change, last, caller, now)
    write(changes, links)
    for moved_id, members in moves:
        topic_store.move_members(moved_id, members)
    topics.ask_to_regroup(topic.row.app)
    return topics.show(topic_id)


def _with_others(
    topic: Stored, change: Change, last: Decision, caller: Caller, now: datetime
) -> tuple[list[Change], Moves]:
    """The changes of every topic that the undoing is about, and the texts they have afterwards."""
    by = (caller, now)
    if last.action == "merge":
        named = topic_store.many(last.facts["merged"].split(","))
        parted = [each for each in named.values() if each.edits.merged_into == topic.row.topic_id]
        freed = [_freed(each, *by) for each in parted]
        return [change, *freed], [(topic.row.topic_id, _without(topic, parted))]
    if last.action == "merged":
        target = topics.stored(last.facts["into"])
        facts = {"parted": topic.row.topic_id}
        noted = decided(
            target, caller.subject, target.row.status, now, target.edits, action="unmerge", facts=facts
        )
        return [change, Change(target, noted)], [(target.row.topic_id, _without(target, [topic]))]
    if last.action == "split":
        return _joined_again(topic, change, last, *by)
    return [change], []


def _freed(other: Stored, caller: Caller, now: datetime) -> Change:
    edits = replace(other.edits, merged_into="")
    number = next((each.number for each in reversed(other.decisions) if each.action == "merged"), 0)
    facts = {"undoes": str(number), "undone": "merged"}
    decision = decided(other, caller.subject, other.row.status, now, edits, action="undo", facts=facts)
    return Change(other, decision, edits)


def _without(target: Stored, parted: Sequence[Stored]) -> list[str]:
    gone = {feedback_id for each in parted for feedback_id in topic_store.members(each)}
    return [feedback_id for feedback_id in topic_store.members(target) if feedback_id not in gone]


def _joined_again(
    topic: Stored, change: Change, last: Decision, caller: Caller, now: datetime
) -> tuple[list[Change], Moves]:
    """A split taken back, from either side: the new topic leads to the old one, as a merged one does."""
    is_new = "from" in last.facts
    other = topics.stored(last.facts["from"] if is_new else last.facts["into"])
    new, source = (topic, other) if is_new else (other, topic)
    if new.edits.merged_into:
        return [change], []
    edits = replace(new.edits, merged_into=source.row.topic_id, anchors=())
    members = [(source.row.topic_id, joined(source, [new]))]
    if is_new:
        return [Change(new, change.decision, edits)], members
    facts = {"into": source.row.topic_id}
    decision = decided(new, caller.subject, new.row.status, now, edits, action="merged", facts=facts)
    return [change, Change(new, decision, edits)], members
