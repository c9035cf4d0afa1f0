"""Supervision: what is overdue in one's jurisdiction, to read and to take away."""

from __future__ import annotations

from datetime import datetime

from functions import cursors, spreadsheet
from functions.complaints import row_shown
from functions.domain import inbox
from functions.domain.access import Caller, Permission
from functions.domain.inbox import Waiting
from functions.door import Answer, Door, Request
from functions.sheets import sheet_of
from schemas.complaints import OverduePage, OverdueQuery, OverdueRow

door = Door("functions.supervision", tag="Supervision")
COLUMNS = {
    "reference": "reference",
    "class": "complaint_class",
    "category": "category",
    "office": "office",
    "clock": "clock",
    "due_at": "due_at",
    "overdue_seconds": "overdue_seconds",
}
"""Of the file: a column's name -> the field it holds."""


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
    """Not yet answered, in the caller's office or below; `flagged_at` once the sweep came by."""
    rows, cursor = _rows(request)
    return Answer(OverduePage(as_of=request.now, items=rows, next=cursor))


@door.declare(
    "GET",
    "/v1/supervision/overdue.csv",
    Permission.SUPERVISION_READ,
    "The same list as a file for a spreadsheet",
    query=OverdueQuery,
    media_type=spreadsheet.MEDIA_TYPE,
    problems=(400, 401, 403, 503),
)
def overdue_sheet(request: Request) -> Answer:
    """The same filters and pages; a Link header leads to the next page. A text never acts as a formula."""
    rows, cursor = _rows(request)
    return sheet_of(request, "/v1/supervision/overdue.csv", COLUMNS, rows, cursor)


def _rows(request: Request) -> tuple[tuple[OverdueRow, ...], str | None]:
    """A page of the list, and the cursor of the next."""
    caller, query = request.signed_in, request.query
    bound_to = ("overdue", caller.subject, query.district or "")
    position = cursors.decode(query.cursor, *bound_to)
    rows, after = inbox.overdue(caller, query.district, request.now, position, query.limit)
    return tuple(_late(row, request.now, caller) for row in rows), cursors.encode(after, *bound_to)


def _late(late: Waiting, now: datetime, caller: Caller) -> OverdueRow:
    if late.clock is None or late.due_at is None:
        raise ValueError(late.case.reference)
    return OverdueRow(
        **dict(row_shown(late.case, caller)),
        clock=late.clock,
        due_at=late.due_at,
        # A sweep may be told to look ahead; what is not late yet is late by nothing.
        overdue_seconds=max(0, int((now - late.due_at).total_seconds())),
        level=late.case.progress.level,
        flagged_at=late.case.flagged_at(late.clock),
    )
