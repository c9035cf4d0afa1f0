"""Due times and what follows from them. Pure: every instant comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from schemas.cases import CLOCKS, Case, Clock
from schemas.catalogue.policies import ComplaintPolicy, Counting, Point

KARACHI = timezone(timedelta(hours=5), "PKT")
"""The citizens' clock. A fixed offset: no summer time, and no zone data to be missing on a small machine."""
HOUR = 3600


class Time(Protocol):
    """How time is counted: every second, or those in which offices are open."""

    def add(self, start: datetime, seconds: int) -> datetime: ...

    def measure(self, start: datetime, end: datetime) -> int: ...


class Running:
    """Every second counts."""

    def add(self, start: datetime, seconds: int) -> datetime:
        return start + timedelta(seconds=seconds)

    def measure(self, start: datetime, end: datetime) -> int:
        return int((end - start).total_seconds())


RUNNING = Running()


@dataclass(frozen=True, slots=True)
class Rules:
    """A version of the policy with the calendar it counts working hours by."""

    policy: ComplaintPolicy
    working: Time = RUNNING

    def counting(self, clock: Clock, complaint_class: str) -> Counting:
        if clock == "first_contact":
            return self.policy.first_contact_counts
        return self.policy.classes[complaint_class].counts

    def time(self, clock: Clock, complaint_class: str) -> Time:
        return self.working if self.counting(clock, complaint_class) == "working" else RUNNING

    def allowed(self, clock: Clock, complaint_class: str) -> int:
        """Seconds the clock allows, in the time it counts in."""
        rule = self.policy.classes[complaint_class]
        hours = {
            "first_contact": self.policy.first_contact_hours,
            "final_report": rule.final_report_hours,
            "appeal": rule.appeal_hours,
        }
        return hours[clock] * HOUR


def due_times(rules: Rules, category: str, lodged_at: datetime) -> tuple[datetime, datetime]:
    """(first contact, final report) of a complaint lodged at that instant.

    Source: domain facts of the complaint system: first contact 8 h; final report A 24 h, B 72 h, C 14 days.
    """
    complaint_class = rules.policy.categories[category].complaint_class
    return (
        due_at(rules, "first_contact", complaint_class, lodged_at),
        due_at(rules, "final_report", complaint_class, lodged_at),
    )


def due_at(rules: Rules, clock: Clock, complaint_class: str, start: datetime, stood: int = 0) -> datetime:
    """When a clock runs out that began at `start` and has stood still for so many of its seconds."""
    seconds = rules.allowed(clock, complaint_class) + stood
    return rules.time(clock, complaint_class).add(start, seconds)


def start_of(case: Case, clock: Clock) -> datetime:
    if clock == "appeal" and case.progress.appealed_at:
        return case.progress.appealed_at
    return case.lodged_at


def due_now(case: Case, rules: Rules, clock: Clock) -> datetime:
    """When the clock runs out by the rules and the calendar as they are now."""
    return due_at(rules, clock, case.complaint_class, start_of(case, clock), case.progress.stood(clock))


def report_clock(case: Case) -> Clock:
    """The clock that a report stops: the appeal's, once there is one."""
    return "appeal" if case.appeal_due is not None else "final_report"


def due(case: Case, clock: Clock) -> datetime:
    """The due time of a clock that the case has."""
    at = case.due(clock)
    if at is None:
        raise ValueError(clock)
    return at


def unmet(case: Case) -> tuple[Clock, ...]:
    """The clocks still running, earliest due first. A case that is over has none."""
    if not case.is_open:
        return ()
    running = [clock for clock in CLOCKS if case.due(clock) is not None and case.met_at(clock) is None]
    return tuple(sorted(running, key=lambda clock: due(case, clock)))


def standing(case: Case) -> Clock | None:
    """The clock that stands still while the citizen is asked for something."""
    return report_clock(case) if case.progress.paused_at is not None else None


def ticking(case: Case) -> tuple[Clock, ...]:
    """The clocks that time passes for at this moment."""
    return tuple(clock for clock in unmet(case) if clock != standing(case))


