"""Calls for help that came as feedback: put before the officers and told to whoever is on duty, once each.

The alert says that there is one and where to read it, and nothing of anybody.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from functions.domain.history import next_entry
from functions.domain.notices import OFFICE
from functions.storage import danger, messages, queues
from functions.storage.danger import DangerRow
from functions.storage.feedback import Labelled
from functions.storage.messages import MessageRow
from functions.storage.tables import StaleError, StoreFailureError
from schemas.catalogue.reading import offices
from schemas.feedback import Feedback

CURRENT_DAYS = 7
"""Older than that when it comes in, nobody is woken for it: stores export the reviews of years."""
CLOCK, ROLE = "clock", "clock"
RAISED, OVERDUE = "danger.raised", "danger.overdue"
log = logging.getLogger("khidmat")


def raise_alert(text: Labelled, now: datetime) -> DangerRow:
    """Puts the text before the officers and tells the one on duty. The same words again change nothing.

    Done before the text itself is stored, and again when it comes again: a crash in between loses none.
    """
    row = _raised(text, now)
    if row.state == "open":
        tell_duty(row, RAISED, now)
    return row


def _raised(text: Labelled, now: datetime) -> DangerRow:
    feedback_id, content = text.feedback.feedback_id, _words_digest(text.feedback)
    while True:
        before = danger.get(feedback_id)
        if before is not None and before.content == content:
            return before
        history = before.history if before else ()
        entry = next_entry(history, at=now, actor=CLOCK, role=ROLE, action="raise")
        row = DangerRow(
            feedback_id=feedback_id,
            app=text.feedback.app,
            content=content,
            state="open" if is_current(text.feedback, now) else "past",
            raised_at=now,
            raising=before.raising + 1 if before else 1,
            history=(*history, entry),
        )
        try:
            return danger.put(row, before)
        except StaleError:
            continue  # the same words by another way, or an officer just now: look again


def is_current(feedback: Feedback, now: datetime) -> bool:
    return (feedback.revised_at or feedback.written_at) >= now - timedelta(days=CURRENT_DAYS)


def tell_duty(row: DangerRow, event: str, now: datetime) -> None:
    """By the outbox, to the telephone or address that the province's own office has on duty."""
    recipient = OFFICE + intake_office()
    message = MessageRow(
        message=messages.key_of(f"{event}-{row.feedback_id}", row.raising, recipient),
        recipient=recipient,
        reference=row.feedback_id,
        event=event,
        sequence=row.raising,
        manner="open",
        state="waiting",
        at=now,
        next_at=now,
    )
    if not messages.add(message):
        return
    try:
        queues.ask_to_send_message(message.message)
    except StoreFailureError:
        log.warning("an alert waits for the schedule")


def intake_office() -> str:
    """The one office above all others: its room is staffed at any hour."""
    return next(each.id for each in offices().values() if each.rank == "province")


def _words_digest(feedback: Feedback) -> str:
    said = f"{feedback.title}\x00{feedback.text}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]
