"""Which step a case may take, from where, by whom: data, read by one rule."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.access import Role
from functions.domain.errors import NotPermitted, TransitionNotAllowed
from schemas.cases import Action, State

HANDLERS = frozenset({Role.SDPO, Role.DPO, Role.RPO, Role.CENTRAL_OFFICE})
CITIZEN = frozenset({Role.CITIZEN})


@dataclass(frozen=True, slots=True)
class Transition:
    to: State
    roles: frozenset[Role]


TRANSITIONS: dict[tuple[State, Action], Transition] = {
    ("lodged", "accept"): Transition("accepted", HANDLERS),
    # A second call does no harm and is on record; the first that reached the citizen stops the clock.
    ("accepted", "contact"): Transition("in_progress", HANDLERS),
    ("in_progress", "contact"): Transition("in_progress", HANDLERS),
    ("accepted", "report"): Transition("report_submitted", HANDLERS),
    ("in_progress", "report"): Transition("report_submitted", HANDLERS),
    # Only the citizen closes; an officer's word that it is settled is a report, not an end.
    ("report_submitted", "confirm"): Transition("closed", CITIZEN),
    ("report_submitted", "dispute"): Transition("in_progress", CITIZEN),
    ("lodged", "withdraw"): Transition("withdrawn", CITIZEN),
    ("accepted", "withdraw"): Transition("withdrawn", CITIZEN),
    ("in_progress", "withdraw"): Transition("withdrawn", CITIZEN),
    ("report_submitted", "withdraw"): Transition("withdrawn", CITIZEN),
}


def next_state(state: State, action: Action, role: Role) -> State:
    """Where `action` leads. NotPermitted: never this role's step. TransitionNotAllowed: not from here."""
    if not any(role in t.roles for (_, name), t in TRANSITIONS.items() if name == action):
        raise NotPermitted(role=role, action=action)
    transition = TRANSITIONS.get((state, action))
    if transition is None or role not in transition.roles:
        raise TransitionNotAllowed(state=state, action=action)
    return transition.to
