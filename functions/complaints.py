"""Complaints: lodge, read, list, comment, take a step; and the notices that follow."""

from __future__ import annotations

from typing import Any

from functions import cursors
from functions.domain import anonymous, complaints, deadlines, lifecycle, notices, steps
from functions.domain.access import Caller, Permission, Role
from functions.domain.deadlines import KARACHI
from functions.domain.errors import FieldFault, InvalidReference, InvalidRequest
from functions.domain.privacy import CaseKey, key_of
from functions.domain.references import parse_reference
from functions.domain.rules import rules_of
from functions.door import Answer, Door, Request
from functions.messages import notice_sentence
from functions.storage.notices import NoticeRow
from schemas.cases import CLOCKS, Case, Clock, Entry, Summary
from schemas.catalogue.reading import is_restricted
from schemas.common import PageQuery, Tongue
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
    NewReport,
    Notice,
    NoticePage,
    ReportReceipt,
)
from schemas.steps import Step

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
    by_token_alone=True,
    problems=(400, 401, 403, 413, 415, 422, 503),
)
def lodge(request: Request) -> Answer:
    """Answers the reference and both deadlines, fixed once. Repeat under the same Idempotency-Key freely."""
    _check_day(request)
    case = complaints.lodge(request.signed_in, request.body, request.idempotency_key, request.now)
    return _lodged(case, ComplaintReceipt(**_receipt(case)))


@door.declare(
    "POST",
    "/v1/anonymous-reports",
    Permission.PUBLIC,
    "Report without saying who you are",
    takes=NewReport,
    answers=ReportReceipt,
    status=201,
    idempotent=True,
    problems=(400, 413, 415, 422, 503),
)
def report(request: Request) -> Answer:
    """Nothing that tells who you are is asked, kept or logged. Write the code down: it opens the report.

    An Idempotency-Key must be at least 22 random characters here: it is all that tells whose report it is.
    """
    _check_day(request)
    if len(request.idempotency_key) < anonymous.SHORTEST_KEY:
        raise InvalidRequest(FieldFault("Idempotency-Key", "key_too_short"))
    case, code = anonymous.report(request.body, request.idempotency_key, request.now)
    return _lodged(case, ReportReceipt(**_receipt(case), code=code))


def _lodged(case: Case, receipt: ComplaintReceipt) -> Answer:
    return Answer(receipt, headers={"Location": f"/v1/complaints/{case.reference}", "ETag": '"1"'})


def _receipt(case: Case) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "complaint_class": case.complaint_class,
        "office": case.office,
        "lodged_at": case.lodged_at,
        "deadlines": _deadlines(case),
    }


def _check_day(request: Request) -> None:
    if request.body.occurred_on and request.body.occurred_on > request.now.astimezone(KARACHI).date():
        raise InvalidRequest(FieldFault("/occurred_on", "date_in_future"))


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
        items=tuple(row_shown(row, caller) for row in rows),
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
    """A citizen reads the own complaints, an officer those of the own office and below.

    A restricted one is opened with the clearance named for it and a purpose (header X-Purpose), on record.
    """
    case = complaints.read(request.signed_in, reference_of(request), request.now)
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
    reference = reference_of(request)
    entry = complaints.comment(
        request.signed_in, reference, request.body, request.idempotency_key, request.now
    )
    return Answer(
        CommentReceipt(reference=reference, at=entry.at, text=request.body.text),
        headers={"Location": f"/v1/complaints/{reference}"},
    )


@door.declare(
    "POST",
    "/v1/complaints/{reference}/steps",
    Permission.COMPLAINT_STEP,
    "Take a step in the life of a complaint",
    takes=Step,
    answers=ComplaintView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def step(request: Request) -> Answer:
    """Which steps are yours to take now stands in the complaint, under `steps`.

    Send the ETag you read as If-Match to be sure that nobody was faster.
    """
    case = steps.take(request.signed_in, reference_of(request), request.body, request.now, request.if_version)
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
    items = tuple(notice_shown(row, request.tongue) for row in rows)
    return Answer(NoticePage(items=items, next=cursors.encode(after, "notices", caller.subject)))


def notice_shown(row: NoticeRow, tongue: Tongue) -> Notice:
    text = notice_sentence(row.event, tongue, row.reference, words=dict(row.words))
    return Notice(at=row.at, reference=row.reference, event=row.event, text=text)


def row_shown(row: Summary | Case, caller: Caller) -> ComplaintRow:
    """A row of a list. To officers a restricted case names no matter: that is read in the case, on record."""
    withheld = caller.role is not Role.CITIZEN and is_restricted(row.category)
    return ComplaintRow(
        reference=row.reference,
        state=row.state,
        category="restricted" if withheld else row.category,
        complaint_class=row.complaint_class,
        office=row.office,
        lodged_at=row.lodged_at,
        deadlines=_deadlines(row),
    )


def _deadlines(row: Case | Summary) -> Deadlines:
    return Deadlines(first_contact_due=row.first_contact_due, final_report_due=row.final_report_due)


def reference_of(request: Request) -> str:
    try:
        return parse_reference(request.path["reference"])
    except InvalidReference:
        raise InvalidRequest(FieldFault("{reference}", "bad_reference")) from None


def _whole(case: Case, caller: Caller) -> Answer:
    view = shown(case, caller)
    return Answer(view, headers={"ETag": f'"{case.version}"'})


def shown(case: Case, caller: Caller) -> ComplaintView:
    """The whole case as the caller reads it, what was written in it opened."""
    key = key_of(case, caller)
    return ComplaintView(
        reference=case.reference,
        state=case.state,
        category=case.category,
        complaint_class=case.complaint_class,
        policy_version=case.policy_version,
        office=case.office,
        about_offices=case.about_offices,
        place=key.field(case, "place"),
        narrative=key.field(case, "narrative"),
        complainant_name=key.field(case, "complainant_name"),
        phone=key.field(case, "complainant_phone"),
        erased_at=case.erased_at,
        lodged_at=case.lodged_at,
        clocks=_clocks(case),
        level=case.progress.level,
        merged_into=case.merged_into or None,
        steps=lifecycle.steps_from(case.state, caller.role),
        version=case.version,
        history=tuple(_line(entry, key, caller) for entry in complaints.whole_history(case)),
    )


def _clocks(case: Case) -> dict[Clock, ClockShown]:
    rules = rules_of(case, case.history[-1].at)
    return {
        clock: ClockShown(
            due_at=due,
            met_at=case.met_at(clock),
            flagged_at=case.flagged_at(clock),
            **(_standing(case, rules, clock) if clock == deadlines.standing(case) else {}),
        )
        for clock in CLOCKS
        if (due := case.due(clock)) is not None
    }


def _standing(case: Case, rules: deadlines.Rules, clock: Clock) -> dict[str, Any]:
    return {
        "stands_since": case.progress.paused_at,
        "stands_until": case.progress.pause_until,
        "seconds_left": deadlines.seconds_left(case, rules, clock),
    }


def _line(entry: Entry, key: CaseKey, caller: Caller) -> HistoryLine:
    """Nobody's identifier leaves: one's own lines are `you`, the others go by role."""
    by = "you" if entry.actor == caller.subject else entry.role
    return HistoryLine(at=entry.at, by=by, action=entry.action, text=key.text(entry), facts=dict(entry.facts))
