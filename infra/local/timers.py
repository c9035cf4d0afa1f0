"""Scheduled functions: the event EventBridge sends, firing on time, and firing on demand."""

from __future__ import annotations

import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local import schedule
from infra.tables import LOCAL_ACCOUNT, LOCAL_REGION

if TYPE_CHECKING:
    from threading import Event

    from infra.local.functions import Function

LONGEST_SLEEP_SECONDS = 30.0  # a machine that slept or whose clock was set is noticed this soon
STEPS = {"m": "minutes", "h": "hours", "d": "days"}
log = logging.getLogger(__name__)


class InstantError(Exception):
    """An instant that cannot be read; the message shows the forms that can."""


def scheduled_event(name: str, instant: datetime) -> dict[str, Any]:
    """Return the EventBridge event of a rule called `name` that fires at `instant`."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": LOCAL_ACCOUNT,
        "time": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": LOCAL_REGION,
        "resources": [f"arn:aws:events:{LOCAL_REGION}:{LOCAL_ACCOUNT}:rule/{name}"],
        "detail": {},
    }


def read_instant(text: str, now: datetime) -> datetime:
    """Read 2026-11-23T09:00:00+05:00, or a step from `now`: +9h, -30m, +2d. InstantError if it is neither."""
    if step := re.fullmatch(r"([+-]\d{1,6})([mhd])", text, re.ASCII):
        return now + timedelta(**{STEPS[step[2]]: int(step[1])})
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InstantError(
            f"{text!r} is no instant: write 2026-11-23T09:00:00+05:00, or a step such as +9h"
        ) from None
    if instant.tzinfo is None:
        raise InstantError(f"{text} is in no time zone: add the offset, such as {text}+05:00 or {text}Z")
    return instant


def expression_of(function: Function) -> str:
    written = function.source.schedule_expression
    return written if isinstance(written, str) else str(written.to_string())


def check(function: Function) -> None:
    """Read the schedule now: ScheduleError at the start rather than at night."""
    schedule.parse(expression_of(function))


def fire_on_time(function: Function, stop: Event) -> None:
    """Fire at each of the function's times until `stop`. A failed run is logged."""
    times = schedule.parse(expression_of(function))
    due = times.next_after(datetime.now(UTC))
    while not stop.is_set():
        remaining = (due - datetime.now(UTC)).total_seconds()
        if remaining > 0:
            stop.wait(min(remaining, LONGEST_SLEEP_SECONDS))
            continue
        try:
            returned = function.invoke(scheduled_event(function.name, due))
            log.info("%s returned %s", function.name, returned)
        except Exception:
            log.exception("%s failed", function.name)
        due = times.next_after(max(due, datetime.now(UTC)))
