"""The board: topics by rank or by any part of it, filtered, merged, kept as views, and taken as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args
from urllib.parse import urlencode

from pydantic import ValidationError

from functions import board_menu, cursors, desk_view
from functions.board_forms import BoardQuery, MergeForm, NewView, Sort, ViewForm, Weeks, choices_of
from functions.board_view import line, shortened
from functions.domain import board, board_lists, topic_decisions, topic_edits, topics, views
from functions.domain.access import Permission
from functions.domain.board import Board, Entry
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    PreconditionFailed,
    TopicMerged,
)
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect
from functions.settings import settings
from functions.spreadsheet import MEDIA_TYPE, sheet
from functions.topic_sheet import COLUMNS, cells
from schemas.feedback import Area, FeedbackType, Language, Status
from schemas.topic_edits import Merge
from schemas.topics import FEWEST_PEOPLE, TopicRow, Trend

door = Door("functions.board_pages", tag="Pages")
TOPICS_A_PAGE = 25
FILE_ROWS, FILE_STEP = 5_000, 100
TYPES: tuple[FeedbackType, ...] = (
    "bug", "performance", "usability", "feature_request", "service_complaint", "question",
)  # fmt: skip
STATUSES = tuple(status for status in get_args(Status) if status != "not_a_topic")
MORE = frozenset({"language", "version", "district", "weeks", "trend"})
"""Choices that stand behind "more" until one of them was made."""


@door.declare("GET", "/board", Permission.TOPIC_READ, "The ranked topics", kind="page", query=BoardQuery)
def show_board(request: Request) -> Answer:
    return _answer(request, request.query)


@door.declare(
    "GET",
    "/board/topics.csv",
    Permission.TOPIC_READ,
    "The topics of a list, as a file for a spreadsheet",
    kind="page",
    query=BoardQuery,
)
def topics_file(request: Request) -> Answer:
    query: BoardQuery = request.query
    found = board.of_app(query.app or settings().own_app)
    chosen = board_lists.listed(found, query.wanted, None, FILE_ROWS)
    text = sheet(COLUMNS, (cells(row) for row in _rows(chosen.entries)))
    headers = {
        "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
        "Content-Disposition": 'attachment; filename="topics.csv"',
    }
    return Answer(text, headers=headers)


@door.declare(
    "POST",
    "/board/merges",
    Permission.TOPIC_DECIDE,
    "Merge the topics that were ticked",
    kind="page",
    takes=MergeForm,
)
def merge(request: Request) -> Answer:
    """Under the one that stands highest; the others' ids lead to it from then on."""
    form: MergeForm = request.body
    back, ticked = choices_of(form.back), form.topics
    if len(ticked) < 2:
        return _answer(request, back, status=422, problem="merge_two")
    try:
        first, *others = sorted(ticked, key=lambda topic_id: (topics.show(topic_id).row.rank, topic_id))
        wanted = Merge(topic_ids=others)
        topic_edits.merge(request.signed_in, first, wanted, request.now, ticked[first])
    except (PreconditionFailed, ChangedMeanwhile, TopicMerged, InvalidRequest):
        return _answer(request, back, status=409, problem="merge_conflict")
    return redirect(back.address(changed=first) + "#told")


@door.declare(
    "POST",
    "/board/views",
    Permission.TOPIC_READ,
    "Keep a list under a name, or remove one",
    kind="page",
    takes=ViewForm,
)
def change_views(request: Request) -> Answer:
    form: ViewForm = request.body
    back = choices_of(form.back)
    try:
        if form.do == "remove":
            views.remove(request.signed_in, form.name)
            return redirect(back.address(kept="gone"))
        name = NewView.model_validate({"name": form.name}).name
        views.keep(request.signed_in, name, urlencode(back.parameters))
    except ValidationError as error:
        return _answer(request, back, status=422, typed=form.name, faults=faults_of(error))
    except InvalidRequest as error:
        return _answer(request, back, status=422, typed=form.name, faults=error.faults)
    except ChangedMeanwhile:
        return _answer(request, back, status=409, typed=form.name, problem="views_conflict")
    return redirect(back.address(kept="yes"))


def _answer(
    request: Request,
    query: BoardQuery,
    *,
    status: int = 200,
    problem: str = "",
    typed: str = "",
    faults: tuple[FieldFault, ...] = (),
) -> Answer:
    """The board; `problem` is the key of why something was not done, `faults` are those of a view's name."""
    own = settings().own_app
    app = query.app or own
    found = board.of_app(app)
    bound = ("board", app, *(f"{name}={value}" for name, value in query.chosen.items()))
    after = cursors.decode(query.cursor, *bound)
    chosen = board_lists.listed(found, query.wanted, after, TOPICS_A_PAGE)
    following = cursors.encode(chosen.position, *bound)
    return page(
        request,
        "board.html",
        status=status,
        here=query.address(cursor=query.cursor),
        query=query,
        back=urlencode(query.parameters),
        app=app,
        lines=[line(row) for row in board.rows(chosen.entries)],
        matching=chosen.matching,
        next_page=query.address(cursor=following) if following else None,
        first_page=query.address() if after else None,
        short=shortened,
        fewest=FEWEST_PEOPLE,
        merged=_just_merged(query),
        problem=problem,
        **_counts(found),
        **_choices(request, query, found, app, own),
        **_views(request, query, typed, faults),
        **board_menu.frame(request),
    )


def _counts(found: Board) -> dict[str, Any]:
    counted = sum(1 for each in found.entries if each.people is not None)
    return {
        "topics": len(found.entries),
        "counted": counted,
        "people": found.people,
        "as_of": found.as_of,
    }


def _choices(request: Request, query: BoardQuery, found: Board, app: str, own: str) -> dict[str, Any]:
    known = [row.app for row in topics.apps(own)]
    return {
        "own_app": own,
        "apps": known if app in known else [app, *known],
        "types": TYPES,
        "areas": get_args(Area),
        "languages": get_args(Language),
        "versions": board_lists.versions(found),
        "districts": board_lists.districts(found),
        "periods": [weeks for weeks in get_args(Weeks) if weeks],
        "trends": get_args(Trend),
        "statuses": STATUSES,
        "sorts": get_args(Sort),
        "more_chosen": bool(MORE & query.chosen.keys()) or app != own,
        "office_name": lambda office: desk_view.office_name(office, request.tongue),
    }


def _views(request: Request, query: BoardQuery, typed: str, faults: tuple[FieldFault, ...]) -> dict[str, Any]:
    kept = views.mine(request.signed_in)
    here = urlencode(query.parameters)
    fault = faults[0] if faults else None
    return {
        "views": [
            (name, f"/board?{chosen}" if chosen else "/board", chosen == here)
            for name, chosen in kept.items()
        ],
        "may_keep": bool(query.chosen) or query.app is not None,
        "typed": typed,
        "view_fault": fault_sentence(fault.fault, request.tongue, fault.words) if fault else "",
    }


def _just_merged(query: BoardQuery) -> dict[str, Any] | None:
    """The topic others were merged into a moment ago, with the decision that undoes it."""
    if query.changed is None:
        return None
    topic = topics.show(query.changed)
    last = topic_decisions.last_to_undo(topic)
    if last is None or last.action != "merge":
        return None
    return {"row": topic.row, "decision": last.number, "count": last.facts["merged"].count(",") + 1}


def _rows(entries: Sequence[Entry]) -> Iterator[TopicRow]:
    for begin in range(0, len(entries), FILE_STEP):
        yield from board.rows(entries[begin : begin + FILE_STEP])
