"""What the clock starts. Each is its own Lambda function with its own role."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from functions.domain import complaints, topics
from functions.logs import failing_quietly

schedules = Blueprint("functions.scheduled")
log = logging.getLogger("khidmat")
TIME_TO_STOP_MS = 20_000
"""A run ends itself while there is still time to answer; the next one goes on from there."""


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


# 02:00 in Asia/Karachi, which has no summer time.
@schedules.schedule(Cron(0, 21, "*", "*", "?", "*"))
@failing_quietly
def regroup_topics(event: CloudWatchEvent) -> dict[str, Any]:
    """Groups and ranks the feedback of every app anew."""
    counts = topics.regroup_all(datetime.fromisoformat(event.time))
    log.info("regrouped", extra={"apps": len(counts)})
    return counts
