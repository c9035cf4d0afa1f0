"""When nobody wants to be woken by a message. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone


@dataclass(frozen=True, slots=True)
class Quiet:
    """From the first local time to the second, over midnight where it is the later one. Equal: never."""

    begin: time
    end: time
    utc_offset_minutes: int


USUAL = Quiet(time(22), time(7), 300)
"""In Asia/Karachi (assumed): who lives elsewhere says so."""


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """The instant the quiet ends that `now` lies in; None when it is not quiet. The end itself is not."""
    if quiet is None or quiet.begin == quiet.end:
        return None
    local = now.astimezone(timezone(timedelta(minutes=quiet.utc_offset_minutes)))
    at, days = local.time(), 0
    if quiet.begin < quiet.end:
        is_quiet = quiet.begin <= at < quiet.end
    else:
        is_quiet = at >= quiet.begin or at < quiet.end
        days = 1 if at >= quiet.begin else 0
    if not is_quiet:
        return None
    return (local + timedelta(days=days)).replace(
        hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0
    )
