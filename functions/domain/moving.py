"""A holiday that was amended moves the deadlines that count office hours, of every open case.

An amendment is noticed by the calendar's revision. A process may know the former calendar for a minute more,
and lodge by it; so the walk is repeated until one has begun after that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain import calendars, clocks, complaints, deadlines
from functions.domain.history import with_entry
from functions.domain.lifecycle import CLOCK
from functions.domain.rules import counts_working_hours, rules_of
from functions.storage import cases, holidays
from functions.storage.tables import StaleError
from schemas.cases import Case
from schemas.catalogue.reading import districts, policy_of_version

log = logging.getLogger("khidmat")
SETTLING = 2 * calendars.KEPT


@dataclass(frozen=True, slots=True)
class Moving:
    """One run: cases looked at, deadlines moved, cases that failed, and whether it came to the end."""

    examined: int = 0
    moved: int = 0
    failed: int = 0
    finished: bool = True


def move_deadlines(now: datetime, has_time: Callable[[], bool] = lambda: True) -> Moving:
    """Works out anew what is due by the present calendar; nothing where all was moved since it changed."""
    revision = calendars.revision(now, fresh=True)
    if holidays.moved_until() >= revision.number:
        return Moving()
    done = _walk(now, has_time)
    settled = revision.amended_at is None or now >= revision.amended_at + SETTLING
    if done.finished and not done.failed and settled:
        holidays.set_moved_until(revision.number)
    return done


def _walk(now: datetime, has_time: Callable[[], bool]) -> Moving:
    done = Moving()
    for area in districts():
        for row in cases.open_in(area):
            if not counts_working_hours(policy_of_version(row.policy_version), row.complaint_class):
                continue
            if not has_time():
                return replace(done, finished=False)
            done = replace(done, examined=done.examined + 1)
            try:
                done = replace(done, moved=done.moved + _moved(row.reference, now))
            except Exception:
                # One that cannot be read must not keep the others from their time.
                log.exception("not moved", extra={"reference": row.reference})
                done = replace(done, failed=done.failed + 1)
    return done


def _moved(reference: str, now: datetime) -> int:
    while (case := cases.get(reference)) is not None:
        changed = recounted(case, now)
        if changed is case:
            return 0
        try:
            complaints.save(changed)
        except StaleError:
            continue
        return len(changed.history) - len(case.history)
    return 0


def recounted(case: Case, now: datetime) -> Case:
    """The case with its unmet clocks due by the calendar of now; the same case where none moves."""
    rules = rules_of(case, now)
    for clock in deadlines.unmet(case):
        if rules.counting(clock, case.complaint_class) == "running":
            continue
        moved, facts = clocks.moved(case, clock, deadlines.due_now(case, rules, clock))
        if facts:
            case = with_entry(
                moved,
                at=now,
                actor=CLOCK,
                role=CLOCK,
                action="move_deadline",
                facts=(*facts, ("why", "holiday")),
            )
    return case
