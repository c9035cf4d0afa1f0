"""Feedback: what people say of the app, here and elsewhere, and of what they were told is mended."""

from __future__ import annotations

from pydantic import ValidationError

from feedback_ml.text import mask_personal
from functions.domain import champion, feedback, still_broken
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.settings import settings
from schemas.common import Tongue
from schemas.feedback import Feedback, Labels
from schemas.releases import StillBroken, StillBrokenReceipt
from schemas.topics import FeedbackImport, FeedbackReceipt, ImportOutcome, ImportReceipt, NewFeedback

door = Door("functions.feedback", tag="Feedback")
IMPORT_LIMIT = 4 * 1024 * 1024
"""Bytes of one batch: 200 long reviews in Urdu script, and below what the gateway lets through."""


@door.declare(
    "POST",
    "/v1/feedback",
    Permission.FEEDBACK_GIVE,
    "Say what you think of the app",
    takes=NewFeedback,
    answers=FeedbackReceipt,
    status=201,
    idempotent=True,
    problems=(400, 401, 403, 413, 415, 422, 503),
)
def give(request: Request) -> Answer:
    row = feedback.give(
        request.signed_in,
        request.body,
        settings().own_app,
        request.idempotency_key,
        request.now,
        _label,
        mask_personal,
    )
    receipt = FeedbackReceipt(
        feedback_id=row.feedback.feedback_id,
        received_at=row.feedback.written_at,
        type=row.labels.type,
        language=row.labels.language,
    )
    return Answer(receipt)


@door.declare(
    "POST",
    "/v1/feedback/imports",
    Permission.FEEDBACK_IMPORT,
    "Import a batch of feedback from another source",
    takes=FeedbackImport,
    answers=ImportReceipt,
    body_limit=IMPORT_LIMIT,
    problems=(400, 401, 403, 413, 415, 503),
)
def import_batch(request: Request) -> Answer:
    """The same record again is `unchanged`; a revised one is `replaced` and keeps its history."""
    outcomes: list[ImportOutcome | None] = []
    records: list[Feedback] = []
    for given in request.body.records:
        try:
            records.append(Feedback.model_validate(given))
            outcomes.append(None)
        except ValidationError as error:
            outcomes.append(_refused(error, request.tongue))
    taken = iter(feedback.take_in(records, _label, mask_personal, request.now) if records else ())
    return Answer(ImportReceipt(results=tuple(outcome or next(taken) for outcome in outcomes)))


@door.declare(
    "POST",
    "/v1/feedback/{feedback_id}/still-broken",
    Permission.FEEDBACK_GIVE,
    "Say that what you were told is mended is still broken",
    takes=StillBroken,
    answers=StillBrokenReceipt,
    problems=(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
def say_still_broken(request: Request) -> Answer:
    """Of your own feedback, once you were told of a release. Twice is once; a text is kept as feedback."""
    feedback_id = request.path["feedback_id"]
    noted = still_broken.say(request.signed_in, feedback_id, request.body, request.now, _label, mask_personal)
    return Answer(StillBrokenReceipt(feedback_id=feedback_id, noted_at=request.now, reopened=noted.reopened))


def _label(record: Feedback) -> Labels:
    return champion.label(record)


def _refused(error: ValidationError, tongue: Tongue) -> ImportOutcome:
    reasons = [f"{f.pointer} {fault_sentence(f.fault, tongue, f.words)}" for f in faults_of(error)]
    return ImportOutcome(feedback_id=None, outcome="refused", reason="; ".join(reasons))
