"""Topics: what people write about, ranked; and what product owners decide upon it and make of it."""

from __future__ import annotations

from collections.abc import Iterator

from functions import cursors
from functions.domain import topic_decisions, topic_edits, topic_undo, topics
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.settings import settings
from functions.spreadsheet import MEDIA_TYPE, sheet
from functions.storage.topics import Topic
from functions.topic_sheet import COLUMNS, cells
from schemas.common import PageQuery
from schemas.topic_edits import Merge, NewOverride, Rename, Split, Undo
from schemas.topics import (
    AppList,
    NewDecision,
    QuotePage,
    RegroupReceipt,
    RegroupRequest,
    SplitView,
    TopicPage,
    TopicQuery,
    TopicRow,
    TopicsFileQuery,
    TopicView,
)

door = Door("functions.topics", tag="Topics")
TOPIC = "/v1/topics/{topic_id}"
FILE_ROWS, FILE_STEP = 5_000, 100
CHANGE_PROBLEMS = (400, 401, 403, 404, 409, 412, 413, 415, 503)


@door.declare(
    "GET",
    "/v1/apps",
    Permission.TOPIC_READ,
    "Apps with feedback",
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
    query=TopicQuery,
    answers=TopicPage,
    problems=(400, 401, 403, 503),
)
def list_topics(request: Request) -> Answer:
    """With `hidden`, those that were merged into another or are none: so that it can be undone."""
    query: TopicQuery = request.query
    app = query.app or settings().own_app
    bound = ("hidden topics" if query.hidden else "topics", app)
    read = topics.hidden if query.hidden else topics.ranked
    rows, after = read(app, cursors.decode(query.cursor, *bound), query.limit)
    page = TopicPage(items=tuple(t.row for t in rows), next=cursors.encode(after, *bound))
    return Answer(page)


@door.declare(
    "GET",
    "/v1/topics.csv",
    Permission.TOPIC_READ,
    "Topics by rank, as a file for a spreadsheet",
    query=TopicsFileQuery,
    media_type=MEDIA_TYPE,
    problems=(400, 401, 403, 503),
)
def topics_file(request: Request) -> Answer:
    """The first 5,000 by rank. Of fewer than 10 people figures are empty, here as everywhere."""
    app = request.query.app or settings().own_app
    text = sheet(COLUMNS, (cells(row) for row in _all_ranked(app)))
    return Answer(text, headers={"Content-Disposition": 'attachment; filename="topics.csv"'})


@door.declare(
    "POST",
    "/v1/topics/regroup",
    Permission.FEEDBACK_IMPORT,
    "Ask for an app's feedback to be grouped and ranked now",
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
    TOPIC,
    Permission.TOPIC_READ,
    "A topic: its score part by part, and what was decided",
    answers=TopicView,
    problems=(401, 403, 404, 503),
)
def show_topic(request: Request) -> Answer:
    """The id of a merged topic answers with the one it was merged into, named in Content-Location."""
    return _view(topics.show(request.path["topic_id"]))


@door.declare(
    "GET",
    f"{TOPIC}/feedback",
    Permission.TOPIC_READ,
    "The texts of a topic, newest first",
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
    f"{TOPIC}/decisions",
    Permission.TOPIC_DECIDE,
    "Decide upon a topic",
    takes=NewDecision,
    answers=TopicView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def decide(request: Request) -> Answer:
    """`in_release` names the release; in one that is out, the topic ships at once."""
    topic_id = request.path["topic_id"]
    return _view(
        topic_decisions.decide(request.signed_in, topic_id, request.body, request.now, request.if_version)
    )


@door.declare(
    "POST",
    f"{TOPIC}/merges",
    Permission.TOPIC_DECIDE,
    "Merge other topics into this one",
    takes=Merge,
    answers=TopicView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def merge(request: Request) -> Answer:
    """Their texts are this topic's from now on, tonight's like them too. Twice is once."""
    topic_id = request.path["topic_id"]
    return _view(
        topic_edits.merge(request.signed_in, topic_id, request.body, request.now, request.if_version)
    )


@door.declare(
    "POST",
    f"{TOPIC}/splits",
    Permission.TOPIC_DECIDE,
    "Make texts of this topic a topic of their own",
    takes=Split,
    answers=SplitView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def split(request: Request) -> Answer:
    """Texts like them follow with the next regrouping, which is asked for at once. Twice is once."""
    topic_id = request.path["topic_id"]
    old, new = topic_edits.split(request.signed_in, topic_id, request.body, request.now, request.if_version)
    return Answer(SplitView(topic=_shown(old), split_out=_shown(new)), headers=_etag(old))


@door.declare(
    "PUT",
    f"{TOPIC}/name",
    Permission.TOPIC_DECIDE,
    "Rename a topic",
    takes=Rename,
    answers=TopicView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def rename(request: Request) -> Answer:
    topic_id = request.path["topic_id"]
    return _view(
        topic_edits.rename(request.signed_in, topic_id, request.body, request.now, request.if_version)
    )


@door.declare(
    "PUT",
    f"{TOPIC}/override",
    Permission.TOPIC_DECIDE,
    "Put a topic where you want it",
    takes=NewOverride,
    answers=TopicView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def override(request: Request) -> Answer:
    """A place, or points. All see it as the part `override` of the score, with your reason."""
    topic_id = request.path["topic_id"]
    return _view(
        topic_edits.override(request.signed_in, topic_id, request.body, request.now, request.if_version)
    )


@door.declare(
    "DELETE",
    f"{TOPIC}/override",
    Permission.TOPIC_DECIDE,
    "Let a topic stand where its evidence puts it",
    answers=TopicView,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 503),
)
def remove_override(request: Request) -> Answer:
    topic_id = request.path["topic_id"]
    return _view(topic_edits.remove_override(request.signed_in, topic_id, request.now, request.if_version))


@door.declare(
    "POST",
    f"{TOPIC}/undo",
    Permission.TOPIC_DECIDE,
    "Take back the last decision or edit",
    takes=Undo,
    answers=TopicView,
    versioned=True,
    problems=CHANGE_PROBLEMS,
)
def undo(request: Request) -> Answer:
    """Named by its `number`, so that twice is once. Of a merged topic: takes it out of the other."""
    topic_id = request.path["topic_id"]
    return _view(topic_undo.undo(request.signed_in, topic_id, request.body, request.now, request.if_version))


def _view(topic: Topic[TopicRow]) -> Answer:
    return Answer(
        _shown(topic),
        headers={**_etag(topic), "Content-Location": f"/v1/topics/{topic.row.topic_id}"},
    )


def _etag(topic: Topic[TopicRow]) -> dict[str, str | list[str]]:
    return {"ETag": f'"{topic.row.version}"'}


def _shown(topic: Topic[TopicRow]) -> TopicView:
    last = topic_decisions.last_to_undo(topic)
    return TopicView(
        **dict(topic.row), decisions=topics.decisions(topic), can_undo=last.number if last else None
    )


def _all_ranked(app: str) -> Iterator[TopicRow]:
    after: str | None = None
    for _ in range(FILE_ROWS // FILE_STEP):
        rows, after = topics.ranked(app, after, FILE_STEP)
        yield from (topic.row for topic in rows)
        if after is None:
            return
