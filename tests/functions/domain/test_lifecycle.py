import itertools
from typing import get_args

import pytest

from functions.domain.access import Role
from functions.domain.errors import NotPermitted, TransitionNotAllowed
from functions.domain.lifecycle import CLOCK, TRANSITIONS, next_state, steps_from
from schemas.cases import ENDED, Action, State

# Written apart from the table it is held against: who, doing what, from where -> to where.
OFFICERS = "sdpo dpo rpo central_office"
RULES = f"""
{OFFICERS} clock | mark | lodged | marked
{OFFICERS} | mark | marked reopened appealed | marked
{OFFICERS} | transfer | lodged marked transferred reopened appealed | transferred
{OFFICERS} | transfer | accepted contacted in_progress information_awaited | transferred
{OFFICERS} | accept | lodged marked transferred reopened appealed | accepted
{OFFICERS} | contact | accepted contacted | contacted
{OFFICERS} | contact | in_progress | in_progress
{OFFICERS} | contact | information_awaited | information_awaited
{OFFICERS} | contact | report_submitted | report_submitted
{OFFICERS} | attempt | accepted | accepted
{OFFICERS} | attempt | contacted | contacted
{OFFICERS} | attempt | in_progress | in_progress
{OFFICERS} | attempt | information_awaited | information_awaited
{OFFICERS} front_desk centre_supervisor | attempt | report_submitted | report_submitted
{OFFICERS} | begin | accepted contacted | in_progress
{OFFICERS} | ask | accepted contacted in_progress | information_awaited
citizen | inform | information_awaited in_progress | in_progress
{OFFICERS} clock | resume | information_awaited | in_progress
{OFFICERS} | report | accepted contacted in_progress information_awaited | report_submitted
citizen | confirm | report_submitted verified | closed
citizen | dispute | report_submitted verified | in_progress
front_desk centre_supervisor | call_back | report_submitted | verified
front_desk centre_supervisor | object | report_submitted | in_progress
{OFFICERS} clock | close | verified | closed
clock | lapse | report_submitted | closed
citizen | reopen | closed merged | reopened
citizen | appeal | closed rejected | appealed
citizen | withdraw | lodged marked transferred accepted contacted in_progress information_awaited | withdrawn
citizen | withdraw | report_submitted verified reopened appealed | withdrawn
dpo rpo central_office | reject | lodged marked transferred reopened appealed | rejected
dpo rpo central_office | reject | accepted contacted in_progress | rejected
{OFFICERS} | merge | lodged marked transferred reopened appealed accepted contacted in_progress | merged
{OFFICERS} | merge | information_awaited | merged
"""
EXPECTED = {
    (role, action, state): to
    for line in RULES.strip().splitlines()
    for roles, action, states, to in [[part.strip() for part in line.split("|")]]
    for role in roles.split()
    for state in states.split()
}
EVERYBODY = (*(str(role) for role in Role), CLOCK)


def outcome(state, action, role):
    try:
        return next_state(state, action, role)
    except NotPermitted:
        return "not permitted"
    except TransitionNotAllowed:
        return "not from here"


def expected(state, action, role):
    if not any((role, action) == (who, what) for who, what, _ in EXPECTED):
        return "not permitted"
    return EXPECTED.get((role, action, state), "not from here")


@pytest.mark.parametrize("action", get_args(Action))
def test_a_step_from_every_state_by_everybody_is_as_the_rules_say(action):
    cells = list(itertools.product(get_args(State), EVERYBODY))

    assert {(s, r): outcome(s, action, r) for s, r in cells} == {
        (s, r): expected(s, action, r) for s, r in cells
    }


def test_no_officer_closes_what_nobody_else_has_confirmed():
    closing = {(state, action) for (state, action), to in TRANSITIONS.items() if to.to == "closed"}

    assert closing == {
        ("report_submitted", "confirm"),
        ("verified", "confirm"),
        ("verified", "close"),
        ("report_submitted", "lapse"),
    }
    assert TRANSITIONS["report_submitted", "lapse"].roles == {CLOCK}
    verifying = [t.roles for t in TRANSITIONS.values() if t.to == "verified"]
    assert verifying == [{"front_desk", "centre_supervisor"}]


def test_every_open_state_can_be_left_and_every_ended_one_only_by_the_citizen():
    assert set(get_args(State)) - ENDED <= {state for state, _ in TRANSITIONS}
    assert {r for (state, _), t in TRANSITIONS.items() if state in ENDED for r in t.roles} == {"citizen"}


def test_what_one_may_do_next_is_told():
    assert steps_from("lodged", "sdpo") == ("mark", "transfer", "accept", "merge")
    assert steps_from("closed", "citizen") == ("reopen", "appeal")
    assert steps_from("withdrawn", "sdpo") == ()
