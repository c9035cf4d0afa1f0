"""Complaints: lodge, read, list, comment, take a step; and the notices that follow."""

from __future__ import annotations

from functions import cursors
from functions.domain import complaints, notices
from functions.domain.access import Caller, Permission
from functions.domain.deadlines import KARACHI
from functions.domain.errors import FieldFault, InvalidReference, InvalidRequest
from functions.domain.references import parse_reference
from functions.door import Answer, Door, Request
from functions.messages import notice_sentence
from schemas.cases import CLOCKS, Case, Entry, Summary
from schemas.common import PageQuery
from schemas.complaints import (
    ClockShown,
    CommentReceipt,
    ComplaintPage,
    ComplaintReceipt,
    ComplaintRow,
    ComplaintView,
    Deadlines,
    HistoryLine,
    NewComment,
    NewComplaint,
    Notice,
    NoticePage,
    Step,
)

door = Door("functions.complaints", tag="Complaints")


@door.declare(
    "POST",
    "/v1/complaints",
    Permission.COMPLAINT_LODGE,
    "Lodge a complaint",
    takes=NewComplaint,
    answers=ComplaintReceipt,
    status=201,
    idempotent=True,
    problems=(400, 401, 403, 413, 415, 422, 503),
)
def lodge(request: Request) -> Answer:
    """Answers the reference and both deadlines, fixed once. Repeat under the same Idempotency-Key freely."""
    if request.body.occurred_on and request.body.occurred_on > request.now.astimezone(KARACHI).date():
        raise InvalidRequest(FieldFault("/occurred_on", "date_in_future"))
    case = complaints.lodge(request.signed_in, request.body, request.idempotency_key, request.now)
    receipt = ComplaintReceipt(
        reference=case.reference,
        complaint_class=case.complaint_class,
        office=case.office,
        lodged_at=case.lodged_at,
        deadlines=_deadlines(case),
    )
    return Answer(receipt, headers={"Location": f"/v1/complaints/{case.reference}", "ETag": '"1"'})


@door.declare(
    "GET",
    "/v1/complaints",
    Permission.COMPLAINT_LIST_OWN,
    "List your complaints, newest first",
    query=PageQuery,
    answers=ComplaintPage,
    problems=(400, 401, 403, 503),
)
def list_mine(request: Request) -> Answer:
    caller = request.signed_in
    position = cursors.decode(request.query.cursor, "complaints", caller.subject)
    rows, after = complaints.mine(caller, position, request.query.limit)
    page = ComplaintPage(
        items=tuple(row_shown(row) for row in rows),
        next=cursors.encode(after, "complaints", caller.subject),
    )
    return Answer(page)


@door.declare(
    "GET",
    "/v1/complaints/{reference}",
    Permission.COMPLAINT_READ,
    "Read a complaint",
    answers=ComplaintView,
    problems=(400, 401, 403, 404, 503),
)
def show(request: Request) -> Answer:
    """A citizen reads the own complaints, an officer those of the own office and below."""
    case = complaints.show(request.signed_in, _reference(request))
    return _whole(case, request.signed_in)


@door.declare(
    "POST",
    "/v1/complaints/{reference}/comments",
    Permission.COMPLAINT_COMMENT,
    "Add a comment",
    takes=NewComment,
    answers=CommentReceipt,
    status=201,
    idempotent=True,
    problems=(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def comment(request: Request) -> Answer:
    """A comment never moves a deadline."""
    reference = _reference(request)
    entry = complaints.comment(
        request.signed_in, reference, request.body, request.idempotency_key, request.now
    )
    return Answer(
        CommentReceipt(reference=reference, at=entry.at, text=entry.text),
        headers={"Location": f"/v1/complaints/{reference}"},
    )


@door.declare(
    "POST",
    "/v1/complaints/{reference}/steps",
    Permission.COMPLAINT_STEP,
    "Take a step: accept, contact, report; confirm, dispute, withdraw",
    takes=Step,
    answers=ComplaintView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def step(request: Request) -> Answer:
    """Officers accept, telephone and report; the citizen confirms, disputes or withdraws.

    Send the ETag you read as If-Match to be sure that nobody was faster.
    """
    case = complaints.take_step(
        request.signed_in, _reference(request), request.body, request.now, request.if_version
    )
    return _whole(case, request.signed_in)


@door.declare(
    "GET",
    "/v1/me/notices",
    Permission.NOTICE_READ,
    "What happened to your complaints, newest first",
    query=PageQuery,
    answers=NoticePage,
    problems=(400, 401, 403, 503),
)
def my_notices(request: Request) -> Answer:
    caller = request.signed_in
    position = cursors.decode(request.query.cursor, "notices", caller.subject)
    rows, after = notices.mine(caller, position, request.query.limit)
    items = tuple(
        Notice(
            at=row.at,
            reference=row.reference,
            event=row.event,
            text=notice_sentence(row.event, request.tongue, row.reference),
        )
        for row in rows
    )
    return Answer(NoticePage(items=items, next=cursors.encode(after, "notices", caller.subject)))


def row_shown(row: Summary) -> ComplaintRow:
    return ComplaintRow(
        reference=row.reference,
        state=row.state,
        category=row.category,
        complaint_class=row.complaint_class,
        office=row.office,
        lodged_at=row.lodged_at,
        deadlines=_deadlines(row),
    )


def _deadlines(row: Case | Summary) -> Deadlines:
    return Deadlines(first_contact_due=row.first_contact_due, final_report_due=row.final_report_due)


def _reference(request: Request) -> str:
    try:
        return parse_reference(request.path["reference"])
    except InvalidReference:
        raise InvalidRequest(FieldFault("{reference}", "bad_reference")) from None


def _whole(case: Case, caller: Caller) -> Answer:
    view = ComplaintView(
        reference=case.reference,
        state=case.state,
        category=case.category,
        complaint_class=case.complaint_class,
        policy_version=case.policy_version,
        office=case.office,
        about_office=case.about_office or None,
        place=case.place or None,
        narrative=case.narrative,
        complainant_name=case.complainant_name,
        phone=case.complainant_phone,
        lodged_at=case.lodged_at,
        clocks={
            clock: ClockShown(
                due_at=case.due(clock), met_at=case.met_at(clock), flagged_at=case.flagged_at(clock)
            )
            for clock in CLOCKS
        },
        version=case.version,
        history=tuple(_line(entry, caller) for entry in complaints.whole_history(case)),
    )
    return Answer(view, headers={"ETag": f'"{case.version}"'})


def _line(entry: Entry, caller: Caller) -> HistoryLine:
    """Nobody's identifier leaves: one's own lines are `you`, the others go by role."""
    by = "you" if entry.actor == caller.subject else entry.role
    return HistoryLine(at=entry.at, by=by, action=entry.action, text=entry.text, facts=dict(entry.facts))
