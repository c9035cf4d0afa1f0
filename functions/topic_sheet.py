"""A topic as a line of a file for a spreadsheet: of few people figures are empty, here as everywhere."""

from __future__ import annotations

from functions.spreadsheet import Cell
from schemas.topics import TopicRow

COLUMNS = (
    "rank", "topic_id", "type", "area", "name_en", "name_ur", "status", "release", "verdict", "score",
    "people", "texts", "severity", "trend", "languages", "versions", "as_of",
)  # fmt: skip


def cells(row: TopicRow) -> tuple[Cell, ...]:
    return (
        row.rank, row.topic_id, row.type, row.area, row.name["en"], row.name["ur"], row.status,
        row.release_version or "", row.verdict or "", row.score, row.people, row.texts, row.severity,
        row.trend or "", " ".join(row.languages), ", ".join(row.versions), row.as_of,
    )  # fmt: skip
