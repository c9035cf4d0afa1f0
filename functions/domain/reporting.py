"""Figures of one's jurisdiction, read from the register: one query a district and month."""

from __future__ import annotations

from datetime import datetime

from functions.domain import figures as rules
from functions.domain import register
from functions.domain.access import Caller, Permission, allow, districts_of
from functions.domain.figures import Figures
from functions.domain.search import span
from functions.storage import register as store
from schemas.figures import FiguresQuery


def figures(
    caller: Caller, asked: FiguresQuery, now: datetime
) -> tuple[str, str, dict[tuple[str, str], Figures]]:
    """(First month, last month, figures by office and class) of what the caller may see.

    A complaint about the caller is passed by here as everywhere, and so is a restricted one without
    clearance: a count that differs from the lists would tell of it.
    """
    last = asked.last or asked.first or register.month_of(now)
    months = span(asked.first or last, last)
    known = districts_of(caller.office) if caller.office else ()
    areas = tuple(each for each in known if asked.district in (None, each))
    rows = (
        row
        for month in months
        for area in areas
        for row in store.whole_area(store.area_of(area, month))
        if allow(caller, Permission.SUPERVISION_READ, register.access_row(row))
    )
    return months[-1], months[0], rules.figures(rows, now)
