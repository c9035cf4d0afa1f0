"""What a product owner makes of topics by hand: merged, split, named, placed (topic_undo.py takes it back).

Every edit is a decision of its topic, on the version that was read. It is there at once; the figures follow
with the regrouping that it asks for, and no later night undoes it (functions/domain/constraints.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.domain import topics
from functions.domain.access import Caller
from functions.domain.errors import FieldFault, InvalidRequest
from functions.domain.topic_decisions import (
    Stored,
    decided,
    for_editing,
    is_undone,
    write,
)
from functions.storage import feedback as feedback_store
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from functions.storage.topic_changes import Change, Linking
from functions.storage.topic_edits import Edits
from functions.storage.topics import Topic
from schemas.topic_edits import Merge, NewOverride, Rename, Split
from schemas.topics import Decision, Override, RankedTopic, TopicRow


def merge(
    caller: Caller, topic_id: str, wanted: Merge, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    """The others become part of the topic: their ids lead to it, and their texts are its texts."""
    target = for_editing(topic_id, if_version)
    others = _others(target, wanted)
    if others:
        reason, ids = wanted.reason or "", [each.row.topic_id for each in others]
        facts = {"merged": ",".join(ids)}
        status = target.row.status
        taking = decided(
            target, caller.subject, status, now, target.edits, action="merge", reason=reason, facts=facts
        )
        changes = [
            Change(target, taking),
            *(_merging(each, topic_id, caller, reason, now) for each in others),
        ]
        write(changes)
        topic_store.move_members(topic_id, joined(target, others))
    topics.ask_to_regroup(target.row.app)
    return topics.show(topic_id)


def split(
    caller: Caller, topic_id: str, wanted: Split, now: datetime, if_version: int | None
) -> tuple[Topic[TopicRow], Topic[TopicRow]]:
    """(The topic, the new one). The texts named, and those like them, are the new topic's from now on."""
    chosen = tuple(sorted(set(wanted.feedback_ids)))
    new_id = _split_id(topic_id, chosen)
    made = topic_store.get(new_id)
    if made is not None and made.edits.anchors == chosen and not made.edits.merged_into:
        return topics.show(topic_id), topics.show(new_id)  # done before: the reply was lost
    source = for_editing(topic_id, if_version)
    held = topic_store.members(source)
    _require_part(chosen, held)
    away = [feedback_id for feedback_id in held if feedback_id in chosen]
    facts, reason = {"into": new_id}, wanted.reason or ""
    decision = decided(
        source,
        caller.subject,
        source.row.status,
        now,
        source.edits,
        action="split",
        reason=reason,
        facts=facts,
    )
    again, new = _made(made, source, away, chosen, wanted, caller, now)
    write((Change(source, decision), *again), new)
    topic_store.move_members(topic_id, [each for each in held if each not in chosen])
    topic_store.move_members(new_id, away)
    topics.ask_to_regroup(source.row.app)
    return topics.show(topic_id), topics.show(new_id)


