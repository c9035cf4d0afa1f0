import itertools
from typing import get_args

import pytest

from functions.domain.access import Role
from functions.domain.errors import NotPermitted, TransitionNotAllowed
from functions.domain.lifecycle import TRANSITIONS, next_state
from schemas.cases import OPEN_STATES, Action, State

OFFICER_STEPS = {
    ("lodged", "accept"): "accepted",
    ("accepted", "contact"): "in_progress",
    ("in_progress", "contact"): "in_progress",
    ("accepted", "report"): "report_submitted",
    ("in_progress", "report"): "report_submitted",
}
CITIZEN_STEPS = {
    ("report_submitted", "confirm"): "closed",
    ("report_submitted", "dispute"): "in_progress",
    ("lodged", "withdraw"): "withdrawn",
    ("accepted", "withdraw"): "withdrawn",
    ("in_progress", "withdraw"): "withdrawn",
    ("report_submitted", "withdraw"): "withdrawn",
}


def outcome(state, action, role):
    try:
        return next_state(state, action, role)
    except NotPermitted:
        return "not permitted"
    except TransitionNotAllowed:
        return "not from here"


def expected(state, action, role):
    table = CITIZEN_STEPS if role == Role.CITIZEN else OFFICER_STEPS
    if role not in (Role.CITIZEN, Role.SDPO, Role.DPO, Role.RPO, Role.CENTRAL_OFFICE):
        return "not permitted"
    if action not in {name for _, name in table}:
        return "not permitted"
    return table.get((state, action), "not from here")


@pytest.mark.parametrize(("state", "action"), list(itertools.product(get_args(State), get_args(Action))))
def test_every_step_from_every_state_by_every_role_is_as_the_rules_say(state, action):
    assert {r: outcome(state, action, r) for r in Role} == {r: expected(state, action, r) for r in Role}


def test_only_the_citizen_closes():
    assert {r for t in TRANSITIONS.values() if t.to == "closed" for r in t.roles} == {Role.CITIZEN}


def test_every_open_state_can_be_left():
    assert {state for state, _ in TRANSITIONS} == OPEN_STATES
