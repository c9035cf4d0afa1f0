"""The overdue sweep: what it reads must follow what is overdue, whatever is stored.

Of every hundred stored cases twenty are open and one is overdue, in the small store as in the large one.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from functions.domain import sweep
from schemas.catalogue.reading import districts
from tests.bench import copies
from tests.bench.figures import Figure, at_least, at_most, told
from tests.bench.meter import metered
from tests.bench.stored import store, temporary
from tests.engine import Engines

SMALL = 10_000
OPEN_OF, OVERDUE_OF = 5, 100
"""One case of so many is open, one overdue: 200,000 and 10,000 of a million."""
LATE = timedelta(hours=8, minutes=1)
"""Past the first contact's eight hours: one clock a case."""
SHARDS = len(districts())
IN_ONE_RUN, RUN_SECONDS = 10_000, 900


def measure(cases: int) -> list[Figure]:
    figures: list[Figure] = []
    now = datetime.now(UTC)
    with temporary() as folder, store(folder) as made:
        stored = opened = 0
        for size in dict.fromkeys((SMALL, max(SMALL, cases))):
            _fill(made, f"{size}", size - stored, size // OPEN_OF - opened, size // OVERDUE_OF, now)
            stored, opened = size, size // OPEN_OF
            figures += _swept(made, size, now)
    return figures


def _fill(made: Engines, name: str, new: int, opened: int, overdue: int, now: datetime) -> None:
    fresh, late = copies.pattern(now), copies.pattern(now - LATE)
    copies.write(made, copies.ended_copies(fresh, f"ended-{name}", new - opened))
    copies.write(made, copies.open_copies(fresh, f"open-{name}", opened - overdue))
    copies.write(made, copies.open_copies(late, f"late-{name}", overdue))


def _swept(made: Engines, size: int, now: datetime) -> list[Figure]:
    begun = time.perf_counter()
    with metered() as meter:
        swept = sweep.flag_overdue(now)
    seconds = time.perf_counter() - begun
    overdue = size // OVERDUE_OF
    if not meter.trips:
        raise RuntimeError("the database was reached by another way than botocore's: nothing was counted")
    if swept.flagged != overdue or not swept.finished:
        raise RuntimeError(f"{swept} is not {overdue} flagged")
    how = (
        f"flag_overdue on {made.name}: {overdue:,} cases late by one clock, {size // OPEN_OF:,} open; rows are "
        "ScannedCount of its queries, items read its GetItem calls"
    )
    among = f"sweep, {overdue:,} late of {size:,}:"
    again = sweep.flag_overdue(now)
    if again.flagged or again.examined:
        raise RuntimeError(f"a second run found {again}")
    return [
        at_most(f"{among} rows examined", meter.rows_examined, "rows", overdue + SHARDS, how),
        at_most(f"{among} queries", meter.trips["Query"], "queries", SHARDS + overdue // 100, how),
        told(f"{among} items read", meter.trips["GetItem"], "items", how),
        told(f"{among} time", seconds, "s", how),
        at_least(
            f"{among} flagged a second", overdue / seconds, "/s", round(IN_ONE_RUN / RUN_SECONDS, 1), how
        ),
    ]