def rename(
    caller: Caller, topic_id: str, wanted: Rename, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    topic = for_editing(topic_id, if_version)
    names = (("en", wanted.en), ("ur", wanted.ur))
    if topic.edits.names == names:
        return topics.may_be_shown(topic)
    edits = replace(topic.edits, names=names)
    decision = decided(
        topic, caller.subject, topic.row.status, now, edits,
        action="rename", reason=wanted.reason or "", facts={"en": wanted.en, "ur": wanted.ur},
    )  # fmt: skip
    write((Change(topic, decision, edits),))
    return topics.show(topic_id)


def override(
    caller: Caller, topic_id: str, wanted: NewOverride, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    """Puts the topic where its owner says, as a part of the score that all can see. It is learnt from."""
    topic = for_editing(topic_id, if_version)
    present = topic.edits.override
    if present and (present.place, present.points, present.reason) == (
        wanted.place, wanted.points, wanted.reason
    ):  # fmt: skip
        return topics.may_be_shown(topic)
    placed = Override(
        reason=wanted.reason, place=wanted.place, points=wanted.points, by=caller.subject, at=now
    )
    facts = {"place": str(wanted.place)} if wanted.place else {"points": f"{wanted.points:g}"}
    return _placed(topic, caller, placed, now, wanted.reason, facts)


def remove_override(caller: Caller, topic_id: str, now: datetime, if_version: int | None) -> Topic[TopicRow]:
    topic = for_editing(topic_id, if_version)
    if topic.edits.override is None:
        return topics.may_be_shown(topic)
    return _placed(topic, caller, None, now, "", {})


@dataclass(frozen=True, slots=True)
class OverrideLabel:
    """What an owner said of a rank, and the parts it was worked out from: an example to learn weights by."""

    topic_id: str
    at: datetime
    reason: str
    place: int | None
    points: float | None
    rank: int
    score: float
    parts: dict[str, float]


def override_labels(app: str) -> Iterator[OverrideLabel]:
    """Every override of an app's topics that was not taken back, oldest first by topic."""
    for topic in topic_store.all_of(app):
        for each in topic.decisions:
            if each.action == "override" and not is_undone(topic, each.number) and "label" in each.before:
                yield _label(topic, each)


def _label(topic: Topic[RankedTopic], decision: Decision) -> OverrideLabel:
    label, facts = decision.before["label"], decision.facts
    return OverrideLabel(
        topic_id=topic.row.topic_id,
        at=decision.at,
        reason=decision.reason,
        place=int(facts["place"]) if "place" in facts else None,
        points=float(facts["points"]) if "points" in facts else None,
        rank=label["rank"],
        score=label["score"],
        parts=label["parts"],
    )


# --- merging


def _others(target: Stored, wanted: Merge) -> list[Stored]:
    """The topics to merge that are not in the target yet; InvalidRequest names the first that cannot be."""
    others = []
    for at, topic_id in enumerate(dict.fromkeys(wanted.topic_ids)):
        if topic_id == target.row.topic_id:
            raise InvalidRequest(FieldFault(f"/topic_ids/{at}", "topic_itself"))
        other = topic_store.get(topic_id)
        if other is None or other.row.app != target.row.app:
            raise InvalidRequest(FieldFault(f"/topic_ids/{at}", "unknown_topic"))
        if other.edits.merged_into == target.row.topic_id:
            continue
        if other.edits.merged_into:
            raise InvalidRequest(FieldFault(f"/topic_ids/{at}", "topic_merged_elsewhere"))
        others.append(other)
    return others


def _merging(other: Stored, into: str, caller: Caller, reason: str, now: datetime) -> Change:
    edits = replace(other.edits, merged_into=into)
    decision = decided(
        other,
        caller.subject,
        other.row.status,
        now,
        edits,
        action="merged",
        reason=reason,
        facts={"into": into},
    )
    return Change(other, decision, edits)


def joined(target: Stored, others: Sequence[Stored]) -> list[str]:
    """The texts of all of them, those of the target first."""
    ids = [feedback_id for each in (target, *others) for feedback_id in topic_store.members(each)]
    return list(dict.fromkeys(ids))


# --- splitting


def _split_id(topic_id: str, chosen: Sequence[str]) -> str:
    own = hashlib.sha256("\x00".join((topic_id, "split", *chosen)).encode())
    return f"t-{own.hexdigest()[:16]}"


def _require_part(chosen: Sequence[str], held: Sequence[str]) -> None:
    missing = set(chosen) - set(held)
    if missing:
        raise InvalidRequest(FieldFault("/feedback_ids", "text_not_in_topic", {"text": min(missing)}))
    if len(chosen) == len(held):
        raise InvalidRequest(FieldFault("/feedback_ids", "nothing_left_to_split"))


def _made(
    made: Stored | None,
    source: Stored,
    away: Sequence[str],
    chosen: tuple[str, ...],
    wanted: Split,
    caller: Caller,
    now: datetime,
) -> tuple[tuple[Change, ...], tuple[Linking, ...]]:
    """The new topic, right behind the one it came from; or the former one, of a split that was undone."""
    topic_id, reason = _split_id(source.row.topic_id, chosen), wanted.reason or ""
    facts = {"from": source.row.topic_id}
    names = (("en", wanted.name.en), ("ur", wanted.name.ur))
    if made is not None:
        edits = replace(made.edits, merged_into="", anchors=chosen, names=names)
        decision = decided(
            made, caller.subject, made.row.status, now, edits, action="split", reason=reason, facts=facts
        )
        return (Change(made, decision, edits),), ()
    edits = Edits(names=names, split_from=source.row.topic_id, anchors=chosen)
    decision = Decision(
        at=now, by=caller.subject, status="new", reason=reason, action="split", facts=facts, number=1
    )
    row = _unranked(source.row, topic_id, away, dict(names))
    return (), (topic_changes.adding(row, away, edits, decision),)


def _unranked(source: RankedTopic, topic_id: str, ids: Sequence[str], name: dict[str, str]) -> RankedTopic:
    """A row without figures: they are worked out with all the others', a moment later."""
    first = [topics.quote(row) for row in feedback_store.in_order(ids[:3])]
    return source.model_copy(
        update={
            "topic_id": topic_id, "name": name, "score": 0.0, "parts": {}, "people": 0, "texts": len(ids),
            "weeks": (0,) * len(source.weeks), "trend": "new", "status": "new", "version": 1,
            "quotes": tuple(first), "languages": (), "versions": (),
        }
    )  # fmt: skip


# --- placing


def _placed(
    topic: Stored, caller: Caller, placed: Override | None, now: datetime, reason: str, facts: dict[str, str]
) -> Topic[TopicRow]:
    edits, row = replace(topic.edits, override=placed), topic.row
    seen: dict[str, Any] = {}
    if placed:
        parts = {name: points for name, points in row.parts.items() if name != "override"}
        seen["label"] = {"rank": row.rank, "score": round(sum(parts.values()), 2), "parts": parts}
    action = "override" if placed else "remove_override"
    decision = decided(
        topic, caller.subject, row.status, now, edits, action=action, reason=reason, facts=facts, seen=seen
    )
    write((Change(topic, decision, edits),))
    topics.ask_to_regroup(row.app)
    return topics.show(row.topic_id)
