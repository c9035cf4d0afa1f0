"""Pages of the intake: texts of people who may be in danger now, and each with what can be done about it.

The list holds nothing to type into, so that it may be refreshed at any moment.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from functions import cursors, danger_view
from functions.danger import shown
from functions.desk_view import office_name
from functions.domain import anonymous, danger
from functions.domain.access import Permission
from functions.domain.danger import ACKNOWLEDGE_MINUTES, Call
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    IdempotencyKeyReused,
    InvalidRequest,
    PreconditionFailed,
    TransitionNotAllowed,
)
from functions.door import Answer, Door, Request
from functions.errors import faults_of, problem_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect, wants_part
from functions.storage.danger import DangerState
from schemas.catalogue.reading import policy_in_force
from schemas.common import Body
from schemas.complaints import NewReport
from schemas.danger import NewOutcome

door = Door("functions.danger_pages", tag="Pages")
CALL = "/danger/{feedback_id}"
CALLS_A_PAGE = 50
OUTCOMES = ("case", "helped", "not_reached", "false_alarm")
MOVED_ON = (ChangedMeanwhile, PreconditionFailed, TransitionNotAllowed)


class IntakeQuery(Body):
    state: DangerState = "open"
    cursor: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None


class CallQuery(Body):
    done: Literal["acknowledge", "settle", ""] = Field("", description="What was done just now")


class OutcomeForm(Body):
    """As typed. What is wrong in it is said beside the field, so it is not refused at the door."""

    version: Annotated[int, Field(ge=1)]
    outcome: str = ""
    reference: str = ""

    def said(self) -> NewOutcome:
        given = {"outcome": self.outcome, "reference": self.reference.strip() or None}
        return NewOutcome.model_validate(given)


class LodgeForm(Body):
    """`where` is a station, or a district where the station is not known."""

    key: Annotated[str, Field(min_length=anonymous.SHORTEST_KEY, max_length=128)]
    category: str = ""
    where: str = ""
    place: str = ""
    narrative: str = ""

    def said(self) -> NewReport:
        is_district = self.where in danger_view.places()
        given = {
            "category": self.category,
            "narrative": self.narrative,
            "district" if is_district else "station": self.where or None,
            "place": self.place.strip() or None,
        }
        return NewReport.model_validate(given)


@door.declare(
    "GET", "/danger", Permission.DANGER_INTAKE, "Who may be in danger now", kind="page", query=IntakeQuery
)
def intake(request: Request) -> Answer:
    query: IntakeQuery = request.query
    bound = ("danger page", query.state)
    calls, after = danger.intake(query.state, cursors.decode(query.cursor, *bound), CALLS_A_PAGE)
    following = cursors.encode(after, *bound)
    cards = [danger_view.card(call, request.now) for call in calls]
    return page(
        request,
        "parts/danger_list.html" if wants_part(request) else "danger.html",
        query=query,
        states=danger_view.STATES,
        cards=cards,
        overdue=sum(card.is_overdue for card in cards),
        minutes=ACKNOWLEDGE_MINUTES,
        now=request.now,
        me=request.signed_in.subject,
        next_page=f"/danger?state={query.state}&cursor={following}" if following else None,
        first_page=f"/danger?state={query.state}" if query.cursor else None,
    )


@door.declare(
    "GET", CALL, Permission.DANGER_INTAKE, "Somebody who may be in danger", kind="page", query=CallQuery
)
def one(request: Request) -> Answer:
    call = danger.show(request.path["feedback_id"])
    return _call_answer(request, call, done=request.query.done)


@door.declare("POST", f"{CALL}/acknowledge", Permission.DANGER_INTAKE, "Take a call for help up", kind="page")
def acknowledge(request: Request) -> Answer:
    """Asks for no version: only that nobody has it yet counts, and the state says that."""
    feedback_id = request.path["feedback_id"]
    return _taken(
        request,
        "acknowledge",
        lambda: danger.acknowledge(request.signed_in, feedback_id, request.now, None),
    )


@door.declare("POST", f"{CALL}/giver", Permission.DANGER_INTAKE, "Ask whom to reach, on record", kind="page")
def reach(request: Request) -> Answer:
    """Answered with the page itself: a name stands at no address that could be opened again."""
    call, giver = danger.reach(request.signed_in, request.path["feedback_id"], request.now)
    return _call_answer(request, call, asked=True, giver=giver)


@door.declare(
    "POST",
    f"{CALL}/outcome",
    Permission.DANGER_INTAKE,
    "Say what came of a call for help",
    kind="page",
    takes=OutcomeForm,
)
def settle(request: Request) -> Answer:
    form: OutcomeForm = request.body

    def settled() -> Call:
        said = form.said()
        return danger.settle(
            request.signed_in,
            request.path["feedback_id"],
            said.outcome,
            said.reference,
            request.now,
            form.version,
        )

    return _taken(request, "settle", settled, form=form)


@door.declare(
    "GET",
    f"{CALL}/complaint",
    Permission.DANGER_INTAKE,
    "Lodge a complaint for somebody in danger",
    kind="page",
)
def complaint(request: Request) -> Answer:
    call = danger.show(request.path["feedback_id"])
    text = call.text.feedback.text if call.text else ""
    return _lodge_answer(request, call, LodgeForm(key=secrets.token_urlsafe(24), narrative=text))


@door.declare(
    "POST",
    f"{CALL}/complaint",
    Permission.DANGER_INTAKE,
    "Lodge it, and note it as what came of the call",
    kind="page",
    takes=LodgeForm,
)
def lodge(request: Request) -> Answer:
    """Goes in as a report without a name does; the form's own key makes sending it twice lodge once."""
    form: LodgeForm = request.body
    call = danger.show(request.path["feedback_id"])
    if call.row.state == "open":
        return _call_answer(request, call, 409, conflict=True)
    try:
        case, code = anonymous.report(form.said(), form.key, request.now)
    except ValidationError as error:
        return _lodge_answer(request, call, form, 422, faults=faults_of(error))
    except InvalidRequest as error:
        return _lodge_answer(request, call, form, 422, faults=error.faults)
    except IdempotencyKeyReused as error:
        said = problem_of(error, request.tongue, "").detail
        return _lodge_answer(request, call, form, 409, problem=said)
    return _lodged(request, call, case.reference, code)


