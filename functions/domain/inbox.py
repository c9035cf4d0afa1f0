"""What lies open with an office: by time left, and what of it is overdue.

Read from the index of open cases, a district at a time: an inbox costs what is open there and never what is
stored. What is shown comes from the cases themselves.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.domain import deadlines
from functions.domain.access import Caller, Permission, allow, districts_of, row_of
from functions.storage import cases
from functions.storage.tables import instant_key
from schemas.cases import Case, Clock, OpenCase, State

READ = Permission.COMPLAINT_READ
LAST = "~"
"""Sorts behind every instant: cases in which no clock runs stand at the end."""
LOOKED_AT = 1_000
"""Cases a page may pass by because of their state before it ends short, to be gone on from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of an inbox is wanted; what is "" or empty is not asked for."""

    district: str = ""
    office: str = ""
    complaint_class: str = ""
    states: frozenset[State] = frozenset()
    late_before: datetime | None = None
    """Only what was due before this instant, or flagged."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case of an inbox, and the clock it is ordered by: None where none runs."""

    case: Case
    clock: Clock | None
    due_at: datetime | None


def page(
    caller: Caller,
    asked: Asked,
    after: str | None,
    limit: int,
    permission: Permission = READ,
) -> tuple[list[Waiting], str | None]:
    """Open cases of the caller's jurisdiction, the least time left first, and the position to go on from.

    A position is an instant and a reference: a page neither repeats nor skips what did not move. A page may
    be shorter than asked for although there is more.
    """
    wanted = _smallest(_rows(caller, asked, permission), after, LOOKED_AT + 1)
    found: list[Waiting] = []
    for start in range(0, min(len(wanted), LOOKED_AT), limit):
        chunk = wanted[start : start + limit]
        whole = cases.many([row.reference for row in chunk])
        for number, row in enumerate(chunk, start + 1):
            case = whole.get(row.reference)
            if case is not None and _fits(caller, case, asked, permission):
                found.append(_waiting(case, asked))
            if len(found) == limit:
                return found, _position(row) if number < len(wanted) else None
    return found, _position(wanted[LOOKED_AT - 1]) if len(wanted) > LOOKED_AT else None


def _smallest(rows: Iterator[OpenCase], after: str | None, most: int) -> list[OpenCase]:
    since = (row for row in rows if after is None or _position(row) > after)
    return heapq.nsmallest(most, since, key=_position)


def _position(row: OpenCase) -> str:
    return f"{instant_key(row.next_due) if row.next_due else LAST}#{row.reference}"


def before_due(at: datetime | None) -> str:
    """The position before all that is due at `at` or later; None: before all in which no clock runs."""
    return f"{instant_key(at)}#" if at else LAST


def _rows(caller: Caller, asked: Asked, permission: Permission) -> Iterator[OpenCase]:
    """Rows the index does not rule out; what may not be seen is passed by before anything is counted."""
    for area in districts_of(caller.office) if caller.office else ():
        if asked.district not in ("", area):
            continue
        for row in cases.open_in(area):
            if _is_asked(row, asked) and allow(caller, permission, row_of(row)):
                yield row


def _is_asked(row: OpenCase, asked: Asked) -> bool:
    late = asked.late_before
    return (
        asked.office in ("", row.office)
        and asked.complaint_class in ("", row.complaint_class)
        and (late is None or (row.next_due is not None and (row.is_flagged or row.next_due < late)))
    )


def _fits(caller: Caller, case: Case, asked: Asked, permission: Permission) -> bool:
    """Whether the case itself still is what its row said: the index may lag behind it."""
    if not case.is_open or not allow(caller, permission, row_of(case)):
        return False
    if asked.states and case.state not in asked.states:
        return False
    # A clock that stands runs out at no instant one could name.
    return asked.late_before is None or deadlines.overdue_clock(case, asked.late_before) is not None


def _waiting(case: Case, asked: Asked) -> Waiting:
    running = deadlines.ticking(case)
    late = deadlines.overdue_clock(case, asked.late_before) if asked.late_before else None
    clock = late or (running[0] if running else None)
    return Waiting(case, clock, deadlines.due(case, clock) if clock else None)


def overdue(
    caller: Caller, district: str | None, now: datetime, after: str | None, limit: int
) -> tuple[list[Waiting], str | None]:
    """Cases past a deadline and still unanswered in the caller's jurisdiction, longest overdue first."""
    asked = Asked(district=district or "", late_before=now)
    return page(caller, asked, after, limit, Permission.SUPERVISION_READ)


@dataclass(frozen=True, slots=True)
class Counts:
    """How an office stands: open, past a deadline, due within four hours, with no clock running."""

    open: int
    overdue: int
    due_soon: int
    waiting_for_citizen: int


SOON_HOURS = 4


def counts(caller: Caller, now: datetime, soon: datetime) -> Counts:
    """Counted from the index alone. A case in which no clock runs waits for its citizen."""
    rows = list(_rows(caller, Asked(), Permission.SUPERVISION_READ))
    return Counts(
        open=len(rows),
        overdue=_many(rows, lambda due: due is not None and due < now),
        due_soon=_many(rows, lambda due: due is not None and now <= due < soon),
        waiting_for_citizen=_many(rows, lambda due: due is None),
    )


def _many(rows: list[OpenCase], fits: Callable[[datetime | None], bool]) -> int:
    return sum(fits(row.next_due) for row in rows)
