"""Which step a case may take, from where, by whom: data, read by one rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions.domain.access import Role
from functions.domain.errors import NotPermitted, TransitionNotAllowed
from schemas.cases import Action, State

CLOCK = "clock"
"""Actor and role of what time itself brings about."""
HANDLERS = frozenset({Role.SDPO, Role.DPO, Role.RPO, Role.CENTRAL_OFFICE})
SUPERVISORS = frozenset({Role.DPO, Role.RPO, Role.CENTRAL_OFFICE})
CENTRES = frozenset({Role.FRONT_DESK, Role.CENTRE_SUPERVISOR})
CITIZEN = frozenset({Role.CITIZEN})
TIME = frozenset({CLOCK})

WAITING: tuple[State, ...] = ("lodged", "marked", "transferred", "reopened", "appealed")
"""With an office that has not taken it up yet."""
WORKED_ON: tuple[State, ...] = ("accepted", "contacted", "in_progress")
AT_WORK: tuple[State, ...] = (*WORKED_ON, "information_awaited")
UNANSWERED: tuple[State, ...] = (*WAITING, *AT_WORK)
OPEN: tuple[State, ...] = (*UNANSWERED, "report_submitted", "verified")


@dataclass(frozen=True, slots=True)
class Transition:
    to: State
    roles: frozenset[str]


def _from(
    states: Iterable[State], action: Action, to: State, roles: frozenset[str] | frozenset[Role]
) -> dict[tuple[State, Action], Transition]:
    allowed = frozenset(str(role) for role in roles)
    return {(state, action): Transition(to, allowed) for state in states}


def _staying(
    states: Iterable[State], action: Action, roles: frozenset[Role]
) -> dict[tuple[State, Action], Transition]:
    return {key: row for state in states for key, row in _from((state,), action, state, roles).items()}


TRANSITIONS: dict[tuple[State, Action], Transition] = {
    **_from(("lodged",), "mark", "marked", frozenset({*HANDLERS, CLOCK})),
    **_from(("marked", "reopened", "appealed"), "mark", "marked", HANDLERS),
    **_from(UNANSWERED, "transfer", "transferred", HANDLERS),
    **_from(WAITING, "accept", "accepted", HANDLERS),
    # A second call does no harm and is on record; the first that reached the citizen stops the clock.
    **_from(("accepted", "contacted"), "contact", "contacted", HANDLERS),
    **_staying(("in_progress", "information_awaited", "report_submitted"), "contact", HANDLERS),
    **_staying(AT_WORK, "attempt", HANDLERS),
    **_staying(("report_submitted",), "attempt", HANDLERS | CENTRES),
    **_from(("accepted", "contacted"), "begin", "in_progress", HANDLERS),
    **_from(WORKED_ON, "ask", "information_awaited", HANDLERS),
    # An answer that comes after the pause has ended by itself is taken too.
    **_from(("information_awaited", "in_progress"), "inform", "in_progress", CITIZEN),
    **_from(("information_awaited",), "resume", "in_progress", frozenset({*HANDLERS, CLOCK})),
    **_from(AT_WORK, "report", "report_submitted", HANDLERS),
    # An officer's word that it is settled is a report, not an end: the citizen ends a case, or somebody
    # outside the chain who asked the citizen, or silence after calls that are on record.
    **_from(("report_submitted", "verified"), "confirm", "closed", CITIZEN),
    **_from(("report_submitted", "verified"), "dispute", "in_progress", CITIZEN),
    **_from(("report_submitted",), "call_back", "verified", CENTRES),
    **_from(("report_submitted",), "object", "in_progress", CENTRES),
    **_from(("verified",), "close", "closed", frozenset({*HANDLERS, CLOCK})),
    **_from(("report_submitted",), "lapse", "closed", TIME),
    **_from(("closed", "merged"), "reopen", "reopened", CITIZEN),
    **_from(("closed", "rejected"), "appeal", "appealed", CITIZEN),
    **_from(OPEN, "withdraw", "withdrawn", CITIZEN),
    # Not by a sub-division: whoever must answer does not also say that there is no question.
    **_from((*WAITING, *WORKED_ON), "reject", "rejected", SUPERVISORS),
    **_from(UNANSWERED, "merge", "merged", HANDLERS),
}


def next_state(state: State, action: Action, role: str) -> State:
    """Where `action` leads. NotPermitted: never this role's step. TransitionNotAllowed: not from here."""
    if not any(role in t.roles for (_, name), t in TRANSITIONS.items() if name == action):
        raise NotPermitted(role=role, action=action)
    transition = TRANSITIONS.get((state, action))
    if transition is None or role not in transition.roles:
        raise TransitionNotAllowed(state=state, action=action)
    return transition.to


def steps_from(state: State, role: str) -> tuple[Action, ...]:
    """What this role may do with a case in this state, in the order of the table."""
    return tuple(action for (at, action), t in TRANSITIONS.items() if at == state and role in t.roles)
