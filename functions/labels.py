"""Labels by people: corrections, the queue of what a person is asked about, and the export that trains."""

from __future__ import annotations

from functions import cursors
from functions.domain import labels
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.settings import settings
from functions.storage.feedback import Labelled
from schemas.labels import (
    AppPageQuery,
    Asked,
    CorrectedPage,
    CorrectedText,
    CorrectionShown,
    LabelQueue,
    LabelQueueQuery,
    LabelsShown,
    LabelsView,
    NewLabels,
)

door = Door("functions.labels", tag="Labels")
LABELS = "/v1/feedback/{feedback_id}/labels"


@door.declare(
    "GET",
    LABELS,
    Permission.LABEL_CORRECT,
    "What a text is, and who says so",
    answers=LabelsView,
    problems=(401, 403, 404, 503),
)
def show_labels(request: Request) -> Answer:
    return _view(labels.show(request.path["feedback_id"]))


@door.declare(
    "PUT",
    LABELS,
    Permission.LABEL_CORRECT,
    "Correct what a text is",
    takes=NewLabels,
    answers=LabelsView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def correct_labels(request: Request) -> Answer:
    """Holds from now on, also when the text comes in again; the model learns from it. Undo with DELETE."""
    row = labels.correct(
        request.signed_in, request.path["feedback_id"], request.body, request.now, request.if_version
    )
    return _view(row)


@door.declare(
    "DELETE",
    LABELS,
    Permission.LABEL_CORRECT,
    "Take a correction back",
    answers=LabelsView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 503),
)
def undo_labels(request: Request) -> Answer:
    """The model's word holds again."""
    row = labels.undo(request.signed_in, request.path["feedback_id"], request.now, request.if_version)
    return _view(row)


@door.declare(
    "GET",
    "/v1/labels/queue",
    Permission.LABEL_CORRECT,
    "Texts that the model is unsure of",
    query=LabelQueueQuery,
    answers=LabelQueue,
    problems=(400, 401, 403, 503),
)
def label_queue(request: Request) -> Answer:
    """The most uncertain first: a label for one of those teaches most."""
    app, language = request.query.app or settings().own_app, request.query.language
    bound_to = ("labels", app, language or "")
    position = cursors.decode(request.query.cursor, *bound_to)
    rows, after = labels.queue(app, language, position, request.query.limit)
    waiting = labels.waiting(app)
    page = LabelQueue(
        items=tuple(asked(row) for row in rows),
        waiting=waiting.count,
        more=waiting.is_more,
        next=cursors.encode(after, *bound_to),
    )
    return Answer(page)


@door.declare(
    "POST",
    "/v1/labels/queue/{feedback_id}/skip",
    Permission.LABEL_CORRECT,
    "Pass a text by",
    answers=LabelsView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 503),
)
def skip_text(request: Request) -> Answer:
    """It goes behind all others; passed by there too, it is asked about no more."""
    row = labels.skip(request.signed_in, request.path["feedback_id"], request.now, request.if_version)
    return _view(row)


@door.declare(
    "GET",
    "/v1/labels/export",
    Permission.LABEL_CORRECT,
    "What people labelled, to learn from",
    query=AppPageQuery,
    answers=CorrectedPage,
    problems=(400, 401, 403, 503),
)
def export_labels(request: Request) -> Answer:
    app = request.query.app or settings().own_app
    position = cursors.decode(request.query.cursor, "corrected", app)
    rows, after = labels.corrected(app, position, request.query.limit)
    items = tuple(_corrected(row) for row in rows if row.labelling.correction)
    return Answer(CorrectedPage(items=items, next=cursors.encode(after, "corrected", app)))


def asked(row: Labelled) -> Asked:
    """A text of the queue as it is shown."""
    feedback = row.feedback
    return Asked(
        feedback_id=feedback.feedback_id,
        text=feedback.text,
        title=feedback.title,
        language=row.labels.language,
        rating=feedback.rating,
        source=feedback.source,
        written_at=feedback.written_at,
        labels=LabelsShown.of(row.labels),
        why=row.labels.why,
        margin=row.labels.margin or 0.0,
        skipped=row.labelling.skipped,
        version=row.labelling.version,
    )


def _corrected(row: Labelled) -> CorrectedText:
    feedback, found, said = row.feedback, row.labels, labels.said_by_model(row)
    correction = row.labelling.correction
    return CorrectedText(
        feedback_id=feedback.feedback_id,
        app=feedback.app,
        text=feedback.text,
        title=feedback.title,
        rating=feedback.rating,
        lang=found.language,
        type=found.type,
        types=found.types,
        area=found.area,
        severity=found.severity,
        danger=found.danger,
        sentiment=found.sentiment,
        corrected_at=correction.at if correction else feedback.written_at,
        said_by_model=said.type,
        model=said.model,
    )


def labels_view(row: Labelled) -> LabelsView:
    correction = row.labelling.correction
    by = CorrectionShown(by=correction.by, at=correction.at, reason=correction.reason) if correction else None
    return LabelsView(
        feedback_id=row.feedback.feedback_id,
        version=row.labelling.version,
        labels=LabelsShown.of(row.labels),
        said_by_model=LabelsShown.of(labels.said_by_model(row)),
        correction=by,
    )


def _view(row: Labelled) -> Answer:
    return Answer(labels_view(row), headers={"ETag": f'"{row.labelling.version}"'})
