"""Models: which one labels, who is offered in its place, and whether what comes in has drifted from it."""

from __future__ import annotations

from typing import Literal

from functions.domain import drift, models
from functions.domain.access import Permission
from functions.domain.models import Standing
from functions.door import Answer, Door, Request
from functions.storage.models import Offered
from schemas.models import (
    DriftList,
    DriftQuery,
    ModelList,
    ModelOffer,
    ModelShown,
    ModelStep,
    NewModel,
    Promotion,
    Rollback,
)

door = Door("functions.models", tag="Models")


@door.declare(
    "GET",
    "/v1/models",
    Permission.MODEL_READ,
    "The model that labels, and those on offer",
    answers=ModelList,
    problems=(401, 403, 503),
)
def list_models(_: Request) -> Answer:
    return _view(models.standing())


@door.declare(
    "POST",
    "/v1/models",
    Permission.MODEL_PROMOTE,
    "Offer a model that was measured against the champion",
    takes=NewModel,
    answers=ModelOffer,
    problems=(400, 401, 403, 413, 415, 503),
)
def offer_model(request: Request) -> Answer:
    """Answers with a form for the file; the same offer again, with another form."""
    return Answer(models.offer(request.signed_in, request.body, request.now))


@door.declare(
    "POST",
    "/v1/models/{model}/promote",
    Permission.MODEL_PROMOTE,
    "Make a model the champion",
    takes=Promotion,
    answers=ModelList,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def promote_model(request: Request) -> Answer:
    """It labels within five minutes. Only what was measured better is promoted without force and a reason."""
    said: Promotion = request.body
    standing = models.promote(
        request.signed_in,
        request.path["model"],
        request.now,
        request.if_version,
        force=said.force,
        reason=said.reason or "",
    )
    return _view(standing)


@door.declare(
    "POST",
    "/v1/models/rollback",
    Permission.MODEL_PROMOTE,
    "Return to the champion before",
    takes=Rollback,
    answers=ModelList,
    versioned=True,
    problems=(400, 401, 403, 409, 412, 413, 415, 503),
)
def roll_back_model(request: Request) -> Answer:
    """A second time it returns to what was rolled back. Send If-Match, so that twice is once."""
    reason = request.body.reason or ""
    return _view(models.roll_back(request.signed_in, request.now, request.if_version, reason=reason))


@door.declare(
    "GET",
    "/v1/models/drift",
    Permission.MODEL_READ,
    "Whether feedback is still what the model learnt from",
    query=DriftQuery,
    answers=DriftList,
    problems=(400, 401, 403, 503),
)
def model_drift(request: Request) -> Answer:
    """Measured each night: of each app the last 14 days against the 90 before."""
    return Answer(DriftList(items=tuple(drift.of_apps(request.query.app))))


def model_list(standing: Standing) -> ModelList:
    """The registry as it is shown."""
    pointer = standing.pointer
    return ModelList(
        champion=standing.champion,
        shipped=standing.shipped,
        previous=standing.previous,
        version=pointer.version,
        items=tuple(_shown(row, standing) for row in standing.offered),
        history=tuple(
            ModelStep(
                at=entry.at,
                by=entry.actor,
                action=entry.action,
                name=dict(entry.facts)["model"],
                reason=dict(entry.facts).get("reason", ""),
            )
            for entry in pointer.history
        ),
    )


def _shown(row: Offered, standing: Standing) -> ModelShown:
    return ModelShown(
        name=row.name,
        standing=_standing(row.name, standing),
        offered_at=row.at,
        offered_by=row.by,
        bytes=row.bytes,
        report=row.report,
    )


def _standing(name: str, standing: Standing) -> Literal["champion", "previous", "challenger"]:
    if name == standing.champion:
        return "champion"
    return "previous" if name == standing.previous else "challenger"


def _view(standing: Standing) -> Answer:
    return Answer(model_list(standing), headers={"ETag": f'"{standing.pointer.version}"'})
