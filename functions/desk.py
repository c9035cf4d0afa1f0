"""The desk: what lies open with an office, whom it could go to, and what a centre calls back about."""

from __future__ import annotations

from datetime import datetime

from functions import cursors, spreadsheet
from functions.complaints import reference_of, row_shown
from functions.domain import call_backs, complaints, inbox, marking
from functions.domain.access import Caller, Permission
from functions.domain.inbox import Asked, Waiting
from functions.domain.privacy import key_of
from functions.door import Answer, Door, Request
from functions.sheets import sheet_of
from schemas.cases import Case
from schemas.common import PageQuery
from schemas.complaints import (
    Assignees,
    AssigneeShown,
    CallBackPage,
    CallBackRow,
    InboxPage,
    InboxQuery,
    InboxRow,
)
from schemas.steps import CallBack

door = Door("functions.desk", tag="Desk")
COLUMNS = {
    "reference": "reference",
    "class": "complaint_class",
    "category": "category",
    "state": "state",
    "office": "office",
    "clock": "clock",
    "due_at": "due_at",
    "seconds_left": "seconds_left",
    "level": "level",
}
"""Of the file: a column's name -> the field it holds."""


@door.declare(
    "GET",
    "/v1/inbox",
    Permission.COMPLAINT_INBOX,
    "Open complaints of your office and below, the least time left first",
    query=InboxQuery,
    answers=InboxPage,
    problems=(400, 401, 403, 503),
)
def inbox_page(request: Request) -> Answer:
    """By office, district, class and state. A page may be shorter than asked for although there is more."""
    rows, cursor = _rows(request)
    return Answer(InboxPage(as_of=request.now, items=rows, next=cursor))


@door.declare(
    "GET",
    "/v1/inbox.csv",
    Permission.COMPLAINT_INBOX,
    "The inbox as a file for a spreadsheet",
    query=InboxQuery,
    media_type=spreadsheet.MEDIA_TYPE,
    problems=(400, 401, 403, 503),
)
def inbox_sheet(request: Request) -> Answer:
    """The same filters and pages; a Link header leads to the next page. A text never acts as a formula."""
    rows, cursor = _rows(request)
    return sheet_of(request, "/v1/inbox.csv", COLUMNS, rows, cursor)


def _rows(request: Request) -> tuple[tuple[InboxRow, ...], str | None]:
    caller, query = request.signed_in, request.query
    bound_to = (
        "inbox",
        caller.subject,
        query.office or "",
        query.district or "",
        query.complaint_class or "",
        query.state or "",
    )
    asked = Asked(
        district=query.district or "",
        office=query.office or "",
        complaint_class=query.complaint_class or "",
        states=frozenset({query.state} if query.state else ()),
    )
    rows, after = inbox.page(caller, asked, cursors.decode(query.cursor, *bound_to), query.limit)
    return tuple(waiting_shown(row, request.now, caller) for row in rows), cursors.encode(after, *bound_to)


def waiting_shown(row: Waiting, now: datetime, caller: Caller) -> InboxRow:
    left = int((row.due_at - now).total_seconds()) if row.due_at else None
    return InboxRow(
        **dict(row_shown(row.case, caller)),
        clock=row.clock,
        due_at=row.due_at,
        seconds_left=left,
        level=row.case.progress.level,
        at_risk=row.case.progress.at_risk,
    )


@door.declare(
    "GET",
    "/v1/complaints/{reference}/assignees",
    Permission.COMPLAINT_INBOX,
    "Offices a complaint could be marked to",
    answers=Assignees,
    problems=(400, 401, 403, 404, 503),
)
def assignees(request: Request) -> Answer:
    """Right below the office that has it, apart from those complained of, the least loaded first."""
    case = complaints.read(request.signed_in, reference_of(request), request.now)
    return Answer(
        Assignees(
            items=tuple(AssigneeShown(office=office, open=held) for office, held in marking.loads(case))
        )
    )


@door.declare(
    "GET",
    "/v1/call-backs",
    Permission.COMPLAINT_CALL_BACK,
    "Reports to ask citizens about",
    query=PageQuery,
    answers=CallBackPage,
    problems=(400, 401, 403, 503),
)
def call_back_list(request: Request) -> Answer:
    """Drawn by lot from what offices of another region reported; a centre sees what it needs for the call."""
    found = call_backs.waiting_for(request.signed_in, request.query.limit)
    return Answer(CallBackPage(items=tuple(_to_call(case) for case in found)))


def _to_call(case: Case) -> CallBackRow:
    key = key_of(case)
    report = next(entry for entry in reversed(complaints.whole_history(case)) if entry.action == "report")
    return CallBackRow(
        reference=case.reference,
        category=case.category,
        reported_at=report.at,
        complainant_name=key.field(case, "complainant_name"),
        phone=key.field(case, "complainant_phone"),
        report=key.text(report),
        attempts=case.progress.attempts,
    )


@door.declare(
    "POST",
    "/v1/complaints/{reference}/call-backs",
    Permission.COMPLAINT_CALL_BACK,
    "Say what the citizen answered",
    takes=CallBack,
    versioned=True,
    status=204,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def call_back(request: Request) -> Answer:
    """Settled: the report is verified. Not settled: the office works on. Not reached: a call on record."""
    call_backs.take(request.signed_in, reference_of(request), request.body, request.now, request.if_version)
    return Answer(None)
