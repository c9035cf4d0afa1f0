"""The road map: topics by how far they have come, moved from column to column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions import board_menu
from functions.domain import board, board_lists, releases, topic_decisions, topic_life, topics
from functions.domain.access import Permission
from functions.domain.board import Entry
from functions.door import Answer, Door, Request
from functions.rendering import page
from functions.settings import settings
from schemas.common import Body
from schemas.feedback import Status
from schemas.topics import FEWEST_PEOPLE, AppName, TopicId

door = Door("functions.roadmap_pages", tag="Pages")
CARDS_A_COLUMN = 20
RELEASES_OFFERED = 40
COLUMNS: tuple[tuple[Status, tuple[Status, ...]], ...] = (
    ("new", ("regressed", "new")),
    ("accepted", ("accepted",)),
    ("planned", ("planned",)),
    ("in_release", ("in_release",)),
    ("shipped", ("shipped",)),
    ("measured", ("measured",)),
)
"""A column -> the statuses in it, in that order: what people say is still broken waits before all else."""
KEYS: Mapping[Status, str] = {"accepted": "a", "planned": "p", "new": "b", "regressed": "b"}
"""Moves that need no more words than the move itself."""


class RoadmapQuery(Body):
    app: AppName | None = None
    changed: TopicId | None = None


@dataclass(frozen=True, slots=True)
class Column:
    status: Status
    cards: Sequence[Entry]
    total: int


@door.declare(
    "GET",
    "/board/roadmap",
    Permission.TOPIC_READ,
    "Topics by how far they are",
    kind="page",
    query=RoadmapQuery,
)
def show_roadmap(request: Request) -> Answer:
    app = request.query.app or settings().own_app
    by_status = board_lists.by_status(board.of_app(app))
    offered, _ = releases.listed(app, None, RELEASES_OFFERED)
    return page(
        request,
        "roadmap.html",
        here="/board/roadmap",
        columns=[_column(status, within, by_status) for status, within in COLUMNS],
        declined=_column("declined", ("declined",), by_status),
        moves=topic_life.next_statuses,
        keys=KEYS,
        releases=[each for each in offered if each.state == "planned"]
        + [r for r in offered if r.state == "shipped"],
        moved=_just_moved(request.query),
        fewest=FEWEST_PEOPLE,
        is_empty=not by_status,
        **board_menu.frame(request),
    )


def _column(status: Status, within: Sequence[Status], by_status: Mapping[str, Sequence[Entry]]) -> Column:
    cards = [entry for each in within for entry in by_status.get(each, ())]
    return Column(status, cards[:CARDS_A_COLUMN], len(cards))


def _just_moved(query: RoadmapQuery) -> dict[str, Any] | None:
    """The topic that was moved a moment ago, with the decision that undoes it."""
    if query.changed is None:
        return None
    topic = topics.show(query.changed)
    last = topic_decisions.last_to_undo(topic)
    return {"row": topic.row, "decision": last.number if last else None}
