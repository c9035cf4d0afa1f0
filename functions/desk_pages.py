"""Pages for officers: how their area stands, and the desk at which a case is opened and worked on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

from pydantic import ValidationError

from functions import cursors, desk_view
from functions.complaints import reference_of, shown
from functions.desk_forms import ANSWERS, CaseQuery, DeskQuery, ListQuery, PromisesQuery, StepForm
from functions.desk_view import Row
from functions.domain import complaints, inbox, marking, reporting, similar, steps
from functions.domain.access import PURPOSES, Caller, Permission, allow, districts_of, row_of
from functions.domain.errors import (
    CaseErased,
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    PauseNotAllowed,
    PreconditionFailed,
    PurposeNeeded,
    TooLate,
    TransitionNotAllowed,
)
from functions.domain.inbox import Asked
from functions.door import Answer, Door, Request
from functions.errors import faults_of, problem_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect, wants_part
from schemas.cases import ENDED, Case, State

door = Door("functions.desk_pages", tag="Pages")
ROWS_A_PAGE = 25
SHOWS = ("overdue", "soon", "waiting")
MOVED_ON = (TransitionNotAllowed, ChangedMeanwhile, PreconditionFailed)
NOT_NOW = (TooLate, PauseNotAllowed, CaseErased)


@door.declare(
    "GET",
    "/supervision",
    Permission.SUPERVISION_READ,
    "How one's area stands",
    kind="page",
    query=ListQuery,
)
def supervision(request: Request) -> Answer:
    return page(request, "supervision.html", **_listed(request, "/supervision", Permission.SUPERVISION_READ))


@door.declare(
    "GET",
    "/supervision/promises",
    Permission.SUPERVISION_READ,
    "Promises kept, by office or by class",
    kind="page",
    query=PromisesQuery,
)
def promises(request: Request) -> Answer:
    query: PromisesQuery = request.query
    first, last, found = reporting.figures(request.signed_in, query, request.now)
    return page(
        request,
        "promises.html",
        by=query.by,
        query=ListQuery(),
        span=(first, last),
        rows=desk_view.promises(found, by_class=query.by == "class"),
        **_frame(request),
    )


@door.declare(
    "GET", "/desk", Permission.COMPLAINT_INBOX, "The desk of an office", kind="page", query=DeskQuery
)
def desk(request: Request) -> Answer:
    return page(
        request,
        "desk.html",
        **_listed(request, "/desk"),
        opened=None,
        needed=None,
        part=False,
        passed_to=request.query.passed_to,
    )


@door.declare(
    "GET",
    "/desk/{reference}",
    Permission.COMPLAINT_INBOX,
    "A case, beside the list",
    kind="page",
    query=CaseQuery,
)
def opened(request: Request) -> Answer:
    query: CaseQuery = request.query
    caller = replace(request.signed_in, purpose=query.purpose)
    try:
        case = complaints.read(caller, reference_of(request), request.now)
    except PurposeNeeded:
        return _purpose_asked(request)
    return _case_answer(request, caller, case, just_saved=query.changed == case.version)


@door.declare(
    "POST",
    "/desk/{reference}/steps",
    Permission.COMPLAINT_INBOX,
    "Take a step at the desk",
    kind="page",
    takes=StepForm,
    query=CaseQuery,
)
def take(request: Request) -> Answer:
    form: StepForm = request.body
    caller = replace(request.signed_in, purpose=form.purpose)
    reference = reference_of(request)
    try:
        case = steps.take(caller, reference, form.step(), request.now, form.version)
    except ValidationError as error:
        return _refused(request, caller, 422, faults=faults_of(error, in_union=True))
    except InvalidRequest as error:
        return _refused(request, caller, 422, faults=error.faults)
    except PurposeNeeded:
        return _purpose_asked(request)
    except MOVED_ON:
        return _refused(request, caller, 409, conflict=True)
    except NOT_NOW as error:
        return _refused(request, caller, 409, problem=problem_of(error, request.tongue, "").detail)
    return _done(request, caller, case)


def _done(request: Request, caller: Caller, case: Case) -> Answer:
    """The case as it is now, or the list where it lies with somebody else's area by now."""
    query: CaseQuery = request.query
    if not allow(caller, Permission.COMPLAINT_READ, row_of(case)):
        address = query.address("/desk", passed_to=case.office)
        # The open page takes this for "go there": the list has one case less.
        return Answer("", headers={"HX-Redirect": address}) if wants_part(request) else redirect(address)
    if wants_part(request):
        return _case_answer(request, caller, case, just_saved=True)
    address = query.address(
        f"/desk/{case.reference}", purpose=caller.purpose, changed=case.version, cursor=query.cursor
    )
    return redirect(f"{address}#case")


