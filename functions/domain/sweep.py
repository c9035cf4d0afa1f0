"""What time itself brings about: breaches flagged, the ladder climbed, pauses and windows ended.

Everything follows from the case, its rules and an instant, so a run may come twice, late, or be cut short.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain import assignment, clocks, complaints, deadlines
from functions.domain.deadlines import Reached, Rules
from functions.domain.history import with_entry
from functions.domain.lifecycle import CLOCK, next_state
from functions.domain.rules import rules_of
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.cases import Action, Case
from schemas.catalogue.reading import RANKS, districts

log = logging.getLogger("khidmat")
Forecast = Callable[[Case, Rules, datetime], float | None]
"""The probability of a breach, or None where the forecast has nothing to say."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one run of the sweep did.

    Index rows examined, breaches flagged, steps of the ladder climbed, cases ended, cases that could not be
    read or written (they stay due, so the next run meets them again), and whether it came to the end before
    its time.
    """

    examined: int = 0
    flagged: int = 0
    escalated: int = 0
    ended: int = 0
    failed: int = 0
    finished: bool = True


def flag_overdue(
    now: datetime, has_time: Callable[[], bool] = lambda: True, forecast: Forecast | None = None
) -> Sweep:
    """Does what is due in every case. One that fails is counted and passed by: it hides none behind it."""
    done = Sweep()
    for area in districts():
        for reference in cases.due_before(now, area):
            if not has_time():
                return replace(done, finished=False)
            try:
                done = _added(done, *_swept(reference, now, forecast))
            except Exception:
                # Whatever is wrong with this one, the next may be well.
                log.exception("not swept", extra={"reference": reference})
                done = replace(done, examined=done.examined + 1, failed=done.failed + 1)
    return done


def _added(done: Sweep, before: Case | None, after: Case | None) -> Sweep:
    seen = replace(done, examined=done.examined + 1)
    if before is None or after is None:
        return seen
    fresh = (
        after.history[len(before.history) :] if after.history[: len(before.history)] == before.history else ()
    )
    return replace(
        seen,
        flagged=seen.flagged + sum(entry.action == "flag_overdue" for entry in fresh),
        escalated=seen.escalated + sum(entry.action == "escalate" for entry in fresh),
        ended=seen.ended + (not after.is_open),
    )


def _swept(reference: str, now: datetime, forecast: Forecast | None) -> tuple[Case | None, Case | None]:
    """(The case before, after); the same twice where nothing was due: the index may lag, the case decides."""
    while (case := cases.get(reference)) is not None:
        changed = settled(case, rules_of(case, now), now, forecast)
        if changed is case:
            return case, case
        try:
            complaints.save(changed)
        except StaleError:
            continue  # somebody worked on it just now: look again
        return case, changed
    return None, None


def settled(case: Case, rules: Rules, now: datetime, forecast: Forecast | None = None) -> Case:
    """The case with everything that was due before `now`; the same case where nothing was."""
    return ended(passed(resumed(case, rules, now), rules, now, forecast), rules, now)


def resumed(case: Case, rules: Rules, now: datetime) -> Case:
    """A pause that lasted as long as it may is over, from the instant it ended and not from this run."""
    until = case.progress.pause_until
    if until is None or until >= now:
        return case
    moved, facts = clocks.going_on(case, rules, until)
    return _by_clock(_stepped(moved, "resume"), now, "resume", facts)


def passed(case: Case, rules: Rules, now: datetime, forecast: Forecast | None = None) -> Case:
    """Breaches and points of the ladder missed before `now`, each once, in the order of their instants."""
    due = [(deadlines.due(case, clock), 0, clock, None) for clock in deadlines.breached(case, now)]
    points = [(r.at, 1 + r.number, r.clock, r) for r in deadlines.points_reached(case, rules, now)]
    for at, _, clock, reached in sorted([*due, *points], key=lambda row: (row[0], row[1], row[2])):
        if reached is None:
            flagged = replace(case, flagged=(*case.flagged, (clock, now)))
            case = _by_clock(flagged, now, "flag_overdue", (("clock", clock), ("due_at", at.isoformat())))
            continue
        case = _past(case, reached, rules, now, forecast)
    return case


def _past(case: Case, reached: Reached, rules: Rules, now: datetime, forecast: Forecast | None) -> Case:
    """The case past one point of its ladder: a reminder, or one level up. No level is climbed twice."""
    counts = dict(case.progress.points) | {reached.clock: reached.number + 1}
    case = replace(case, progress=replace(case.progress, points=tuple(counts.items())))
    facts = (("clock", reached.clock), ("due_at", reached.at.isoformat()))
    if reached.point.to is None:
        return _foreseen(_by_clock(case, now, "remind", facts), rules, now, forecast)
    level = RANKS.index(reached.point.to) + 1
    if level <= case.progress.level:
        return case  # another clock has brought it there or above
    office = assignment.office_at(case, reached.point.to)
    case = replace(case, progress=replace(case.progress, level=level))
    return _by_clock(case, now, "escalate", (*facts, ("level", str(level)), ("office", office)))


def _foreseen(case: Case, rules: Rules, now: datetime, forecast: Forecast | None) -> Case:
    """At a reminder the forecast is asked, until it warns: whoever can still keep the time is told."""
    if forecast is None or case.progress.at_risk:
        return case
    probability = forecast(case, rules, now)
    if probability is None:
        return case
    case = replace(case, progress=replace(case.progress, at_risk=True))
    return _by_clock(case, now, "forecast", (("probability", f"{probability:.2f}"),))


def ended(case: Case, rules: Rules, now: datetime) -> Case:
    """A verified case that nobody closed, or a report that nobody answered though the calls are on record."""
    if case.state == "verified":
        until = deadlines.closing_at(case, rules)
        return _closed(case, "close", "call_back", now) if until and until < now else case
    until = deadlines.window_end(case, rules)
    if case.state != "report_submitted" or until is None or until >= now:
        return case
    if deadlines.enough_attempts(case, rules):
        return _closed(case, "lapse", "window", now)
    if case.progress.attempts_asked:
        return case
    missing = rules.policy.confirmation.attempts - case.progress.attempts
    asked = replace(case, progress=replace(case.progress, attempts_asked=True))
    return _by_clock(asked, now, "attempts_needed", (("needed", str(missing)),))


def _closed(case: Case, action: Action, by: str, now: datetime) -> Case:
    over = replace(case, closed_at=now, progress=replace(case.progress, closed_by=by))
    return _by_clock(_stepped(over, action), now, action, (("by", by),))


def _stepped(case: Case, action: Action) -> Case:
    return replace(case, state=next_state(case.state, action, CLOCK))


def _by_clock(case: Case, now: datetime, action: str, facts: tuple[tuple[str, str], ...]) -> Case:
    return with_entry(case, at=now, actor=CLOCK, role=CLOCK, action=action, facts=facts)
