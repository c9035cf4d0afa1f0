"""Call-backs: whether a report is true is asked of the citizen by a centre outside the chain that wrote it.

Which reports are asked about is drawn with a key, so that nobody in the chain can know beforehand.
"""

from __future__ import annotations

import heapq
import zlib
from datetime import datetime

from functions.domain import assignment, complaints, steps
from functions.domain.access import Caller, Permission, allow, calls_back, row_of
from functions.domain.errors import NotFound
from functions.storage import cases
from functions.storage.keyring import keyring
from schemas.cases import Case
from schemas.catalogue.reading import districts, is_restricted, policy_of_version
from schemas.steps import CallBack

DRAWN_OF = 2**32
ROWS_READ = 500


def is_drawn(case: Case) -> bool:
    """Whether this report is among those called back; each report of a case is drawn anew."""
    share = policy_of_version(case.policy_version).confirmation.call_back_share
    drawn = keyring().digest("call back", case.reference, str(case.progress.reopened + case.progress.appeals))
    return zlib.crc32(drawn.encode()) < share * DRAWN_OF


def is_waiting(case: Case) -> bool:
    """Whether the case waits for a call-back. What is restricted is asked about by nobody else."""
    return case.state == "report_submitted" and not is_restricted(case.category) and is_drawn(case)


def show(caller: Caller, reference: str) -> Case:
    """The case to call back about; NotFound unless it waits for this caller's centre."""
    case = complaints.show(caller, reference, Permission.COMPLAINT_CALL_BACK)
    if not is_waiting(case):
        raise NotFound
    return case


def take(caller: Caller, reference: str, said: CallBack, now: datetime, if_version: int | None) -> Case:
    """What the citizen said, on record: it verifies the report, or the office must work on."""
    show(caller, reference)
    return steps.take(caller, reference, said, now, if_version, Permission.COMPLAINT_CALL_BACK)


def waiting_for(caller: Caller, limit: int) -> list[Case]:
    """Cases whose citizens the caller's centre is to ask, those reported longest ago first."""
    own = assignment.district_of(caller.office) if caller.office else None
    areas = [area for area in districts() if calls_back(area) == own]
    rows = [row.reference for area in areas for row in cases.open_in(area) if row.next_due is None]
    found: list[Case] = []
    for start in range(0, min(len(rows), ROWS_READ), 100):
        found += cases.many(rows[start : start + 100]).values()
    mine = (
        each
        for each in found
        if is_waiting(each) and allow(caller, Permission.COMPLAINT_CALL_BACK, row_of(each))
    )
    return heapq.nsmallest(limit, mine, key=_reported_at)


def _reported_at(case: Case) -> datetime:
    return case.appeal_answered_at or case.reported_at or case.lodged_at
