"""Calls for help that came as feedback: what waits for an officer, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from functions import cursors
from functions.domain import danger
from functions.domain.access import Permission
from functions.domain.danger import ACKNOWLEDGE_MINUTES, Call, Giver
from functions.door import Answer, Door, Request
from schemas.danger import (
    DangerEntry,
    DangerPage,
    DangerQuery,
    DangerShown,
    DangerView,
    GiverShown,
    NewOutcome,
)
from schemas.feedback import Feedback

door = Door("functions.danger", tag="Danger")
CALL = "/v1/danger/{feedback_id}"


@door.declare(
    "GET",
    "/v1/danger",
    Permission.DANGER_INTAKE,
    "Texts of people who may be in danger",
    query=DangerQuery,
    answers=DangerPage,
    problems=(400, 401, 403, 503),
)
def list_danger(request: Request) -> Answer:
    """Oldest first. Each is to be acknowledged within 15 minutes."""
    asked = request.query
    position = cursors.decode(asked.cursor, "danger", asked.state)
    calls, after = danger.intake(asked.state, position, asked.limit)
    items = tuple(shown(call, request.now) for call in calls)
    return Answer(DangerPage(items=items, next=cursors.encode(after, "danger", asked.state)))


@door.declare(
    "GET",
    CALL,
    Permission.DANGER_INTAKE,
    "One of them, and what was done about it",
    answers=DangerView,
    problems=(401, 403, 404, 503),
)
def show_danger(request: Request) -> Answer:
    return _view(danger.show(request.path["feedback_id"]), request.now)


@door.declare(
    "POST",
    f"{CALL}/giver",
    Permission.DANGER_INTAKE,
    "Ask whom to reach",
    answers=DangerView,
    problems=(401, 403, 404, 503),
)
def reach_giver(request: Request) -> Answer:
    """Names the person who wrote it from inside the app; that you asked goes on record first."""
    call, giver = danger.reach(request.signed_in, request.path["feedback_id"], request.now)
    return _view(call, request.now, giver)


@door.declare(
    "POST",
    f"{CALL}/acknowledge",
    Permission.DANGER_INTAKE,
    "Take it up",
    answers=DangerView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 503),
)
def acknowledge_danger(request: Request) -> Answer:
    call = danger.acknowledge(request.signed_in, request.path["feedback_id"], request.now, request.if_version)
    return _view(call, request.now)


@door.declare(
    "POST",
    f"{CALL}/outcome",
    Permission.DANGER_INTAKE,
    "Say what came of it",
    takes=NewOutcome,
    answers=DangerView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def settle_danger(request: Request) -> Answer:
    """With the reference of the complaint or crime report that was lodged for it, where there is one."""
    said: NewOutcome = request.body
    call = danger.settle(
        request.signed_in,
        request.path["feedback_id"],
        said.outcome,
        said.reference,
        request.now,
        request.if_version,
    )
    return _view(call, request.now)


def shown(call: Call, now: datetime) -> DangerShown:
    """A row of the intake as it is shown in a list."""
    return DangerShown(**_fields(call, now))


def _view(call: Call, now: datetime, giver: Giver | None = None) -> Answer:
    view = DangerView(
        **_fields(call, now),
        giver=GiverShown(subject=giver.subject, phone=giver.phone or None) if giver else None,
        history=tuple(
            DangerEntry(at=each.at, by=each.actor, action=each.action, facts=dict(each.facts))
            for each in call.row.history
        ),
    )
    return Answer(view, headers={"ETag": f'"{call.row.version}"'})


def _fields(call: Call, now: datetime) -> dict[str, Any]:
    row = call.row
    feedback = call.text.feedback if call.text else None
    return {
        "feedback_id": row.feedback_id,
        "app": row.app,
        "state": row.state,
        "overdue": danger.is_overdue(row, now),
        "raised_at": row.raised_at,
        "due_at": row.raised_at + timedelta(minutes=ACKNOWLEDGE_MINUTES),
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by or None,
        "outcome": row.outcome,
        "reference": row.reference or None,
        "text": feedback.text if feedback else None,
        "title": feedback.title if feedback else None,
        "language": call.text.labels.language if call.text else None,
        "source": feedback.source if feedback else None,
        "external_id": feedback.external_id if feedback else None,
        "link": _link(feedback) if feedback else None,
        "written_at": feedback.written_at if feedback else None,
        "version": row.version,
    }


def _link(feedback: Feedback) -> str | None:
    """Google Play shows a review by its id; the other sources have no address for one."""
    if feedback.source != "play":
        return None
    app, review = quote(feedback.app), quote(feedback.external_id, safe="")
    return f"https://play.google.com/store/apps/details?id={app}&reviewId={review}"
