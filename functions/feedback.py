"""Feedback and topics: what people say of the app, and what product owners make of it."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache

from pydantic import ValidationError

from feedback_ml.classifier import Classifier
from feedback_ml.text import mask_personal
from functions import cursors
from functions.domain import feedback, topics
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.settings import settings
from functions.storage.topics import Topic
from schemas.common import PageQuery, Tongue
from schemas.feedback import Feedback, Labels
from schemas.topics import (
    AppList,
    FeedbackImport,
    FeedbackReceipt,
    ImportOutcome,
    ImportReceipt,
    NewDecision,
    NewFeedback,
    QuotePage,
    RegroupReceipt,
    RegroupRequest,
    TopicPage,
    TopicQuery,
    TopicRow,
    TopicView,
)

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
    taken = iter(feedback.take_in(records, _label, mask_personal) if records else ())
    return Answer(ImportReceipt(results=tuple(outcome or next(taken) for outcome in outcomes)))


@door.declare(
    "GET",
    "/v1/apps",
    Permission.TOPIC_READ,
    "Apps with feedback",
    tag="Topics",
    answers=AppList,
    problems=(401, 403, 503),
)
def list_apps(_: Request) -> Answer:
    return Answer(AppList(items=tuple(topics.apps(settings().own_app))))


@door.declare(
    "GET",
    "/v1/topics",
    Permission.TOPIC_READ,
    "Topics by rank",
    tag="Topics",
    query=TopicQuery,
    answers=TopicPage,
    problems=(400, 401, 403, 503),
)
def list_topics(request: Request) -> Answer:
    app = request.query.app or settings().own_app
    position = cursors.decode(request.query.cursor, "topics", app)
    rows, after = topics.ranked(app, position, request.query.limit)
    page = TopicPage(items=tuple(t.row for t in rows), next=cursors.encode(after, "topics", app))
    return Answer(page)


@door.declare(
    "POST",
    "/v1/topics/regroup",
    Permission.FEEDBACK_IMPORT,
    "Ask for an app's feedback to be grouped and ranked now",
    tag="Topics",
    takes=RegroupRequest,
    answers=RegroupReceipt,
    status=202,
    problems=(400, 401, 403, 413, 415, 503),
)
def regroup(request: Request) -> Answer:
    topics.ask_to_regroup(request.body.app)
    return Answer(RegroupReceipt(app=request.body.app, asked_at=request.now))


@door.declare(
    "GET",
    "/v1/topics/{topic_id}",
    Permission.TOPIC_READ,
    "A topic: its score part by part, and what was decided",
    tag="Topics",
    answers=TopicView,
    problems=(401, 403, 404, 503),
)
def show_topic(request: Request) -> Answer:
    return _topic_view(topics.show(request.path["topic_id"]))


@door.declare(
    "GET",
    "/v1/topics/{topic_id}/feedback",
    Permission.TOPIC_READ,
    "The texts of a topic, newest first",
    tag="Topics",
    query=PageQuery,
    answers=QuotePage,
    problems=(400, 401, 403, 404, 503),
)
def topic_feedback(request: Request) -> Answer:
    topic = topics.show(request.path["topic_id"])
    position = cursors.decode(request.query.cursor, "quotes", topic.row.topic_id)
    rows, after = topics.quotes(topic, position, request.query.limit)
    return Answer(QuotePage(items=tuple(rows), next=cursors.encode(after, "quotes", topic.row.topic_id)))


@door.declare(
    "POST",
    "/v1/topics/{topic_id}/decisions",
    Permission.TOPIC_DECIDE,
    "Decide upon a topic",
    tag="Topics",
    takes=NewDecision,
    answers=TopicView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def decide(request: Request) -> Answer:
    topic = topics.decide(
        request.signed_in, request.path["topic_id"], request.body, request.now, request.if_version
    )
    return _topic_view(topic)


@cache
def _classifier() -> Classifier:
    return Classifier.load()


def _label(record: Feedback) -> Labels:
    found = _classifier().label(record.text, title=record.title, rating=record.rating)
    return Labels(**asdict(found))


def _refused(error: ValidationError, tongue: Tongue) -> ImportOutcome:
    reasons = [f"{f.pointer} {fault_sentence(f.fault, tongue, f.words)}" for f in faults_of(error)]
    return ImportOutcome(feedback_id=None, outcome="refused", reason="; ".join(reasons))


def _topic_view(topic: Topic[TopicRow]) -> Answer:
    view = TopicView(**dict(topic.row), decisions=topics.decisions(topic))
    return Answer(view, headers={"ETag": f'"{topic.row.version}"'})
