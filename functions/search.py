"""Finding complaints: for officers in their jurisdiction, and for citizens what is like their own."""

from __future__ import annotations

from functions import cursors, spreadsheet
from functions.complaints import reference_of, row_shown
from functions.domain import complaints, register, similar
from functions.domain import search as finding
from functions.domain.access import Caller, Permission
from functions.domain.errors import FieldFault, InvalidReference, InvalidRequest
from functions.domain.references import parse_reference
from functions.door import Answer, Door, Request
from functions.sheets import sheet_of
from functions.storage.register import Row
from schemas.search import (
    AlikeOfOthers,
    FoundRow,
    SearchPage,
    SearchQuery,
    SimilarAnswer,
    SimilarPage,
    SimilarQuestion,
    SimilarRow,
)

door = Door("functions.search", tag="Search")
COLUMNS = {
    "reference": "reference",
    "state": "state",
    "class": "complaint_class",
    "category": "category",
    "office": "office",
    "level": "level",
    "lodged_at": "lodged_at",
}
"""Of the file: a column's name -> the field it holds."""


@door.declare(
    "GET",
    "/v1/complaints/search",
    Permission.COMPLAINT_SEARCH,
    "Search the complaints of your jurisdiction, newest first",
    query=SearchQuery,
    answers=SearchPage,
    problems=(400, 401, 403, 409, 429, 503),
)
def search(request: Request) -> Answer:
    """By words in any of three scripts, telephone, identity card or reference; in the last three months.

    A search by telephone or card is on record. Restricted complaints are listed with a clearance, and found
    by nothing that was written in them.
    """
    rows, cursor = _rows(request)
    return Answer(SearchPage(items=rows, next=cursor))


@door.declare(
    "GET",
    "/v1/complaints/search.csv",
    Permission.COMPLAINT_SEARCH,
    "The same as a file for a spreadsheet",
    query=SearchQuery,
    media_type=spreadsheet.MEDIA_TYPE,
    problems=(400, 401, 403, 409, 429, 503),
)
def search_sheet(request: Request) -> Answer:
    """The same filters and pages; a Link header leads to the next page. A text never acts as a formula."""
    rows, cursor = _rows(request)
    return sheet_of(request, "/v1/complaints/search.csv", COLUMNS, rows, cursor)


def _rows(request: Request) -> tuple[tuple[FoundRow, ...], str | None]:
    """A page of what was found, and the cursor of the next."""
    caller, asked = request.signed_in, _read(request.query)
    bound_to = ("search", caller.subject, asked.model_dump_json(exclude={"cursor", "limit"}))
    position = cursors.decode(asked.cursor, *bound_to)
    found = finding.search(caller, asked, position, request.now)
    if asked.phone is not None or asked.cnic is not None:
        finding.note_search(caller, asked, found, request.now)
    rows = tuple(_shown(row, caller) for row in found.rows)
    return rows, cursors.encode(found.position, *bound_to)


def _read(asked: SearchQuery) -> SearchQuery:
    if asked.reference is None:
        return asked
    try:
        return asked.model_copy(update={"reference": parse_reference(asked.reference)})
    except InvalidReference:
        raise InvalidRequest(FieldFault("?reference", "bad_reference")) from None


def _shown(row: Row, caller: Caller) -> FoundRow:
    return FoundRow(**dict(row_shown(register.summary_of(row), caller)), level=row.level)


@door.declare(
    "POST",
    "/v1/complaints/similar",
    Permission.COMPLAINT_LODGE,
    "What is like the complaint you are about to lodge",
    takes=SimilarQuestion,
    answers=SimilarAnswer,
    problems=(400, 401, 403, 413, 415, 503),
)
def similar_to_mine(request: Request) -> Answer:
    """Your own open complaints by reference; of others' no more than that there are some. Nothing is kept."""
    alike = similar.before_lodging(request.signed_in, request.body, request.now)
    others = tuple(AlikeOfOthers(complaint_class=each, count=count) for each, count in alike.others)
    return Answer(SimilarAnswer(mine=alike.mine, others=others))


@door.declare(
    "GET",
    "/v1/complaints/{reference}/similar",
    Permission.COMPLAINT_SEARCH,
    "Open complaints like this one, most alike first",
    answers=SimilarPage,
    problems=(400, 401, 403, 404, 503),
)
def similar_to_case(request: Request) -> Answer:
    """Of the same station, or district where that is not known, lodged within a week; yours to read alone."""
    caller = request.signed_in
    case = complaints.read(caller, reference_of(request), request.now)
    items = (
        SimilarRow(**dict(_shown(row, caller)), score=likeness)
        for row, likeness in similar.like(caller, case)
    )
    return Answer(SimilarPage(items=tuple(items), merged=similar.carried(caller, case)))
