"""Deciding upon a topic, and taking a decision back: who, when, why, and how it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.domain import exporting, topic_life, topics
from functions.domain.access import Caller
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    PreconditionFailed,
    TopicMerged,
    UndoNotPossible,
)
from functions.domain.topic_life import WITH_RELEASE
from functions.settings import settings
from functions.storage import releases as release_store
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from functions.storage.releases import Release
from functions.storage.tables import StaleError
from functions.storage.topic_changes import Change, Linking
from functions.storage.topic_edits import Edits, former_values, with_former
from functions.storage.topics import Topic
from schemas.feedback import Status
from schemas.topic_edits import Undo
from schemas.topics import Decision, NewDecision, RankedTopic, TopicBasis, TopicRow

BY_ITSELF = frozenset({"release", "measurement", "citizens"})
"""Who decides where no officer does."""
TAKEN_BACK = frozenset({"undo", "unmerge"})
"""Actions that are no decision to undo: they are one that was."""
Stored = Topic[RankedTopic]


def decide(
    caller: Caller, topic_id: str, new: NewDecision, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    """Sets the status and keeps who decided, when and why. Into a release that is out, it ships at once.

    TransitionNotAllowed for a step the topic cannot take; InvalidRequest where its release is missing.
    """
    topic = for_editing(topic_id, if_version)
    topic_life.require(topic.row.status, new.status)
    release = _release_for(topic, new)
    edits = _edits_after(topic, new, release)
    decision = decided(topic, caller.subject, new.status, now, edits, reason=new.reason or "")
    also = _links(topic, edits, release)
    if settings().issues_url and exporting.is_accepting(topic.row.status, decision):
        also = (*also, exporting.issue_of(topic, decision, settings().base_url, now))
    written = write((Change(topic, decision, edits),), also)
    if release and release.state == "shipped" and new.status == "in_release":
        ship(topics.stored(topic_id), release, now)
    if edits.hidden != topic.edits.hidden:
        topics.ask_to_regroup(topic.row.app)
    return topics.show(topic_id) if written else topics.may_be_shown(topic)


def ship(topic: Stored, release: Release, now: datetime) -> bool:
    """The topic is out with its release; whether it was this call that said so. Idempotent."""
    if topic.row.status != "in_release" or topic.edits.release_id != release.release_id:
        return False
    decision = decided(
        topic, "release", "shipped", now, topic.edits, action="ship", facts={"version": release.version}
    )
    try:
        topic_changes.decide((Change(topic, decision, is_shipping=True),))
    except StaleError:
        return False  # somebody decided upon it just now: whoever ships the rest, or the night, looks again
    return True


def decide_by_itself(
    topic: Stored, by: str, status: Status, reason: str, now: datetime, facts: dict[str, str] | None = None
) -> bool:
    """What follows from figures or from citizens' answers; False where somebody was faster."""
    decision = decided(topic, by, status, now, topic.edits, reason=reason, facts=facts or {})
    try:
        topic_changes.decide((Change(topic, decision),))
    except StaleError:
        return False
    return True


def last_to_undo(topic: Topic[TopicBasis]) -> Decision | None:
    """The last decision that holds, where it can be taken back: what no product owner decided cannot."""
    undone = {each.facts.get("undoes") for each in topic.decisions if each.action in TAKEN_BACK}
    for each in reversed(topic.decisions):
        if each.action in TAKEN_BACK or str(each.number) in undone:
            continue
        return each if each.number and each.by not in BY_ITSELF else None
    return None


def undoing(topic: Stored, caller: Caller, undo: Undo, now: datetime) -> tuple[Change, tuple[Linking, ...]]:
    """The decision that puts back what the named one changed; UndoNotPossible where it is not the last."""
    last = last_to_undo(topic)
    if last is None or last.number != undo.decision:
        raise UndoNotPossible(last=str(last.number) if last else "-")
    former: Status = last.before.get("status", topic.row.status)
    edits = with_former(topic.edits, last.before.get("edits", {}))
    facts = {"undoes": str(last.number), "undone": last.action}
    decision = decided(
        topic, caller.subject, former, now, edits, action="undo", reason=undo.reason or "", facts=facts
    )
    release = release_store.get(edits.release_id) if edits.release_id else None
    return Change(topic, decision, edits), _links(topic, edits, release)


def is_undone(topic: Topic[TopicBasis], number: int) -> bool:
    return any(
        each.action in TAKEN_BACK and each.facts.get("undoes") == str(number) for each in topic.decisions
    )


# --- what every change of a topic by hand goes through


def for_editing(topic_id: str, if_version: int | None) -> Stored:
    """The topic, of the version that was read. TopicMerged names where its texts are now."""
    topic = topics.stored(topic_id)
    if topic.edits.merged_into:
        raise TopicMerged(into=topic.edits.merged_into)
    if if_version is not None and if_version != topic.row.version:
        raise PreconditionFailed(state=topic.row.status)
    return topic


def decided(
    topic: Topic[TopicBasis], by: str, status: Status, now: datetime, edits: Edits, **more: Any
) -> Decision:
    """The decision, numbered, with how the topic was before it."""
    before = {"status": topic.row.status, "edits": former_values(topic.edits, edits), **more.pop("seen", {})}
    return Decision(at=now, by=by, status=status, number=topic.row.version + 1, before=before, **more)


def write(changes: Sequence[Change], also: Sequence[Linking] = ()) -> bool:
    """All of the changes or none. ChangedMeanwhile when somebody else was faster."""
    try:
        topic_changes.decide(changes, also)
    except StaleError:
        present = topic_store.many([change.topic.row.topic_id for change in changes])
        if not all(_is_ours(change, present) for change in changes):
            first = present.get(changes[0].topic.row.topic_id)
            raise ChangedMeanwhile(state=first.row.status if first else "gone") from None
    return True


def _is_ours(change: Change, present: dict[str, Stored]) -> bool:
    """Whether the reply of a first try was lost, and the second met what that had written."""
    topic = present.get(change.topic.row.topic_id)
    return topic is not None and change.decision in topic.decisions


def _release_for(topic: Stored, new: NewDecision) -> Release | None:
    if new.status != "in_release":
        if new.release_id and new.release_id != topic.edits.release_id:
            raise InvalidRequest(FieldFault("/release_id", "release_not_wanted"))
        return None
    release_id = new.release_id or topic.edits.release_id
    if not release_id:
        raise InvalidRequest(FieldFault("/release_id", "release_needed"))
    release = release_store.get(release_id)
    if release is None or release.app != topic.row.app:
        raise InvalidRequest(FieldFault("/release_id", "unknown_release"))
    return release


def _edits_after(topic: Stored, new: NewDecision, release: Release | None) -> Edits:
    edits = replace(topic.edits, hidden=new.status == "not_a_topic")
    if new.done:
        edits = replace(edits, done=(("en", new.done.en), ("ur", new.done.ur)))
    if release:
        return replace(edits, release_id=release.release_id, release_version=release.version)
    if new.status not in WITH_RELEASE:
        return replace(edits, release_id="", release_version="")
    return edits


def _links(topic: Stored, edits: Edits, release: Release | None) -> tuple[Linking, ...]:
    """A topic that goes into a release, and one that leaves it before it was out.

    What has shipped with a release stays in its history, whatever becomes of it afterwards.
    """
    topic_id, former = topic.row.topic_id, topic.edits.release_id
    links: list[Linking] = []
    if former and former != edits.release_id and topic.row.status == "in_release":
        links.append(release_store.taking_out(former, topic_id))
    if release and edits.release_id and edits.release_id != former:
        links.append(release_store.putting_in(release, topic_id))
    return tuple(links)
