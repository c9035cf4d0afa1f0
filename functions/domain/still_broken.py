"""The answer of somebody who was told: still broken. Counted once a person, and it reopens the topic."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from functions.domain import feedback, topics
from functions.domain.access import Caller
from functions.domain.errors import NotFound, NothingToldYet
from functions.domain.feedback import Labeller, Masker
from functions.domain.reopening import enough, reopen
from functions.domain.topic_decisions import Stored
from functions.domain.topic_life import OUT
from functions.storage import feedback as feedback_store
from functions.storage import releases as release_store
from functions.storage import topic_changes
from functions.storage.keyring import keyring
from functions.storage.releases import Told
from functions.storage.tables import StaleError
from schemas.releases import StillBroken
from schemas.topics import NewFeedback

REOPEN_TRIES = 3
COUNT_TRIES = 20


@dataclass(frozen=True, slots=True)
class Noted:
    reopened: bool


def say(
    caller: Caller,
    feedback_id: str,
    said: StillBroken,
    now: datetime,
    label: Labeller,
    mask: Masker,
) -> Noted:
    """NotFound for a text that is not the caller's; NothingToldYet where nobody said that it is mended.

    Idempotent: the same person's second answer of the same release is not counted, its text is kept.
    """
    if feedback_store.givers([feedback_id]).get(feedback_id) != caller.subject:
        raise NotFound
    told = release_store.told(feedback_id)
    if told is None:
        raise NothingToldYet
    topic = topics.standing_for(told.topic_id)
    if said.text:
        _keep_text(caller, feedback_id, told, said, topic.row.app, now, label, mask)
    _count(caller, topic, told, now)
    return Noted(reopened=_reopened(told.topic_id, told, now))


def _keep_text(
    caller: Caller,
    feedback_id: str,
    told: Told,
    said: StillBroken,
    app: str,
    now: datetime,
    label: Labeller,
    mask: Masker,
) -> None:
    """What is still wrong is feedback like any other: labelled, grouped, counted for its version."""
    key = hashlib.sha256(f"{feedback_id}\x00{told.release_id}\x00{said.text}".encode()).hexdigest()
    new = NewFeedback(text=said.text, version=said.version or told.version)
    feedback.give(caller, new, app, f"still broken {key}", now, label, mask)


def _count(caller: Caller, topic: Stored, told: Told, now: datetime) -> None:
    who = keyring().digest("still broken", caller.subject)
    counting = topic_changes.counting_still_broken(topic.row.topic_id, told.release_id)
    for _ in range(COUNT_TRIES):
        try:
            release_store.note_answer(told, who, now, counting)
        except StaleError:
            # Counted before; or somebody answered at the same instant, and this one is still to be counted;
            # or the topic went on to another release, and nothing is left to reopen.
            if release_store.has_answered(told, who):
                return
        else:
            return


def _reopened(topic_id: str, told: Told, now: datetime) -> bool:
    for _ in range(REOPEN_TRIES):
        topic = topics.standing_for(topic_id)
        if topic.edits.release_id != told.release_id:
            return topic.row.status not in OUT
        if reopen(topic, told.version, now):
            return True
        if not enough(topic.row.still_broken or 0, topic.standing.told):
            return False
    return False
