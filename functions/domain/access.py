"""Who may do what to which row. Pure, and what is not allowed here is denied."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.cases import Case
from schemas.catalogue.reading import ladder, offices


class Role(StrEnum):
    CITIZEN = "citizen"
    STATION_OFFICER = "station_officer"
    SDPO = "sdpo"
    DPO = "dpo"
    SUPERVISOR = "supervisor"
    PRODUCT_OWNER = "product_owner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a route may ask for. PUBLIC needs no sign-in, SIGNED_IN no more than that."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    COMPLAINT_LODGE = "complaint:lodge"
    COMPLAINT_READ = "complaint:read"
    COMPLAINT_LIST_OWN = "complaint:list_own"
    COMPLAINT_COMMENT = "complaint:comment"
    COMPLAINT_STEP = "complaint:step"
    NOTICE_READ = "notice:read"
    SUPERVISION_READ = "supervision:read"
    FEEDBACK_GIVE = "feedback:give"
    FEEDBACK_IMPORT = "feedback:import"
    TOPIC_READ = "topic:read"
    TOPIC_DECIDE = "topic:decide"


ANYBODY = frozenset({Permission.PUBLIC, Permission.SIGNED_IN})
_OFFICER = frozenset({Permission.COMPLAINT_READ, Permission.COMPLAINT_COMMENT, Permission.COMPLAINT_STEP})
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CITIZEN: frozenset(
        {
            Permission.COMPLAINT_LODGE,
            Permission.COMPLAINT_READ,
            Permission.COMPLAINT_LIST_OWN,
            Permission.COMPLAINT_COMMENT,
            Permission.COMPLAINT_STEP,
            Permission.NOTICE_READ,
            Permission.FEEDBACK_GIVE,
        }
    ),
    # A complaint is never marked below the sub-division, so the station's own officers see none.
    Role.STATION_OFFICER: frozenset(),
    Role.SDPO: _OFFICER | {Permission.SUPERVISION_READ},
    Role.DPO: _OFFICER | {Permission.SUPERVISION_READ},
    Role.SUPERVISOR: _OFFICER | {Permission.SUPERVISION_READ},
    Role.PRODUCT_OWNER: frozenset(
        {Permission.FEEDBACK_IMPORT, Permission.TOPIC_READ, Permission.TOPIC_DECIDE}
    ),
    Role.AUDITOR: frozenset({Permission.TOPIC_READ}),
    Role.ADMINISTRATOR: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the token's subject, one role, and for officers the office they serve in."""

    subject: str
    role: Role
    office: str | None = None


def permits(caller: Caller, permission: Permission) -> bool:
    return permission in ANYBODY or permission in GRANTS[caller.role]


def may_see(caller: Caller, case: Case) -> bool:
    """A citizen: the own case. An officer: a case of the own office or one below, never one about it."""
    if caller.role is Role.CITIZEN:
        return case.owner == caller.subject
    if caller.office is None or Permission.COMPLAINT_READ not in GRANTS[caller.role]:
        return False
    return caller.office in ladder(case.office) and not is_accused(caller.office, case.about_office)


def is_accused(office: str, about_office: str) -> bool:
    """Whether somebody serving in `office` belongs to the office complained of, or to one under it."""
    return bool(about_office) and about_office in ladder(office)


def districts_of(office: str) -> tuple[str, ...]:
    """The districts an office answers for: all below it, its own, or the one it lies in."""
    known = offices()
    above = [step for step in ladder(office) if known[step].rank == "district"]
    if above:
        return tuple(above)
    return tuple(i for i, row in known.items() if row.rank == "district" and office in ladder(i))
