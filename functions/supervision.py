"""Supervision: what is overdue in one's jurisdiction."""

from __future__ import annotations

from datetime import datetime

from functions import cursors
from functions.complaints import row_shown
from functions.domain import complaints
from functions.domain.access import Permission
from functions.domain.complaints import Late
from functions.door import Answer, Door, Request
from schemas.cases import Clock
from schemas.complaints import OverduePage, OverdueQuery, OverdueRow

door = Door("functions.supervision", tag="Supervision")


@door.declare(
    "GET",
    "/v1/supervision/overdue",
    Permission.SUPERVISION_READ,
    "Complaints past a deadline, longest overdue first",
    query=OverdueQuery,
    answers=OverduePage,
    problems=(400, 401, 403, 503),
)
def overdue(request: Request) -> Answer:
    """Flagged by the sweep, not yet answered, in the caller's office or below."""
    caller, query = request.signed_in, request.query
    bound_to = ("overdue", caller.subject, query.district or "")
    position = cursors.decode(query.cursor, *bound_to)
    rows, after = complaints.overdue(caller, query.district, position, query.limit)
    page = OverduePage(
        as_of=request.now,
        items=tuple(_late(row, request.now) for row in rows),
        next=cursors.encode(after, *bound_to),
    )
    return Answer(page)


def _late(late: Late, now: datetime) -> OverdueRow:
    row = late.summary
    clock: Clock = "first_contact" if late.due_at == row.first_contact_due else "final_report"
    # A sweep may be told to look ahead; what is not late yet is late by nothing.
    seconds = max(0, int((now - late.due_at).total_seconds()))
    return OverdueRow(**dict(row_shown(row)), clock=clock, due_at=late.due_at, overdue_seconds=seconds)
