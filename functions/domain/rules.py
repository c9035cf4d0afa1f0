"""The rules a case goes by: its own version of the policy, and the calendar of now where that matters."""

from __future__ import annotations

from datetime import datetime

from functions.domain import calendars
from functions.domain.deadlines import Rules
from schemas.cases import Case
from schemas.catalogue.policies import ComplaintPolicy
from schemas.catalogue.reading import policy_of_version


def counts_working_hours(policy: ComplaintPolicy, complaint_class: str) -> bool:
    """Whether any clock of the class counts office hours: only then is a calendar looked at."""
    return "working" in (policy.first_contact_counts, policy.classes[complaint_class].counts)


def rules_for(policy: ComplaintPolicy, complaint_class: str, now: datetime) -> Rules:
    if not counts_working_hours(policy, complaint_class):
        return Rules(policy)
    return Rules(policy, calendars.calendar_for(policy, now))


def rules_of(case: Case, now: datetime) -> Rules:
    return rules_for(policy_of_version(case.policy_version), case.complaint_class, now)
