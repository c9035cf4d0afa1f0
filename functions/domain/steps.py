"""Steps in the life of a case: load, apply the rule, save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.domain import assignment, clocks, lifecycle, sweep
from functions.domain.access import Caller, Permission
from functions.domain.clocks import Facts
from functions.domain.complaints import purpose_of, save, sealed_text, show
from functions.domain.deadlines import Rules
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidReference,
    InvalidRequest,
    NotFound,
    PauseNotAllowed,
    PreconditionFailed,
    TooLate,
    TransitionNotAllowed,
)
from functions.domain.history import with_entry
from functions.domain.privacy import key_of
from functions.domain.references import parse_reference
from functions.domain.rules import rules_of
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.cases import Action, Case
from schemas.catalogue.reading import is_restricted, ladder
from schemas.steps import CallBack, Confirm, Contact, Mark, Merge, Reject, Report, Step, Transfer

Effect = tuple[Case, Facts]


def take(
    caller: Caller,
    reference: str,
    step: Step | CallBack,
    now: datetime,
    if_version: int | None,
    permission: Permission = Permission.COMPLAINT_STEP,
) -> Case:
    """One step of the lifecycle.

    PreconditionFailed when the caller had seen another version; ChangedMeanwhile when somebody was faster;
    NotPermitted, TransitionNotAllowed by the table; TooLate, PauseNotAllowed, InvalidRequest by the policy.
    """
    case = show(caller, reference, permission)
    action = action_of(step)
    rules = rules_of(case, now)
    # What time brought about before the sweep saw it goes first: no step may make a missed deadline unseen.
    before = sweep.passed(sweep.resumed(case, rules, now), rules, now)
    state = lifecycle.next_state(before.state, action, caller.role)
    if if_version is not None and if_version != case.version:
        raise PreconditionFailed(state=case.state)
    before = _rested(before, rules, now)
    after, facts = _effect(caller, replace(before, state=state), before, step, rules, now)
    changed = with_entry(
        after,
        at=now,
        actor=caller.subject,
        role=caller.role,
        action=_recorded_as(action, after),
        text=sealed_text(before, key_of(case, caller), text) if (text := text_of(step)) else "",
        facts=(*facts, *(purpose_of(caller) if is_restricted(case.category) else ())),
    )
    try:
        return save(changed)
    except StaleError:
        present = cases.get(reference)
        raise ChangedMeanwhile(state=present.state if present else case.state) from None


def _rested(case: Case, rules: Rules, now: datetime) -> Case:
    """An ended case that is taken up again: no time passed for it meanwhile."""
    for moved, facts in () if case.is_open else clocks.rested(case, rules, now):
        if not facts:
            continue
        case = with_entry(
            replace(moved, history=case.history),
            at=now,
            actor=lifecycle.CLOCK,
            role=lifecycle.CLOCK,
            action="move_deadline",
            facts=(*facts, ("why", "ended")),
        )
    return case


def action_of(step: Step | CallBack) -> Action:
    """The row of the table a step stands for: the outcome tells whether a call reached anybody."""
    if isinstance(step, Contact):
        return "contact" if step.outcome == "reached" else "attempt"
    if isinstance(step, CallBack):
        outcomes: dict[str, Action] = {
            "settled": "call_back",
            "not_settled": "object",
            "not_reached": "attempt",
        }
        return outcomes[step.outcome]
    return step.action


def text_of(step: Any) -> str:
    return getattr(step, "text", None) or getattr(step, "note", None) or ""


def _recorded_as(action: Action, after: Case) -> str:
    return "appeal" if action == "confirm" and after.state == "appealed" else action


def _effect(
    caller: Caller, case: Case, before: Case, step: Step | CallBack, rules: Rules, now: datetime
) -> Effect:
    """What the step changes besides the state, and the facts its entry says of that."""
    action = action_of(step)
    if before.state == "information_awaited" and case.state != before.state:
        case, going_on = clocks.going_on(case, rules, now)
    else:
        going_on = ()
    changed, facts = _effect_of(action)(caller, case, before, step, rules, now)
    return changed, (*_said(step), *going_on, *facts)


def _said(step: Step | CallBack) -> Facts:
    if isinstance(step, Contact | CallBack):
        return (("outcome", step.outcome),)
    if isinstance(step, Report):
        return (("finding", step.finding),)
    if isinstance(step, Reject):
        return (("reason", step.reason),)
    if isinstance(step, Confirm) and step.rating is not None:
        return (("rating", str(step.rating)),)
    return ()


def _effect_of(action: Action) -> Callable[..., Effect]:
    return EFFECTS.get(action, _nothing_more)


def _nothing_more(
    _caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, _now: datetime
) -> Effect:
    return case, ()


def _contact(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    # A clock is met once.
    return replace(case, first_contacted_at=case.first_contacted_at or now), ()


def _attempt(_caller: Caller, case: Case, before: Case, _step: Any, rules: Rules, now: datetime) -> Effect:
    """Counts a call that reached nobody, once there is a report; calls too near together are one."""
    if before.state != "report_submitted":
        return case, ()
    last, gap = case.progress.attempted_at, timedelta(hours=rules.policy.confirmation.attempt_gap_hours)
    if last is not None and now < last + gap:
        return case, ()
    attempts = case.progress.attempts + 1
    return replace(case, progress=replace(case.progress, attempts=attempts, attempted_at=now)), (
        ("attempt", str(attempts)),
    )


def _mark(caller: Caller, case: Case, before: Case, step: Mark, rules: Rules, _now: datetime) -> Effect:
    assignment.check_target(before, step.office, rules.policy)
    if caller.office not in ladder(step.office):
        raise InvalidRequest(FieldFault("/office", "office_not_below"))
    return _moved(case, before, step.office)


def _transfer(
    _caller: Caller, case: Case, before: Case, step: Transfer, rules: Rules, _now: datetime
) -> Effect:
    assignment.check_target(before, step.office, rules.policy)
    return _moved(case, before, step.office)


def _moved(case: Case, before: Case, office: str) -> Effect:
    """The case with another office. The district goes with it, for there its deadlines are watched."""
    facts: Facts = (("office", office), ("from", before.office))
    district = assignment.district_of(office) or before.district
    if district != before.district:
        facts = (*facts, ("district_was", before.district), ("district", district))
    return replace(case, office=office, district=district), facts


def _ask(_caller: Caller, case: Case, before: Case, _step: Any, rules: Rules, now: datetime) -> Effect:
    if before.progress.pauses >= rules.policy.pause.most_times:
        raise PauseNotAllowed(times=str(rules.policy.pause.most_times))
    return clocks.paused(case, rules, now)


def _report(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    return clocks.answered(case, now), ()


def _reject(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    return replace(clocks.answered(case, now), closed_at=now), ()


def _again(_caller: Caller, case: Case, _before: Case, _step: Any, rules: Rules, now: datetime) -> Effect:
    return clocks.taken_up_again(case, rules, now)


def _verified(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    return replace(case, progress=replace(case.progress, verified_at=now)), ()


def _confirm(_caller: Caller, case: Case, before: Case, step: Confirm, rules: Rules, now: datetime) -> Effect:
    """The end, or the way up: a poor rating is heard by the office above, as long as there is one."""
    rated = replace(case, progress=replace(case.progress, rating=step.rating))
    above = assignment.office_above(before.office)
    if step.rating is None or step.rating > rules.policy.confirmation.poor_rating or above is None:
        return replace(rated, closed_at=now, progress=replace(rated.progress, closed_by="citizen")), ()
    return clocks.appealed(replace(rated, state="appealed"), rules, above, now)


def _close(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    return replace(case, closed_at=now, progress=replace(case.progress, closed_by="call_back")), (
        ("by", "call_back"),
    )


def _withdraw(_caller: Caller, case: Case, _before: Case, _step: Any, _rules: Rules, now: datetime) -> Effect:
    return replace(case, closed_at=now, progress=replace(case.progress, closed_by="withdrawn")), ()


def _reopen(_caller: Caller, case: Case, before: Case, _step: Any, rules: Rules, now: datetime) -> Effect:
    _check_window(before, rules, now)
    again, facts = clocks.taken_up_again(case, rules, now)
    progress = replace(again.progress, reopened=again.progress.reopened + 1)
    return replace(again, merged_into="", closed_at=None, progress=progress), facts


def _appeal(_caller: Caller, case: Case, before: Case, _step: Any, rules: Rules, now: datetime) -> Effect:
    _check_window(before, rules, now)
    above = assignment.office_above(before.office)
    if above is None:
        raise TransitionNotAllowed(state=before.state, action="appeal")
    return clocks.appealed(case, rules, above, now)


def _check_window(case: Case, rules: Rules, now: datetime) -> None:
    hours, ended_at = rules.policy.reopen_hours, case.closed_at
    if case.merged_into:
        # Its matter goes on in the other case, and is over when that one is.
        other = cases.get(case.merged_into)
        ended_at = now if other and other.is_open else other.closed_at if other else ended_at
    if ended_at is None or now > ended_at + timedelta(hours=hours):
        raise TooLate(hours=str(hours))


def _merge(caller: Caller, case: Case, before: Case, step: Merge, _rules: Rules, now: datetime) -> Effect:
    """The case joined to another, which goes on for both. Never into the hands of those complained of."""
    try:
        into = parse_reference(step.into)
        other = show(caller, into, Permission.COMPLAINT_STEP)
    except (InvalidReference, NotFound):
        raise InvalidRequest(FieldFault("/into", "unknown_case")) from None
    if other.reference == before.reference or not other.is_open:
        raise InvalidRequest(FieldFault("/into", "case_not_open"))
    if is_restricted(other.category) != is_restricted(before.category):
        raise InvalidRequest(FieldFault("/into", "case_restricted"))
    if not set(before.about_offices) <= set(other.about_offices) or not set(before.accused) <= set(
        other.accused
    ):
        raise InvalidRequest(FieldFault("/into", "case_without_accused"))
    if cases.children_of(before.reference):
        raise InvalidRequest(FieldFault("/into", "case_has_others"))
    return replace(case, merged_into=other.reference, closed_at=now), (("into", other.reference),)


EFFECTS: dict[Action, Callable[..., Effect]] = {
    "mark": _mark,
    "transfer": _transfer,
    "contact": _contact,
    "attempt": _attempt,
    "ask": _ask,
    "report": _report,
    "call_back": _verified,
    "object": _again,
    "confirm": _confirm,
    "dispute": _again,
    "close": _close,
    "reopen": _reopen,
    "appeal": _appeal,
    "withdraw": _withdraw,
    "reject": _reject,
    "merge": _merge,
}
