"""Due times and what follows from them. Pure: every instant comes in as an argument."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from schemas.cases import CLOCKS, Case, Clock
from schemas.catalogue.reading import ComplaintPolicy

KARACHI = timezone(timedelta(hours=5), "PKT")
"""The citizens' clock. A fixed offset: no summer time, and no zone data to be missing on a small machine."""


def due_times(policy: ComplaintPolicy, category: str, lodged_at: datetime) -> tuple[datetime, datetime]:
    """(first contact, final report), in running hours from the instant of lodging.

    Source: domain facts of the complaint system: first contact 8 h; final report A 24 h, B 72 h, C 14 days.
    """
    rule = policy.classes[policy.categories[category].complaint_class]
    return (
        lodged_at + timedelta(hours=policy.first_contact_hours),
        lodged_at + timedelta(hours=rule.final_report_hours),
    )


def unmet(case: Case) -> tuple[Clock, ...]:
    """The clocks still running, earliest due first. A case that is over has none."""
    if not case.is_open:
        return ()
    running = [clock for clock in CLOCKS if case.met_at(clock) is None]
    return tuple(sorted(running, key=case.due))


def breached(case: Case, now: datetime) -> tuple[Clock, ...]:
    """Running clocks whose due time has passed and that nobody has flagged. Due at `now` is not yet late."""
    return tuple(c for c in unmet(case) if case.flagged_at(c) is None and case.due(c) < now)


def sweep_due(case: Case) -> datetime | None:
    """When the sweep must next look at the case: the earliest running clock that is not flagged yet."""
    waiting = [case.due(c) for c in unmet(case) if case.flagged_at(c) is None]
    return min(waiting, default=None)


def overdue_clock(case: Case) -> Clock | None:
    """The clock the case is overdue by: the earliest due of those flagged and still not met."""
    late = [c for c in unmet(case) if case.flagged_at(c) is not None]
    return late[0] if late else None
