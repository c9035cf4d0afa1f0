"""Who is told of a change of a case. Fed by the table's stream.

A notice is keyed by the entry's own sequence number: records delivered twice or out of order change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.domain.access import Caller, Role
from functions.storage import notices
from functions.storage.notices import NoticeRow
from schemas.cases import Entry

TOLD = frozenset({"lodge", "accept", "contact", "report", "flag_overdue"})
"""Steps the citizen is told about, and officers' comments; what the citizen does is no news, a receipt is."""


def record_change(reference: str, owner: str, entries: Sequence[Entry]) -> int:
    """Writes the notice of each history entry that the citizen is told about; answers how many were new."""
    new = 0
    for entry in entries:
        if entry.action in TOLD or (entry.action == "comment" and entry.role != Role.CITIZEN):
            row = NoticeRow(at=entry.at, reference=reference, event=_event(entry))
            new += notices.add(owner, row, entry.sequence)
    return new


def _event(entry: Entry) -> str:
    facts = dict(entry.facts)
    detail = facts.get("outcome") or facts.get("clock")
    return f"{entry.action}.{detail}" if detail else entry.action


def mine(caller: Caller, before: str | None, limit: int) -> tuple[list[NoticeRow], str | None]:
    return notices.of_recipient(caller.subject, before=before, limit=limit)
