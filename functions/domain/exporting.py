"""An issue elsewhere for every topic that is accepted: an entry of the outbox, written with the decision.

So a tracker that does not answer holds up nobody, and none is forgotten. What goes out is the topic's name,
what may be shown of its figures, and where to read on: no text of anybody, and no count of fewer than ten.
"""

from __future__ import annotations

from datetime import datetime

from feedback_ml.text import mask_personal
from functions.domain.disclosure import shown
from functions.storage import messages
from functions.storage.messages import EXPORT, MessageRow
from functions.storage.topic_changes import Linking
from functions.storage.topics import Topic
from schemas.feedback import Status
from schemas.topics import Decision, RankedTopic

EVENT = "topic.accepted"
RECIPIENT = f"{EXPORT}issues"
ACCEPTED: frozenset[Status] = frozenset({"accepted", "planned", "in_release"})
"""Work was agreed upon: whoever plans a topic at once has accepted it."""


def is_accepting(former: Status, decision: Decision) -> bool:
    return decision.status in ACCEPTED and former not in ACCEPTED and decision.action == "decide"


def issue_of(topic: Topic[RankedTopic], decision: Decision, base_url: str, now: datetime) -> Linking:
    """The entry that goes with the decision or not at all: one an acceptance."""
    row = shown(topic.row)
    words = {
        "delivery": f"{row.topic_id}.{decision.number}",
        "name_en": row.name["en"],
        "name_ur": row.name["ur"],
        "type": row.type,
        "area": row.area,
        # Written freely, and it leaves the house.
        "reason": mask_personal(decision.reason),
        "link": f"{base_url}/board/topics/{row.topic_id}",
        "rank": str(row.rank),
    }
    figures = {"people": row.people, "texts": row.texts, "severity": row.severity, "score": row.score}
    words |= {name: f"{figure:g}" for name, figure in figures.items() if figure is not None}
    return messages.adding(
        MessageRow(
            message=messages.key_of(row.topic_id, decision.number, RECIPIENT),
            recipient=RECIPIENT,
            reference=row.topic_id,
            event=EVENT,
            sequence=decision.number,
            manner="open",
            state="waiting",
            at=now,
            next_at=now,
            words=tuple(words.items()),
        )
    )
