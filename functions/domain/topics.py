"""Topics as they may be shown: lists by rank, one with its texts, and what was decided upon it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from functions.domain.disclosure import shown
from functions.domain.errors import FieldFault, InvalidRequest, NotFound
from functions.storage import feedback as store
from functions.storage import queues
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from functions.storage.tables import instant_key
from functions.storage.topics import Topic
from schemas.topics import AppShown, Decision, Quote, RankedTopic, TopicBasis, TopicRow

TOPIC_ID = re.compile(r"t-[0-9a-f]{16}")
MERGED_DEEP = 20
"""So long may a chain of merged topics be; it has no ring, for a merged topic takes none."""


def apps(own_app: str) -> list[AppShown]:
    """Apps with feedback, the force's own first."""
    known = [
        AppShown(app=app, topics_as_of=datetime.fromisoformat(as_of) if as_of else None)
        for app, as_of in store.apps()
    ]
    return sorted(known, key=lambda row: (row.app != own_app, row.app))


def ask_to_regroup(app: str) -> None:
    """Puts the app on the queue; InvalidRequest when there is no feedback of it."""
    if app not in {known for known, _ in store.apps()}:
        raise InvalidRequest(FieldFault("/app", "unknown_app"))
    queues.ask_to_regroup(app)


def ranked(app: str, after: str | None, limit: int) -> tuple[list[Topic[TopicRow]], str | None]:
    """Topics by rank as they may be shown, and the position to go on from; none that is hidden."""
    found, position = topic_store.ranked(app, after=after, limit=limit)
    return [may_be_shown(topic) for topic in found], position


def hidden(app: str, after: str | None, limit: int) -> tuple[list[Topic[TopicRow]], str | None]:
    """Topics that were merged into another or are none, so that it can be undone."""
    found, position = topic_store.hidden(app, after=after, limit=limit)
    return [may_be_shown(topic) for topic in found], position


def show(topic_id: str) -> Topic[TopicRow]:
    """The topic; one that was merged answers as the one it was merged into. NotFound when there is none."""
    return may_be_shown(standing_for(topic_id))


def stored(topic_id: str) -> Topic[RankedTopic]:
    """The very topic, figures and all: for the domain alone. What is no id does not reach the store."""
    topic = topic_store.get(topic_id) if TOPIC_ID.fullmatch(topic_id) else None
    if topic is None:
        raise NotFound
    return topic


def standing_for(topic_id: str) -> Topic[RankedTopic]:
    """The topic that has the texts of `topic_id` now, as it is stored."""
    topic = stored(topic_id)
    for _ in range(MERGED_DEEP):
        if not topic.edits.merged_into:
            break
        topic = stored(topic.edits.merged_into)
    return topic


def quotes(topic: Topic[TopicBasis], after: str | None, limit: int) -> tuple[list[Quote], str | None]:
    """The topic's texts, newest first; the position is instant and id of the last one shown."""
    ids = topic_store.members(topic)
    begin = _following(ids, after) if after else 0
    page = ids[begin : begin + limit]
    rows = store.in_order(page)
    more = begin + limit < len(ids)
    return [quote(row) for row in rows], _position(rows[-1]) if more and rows else None


def decisions(topic: Topic[TopicBasis]) -> tuple[Decision, ...]:
    """All that was decided upon a topic, oldest first; of more than 500 at least the last 500."""
    return (*topic_store.older_decisions(topic), *topic.decisions)


def quote(row: Labelled) -> Quote:
    feedback = row.feedback
    return Quote(
        feedback_id=feedback.feedback_id,
        text=" — ".join(part for part in (feedback.title, feedback.text) if part),
        language=row.labels.language,
        type=row.labels.type,
        rating=feedback.rating,
        version=feedback.version,
        source=feedback.source,
        written_at=feedback.written_at,
    )


def may_be_shown(topic: Topic[RankedTopic]) -> Topic[TopicRow]:
    return Topic(
        shown(topic.row),
        topic.decisions,
        topic.member_parts,
        topic.decision_parts,
        topic.edits,
    )


def _position(row: Labelled) -> str:
    return f"{instant_key(row.feedback.written_at)}#{row.feedback.feedback_id}"


def _following(ids: Sequence[str], position: str) -> int:
    """Index of the first text after `position`, also when the one that stood there has left the topic."""
    last = position.rpartition("#")[2]
    if last in ids:
        return ids.index(last) + 1
    return bisect_left(ids, True, key=lambda i: any(_position(row) < position for row in store.in_order([i])))
