"""What the clock starts. Each is its own Lambda function with its own role."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, Rate

from functions.domain import (
    audit,
    champion,
    danger,
    digests,
    drift,
    forecast,
    messages,
    moving,
    open_data,
    retention,
    sweep,
)
from functions.logs import failing_quietly
from functions.settings import setting
from functions.storage import queues

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
    """Does what is due by the event's own instant, once deadlines follow the holidays as amended."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    now = datetime.fromisoformat(event.time)
    moved = moving.move_deadlines(now, has_time=lambda: remaining() > TIME_TO_STOP_MS)
    if moved.examined:
        log.info("deadlines moved", extra=asdict(moved))
    swept = sweep.flag_overdue(now, has_time=lambda: remaining() > TIME_TO_STOP_MS, forecast=forecast.likely)
    log.info("swept", extra=asdict(swept))
    if swept.failed or moved.failed:
        # The rest is flagged; raising is what makes the function's error alarm ring for those that are not.
        raise CasesNotSweptError(swept.failed + moved.failed)
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


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
@failing_quietly
def send_waiting(event: CloudWatchEvent) -> dict[str, Any]:
    """Puts on their queue again what nobody took, what was refused a while ago, what waited for day."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    handed = 0
    waiting = messages.waiting(
        datetime.fromisoformat(event.time), has_time=lambda: remaining() > TIME_TO_STOP_MS
    )
    for message in waiting:
        queues.ask_to_send_message(message)
        handed += 1
    log.info("handed over", extra={"messages": handed})
    return {"messages": handed}


# 02:30 in Asia/Karachi.
@schedules.schedule(Cron(30, 21, "*", "*", "?", "*"))
@failing_quietly
def publish_open_data(event: CloudWatchEvent) -> dict[str, Any]:
    """Makes the public file of the month that is over, and of every month before it that was missed."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    # A month that is not over has no file, whatever instant a run is asked for.
    done = open_data.publish(
        min(datetime.fromisoformat(event.time), datetime.now(UTC)),
        has_time=lambda: remaining() > TIME_TO_STOP_MS,
    )
    log.info("open data published", extra={"months": len(done.months), "finished": done.finished})
    return {"months": list(done.months), "finished": done.finished}


@schedules.schedule(Rate(5, unit=Rate.MINUTES))
@failing_quietly
def flag_danger(event: CloudWatchEvent) -> dict[str, Any]:
    """Flags calls for help that no officer took up in time. While there is one, the alarm rings."""
    done = danger.flag_overdue(datetime.fromisoformat(event.time))
    if done.examined:
        log.error("calls for help wait", extra=asdict(done))
    return asdict(done)


# 04:30 in Asia/Karachi.
@schedules.schedule(Cron(30, 23, "*", "*", "?", "*"))
@failing_quietly
def watch_drift(event: CloudWatchEvent) -> dict[str, Any]:
    """Measures whether what comes in is still what the model learnt from. An alarm rings where it is not."""
    remaining = getattr(event.context, "get_remaining_time_in_millis", lambda: TIME_TO_STOP_MS + 1)
    done = drift.watch(
        datetime.fromisoformat(event.time),
        champion.champion(),
        has_time=lambda: remaining() > TIME_TO_STOP_MS,
    )
    log.info("drift watched", extra={"apps": done.apps, "found": done.alarmed, "finished": done.finished})
    return asdict(done)


# Monday 08:00 in Asia/Karachi.
@schedules.schedule(Cron(0, 3, "?", "*", "MON", "*"))
@failing_quietly
def send_digest(event: CloudWatchEvent) -> dict[str, Any]:
    """Writes the week's letter to product owners, once a week to each however often it is run."""
    done = digests.write(
        datetime.fromisoformat(event.time), own_app=setting("own_app"), base_url=setting("base_url")
    )
    log.info("digest written", extra=asdict(done))
    return asdict(done)
