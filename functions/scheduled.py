"""What the clock starts. Each is its own Lambda function with its own role."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from functions.domain import audit, complaints, retention
from functions.logs import failing_quietly

schedules = Blueprint("functions.scheduled")
log = logging.getLogger("khidmat")
TIME_TO_STOP_MS = 20_000
"""A run ends itself while there is still time to answer; the next one goes on from there."""


class CasesNotErasedError(Exception):
    """So many cases were kept longer than they may be; the others were erased."""


class CasesNotSweptError(Exception):
    """So many cases could not be read or written in a sweep."""


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
@failing_quietly
def flag_overdue(event: CloudWatchEvent) -> dict[str, Any]:
    """Flags every clock that was missed by the event's own instant."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    swept = complaints.flag_overdue(
        datetime.fromisoformat(event.time), has_time=lambda: remaining() > TIME_TO_STOP_MS
    )
    log.info("swept", extra=asdict(swept))
    if swept.failed:
        # The rest is flagged; raising is what makes the function's error alarm ring for those that are not.
        raise CasesNotSweptError(swept.failed)
    return asdict(swept)


# 00:30 in Asia/Karachi, which has no summer time.
@schedules.schedule(Cron(30, 19, "*", "*", "?", "*"))
@failing_quietly
def seal_audit(event: CloudWatchEvent) -> dict[str, Any]:
    """Signs the ledger of the day that is over, and of every day before it that was missed."""
    # A day that is not over takes more copies yet, whatever instant a run is asked for.
    days = audit.seal(min(datetime.fromisoformat(event.time), datetime.now(UTC)))
    log.info("audit sealed", extra={"days": len(days)})
    return {"days": [day.isoformat() for day in days]}


# 03:30 in Asia/Karachi.
@schedules.schedule(Cron(30, 22, "*", "*", "?", "*"))
@failing_quietly
def enforce_retention(event: CloudWatchEvent) -> dict[str, Any]:
    """Erases personal data that has been kept for its time."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    done = retention.enforce(
        datetime.fromisoformat(event.time), has_time=lambda: remaining() > TIME_TO_STOP_MS
    )
    log.info("retention enforced", extra=asdict(done))
    if done.failed:
        raise CasesNotErasedError(done.failed)
    return asdict(done)
