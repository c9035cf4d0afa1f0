"""The outbox of what is told outside the app: which messages a change of a case makes, and rules as data.

A row is written before anybody is asked to send it, so a crash loses nothing: what is not taken from the
queue is found in the index of what waits. How one is sent is in functions/domain/dispatch.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from functions.domain.notices import OFFICE, Change, Told, told
from functions.storage import messages
from functions.storage.messages import SHARDS, Manner, MessageRow
from schemas.cases import Entry

BACK_OFF_SECONDS = (60, 300, 1_800, 7_200, 43_200)
"""Waits after a round in which every way refused; after the last of them the message has failed."""
LEASE_SECONDS = 300
"""For so long nobody else takes up what somebody has: longer than any function that sends may run."""
LAPSES_AFTER_HOURS = 48
"""Older than that it says what the app has long shown."""
QUEUE_SECONDS = 60
"""For so long the queue has the first turn, before the schedule takes up what waits."""
LONGEST_SMS = {"en": 160, "ur": 280}
"""Letters: one text message in the GSM alphabet, four of 70 in UCS-2 (3GPP TS 23.038)."""


def record_change(change: Change, now: datetime) -> list[str]:
    """Writes the messages of a change that were not there yet; answers those that are to be sent.

    One a recipient, however many steps the change took: what was done at once is told at once.
    """
    chosen: dict[str, tuple[Told, Entry]] = {}
    for entry in change.entries:
        for each in told(change, entry):
            former = chosen.get(each.recipient)
            # The receipt goes before what the clock did in the same moment; else the last step says most.
            if former is None or former[1].action != "lodge":
                chosen[each.recipient] = (each, entry)
    rows = [_row(change, each, entry, now) for each, entry in chosen.values()]
    return [row.message for row in rows if messages.add(row) and row.state == "waiting"]


def _row(change: Change, each: Told, entry: Entry, now: datetime) -> MessageRow:
    manner = manner_of(change, each)
    return MessageRow(
        message=messages.key_of(change.reference, entry.sequence, each.recipient),
        recipient=each.recipient,
        reference=each.reference,
        event=each.event,
        sequence=entry.sequence,
        manner=manner,
        state="in_app_only" if manner == "in_app" else "waiting",
        at=entry.at,
        next_at=now,
    )


def manner_of(change: Change, each: Told) -> Manner:
    """A restricted case is not told of on a telephone that others may hold.

    Of one that complains of officers an office's telephone is told no reference: an accused may be on duty.
    """
    if each.is_restricted:
        return "in_app"
    return "discreet" if change.accused and each.recipient.startswith(OFFICE) else "open"


def waiting(now: datetime, *, has_time: Callable[[], bool]) -> Iterator[str]:
    """Messages that nobody has taken from the queue, or whose wait is over, shard by shard."""
    for shard in SHARDS:
        for message in messages.due_before(now - timedelta(seconds=QUEUE_SECONDS), shard):
            if not has_time():
                return
            yield message
