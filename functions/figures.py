"""Figures for supervisors: how the complaints of a span of months were dealt with, by office and class."""

from __future__ import annotations

from collections.abc import Iterator

from functions import spreadsheet
from functions.domain import figures as rules
from functions.domain import reporting
from functions.domain.access import Permission
from functions.domain.figures import OLDEST, Figures, share
from functions.door import Answer, Door, Request
from functions.spreadsheet import Cell
from schemas.figures import FiguresAnswer, FiguresQuery, FiguresRow, Overdue

door = Door("functions.figures", tag="Supervision")
LEVELS = range(1, 6)


@door.declare(
    "GET",
    "/v1/figures",
    Permission.SUPERVISION_READ,
    "How complaints were dealt with, by office and class",
    query=FiguresQuery,
    answers=FiguresAnswer,
    problems=(400, 401, 403, 503),
)
def read_figures(request: Request) -> Answer:
    """Of complaints lodged in the months asked for that the caller may see, as they stand now.

    A restricted complaint counts for whoever is cleared for such, and one about the caller never does.
    """
    first, last, rows = _rows(request)
    return Answer(FiguresAnswer(as_of=request.now, first=first, last=last, items=tuple(rows)))


@door.declare(
    "GET",
    "/v1/figures.csv",
    Permission.SUPERVISION_READ,
    "The same figures as a file for a spreadsheet",
    query=FiguresQuery,
    media_type=spreadsheet.MEDIA_TYPE,
    problems=(400, 401, 403, 503),
)
def figures_sheet(request: Request) -> Answer:
    """One row an office and class; the span stands in the file's name."""
    first, last, rows = _rows(request)
    columns = [name for name in FiguresRow.model_fields if name != "overdue"]
    ages = [*Overdue.model_fields]
    cells = ([*_cells(row, columns), *_cells(row.overdue, ages)] for row in rows)
    name = f"figures-{first}-{last}.csv"
    return Answer(
        spreadsheet.sheet([*columns, *(f"overdue_{age}" for age in ages)], cells),
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(row: FiguresRow | Overdue, columns: list[str]) -> Iterator[Cell]:
    return (getattr(row, name) for name in columns)


def _rows(request: Request) -> tuple[str, str, Iterator[FiguresRow]]:
    """(First month, last month, the rows by office and class)."""
    first, last, found = reporting.figures(request.signed_in, request.query, request.now)
    return first, last, (_shown(*key, found[key]) for key in sorted(found))


def _shown(office: str, complaint_class: str, of: Figures) -> FiguresRow:
    by = of.closed_by
    ages = [name for name, _ in rules.AGES]
    return FiguresRow(
        office=office,
        complaint_class=complaint_class,
        **{
            name: getattr(of, name)
            for name in (
                "received",
                "open",
                "closed",
                "closed_in_time",
                "withdrawn",
                "rejected",
                "merged",
                "reopened",
                "appealed",
                "satisfied",
            )
        },
        median_hours_to_report=of.median_hours,
        p90_hours_to_report=of.p90_hours,
        satisfied_share=share(of.satisfied, of.closed),
        confirmed_by_citizen=by["citizen"],
        confirmed_by_call_back=by["call_back"],
        closed_by_window=by["window"],
        confirmed_by_citizen_share=share(by["citizen"], of.closed),
        confirmed_by_call_back_share=share(by["call_back"], of.closed),
        closed_by_window_share=share(by["window"], of.closed),
        overdue=Overdue(
            under_1_day=of.overdue[ages[0]],
            from_1_to_3_days=of.overdue[ages[1]],
            from_3_to_7_days=of.overdue[ages[2]],
            over_7_days=of.overdue[OLDEST],
        ),
        **{f"escalated_to_level_{level}": of.levels[level] for level in LEVELS},
    )
