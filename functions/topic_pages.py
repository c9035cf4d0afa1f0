"""A topic's page: why it stands there, what people say, what was decided, and all that can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from functions import board_menu, cursors, topic_view
from functions.board_forms import QUOTES_A_PAGE, DecisionForm, EditForm, QuotesQuery
from functions.board_view import Line, line
from functions.domain import (
    board,
    board_lists,
    releases,
    topic_decisions,
    topic_edits,
    topic_life,
    topic_undo,
    topics,
)
from functions.domain.access import Permission
from functions.domain.board import NO_FACTS, Board
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TopicMerged,
    TransitionNotAllowed,
    UndoNotPossible,
)
from functions.door import Answer, Door, Request
from functions.errors import faults_of, problem_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect, wants_part
from functions.storage.topics import Topic
from schemas.topic_edits import Merge, NewOverride, Rename, Split, Undo
from schemas.topics import FEWEST_PEOPLE, TopicRow

door = Door("functions.topic_pages", tag="Pages")
TOPIC = "/board/topics/{topic_id}"
RELEASES_OFFERED = 40
TARGETS_SHOWN = 6
WIDE, NARROW = (720, 220), (340, 200)
MOVED_ON = (PreconditionFailed, ChangedMeanwhile)
NOT_POSSIBLE = (TransitionNotAllowed, UndoNotPossible, TopicMerged)
FIELDS = {"feedback_ids": "texts", "topic_ids": "into", "": "place"}
"""Where what is wrong is said, for fields that a form calls otherwise."""


@door.declare("GET", TOPIC, Permission.TOPIC_READ, "A topic", kind="page", query=QuotesQuery)
def topic_page(request: Request) -> Answer:
    topic = _topic(request)
    if topic.row.topic_id != request.path["topic_id"]:
        return redirect(_address(topic))  # merged: its texts are there now
    just_saved = bool(topic.decisions) and request.query.changed == topic.row.version
    return _answer(request, topic, saved=just_saved)


@door.declare("GET", f"{TOPIC}/why", Permission.TOPIC_READ, "Why a topic stands there", kind="page")
def why(request: Request) -> Answer:
    topic = _topic(request)
    if not wants_part(request):
        return redirect(f"{_address(topic)}#why")
    return page(request, "parts/why.html", line=line(topic.row), fewest=FEWEST_PEOPLE)


@door.declare(
    "GET", f"{TOPIC}/quotes", Permission.TOPIC_READ, "More texts of a topic", kind="page", query=QuotesQuery
)
def more_quotes(request: Request) -> Answer:
    topic = _topic(request)
    if not wants_part(request):
        return redirect(f"{_address(topic)}?{urlencode({'cursor': request.query.cursor or ''})}#quotes")
    may = board_menu.may_decide(request)
    return page(request, "parts/quotes.html", topic=topic, may_decide=may, **_quotes(request, topic))


@door.declare(
    "POST",
    f"{TOPIC}/decisions",
    Permission.TOPIC_DECIDE,
    "Decide upon a topic",
    kind="page",
    takes=DecisionForm,
)
def decide(request: Request) -> Answer:
    form: DecisionForm = request.body
    topic_id = request.path["topic_id"]

    def decided() -> Topic[TopicRow]:
        return topic_decisions.decide(request.signed_in, topic_id, form.decision, request.now, form.version)

    def answer(changed: Topic[TopicRow]) -> Answer:
        if form.back:
            return redirect(f"/board/roadmap?{urlencode({'changed': topic_id})}#told")
        if wants_part(request):
            return _answer(request, changed, saved=True)
        return _gone_on(changed)

    return _taken(request, "decide", decided, answer)


@door.declare("POST", f"{TOPIC}/edits", Permission.TOPIC_DECIDE, "Edit a topic", kind="page", takes=EditForm)
def edit(request: Request) -> Answer:
    form: EditForm = request.body
    pages = {"board": "/board", "roadmap": "/board/roadmap"}

    def answer(changed: Topic[TopicRow]) -> Answer:
        return redirect(pages[form.back]) if form.back else _gone_on(changed)

    return _taken(request, form.do, lambda: _edited(request, form), answer)


def _taken(
    request: Request,
    do: str,
    step: Callable[[], Topic[TopicRow]],
    answer: Callable[[Topic[TopicRow]], Answer],
) -> Answer:
    """The answer to what was done, or the page with why it was not."""
    try:
        changed = step()
    except ValidationError as error:
        return _refused(request, 422, do, faults_of(error))
    except InvalidRequest as error:
        return _refused(request, 422, do, error.faults)
    except MOVED_ON:
        return _refused(request, 409, do, conflict=True)
    except NOT_POSSIBLE as error:
        return _refused(request, 409, do, problem=problem_of(error, request.tongue, "").detail)
    return answer(changed)


def _edited(request: Request, form: EditForm) -> Topic[TopicRow]:
    """The topic to go on to."""
    caller, now, topic_id, wanted = request.signed_in, request.now, request.path["topic_id"], form.edit
    if isinstance(wanted, Rename):
        return topic_edits.rename(caller, topic_id, wanted, now, form.version)
    if isinstance(wanted, NewOverride):
        return topic_edits.override(caller, topic_id, wanted, now, form.version)
    if isinstance(wanted, Split):
        return topic_edits.split(caller, topic_id, wanted, now, form.version)[0]
    if isinstance(wanted, Undo):
        return topic_undo.undo(caller, topic_id, wanted, now, form.version)
    if isinstance(wanted, Merge):
        # This one goes into another, which is the one that is addressed; its version is none the reader saw.
        this = Merge(topic_ids=[topic_id], reason=wanted.reason)
        try:
            return topic_edits.merge(caller, wanted.topic_ids[0], this, now, None)
        except NotFound:
            raise InvalidRequest(FieldFault("/topic_ids", "unknown_topic")) from None
    return topic_edits.remove_override(caller, topic_id, now, form.version)


# --- answers


def _refused(
    request: Request,
    status: int,
    do: str,
    faults: tuple[FieldFault, ...] = (),
    *,
    conflict: bool = False,
    problem: str = "",
) -> Answer:
    """The page as it is, with why nothing was done and everything that was typed."""
    said: dict[str, str] = {}
    for fault in faults:
        name = _field(fault.pointer)
        said.setdefault(f"{do}-{name}", fault_sentence(fault.fault, request.tongue, fault.words))
    told = {"conflict": conflict, "problem": problem, "faults": said, "form": request.body, "did": do}
    return _answer(request, _topic(request), status, **told)


def _field(pointer: str) -> str:
    steps = [step for step in pointer.split("/") if step and not step.isdigit()]
    last = steps[-1] if steps else ""
    if steps[:1] == ["done"]:
        return f"done_{last}" if len(steps) > 1 else "done_en"
    return FIELDS.get(last, last)


def _answer(request: Request, topic: Topic[TopicRow], status: int = 200, **told: Any) -> Answer:
    """The topic's page, or its decision alone when the page asks for that; `told` is what just happened."""
    last = topic_decisions.last_to_undo(topic)
    offered, _ = releases.listed(topic.row.app, None, RELEASES_OFFERED)
    shown = {
        "topic": topic,
        "row": topic.row,
        "statuses": (topic.row.status, *topic_life.next_statuses(topic.row.status)),
        "releases": offered,
        "undoable": last.number if last else None,
        "form": None,
        "did": "",
        "faults": {},
        "conflict": False,
        "problem": "",
        "saved": False,
        "fewest": FEWEST_PEOPLE,
        **told,
    }
    here = _address(topic)
    if wants_part(request):
        may = board_menu.may_decide(request)
        return page(
            request, "parts/decision.html", status=status, here=here, part=True, may_decide=may, **shown
        )
    whole = _whole(request, topic)
    return page(request, "topic.html", status=status, here=here, part=False, **whole, **shown)


