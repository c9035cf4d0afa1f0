"""The overdue sweep: what it reads must follow what is overdue, whatever is stored."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from functions.domain import complaints
from functions.storage.cases import SHARDS
from tests.bench.figures import Figure, at_least, at_most, told
from tests.bench.meter import metered
from tests.bench.stored import fill, store, temporary
from tests.engine import Engines

OVERDUE = 37
SIZES = (2_000, 20_000)
LATE = timedelta(hours=10)
"""Past the first contact's eight hours and before any final report: one clock a case."""
IN_ONE_RUN, RUN_SECONDS = 10_000, 900


def measure(cases: int) -> list[Figure]:
    figures: list[Figure] = []
    now = datetime.now(UTC)
    with temporary() as folder, store(folder) as made:
        stored = 0
        for size in (SIZES[0], max(SIZES[1], cases)):
            fill(made, _owners(size - OVERDUE - stored), now, f"open-{size}")
            fill(made, _owners(OVERDUE), now - LATE, f"late-{size}")
            stored = size
            figures += _swept(made, size, now)
    return figures


def _owners(count: int) -> list[str]:
    return [f"sweep-{number % 997}" for number in range(count)]


def _swept(made: Engines, size: int, now: datetime) -> list[Figure]:
    begun = time.perf_counter()
    with metered() as meter:
        swept = complaints.flag_overdue(now)
    seconds = time.perf_counter() - begun
    if not meter.trips:
        raise RuntimeError("the database was reached by another way than botocore's: nothing was counted")
    if swept.flagged != OVERDUE or not swept.finished:
        raise RuntimeError(f"{swept} is not {OVERDUE} flagged")
    how = (
        f"flag_overdue on {made.name}: {OVERDUE} cases late by one clock, the others open and in time; rows are "
        "ScannedCount of its queries, items read its GetItem calls"
    )
    among = f"sweep, {OVERDUE} late of {size:,}:"
    return [
        at_most(f"{among} rows examined", meter.rows_examined, "rows", OVERDUE + len(SHARDS), how),
        at_most(f"{among} queries", meter.trips["Query"], "queries", len(SHARDS), how),
        told(f"{among} items read", meter.trips["GetItem"], "items", how),
        told(f"{among} time", seconds, "s", how),
        at_least(
            f"{among} flagged a second", OVERDUE / seconds, "/s", round(IN_ONE_RUN / RUN_SECONDS, 1), how
        ),
    ]
