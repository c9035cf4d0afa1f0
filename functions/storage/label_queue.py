"""Texts by what people did to their labels: asked about, and corrected. Queried by index, never scanned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import merge
from typing import get_args

from functions.storage.feedback import Corrected, FeedbackItem, Labelled, ToLabel, in_order, read_item
from functions.storage.labelling import asked_partition, corrected_partition
from functions.storage.tables import named_failures
from schemas.feedback import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
COUNTED = 100
"""Rows counted of one language at most: a menu needs no more than "400 and more"."""


@dataclass(frozen=True, slots=True)
class Waiting:
    count: int
    is_more: bool
    """Whether more wait than were counted."""


def asked(
    app: str, languages: Sequence[Language], *, after: str | None, limit: int
) -> tuple[list[Labelled], str | None]:
    """The most uncertain first over all the languages, and the position to go on from."""
    since = (ToLabel.asked_key > after) if after else None
    with named_failures():
        keys = [
            [row.asked_key for row in FeedbackItem.to_label.query(partition, since, limit=limit + 1)]
            for partition in (asked_partition(app, language) for language in languages)
        ]
    ordered = [key for key, _ in zip(merge(*keys), range(limit + 1), strict=False)]
    position = ordered[limit - 1] if len(ordered) > limit else None
    # The index lags: one that was labelled a moment ago is not asked about again.
    rows = in_order([key.rpartition("#")[2] for key in ordered[:limit]])
    return [row for row in rows if row.labelling.is_asked], position


def waiting(app: str, languages: Sequence[Language] = LANGUAGES) -> Waiting:
    counts = []
    with named_failures():
        for language in languages:
            # Counted here: the library's own count reads on to the end whatever its limit.
            rows = FeedbackItem.to_label.query(asked_partition(app, language), limit=COUNTED)
            counts.append(sum(1 for _ in rows))
    return Waiting(sum(counts), any(count >= COUNTED for count in counts))


def corrected(app: str, *, after: str | None, limit: int) -> tuple[list[Labelled], str | None]:
    """What people labelled, oldest correction first, and the position to go on from."""
    since = (Corrected.corrected_key > after) if after else None
    with named_failures():
        rows = list(FeedbackItem.corrected.query(corrected_partition(app), since, limit=limit + 1))
    position = rows[limit - 1].corrected_key if len(rows) > limit else None
    return [read_item(row) for row in rows[:limit]], position
