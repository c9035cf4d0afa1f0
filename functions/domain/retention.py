"""Forgetting in time: closed cases lose what was written in them, old feedback goes; the figures are data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.domain import complaints, evidence
from functions.domain.retention_rules import first_month_kept, retained_until
from functions.storage import cases
from functions.storage import feedback as feedback_store
from functions.storage.case_items import RETAINED
from functions.storage.tables import StaleError

log = logging.getLogger("khidmat")
ACTOR = "clock"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """One run: cases erased, feedback texts deleted, cases that failed, and whether it got to the end."""

    erased: int
    deleted: int
    failed: int
    finished: bool


def enforce(now: datetime, has_time: Callable[[], bool] = lambda: True) -> Forgetting:
    """Erases what has been kept for its time. May run twice, late, or be cut short: the next run goes on.

    A case that fails is counted and passed by, so that it keeps none behind it.
    """
    erased = failed = 0
    for shard in RETAINED:
        for reference in cases.due_before(now, shard):
            if not has_time():
                return Forgetting(erased, 0, failed, finished=False)
            try:
                erased += _erase(reference, now)
            except Exception:
                # Whatever is wrong with this one, the next may be well.
                log.exception("not erased", extra={"reference": reference})
                failed += 1
    deleted = _old_feedback(now, has_time)
    return Forgetting(erased, deleted, failed, finished=has_time())


def _erase(reference: str, now: datetime) -> bool:
    case = cases.get(reference)
    until = retained_until(case) if case else None
    if case is None or until is None or until >= now:
        return False  # the index may lag behind a case that was taken up again or erased just now
    evidence.forget(case)
    try:
        complaints.erase_personal(case, now, ACTOR, ACTOR, "retention")
    except StaleError:
        return False  # somebody wrote just now: the next run looks again
    return True


def _old_feedback(now: datetime, has_time: Callable[[], bool]) -> int:
    """Deletes whole months of every app, oldest first."""
    first_kept, deleted = first_month_kept(now), 0
    for app, _ in feedback_store.apps():
        for month in feedback_store.months_before(app, first_kept):
            if not has_time():
                return deleted
            deleted += feedback_store.delete_month(app, month)
    return deleted