def _whole(request: Request, topic: Topic[TopicRow]) -> dict[str, Any]:
    row = topic.row
    known = board.of_app(row.app)
    entry = known.entry(row.topic_id)
    facts = entry.facts if entry and not row.suppressed else NO_FACTS
    out = [each for each in releases.listed(row.app, None, RELEASES_OFFERED)[0] if each.shipped_at]
    weeks = topic_view.with_releases(topic_view.weeks(row, facts), out)
    return {
        "line": line(row),
        "facts": facts,
        "weeks": weeks,
        "charts": [topic_view.chart(weeks, out, row.release_id, *size) for size in (WIDE, NARROW)],
        "scale": topic_view.scale(row.measured) if row.measured else None,
        "asked": request.query.q if request.query else "",
        "targets": _targets(request, known, row),
        **_quotes(request, topic),
        **board_menu.frame(request),
    }


def _targets(request: Request, known: Board, row: TopicRow) -> list[Line]:
    """Topics that this one may be merged into."""
    entry = known.entry(row.topic_id)
    if entry is None:
        return []
    asked = request.query.q if request.query else ""
    return [line(each) for each in board.rows(board_lists.akin(known, entry, asked, TARGETS_SHOWN))]


def _quotes(request: Request, topic: Topic[TopicRow]) -> dict[str, Any]:
    given: QuotesQuery = request.query or QuotesQuery()
    bound = ("quotes", topic.row.topic_id)
    rows, after = topics.quotes(topic, cursors.decode(given.cursor, *bound), QUOTES_A_PAGE)
    ticked = getattr(request.body, "texts", "").split(",")
    return {"quotes": rows, "next_quotes": cursors.encode(after, *bound), "ticked": ticked}


def _gone_on(changed: Topic[TopicRow]) -> Answer:
    return redirect(f"{_address(changed)}?changed={changed.row.version}#told")


def _address(topic: Topic[TopicRow]) -> str:
    return f"/board/topics/{topic.row.topic_id}"


def _topic(request: Request) -> Topic[TopicRow]:
    return topics.show(request.path["topic_id"])