def breached(case: Case, now: datetime) -> tuple[Clock, ...]:
    """Running clocks whose due time has passed and that nobody has flagged. Due at `now` is not yet late."""
    return tuple(c for c in ticking(case) if case.flagged_at(c) is None and due(case, c) < now)


@dataclass(frozen=True, slots=True)
class Reached:
    """A point of a clock's ladder, its number there and the instant it stands at."""

    clock: Clock
    number: int
    at: datetime
    point: Point


def points_ahead(case: Case, rules: Rules, clock: Clock) -> list[Reached]:
    """The points of a clock that were not passed yet, in order."""
    ladder: tuple[Point, ...] = getattr(rules.policy.ladders, clock)
    passed = case.progress.passed(clock)
    return [
        Reached(clock, n, _instant(case, rules, clock, p), p) for n, p in enumerate(ladder) if n >= passed
    ]


def _instant(case: Case, rules: Rules, clock: Clock, point: Point) -> datetime:
    if point.share == 1:
        return due(case, clock)
    allowed = rules.allowed(clock, case.complaint_class)
    seconds = int(point.hours * HOUR) if point.hours else round((point.share or 0) * allowed)
    time = rules.time(clock, case.complaint_class)
    return time.add(start_of(case, clock), seconds + case.progress.stood(clock))


def points_reached(case: Case, rules: Rules, now: datetime) -> list[Reached]:
    """Every point that was missed before `now`, in the order of their instants."""
    ahead = [reached for clock in ticking(case) for reached in points_ahead(case, rules, clock)]
    return sorted((reached for reached in ahead if reached.at < now), key=lambda reached: reached.at)


def next_look(case: Case, rules: Rules) -> datetime | None:
    """When the sweep must next look at the case; None where no instant brings anything about."""
    if not case.is_open:
        return None
    instants = [due(case, c) for c in ticking(case) if case.flagged_at(c) is None]
    instants += [ahead[0].at for c in ticking(case) if (ahead := points_ahead(case, rules, c))]
    ending = _ending(case, rules)
    return min([*instants, *([ending] if ending else [])], default=None)


def _ending(case: Case, rules: Rules) -> datetime | None:
    """When the case goes on by itself: a pause, the window, or the wait after a call-back ends."""
    if case.progress.pause_until is not None:
        return case.progress.pause_until
    if case.state == "verified":
        return closing_at(case, rules)
    if case.state == "report_submitted" and (
        enough_attempts(case, rules) or not case.progress.attempts_asked
    ):
        return window_end(case, rules)
    return None


def closing_at(case: Case, rules: Rules) -> datetime | None:
    """When a verified case closes by itself."""
    verified = case.progress.verified_at
    return verified + timedelta(hours=rules.policy.confirmation.verified_hours) if verified else None


def answered_at(case: Case) -> datetime | None:
    """When the report that now stands was handed in."""
    return case.met_at(report_clock(case))


def window_end(case: Case, rules: Rules) -> datetime | None:
    """When the citizen's time to confirm ends; None while there is no report."""
    reported = answered_at(case)
    return reported + timedelta(hours=rules.policy.confirmation.window_hours) if reported else None


def enough_attempts(case: Case, rules: Rules) -> bool:
    return case.progress.attempts >= rules.policy.confirmation.attempts


def next_due(case: Case) -> datetime | None:
    """What an inbox orders by: when the earliest clock runs out that time passes for, late or not."""
    clocks = ticking(case)
    return due(case, clocks[0]) if clocks else None


def overdue_clock(case: Case, now: datetime) -> Clock | None:
    """The clock the case is overdue by: the earliest due of those that ran out or were flagged, unmet."""
    late = [c for c in ticking(case) if due(case, c) < now or case.flagged_at(c) is not None]
    return late[0] if late else None


def seconds_left(case: Case, rules: Rules, clock: Clock) -> int:
    """Of a clock that stands: what will be left of it, in the time it counts in."""
    since = case.progress.paused_at or due(case, clock)
    return rules.time(clock, case.complaint_class).measure(since, due(case, clock))
