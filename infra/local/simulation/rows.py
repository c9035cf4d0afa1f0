"""Rows to learn the forecast from: what a case looked like at some instant, and what came of its report."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.domain import deadlines, forecast

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from functions.domain.deadlines import Rules
    from schemas.cases import Case, Clock

ASKED = 0.5
"""The share of a report's time at which the sweep asks: its reminder."""
OF_CALL = 0.0
"""Stands for the reminder of the first call, at half of that clock's time: the sweep asks there as well."""


@dataclass(frozen=True, slots=True)
class Seen:
    reference: str
    complaint_class: str
    clock: Clock
    since: datetime
    asked: bool
    features: tuple[float, ...]


@dataclass(slots=True)
class Rows:
    shares: tuple[float, ...] = (0.05, 0.2, ASKED, 0.7, 0.85)
    seen: list[Seen] = field(default_factory=list)
    asked: set[tuple[str, bool]] = field(default_factory=set)

    def take(self, case: Case, rules: Rules, at: datetime, share: float) -> None:
        """Notes the case as it is, while a report is owed and not late yet. Share 0: the call's reminder."""
        if not forecast.is_running(case) or forecast.gone(case, rules, at) > 1:
            return
        clock, of_call = deadlines.report_clock(case), share == OF_CALL
        if of_call and case.first_contacted_at is not None:
            return  # nobody is reminded, and so nobody asks
        first = clock == "final_report" and share in (ASKED, OF_CALL)
        first = first and (case.reference, of_call) not in self.asked
        if first:
            self.asked.add((case.reference, of_call))
        values = forecast.features(case, rules, at)
        features = tuple(round(values[name], 6) for name in forecast.FEATURES)
        since = deadlines.start_of(case, clock)
        self.seen.append(Seen(case.reference, case.complaint_class, clock, since, first, features))

    def write(self, path: Path, cases: Iterable[Case], source: str) -> int:
        """One line a row below a line that says what they are; returns how many."""
        ended = {case.reference: case for case in cases}
        lines = [json.dumps({"features": list(forecast.FEATURES), "source": source})]
        lines += [json.dumps(_told(row, ended[row.reference])) for row in self.seen]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return len(self.seen)


def _told(row: Seen, case: Case) -> dict[str, object]:
    return {
        "case": row.reference,
        "class": row.complaint_class,
        "asked": row.asked,
        "missed": missed(case, row.clock, row.since),
        "features": row.features,
    }


def missed(case: Case, clock: Clock, since: datetime) -> bool:
    """Whether the clock that began then was flagged; of an appeal, before another one was made."""
    entries = [entry for entry in case.history if entry.at >= since]
    later = [n for n, entry in enumerate(entries) if entry.action == "appeal" and entry.at > since]
    until = later[0] if clock == "appeal" and later else len(entries)
    flags = (dict(e.facts).get("clock") for e in entries[:until] if e.action == "flag_overdue")
    return clock in flags
