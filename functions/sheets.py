"""A page of a list as a file for a spreadsheet, with a link to the next page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from functions import spreadsheet
from functions.door import Answer, Request


def sheet_of(
    request: Request, path: str, columns: Mapping[str, str], rows: Iterable[Any], cursor: str | None
) -> Answer:
    """`columns`: a column's name -> the field of a row that it holds. The link asks for the same again."""
    name = path.rpartition("/")[2]
    headers: dict[str, str | list[str]] = {"Content-Disposition": f'attachment; filename="{name}"'}
    if cursor:
        asked = request.query.model_dump(exclude_none=True, by_alias=True) | {"cursor": cursor}
        headers["Link"] = f'<{path}?{urlencode(asked)}>; rel="next"'
    cells = ([getattr(row, field) for field in columns.values()] for row in rows)
    return Answer(spreadsheet.sheet([*columns], cells), headers=headers)
