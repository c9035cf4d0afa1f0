"""How the complaints lodged in a span of months were dealt with, by office and class. Pure.

All figures are of the complaints lodged in the span, as they stand when asked, under the office that has them
now; none is of what happened in the span to complaints lodged before it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.storage.register import Row

HOUR = 3600
AGES = (
    ("under_1_day", timedelta(days=1)),
    ("1_to_3_days", timedelta(days=3)),
    ("3_to_7_days", timedelta(days=7)),
)
OLDEST = "over_7_days"
GOOD_RATING = 3


@dataclass(slots=True)
class Figures:
    """Counts of complaints, and two percentiles of the hours from lodging to the report that stands."""

    received: int = 0
    open: int = 0
    closed: int = 0
    closed_in_time: int = 0
    withdrawn: int = 0
    rejected: int = 0
    merged: int = 0
    reopened: int = 0
    appealed: int = 0
    satisfied: int = 0
    closed_by: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)
    levels: Counter[int] = field(default_factory=Counter)
    hours: list[float] = field(default_factory=list)

    def add(self, row: Row, now: datetime) -> None:
        self.received += 1
        if row.state in ("closed", "withdrawn", "rejected", "merged"):
            setattr(self, row.state, getattr(self, row.state) + 1)
        else:
            self.open += 1
        self.reopened += bool(row.reopened)
        self.appealed += bool(row.appeals)
        if row.reported_at is not None:
            self.hours.append((row.reported_at - row.lodged_at).total_seconds() / HOUR)
        if row.level:
            self.levels[row.level] += 1
        if age := overdue_age(row, now):
            self.overdue[age] += 1
        if row.state == "closed":
            self._closed(row)

    def _closed(self, row: Row) -> None:
        self.closed_in_time += is_in_time(row)
        self.closed_by[row.closed_by or "citizen"] += 1
        is_content = row.closed_by in ("", "citizen") and (row.rating or 0) >= GOOD_RATING
        self.satisfied += is_content

    @property
    def median_hours(self) -> float | None:
        return percentile(self.hours, 50)

    @property
    def p90_hours(self) -> float | None:
        return percentile(self.hours, 90)


def figures(rows: Iterable[Row], now: datetime) -> dict[tuple[str, str], Figures]:
    """Figures by (office, class)."""
    found: dict[tuple[str, str], Figures] = {}
    for row in rows:
        found.setdefault((row.office, row.complaint_class), Figures()).add(row, now)
    return found


def is_in_time(row: Row) -> bool:
    """Whether the report came by its due time, as it stood last, and was never flagged as late."""
    is_reported = row.reported_at is not None and row.reported_at <= row.final_report_due
    return is_reported and "final_report" not in row.flagged


def overdue_age(row: Row, now: datetime) -> str:
    """How long the oldest clock that time passes for has been missed; "" where none is."""
    if row.runs_out is None or row.runs_out >= now:
        return ""
    late = now - row.runs_out
    return next((name for name, longest in AGES if late < longest), OLDEST)


def percentile(values: Sequence[float], share: int) -> float | None:
    """Nearest rank: the smallest value that at least `share` per cent do not exceed; None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(share / 100 * len(values)))
    return round(sorted(values)[rank - 1], 1)


def share(part: int, whole: int) -> float | None:
    """From 0 to 1, in hundredths; None of nothing."""
    return round(part / whole, 2) if whole else None
