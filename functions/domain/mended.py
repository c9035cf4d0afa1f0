"""What the writer of a text was told is mended, so that they can say whether it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.domain import topics
from functions.domain.access import Caller
from functions.domain.errors import NotFound
from functions.storage import feedback as feedback_store
from functions.storage import releases as release_store

FEEDBACK_ID = re.compile(r"[0-9a-f]{26}")


@dataclass(frozen=True, slots=True)
class Mended:
    """`version` is "" while nobody has said that it is mended; `names` of the matter, by language."""

    text: str
    version: str = ""
    names: tuple[tuple[str, str], ...] = ()
    done: tuple[tuple[str, str], ...] = ()


def told_of(caller: Caller, feedback_id: str) -> Mended:
    """NotFound for a text that is not the caller's own."""
    if not FEEDBACK_ID.fullmatch(feedback_id):
        raise NotFound
    if feedback_store.givers([feedback_id]).get(feedback_id) != caller.subject:
        raise NotFound
    (row,) = feedback_store.in_order([feedback_id]) or (None,)
    if row is None:
        raise NotFound
    said, told = topics.quote(row).text, release_store.told(feedback_id)
    if told is None:
        return Mended(said)
    topic = topics.standing_for(told.topic_id)
    done = topic.edits.done if topic.edits.release_id == told.release_id else ()
    return Mended(said, told.version, tuple(topic.row.name.items()), done)