def _refused(
    request: Request,
    caller: Caller,
    status: int,
    *,
    faults: tuple[FieldFault, ...] = (),
    conflict: bool = False,
    problem: str = "",
) -> Answer:
    """The case as it is, with why the step was not taken and everything that was typed."""
    case = complaints.read(caller, reference_of(request), request.now)
    said = {
        fault.pointer.removeprefix("/"): fault_sentence(fault.fault, request.tongue, fault.words)
        for fault in faults
    }
    return _case_answer(
        request, caller, case, status, form=request.body, faults=said, conflict=conflict, problem=problem
    )


def _case_answer(
    request: Request, caller: Caller, case: Case, status: int = 200, *, just_saved: bool = False, **told: Any
) -> Answer:
    """The case beside the list, or alone when the page asks for that; `told` is what just happened."""
    query: CaseQuery = request.query
    view = shown(case, caller)
    open_case = {
        "view": view,
        "category": desk_view.category_name(case),
        "row": desk_view.row_of_case(case, request.now),
        "is_open": case.is_open,
        "forms": desk_view.forms(view.steps),
        "marks": marking.loads(case) if "mark" in view.steps else (),
        "transfers": desk_view.transfer_targets(case) if "transfer" in view.steps else {},
        **_akin(caller, case),
        "purpose": caller.purpose,
        "saved": desk_view.step_just_taken(view.history) if just_saved else "",
        "form": None,
        "faults": {},
        "conflict": False,
        "problem": "",
        **told,
    }
    here = query.address(f"/desk/{case.reference}", purpose=caller.purpose, cursor=query.cursor)
    return _beside(request, status, here, opened=open_case, needed=None)


def _akin(caller: Caller, case: Case) -> dict[str, Any]:
    """What a merger would be made with: cases like this one, and those it already carries on."""
    if not case.is_open or not allow(caller, Permission.COMPLAINT_SEARCH):
        return {"alike": (), "carried": ()}
    alike = [row.reference for row, _ in similar.like(caller, case)]
    return {"alike": alike, "carried": similar.carried(caller, case)}


def _purpose_asked(request: Request) -> Answer:
    reference = reference_of(request)
    here = request.query.address(f"/desk/{reference}")
    return _beside(request, 403, here, opened=None, needed={"reference": reference})


def _beside(request: Request, status: int, here: str, **shown_there: Any) -> Answer:
    if wants_part(request):
        frame = _frame(request) | {"query": request.query, "path": "/desk"}
        return page(request, "parts/beside.html", status=status, here=here, part=True, **frame, **shown_there)
    listed = _listed(request, "/desk")
    return page(
        request, "desk.html", status=status, here=here, part=False, passed_to="", **listed, **shown_there
    )


# --- lists


def _listed(
    request: Request, path: str, permission: Permission = Permission.COMPLAINT_READ
) -> dict[str, Any]:
    query: ListQuery = request.query
    rows, following = _rows(request, path, permission)
    return {
        "rows": rows,
        "query": query,
        "path": path,
        "next_page": query.address(path, cursor=following) if following else None,
        "first_page": query.address(path) if query.cursor else None,
        **_frame(request),
        **_choices(request.signed_in),
    }


def _rows(request: Request, path: str, permission: Permission) -> tuple[list[Row], str | None]:
    caller, query, now = request.signed_in, request.query, request.now
    bound = (path, caller.subject, *query.chosen)
    soon = now + timedelta(hours=inbox.SOON_HOURS)
    asked = Asked(
        district=query.district,
        office=query.office,
        complaint_class=query.complaint_class,
        states=frozenset({query.state} if query.state else ()),
        late_before={"overdue": now, "soon": soon}.get(query.show),
    )
    begins = {"soon": inbox.before_due(now), "waiting": inbox.before_due(None)}.get(query.show)
    after = cursors.decode(query.cursor, *bound) or begins
    found, following = inbox.page(caller, asked, after, ROWS_A_PAGE, permission)
    return [desk_view.row(each, now) for each in found], cursors.encode(following, *bound)


def _frame(request: Request) -> dict[str, Any]:
    """What every page here shows: the counts of one's area, and names in the reader's language."""
    caller, now = request.signed_in, request.now
    counted = None
    if allow(caller, Permission.SUPERVISION_READ) and not wants_part(request):
        counted = inbox.counts(caller, now, now + timedelta(hours=inbox.SOON_HOURS))
    return {
        "counted": counted,
        "soon_hours": inbox.SOON_HOURS,
        "now": now,
        "left_of": desk_view.left,
        "facts_of": lambda line: desk_view.facts(line, request.tongue),
        "office_name": lambda office: desk_view.office_name(office, request.tongue),
        "may_desk": allow(caller, Permission.COMPLAINT_INBOX),
        "purposes": PURPOSES,
        "all_forms": desk_view.FORMS,
        "choices": ANSWERS,
    }


def _choices(caller: Caller) -> dict[str, Any]:
    office = caller.office or ""
    return {
        "shows": SHOWS,
        "districts": districts_of(office) if office else (),
        "offices": desk_view.offices_below(office) if office else (),
        "classes": desk_view.classes(),
        "states": [state for state in get_args(State) if state not in ENDED],
    }
