"""Complaints whose station nobody named are handed down to the sub-division with the least to do.

It follows from the table's stream, so that lodging stays one write; until then the district has the case.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from functions.domain import assignment, complaints
from functions.domain.history import with_entry
from functions.domain.lifecycle import CLOCK, next_state
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.cases import Case
from schemas.catalogue.reading import policy_of_version


def loads(case: Case) -> list[tuple[str, int]]:
    """Offices below that could take the case, with their open cases, the least loaded first."""
    choices = assignment.candidates(case, policy_of_version(case.policy_version))
    held = [row.office for row in cases.open_in(case.district)] if choices else []
    return sorted(((office, held.count(office)) for office in choices), key=lambda row: row[1])


def mark_by_load(reference: str, now: datetime) -> bool:
    """Whether the case was handed down. Once only, and never when somebody was faster: repeat it freely."""
    case = cases.get(reference)
    if case is None or case.state != "lodged" or case.station or case.office != case.district:
        return False
    choices = loads(case)
    if not choices:
        return False
    office = choices[0][0]
    marked = with_entry(
        replace(case, office=office, state=next_state(case.state, "mark", CLOCK)),
        at=now,
        actor=CLOCK,
        role=CLOCK,
        action="mark",
        facts=(("office", office), ("from", case.office)),
    )
    try:
        complaints.save(marked)
    except StaleError:
        return False  # an officer has taken it up
    return True
