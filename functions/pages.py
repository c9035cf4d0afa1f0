"""Pages: the front, the board, a topic with its decisions, and the API reference."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, ValidationError

from functions import cursors, openapi, reference
from functions.board_view import Line, line, lines, place_of, shortened, week_ends
from functions.domain import topics
from functions.domain.access import Permission, allow
from functions.domain.disclosure import texts_counted
from functions.domain.errors import ChangedMeanwhile, PreconditionFailed
from functions.door import Answer, Door, Request
from functions.rendering import page, redirect, wants_part
from functions.settings import settings
from functions.storage.topics import Topic
from schemas.common import Body, PageQuery
from schemas.feedback import FeedbackType, Status
from schemas.topics import FEWEST_PEOPLE, AppName, NewDecision, TopicRow

door = Door("functions.pages", tag="Pages")
TOPICS_READ = 2_000
"""Most topics of one app the board looks through: filters and counts are over all, not over a page."""
TOPICS_A_PAGE = 25
QUOTES_A_PAGE = 10
TYPES: tuple[FeedbackType, ...] = (
    "bug", "performance", "usability", "feature_request", "service_complaint", "question",
)  # fmt: skip
STATUSES: tuple[Status, ...] = ("new", "accepted", "planned", "shipped", "declined")
FAULTS = {"reason_needed": "fault_reason", "control_characters": "fault_reason_characters"}


class BoardQuery(Body):
    """What the board is asked for; a form sends empty text for what was not chosen."""

    app: AppName | None = None
    type: FeedbackType | Annotated[str, Field(max_length=0)] = ""
    status: Status | Annotated[str, Field(max_length=0)] = ""
    cursor: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None

    def address(self, cursor: str | None = None) -> str:
        chosen = {"app": self.app, "type": self.type, "status": self.status, "cursor": cursor}
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"/board?{query}" if query else "/board"


class QuotesQuery(PageQuery):
    limit: int = QUOTES_A_PAGE
    changed: Annotated[int, Field(ge=1)] | None = Field(None, description="The version just decided upon")


class DecisionForm(Body):
    """The form as typed. What is wrong in it is said beside the field, so it is not refused at the door."""

    status: str = ""
    reason: str = ""
    version: Annotated[int, Field(ge=1)]


@door.declare("GET", "/", Permission.PUBLIC, "The front page", kind="page")
def front(request: Request) -> Answer:
    return page(request, "front.html")


@door.declare("GET", "/docs", Permission.PUBLIC, "The API reference", kind="page")
def docs(request: Request) -> Answer:
    document = openapi.document(openapi.ROUTES)
    return page(
        request, "docs.html", operations=reference.operations(document), models=reference.models(document)
    )


@door.declare("GET", "/board", Permission.TOPIC_READ, "The ranked topics", kind="page", query=BoardQuery)
def board(request: Request) -> Answer:
    query: BoardQuery = request.query
    own = settings().own_app
    app = query.app or own
    bound = ("board", app, query.type, query.status)
    after = cursors.decode(query.cursor, *bound)
    everything, _ = topics.ranked(app, None, TOPICS_READ)
    rows = [topic.row for topic in everything]
    chosen = [each for each in lines(rows) if _matches(each, query)]
    since = [each for each in chosen if after is None or _position(each) > after]
    shown = since[:TOPICS_A_PAGE]
    following = _position(shown[-1]) if len(since) > len(shown) else None
    next_cursor = cursors.encode(following, *bound)
    known = [row.app for row in topics.apps(own)]
    texts, counted = texts_counted(rows)
    return page(
        request,
        "board.html",
        query=query,
        app=app,
        own_app=own,
        apps=known if app in known else [app, *known],
        types=TYPES,
        statuses=STATUSES,
        lines=shown,
        matching=len(chosen),
        topics=len(rows),
        texts=texts,
        counted=counted,
        as_of=max((row.as_of for row in rows), default=None),
        next_page=query.address(next_cursor) if next_cursor else None,
        first_page=query.address() if after else None,
        short=shortened,
        fewest=FEWEST_PEOPLE,
    )


@door.declare(
    "GET", "/board/topics/{topic_id}", Permission.TOPIC_READ, "A topic", kind="page", query=QuotesQuery
)
def topic_page(request: Request) -> Answer:
    topic = _topic(request)
    just_saved = bool(topic.decisions) and request.query.changed == topic.row.version
    return _topic_answer(request, topic, saved=just_saved)


@door.declare(
    "GET", "/board/topics/{topic_id}/why", Permission.TOPIC_READ, "Why a topic stands there", kind="page"
)
def why(request: Request) -> Answer:
    topic = _topic(request)
    if not wants_part(request):
        return redirect(f"{_address(topic)}#why")
    return page(request, "parts/why.html", line=_line(topic), fewest=FEWEST_PEOPLE)


@door.declare(
    "GET",
    "/board/topics/{topic_id}/quotes",
    Permission.TOPIC_READ,
    "More texts of a topic",
    kind="page",
    query=QuotesQuery,
)
def more_quotes(request: Request) -> Answer:
    topic = _topic(request)
    if not wants_part(request):
        return redirect(f"{_address(topic)}?{urlencode({'cursor': request.query.cursor or ''})}#quotes")
    return page(request, "parts/quotes.html", topic=topic, **_quotes(request, topic))


@door.declare(
    "POST",
    "/board/topics/{topic_id}/decisions",
    Permission.TOPIC_DECIDE,
    "Decide upon a topic",
    kind="page",
    takes=DecisionForm,
)
def decide(request: Request) -> Answer:
    form: DecisionForm = request.body
    topic = _topic(request)
    try:
        new = NewDecision.model_validate({"status": form.status, "reason": form.reason.strip() or None})
    except ValidationError as error:
        return _topic_answer(request, topic, status=422, form=form, faults=_faults(error))
    try:
        changed = topics.decide(request.signed_in, topic.row.topic_id, new, request.now, form.version)
    except (PreconditionFailed, ChangedMeanwhile):
        return _topic_answer(request, _topic(request), status=409, form=form, conflict=True)
    if wants_part(request):
        return _topic_answer(request, changed, saved=True)
    return redirect(f"{_address(changed)}?changed={changed.row.version}#decision")


def _topic_answer(request: Request, topic: Topic[TopicRow], *, status: int = 200, **told: Any) -> Answer:
    """The topic's page, or its decision alone when the page asks for that; `told` is what just happened."""
    caller = request.signed_in
    former = topic.decisions[-2] if len(topic.decisions) > 1 else None
    shown = {
        "topic": topic,
        "line": _line(topic),
        "may_decide": allow(caller, Permission.TOPIC_DECIDE),
        "statuses": STATUSES,
        "former_status": former.status if former else "new",
        "former_reason": former.reason if former else "",
        "form": None,
        "faults": {},
        "conflict": False,
        "saved": False,
        "fewest": FEWEST_PEOPLE,
        **told,
    }
    if wants_part(request):
        return page(request, "parts/decision.html", status=status, here=_address(topic), part=True, **shown)
    shown["line"] = _line_on_board(topic)
    listed = _quotes(request, topic)
    ends = week_ends(topic.row)
    return page(
        request, "topic.html", status=status, here=_address(topic), part=False, ends=ends, **listed, **shown
    )


