"""Who may do what to which row. Pure, and what is not allowed here is denied."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.cases import Case, OpenCase
from schemas.catalogue.entries import Rank
from schemas.catalogue.reading import districts, is_restricted, ladder, offices


class Role(StrEnum):
    CITIZEN = "citizen"
    FRONT_DESK = "front_desk"
    STATION_OFFICER = "station_officer"
    SDPO = "sdpo"
    DPO = "dpo"
    RPO = "rpo"
    CENTRAL_OFFICE = "central_office"
    CENTRE_SUPERVISOR = "centre_supervisor"
    PRODUCT_OWNER = "product_owner"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a route may ask for. PUBLIC needs no sign-in, SIGNED_IN no more than that."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    ACCOUNT_OWN = "account:own"
    COMPLAINT_LODGE = "complaint:lodge"
    COMPLAINT_READ = "complaint:read"
    COMPLAINT_LIST_OWN = "complaint:list_own"
    COMPLAINT_COMMENT = "complaint:comment"
    COMPLAINT_STEP = "complaint:step"
    COMPLAINT_CALL_BACK = "complaint:call_back"
    COMPLAINT_INBOX = "complaint:inbox"
    COMPLAINT_SEARCH = "complaint:search"
    EVIDENCE_ADD = "evidence:add"
    EVIDENCE_READ = "evidence:read"
    NOTICE_READ = "notice:read"
    OFFICE_READ_NOTICES = "office:read_notices"
    OFFICE_CONTACT = "office:contact"
    SUPERVISION_READ = "supervision:read"
    AUDIT_READ = "audit:read"
    DESK_PHONE_CHANGE = "desk:phone_change"
    OFFICER_MANAGE = "officer:manage"
    POLICY_MANAGE = "policy:manage"
    FEEDBACK_GIVE = "feedback:give"
    FEEDBACK_IMPORT = "feedback:import"
    SOURCE_MANAGE = "source:manage"
    TOPIC_READ = "topic:read"
    TOPIC_DECIDE = "topic:decide"
    LABEL_CORRECT = "label:correct"
    MODEL_READ = "model:read"
    MODEL_PROMOTE = "model:promote"
    DANGER_INTAKE = "danger:intake"


ANYBODY = frozenset({Permission.PUBLIC, Permission.SIGNED_IN})
_CASE_WORK = frozenset(
    {
        Permission.COMPLAINT_READ,
        Permission.COMPLAINT_COMMENT,
        Permission.COMPLAINT_STEP,
        Permission.EVIDENCE_READ,
        Permission.OFFICE_READ_NOTICES,
        Permission.OFFICE_CONTACT,
        Permission.COMPLAINT_INBOX,
    }
)
_IN_JURISDICTION = _CASE_WORK | {Permission.SUPERVISION_READ, Permission.COMPLAINT_SEARCH}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CITIZEN: frozenset(
        {
            Permission.ACCOUNT_OWN,
            Permission.COMPLAINT_LODGE,
            Permission.COMPLAINT_READ,
            Permission.COMPLAINT_LIST_OWN,
            Permission.COMPLAINT_COMMENT,
            Permission.COMPLAINT_STEP,
            Permission.EVIDENCE_ADD,
            Permission.EVIDENCE_READ,
            Permission.NOTICE_READ,
            Permission.FEEDBACK_GIVE,
        }
    ),
    Role.FRONT_DESK: frozenset({Permission.DESK_PHONE_CHANGE, Permission.COMPLAINT_CALL_BACK}),
    # A complaint is never marked below the sub-division; what is marked to a station, its officers work on.
    Role.STATION_OFFICER: _CASE_WORK,
    Role.SDPO: _IN_JURISDICTION,
    Role.DPO: _IN_JURISDICTION,
    Role.RPO: _IN_JURISDICTION,
    # Its room is staffed at any hour, so calls for help that came as feedback are taken in there.
    Role.CENTRAL_OFFICE: _IN_JURISDICTION | {Permission.DANGER_INTAKE},
    Role.CENTRE_SUPERVISOR: frozenset(
        {Permission.SUPERVISION_READ, Permission.DESK_PHONE_CHANGE, Permission.COMPLAINT_CALL_BACK}
    ),
    Role.PRODUCT_OWNER: frozenset(
        {
            Permission.FEEDBACK_IMPORT,
            Permission.SOURCE_MANAGE,
            Permission.TOPIC_READ,
            Permission.TOPIC_DECIDE,
            Permission.LABEL_CORRECT,
            Permission.MODEL_READ,
            Permission.MODEL_PROMOTE,
        }
    ),
    Role.AUDITOR: frozenset({Permission.AUDIT_READ, Permission.TOPIC_READ, Permission.MODEL_READ}),
    # Keeps the officers' rows, the offices' telephones and the holidays, and sees no case at all.
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.OFFICER_MANAGE,
            Permission.OFFICE_CONTACT,
            Permission.POLICY_MANAGE,
            Permission.SOURCE_MANAGE,
        }
    ),
}
OWN_OFFICE = frozenset({Role.FRONT_DESK, Role.STATION_OFFICER, Role.CENTRE_SUPERVISOR})
"""Roles that see what lies at their own office and nothing below or above it."""
BY_JURISDICTION = frozenset({Role.SDPO, Role.DPO, Role.RPO, Role.CENTRAL_OFFICE})
EVERYWHERE = frozenset({Role.AUDITOR})
"""Sees the audit of any case, and never what was written in one."""
RANK_OF_ROLE: dict[Role, Rank] = {
    Role.FRONT_DESK: "station",
    Role.STATION_OFFICER: "station",
    Role.CENTRE_SUPERVISOR: "station",
    Role.SDPO: "sub_division",
    Role.DPO: "district",
    Role.RPO: "region",
    Role.CENTRAL_OFFICE: "province",
}
"""The rank of office a role is held in; the other roles serve nowhere in the ladder."""
CLEARANCE_WOMEN = "violence_against_women"
CLEARANCES = frozenset({CLEARANCE_WOMEN})
NUMBER = "#"
FORMER_POST_DAYS = 365
"""Assumed: what a complaint is about happened before it was lodged, when others may have sat there."""
PURPOSES = ("handling", "supervision", "audit", "court_order")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the subject, one role, and what the officer's own row says of them."""

    subject: str
    role: Role
    office: str | None = None
    clearances: frozenset[str] = frozenset()
    service_number: str = ""
    former_posts: tuple[tuple[str, datetime], ...] = ()
    """Offices served in before, each with the instant it was left."""
    purpose: str = ""
    """Why a restricted case is opened; one of PURPOSES, or "" where none was given."""
    session: str = ""
    public_key: bytes = field(default=b"", repr=False)
    """A citizen's own: what they write is sealed to it."""
    private_key: bytes = field(default=b"", repr=False)
    """Empty for officers, and where a route asks for no look-up of the person."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the policy looks at in a case."""

    owner: str
    office: str
    about_offices: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()
    """Subjects of the officers complained of, and their service numbers behind a #."""
    restricted: bool = False
    lodged_at: datetime | None = None
    district: str = ""


