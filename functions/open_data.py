"""Open data: how many complaints a month brought and what became of them, for anybody to use."""

from __future__ import annotations

from functions.domain import open_data
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.spreadsheet import MEDIA_TYPE
from schemas.figures import OpenDataQuery

door = Door("functions.open_data", tag="Open data")
# The file of a named month never changes; which month is the last one does.
NAMED, NEWEST = "public, max-age=86400", "public, max-age=3600"


@door.declare(
    "GET",
    "/open-data/complaints.csv",
    Permission.PUBLIC,
    "Complaints of a month by district and class, as a file",
    query=OpenDataQuery,
    media_type=MEDIA_TYPE,
    problems=(400, 404, 503),
)
def open_complaints(request: Request) -> Answer:
    """As they stood after the month's end. A count of 1 to 4 is empty, and so is what would tell it.

    Class `all` is the district's total, of which restricted matters are a part. CC BY 4.0.
    """
    asked = request.query.month
    month, text = open_data.read(asked)
    headers: dict[str, str | list[str]] = {
        "Cache-Control": NAMED if asked else NEWEST,
        "Content-Disposition": f'attachment; filename="complaints-{month}.csv"',
    }
    return Answer(text, headers=headers)
