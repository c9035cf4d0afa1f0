"""Topics put where their owners say: as one more part of the score, named `override`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from feedback_ml.priority import Ranked
from schemas.topics import Override

PART = "override"
STEP = 0.1
"""Points above or below a neighbour where there is none on the other side."""


def placed(ranking: Sequence[Ranked], overrides: Mapping[str, Override]) -> list[Ranked]:
    """The ranking with every override in it, ranks counted anew; the parts still sum to the score.

    A place is kept exactly, whatever the scores; of two topics for one place the one asked for last has it.
    """
    free = [each for each in ranking if each.topic_id not in overrides]
    held = {each.topic_id: each for each in ranking if each.topic_id in overrides}
    for topic_id in sorted(held, key=lambda i: (overrides[i].place is not None, overrides[i].at, i)):
        points = overrides[topic_id].points
        if points is not None:
            moved = _with_points(held[topic_id], points)
            free.insert(_index_by_score(free, moved.score), moved)
    by_place = {i: place for i in held if (place := overrides[i].place) is not None}
    # From the first place down: what comes later pushes nobody from a place before it, but from its own.
    asked = sorted(by_place, key=lambda i: (by_place[i], overrides[i].at, i))
    for topic_id in asked:
        index = min(by_place[topic_id] - 1, len(free))
        free.insert(index, _between(held[topic_id], free, index))
    return _places_anew([replace(each, rank=rank) for rank, each in enumerate(free, start=1)], overrides)


def _places_anew(rows: Sequence[Ranked], overrides: Mapping[str, Override]) -> list[Ranked]:
    """Ties stay, under the rank that the first of them has now; who was put somewhere ties with nobody."""
    first: dict[int, int] = {}
    for each in rows:
        if each.topic_id not in overrides:
            first.setdefault(each.place, each.rank)
    return [
        replace(each, place=each.rank, tied=False)
        if each.topic_id in overrides
        else replace(each, place=first[each.place])
        for each in rows
    ]


def _with_points(each: Ranked, points: float) -> Ranked:
    return replace(each, score=each.score + points, parts={**each.parts, PART: points})


def _index_by_score(rows: Sequence[Ranked], score: float) -> int:
    return next((index for index, row in enumerate(rows) if row.score < score), len(rows))


def _between(each: Ranked, rows: Sequence[Ranked], index: int) -> Ranked:
    """With as many points as make its score fit between its neighbours'."""
    above = rows[index - 1].score if index > 0 else None
    below = rows[index].score if index < len(rows) else None
    if above is not None and below is not None:
        wanted = (above + below) / 2
    elif below is not None:
        wanted = below + STEP
    elif above is not None:
        wanted = above - STEP
    else:
        wanted = each.score
    return _with_points(each, wanted - each.score)
