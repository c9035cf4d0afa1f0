"""What steps do to the clocks: they stand while the citizen has the word, and go on from there. Pure.

Nothing here gives an office time it did not have: a clock stands only before it ran out, for as long as the
policy allows, and every move is said in the entry that makes it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from functions.domain import deadlines
from functions.domain.deadlines import Rules
from schemas.cases import CLOCKS, Case, Clock

Facts = tuple[tuple[str, str], ...]


def paused(case: Case, rules: Rules, now: datetime) -> tuple[Case, Facts]:
    """The case whose report's clock stands from now, if it has not run out, and when it goes on by itself."""
    clock = deadlines.report_clock(case)
    until = now + timedelta(hours=rules.policy.pause.most_hours)
    pauses = case.progress.pauses + 1
    stands = deadlines.due(case, clock) >= now
    progress = replace(case.progress, pauses=pauses, pause_until=until, paused_at=now if stands else None)
    return replace(case, progress=progress), (("until", until.isoformat()),)


def going_on(case: Case, rules: Rules, now: datetime) -> tuple[Case, Facts]:
    """The case whose clock goes on, its due time later by what it stood; nothing where it did not stand."""
    since = case.progress.paused_at
    case = replace(case, progress=replace(case.progress, paused_at=None, pause_until=None))
    if since is None:
        return case, ()
    return stood(case, rules, deadlines.report_clock(case), since, now)


def taken_up_again(case: Case, rules: Rules, now: datetime) -> tuple[Case, Facts]:
    """The case whose report does not stand any more. The time since it was handed in was not the office's.

    A report that came too late gives nothing back.
    """
    clock = deadlines.report_clock(case)
    answered = case.met_at(clock)
    case = _unanswered(case, clock)
    if answered is None or answered > deadlines.due(case, clock):
        return case, ()
    return stood(case, rules, clock, answered, now)


def rested(case: Case, rules: Rules, now: datetime) -> list[tuple[Case, Facts]]:
    """Each clock that had neither been met nor run out when the case ended: it stood until now.

    One change after the other, each with the facts that say so.
    """
    since, changes = case.closed_at, []
    for clock in CLOCKS:
        if since is None or case.met_at(clock) is not None:
            continue
        due = case.due(clock)
        if due is not None and since <= due:
            changes.append(stood(case, rules, clock, since, now))
            case = changes[-1][0]
    return changes


def _unanswered(case: Case, clock: Clock) -> Case:
    progress = replace(
        case.progress, attempts=0, attempted_at=None, attempts_asked=False, verified_at=None, closed_by=""
    )
    case = replace(case, progress=progress, closed_at=None)
    if clock == "appeal":
        return replace(case, appeal_answered_at=None)
    return replace(case, reported_at=None)


def stood(case: Case, rules: Rules, clock: Clock, since: datetime, until: datetime) -> tuple[Case, Facts]:
    """The case whose clock stood from `since` to `until`, and the facts that say so."""
    seconds = max(0, rules.time(clock, case.complaint_class).measure(since, until))
    total = dict(case.progress.standing) | {clock: case.progress.stood(clock) + seconds}
    case = replace(case, progress=replace(case.progress, standing=tuple(total.items())))
    return moved(case, clock, deadlines.due_now(case, rules, clock))


def moved(case: Case, clock: Clock, to: datetime) -> tuple[Case, Facts]:
    """The case with another due time. The facts say from when to when: the chain binds due times by them."""
    was = deadlines.due(case, clock)
    if was == to:
        return case, ()
    facts = (("clock", clock), ("was", was.isoformat()), ("due_at", to.isoformat()))
    return with_due(case, clock, to), facts


def with_due(case: Case, clock: Clock, at: datetime) -> Case:
    if clock == "first_contact":
        return replace(case, first_contact_due=at)
    if clock == "final_report":
        return replace(case, final_report_due=at)
    return replace(case, appeal_due=at)


def answered(case: Case, now: datetime) -> Case:
    """The case whose report's clock is met: once, and by the first report that is not disputed."""
    if deadlines.report_clock(case) == "appeal":
        return replace(case, appeal_answered_at=case.appeal_answered_at or now)
    return replace(case, reported_at=case.reported_at or now)


def appealed(case: Case, rules: Rules, office: str, now: datetime) -> tuple[Case, Facts]:
    """The case with the office one level up, on a clock of its own; what was done before stays on record."""
    due = deadlines.due_at(rules, "appeal", case.complaint_class, now)
    fresh = {name: dict(getattr(case.progress, name)) for name in ("points", "standing")}
    for counted in fresh.values():
        counted.pop("appeal", None)
    progress = replace(
        case.progress,
        points=tuple(fresh["points"].items()),
        standing=tuple(fresh["standing"].items()),
        appeals=case.progress.appeals + 1,
        appealed_at=now,
        attempts=0,
        attempted_at=None,
        attempts_asked=False,
        verified_at=None,
        closed_by="",
    )
    flagged = tuple((clock, at) for clock, at in case.flagged if clock != "appeal")
    facts = (("office", office), ("from", case.office), ("due_at", due.isoformat()))
    case = replace(
        case,
        office=office,
        appeal_due=due,
        appeal_answered_at=None,
        reported_at=case.reported_at or now,
        closed_at=None,
        flagged=flagged,
        progress=progress,
    )
    return case, facts