def row_of(case: Case | OpenCase) -> Row:
    return Row(
        owner=case.owner if isinstance(case, Case) else "",
        office=case.office,
        about_offices=case.about_offices,
        accused=case.accused,
        restricted=is_restricted(case.category),
        lodged_at=case.lodged_at,
        district=case.district if isinstance(case, Case) else "",
    )


def allow(subject: Caller, action: Permission, row: Row | None = None) -> bool:
    """Whether `subject` may do `action`, to `row` where it is about one. Default deny.

    A citizen: the own rows. An officer: by office, and never a row about the officer, the own office or one
    above it. A restricted row: with the clearance named for it alone. That a purpose was given is asked
    separately (`lacks_purpose`): only who may open the row is told that one is needed.
    """
    if row is None:
        return action in ANYBODY or action in GRANTS[subject.role]
    if action not in GRANTS[subject.role]:
        return False
    if subject.role is Role.CITIZEN:
        return bool(row.owner) and row.owner == subject.subject
    if is_accused(subject, row):
        return False
    if action is Permission.COMPLAINT_CALL_BACK:
        return not row.restricted and is_outside(subject, row)
    cleared = not row.restricted or CLEARANCE_WOMEN in subject.clearances
    return cleared and has_jurisdiction(subject, row.office)


def lacks_purpose(subject: Caller, row: Row) -> bool:
    return row.restricted and subject.role is not Role.CITIZEN and subject.purpose not in PURPOSES


def has_jurisdiction(subject: Caller, office: str) -> bool:
    if subject.role in EVERYWHERE:
        return True
    if not subject.office:
        return False
    if subject.role in OWN_OFFICE:
        return office == subject.office
    return subject.role in BY_JURISDICTION and subject.office in ladder(office)


def is_outside(subject: Caller, row: Row) -> bool:
    """Whether the caller's centre is the one that calls back for the row's district, outside its chain.

    No office of the caller's ladder has the case: nobody is asked to check on who commands them. The
    central office commands everybody, so nobody calls back about what it answers itself.
    """
    if not subject.office or not row.district or row.office in ladder(subject.office):
        return False
    return calls_back(row.district) in ladder(subject.office)


def calls_back(district: str) -> str:
    """The district whose centres call back for `district`: the next one, of another region."""
    known = districts()
    start = known.index(district) + 1
    region = ladder(district)[1]
    return next(each for each in (*known[start:], *known[:start]) if ladder(each)[1] != region)


def is_accused(subject: Caller, row: Row) -> bool:
    """Whether the row is about the officer by name or number, the own office, or one above it.

    Also an office the officer left no longer than FORMER_POST_DAYS before the lodging, wherever posted since.
    """
    if subject.subject in row.accused:
        return True
    if subject.service_number and f"{NUMBER}{subject.service_number}" in row.accused:
        return True
    served = [subject.office] if subject.office else []
    served += [office for office, left_at in subject.former_posts if _lately(left_at, row.lodged_at)]
    return any(about in ladder(office) for office in served for about in row.about_offices)


def _lately(left_at: datetime, lodged_at: datetime | None) -> bool:
    return lodged_at is not None and left_at >= lodged_at - timedelta(days=FORMER_POST_DAYS)


def districts_of(office: str) -> tuple[str, ...]:
    """The districts an office answers for: all below it, its own, or the one it lies in."""
    known = offices()
    above = [step for step in ladder(office) if known[step].rank == "district"]
    if above:
        return tuple(above)
    return tuple(i for i, row in known.items() if row.rank == "district" and office in ladder(i))