def _lodged(request: Request, call: Call, reference: str, code: str) -> Answer:
    lodged = {"reference": reference, "code": code, "is_noted": True}
    try:
        call = danger.settle(
            request.signed_in, call.row.feedback_id, "case", reference, request.now, call.row.version
        )
    except (*MOVED_ON, InvalidRequest):
        # A restricted case is read with a clearance alone, and a colleague may be faster: it is lodged.
        call, lodged["is_noted"] = danger.show(call.row.feedback_id), False
    return _call_answer(request, call, lodged=lodged)


def _taken(
    request: Request,
    done: Literal["acknowledge", "settle"],
    step: Callable[[], Call],
    form: OutcomeForm | None = None,
) -> Answer:
    feedback_id = request.path["feedback_id"]
    try:
        call = step()
    except ValidationError as error:
        return _call_answer(request, danger.show(feedback_id), 422, form=form, faults=faults_of(error))
    except InvalidRequest as error:
        return _call_answer(request, danger.show(feedback_id), 422, form=form, faults=error.faults)
    except MOVED_ON:
        return _call_answer(request, danger.show(feedback_id), 409, form=form, conflict=True)
    if wants_part(request):
        return _call_answer(request, call, done=done)
    return redirect(f"{_address(call)}?done={done}")


def _call_answer(
    request: Request, call: Call, status: int = 200, *, faults: tuple[FieldFault, ...] = (), **told: Any
) -> Answer:
    """One call, or its part alone when the page asks for that; `told` is what just happened."""
    view = {
        "card": danger_view.card(call, request.now),
        "view": shown(call, request.now),
        "is_mine": call.row.acknowledged_by == request.signed_in.subject,
        "outcomes": OUTCOMES,
        "minutes": ACKNOWLEDGE_MINUTES,
        "done": "",
        "conflict": False,
        "asked": False,
        "giver": None,
        "lodged": None,
        "form": None,
        "faults": _beside(faults, request, "reference"),
        **told,
    }
    is_part = wants_part(request)
    template = "parts/danger_call.html" if is_part else "danger_call.html"
    return page(request, template, status=status, here=_address(call), part=is_part, **view)


def _lodge_answer(
    request: Request,
    call: Call,
    form: LodgeForm,
    status: int = 200,
    *,
    faults: tuple[FieldFault, ...] = (),
    problem: str = "",
) -> Answer:
    return page(
        request,
        "danger_lodge.html",
        status=status,
        here=f"{_address(call)}/complaint",
        card=danger_view.card(call, request.now),
        form=form,
        faults=_beside(faults, request, "where"),
        problem=problem,
        categories=danger_view.categories(policy_in_force(request.now)),
        places=danger_view.places(),
        office_name=lambda office: office_name(office, request.tongue),
    )


def _beside(faults: tuple[FieldFault, ...], request: Request, whole: str) -> dict[str, str]:
    """Field of the form -> what is wrong there; a fault of the whole is said beside the field `whole`."""
    own = {"": whole, "station": "where", "district": "where"}
    said: dict[str, str] = {}
    for fault in faults:
        name = fault.pointer.removeprefix("/")
        said[own.get(name, name)] = fault_sentence(fault.fault, request.tongue, fault.words)
    return said


def _address(call: Call) -> str:
    return f"/danger/{call.row.feedback_id}"
