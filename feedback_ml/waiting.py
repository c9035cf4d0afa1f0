"""How long to wait before asking a busy server again."""

from __future__ import annotations

import contextlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 60.0


def seconds_to_wait(retry_after: str, attempt: int, now: datetime, jitter: float = 0.0) -> float:
    """Seconds until try `attempt` + 1 (from 0): what Retry-After asks for, else twice as long each time.

    Retry-After is seconds or an HTTP date (RFC 9110, 10.2.3); never longer than LONGEST_WAIT_SECONDS.
    `jitter` (0 to 1) shortens a wait that nobody asked for, to its half at most: clients come one by one.
    """
    asked = _asked(retry_after, now)
    if asked is None:
        asked = FIRST_WAIT_SECONDS * (1 << attempt) * (1 - jitter / 2)
    return min(LONGEST_WAIT_SECONDS, max(0.0, asked))


def _asked(retry_after: str, now: datetime) -> float | None:
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    # A date nobody can read asks for nothing; one without an offset cannot be compared.
    with contextlib.suppress(ValueError, TypeError):
        return (parsedate_to_datetime(retry_after) - now).total_seconds()
    return None