def _quotes(request: Request, topic: Topic[TopicRow]) -> dict[str, Any]:
    given: QuotesQuery = request.query or QuotesQuery()
    bound = ("quotes", topic.row.topic_id)
    rows, after = topics.quotes(topic, cursors.decode(given.cursor, *bound), QUOTES_A_PAGE)
    return {"quotes": rows, "next_quotes": cursors.encode(after, *bound)}


def _faults(error: ValidationError) -> dict[str, str]:
    """Field -> key of the sentence beside it."""
    found: dict[str, str] = {}
    for row in error.errors():
        if "status" in row["loc"]:
            found["status"] = "fault_status"
        else:
            found["reason"] = FAULTS.get(row["type"], "fault_reason_long")
    return found


def _matches(each: Line, query: BoardQuery) -> bool:
    return (not query.type or each.row.type == query.type) and (
        not query.status or each.row.status == query.status
    )


def _position(each: Line) -> str:
    return f"{each.row.rank:06d}#{each.row.topic_id}"


def _line(topic: Topic[TopicRow]) -> Line:
    return line(topic.row, place_of(topic.row))


def _line_on_board(topic: Topic[TopicRow]) -> Line:
    """The topic with the place the board gives it, which ties with those before it."""
    if place_of(topic.row) is None:
        return _line(topic)
    before, _ = topics.ranked(topic.row.app, None, min(topic.row.rank, TOPICS_READ))
    shown = {each.row.topic_id: each for each in lines([one.row for one in before])}
    return shown.get(topic.row.topic_id) or _line(topic)


def _address(topic: Topic[TopicRow]) -> str:
    return f"/board/topics/{topic.row.topic_id}"


def _topic(request: Request) -> Topic[TopicRow]:
    return topics.show(request.path["topic_id"])
