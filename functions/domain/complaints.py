"""Use cases of the complaint system: load, apply the rule, save."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from functions.domain import assignment, deadlines, retention_rules
from functions.domain.access import (
    NUMBER,
    Caller,
    Permission,
    Role,
    allow,
    lacks_purpose,
    row_of,
)
from functions.domain.errors import (
    CaseErased,
    CaseFull,
    ChangedMeanwhile,
    FieldFault,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    PurposeNeeded,
)
from functions.domain.history import following_sequence, lodged_as, with_entry
from functions.domain.privacy import CaseKey, key_of, sealed_for
from functions.domain.references import reference_for
from functions.domain.rules import rules_for, rules_of
from functions.storage import cases, officers
from functions.storage.case_items import Indexed
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from schemas.cases import Case, Entry, Summary
from schemas.catalogue.policies import ComplaintPolicy
from schemas.catalogue.reading import is_restricted, ladder, offices, policy_in_force
from schemas.complaints import NewComment, NewComplaint, NewReport

READINGS = frozenset({"read", "evidence_read", "audit_read"})
COMMENT_TRIES = 8
ENTRIES_A_CASE = 200
"""Beyond this no comment is taken, so that a case can always be read and answered whole; steps still are."""


def lodge(caller: Caller, new: NewComplaint | NewReport, idempotency_key: str, now: datetime) -> Case:
    """The case as it was lodged. A repeat under the same key answers the same one and writes nothing.

    One put and no read in the common case: the reference follows from caller and key, so a repeat runs into
    its own row; what was written is sealed to the public key that the caller's token carries.
    IdempotencyKeyReused when the key came before with another body.
    """
    seed = _digest(caller.subject, idempotency_key)
    case, personal = _new_case(caller, new, seed, now)
    for attempt in count():
        candidate = _sealed(replace(case, reference=reference_for(seed, attempt)), caller, personal)
        present, is_new = cases.create(candidate, indexed(candidate))
        if is_new:
            return present
        if present.idempotency_digest != seed:
            continue  # somebody else's case happens to have this reference: take the next one
        if present.request_digest != case.request_digest:
            raise IdempotencyKeyReused
        return present
    raise AssertionError("unreachable")


def _new_case(
    caller: Caller, new: NewComplaint | NewReport, seed: str, now: datetime
) -> tuple[Case, dict[str, str]]:
    """(The case without what was written, what was written by field)."""
    policy = policy_in_force(now)
    if new.category not in policy.categories:
        known = ", ".join(sorted(policy.categories))
        raise InvalidRequest(FieldFault("/category", "unknown_category", {"known": known}))
    _jurisdiction(new, policy, ())  # what is wrong with the place is said before a number is looked up
    _office(new.about_office, "/about_office", None)
    accused = _accused(new)
    about = _about_offices(new, accused)
    office, district = _jurisdiction(new, policy, about)
    complaint_class = policy.categories[new.category].complaint_class
    rules = rules_for(policy, complaint_class, now)
    first_contact, final_report = deadlines.due_times(rules, new.category, now)
    case = Case(
        reference="",
        kind="complaint",
        owner=caller.subject,
        state="lodged",
        category=new.category,
        complaint_class=complaint_class,
        policy_version=policy.version,
        office=office,
        district=district,
        station=new.station or "",
        about_offices=about,
        accused=_names_of(accused),
        sealed=(),
        case_key=b"",
        lodged_at=now,
        first_contact_due=first_contact,
        final_report_due=final_report,
        request_digest=keyring().digest("request", new.model_dump_json()),
        idempotency_digest=seed,
    )
    return case, _personal(new)


def _personal(new: NewComplaint | NewReport) -> dict[str, str]:
    said = {"narrative": new.narrative, "place": _place(new)}
    if isinstance(new, NewComplaint):
        said |= {"complainant_name": new.complainant_name, "complainant_phone": new.phone}
    return said


def _sealed(case: Case, caller: Caller, personal: dict[str, str]) -> Case:
    """The case with its first entry, whose key binds what it was lodged as into the chain."""
    case_key, sealed = sealed_for(caller.public_key, case.reference, personal)
    whole = replace(case, case_key=case_key, sealed=sealed)
    return with_entry(
        whole,
        at=case.lodged_at,
        actor=caller.subject,
        role=caller.role,
        action="lodge",
        key=lodged_as(whole),
    )


def _place(new: NewComplaint | NewReport) -> str:
    parts = [new.place or "", new.occurred_on.isoformat() if new.occurred_on else ""]
    return ", ".join(part for part in parts if part)


def _accused(new: NewComplaint | NewReport) -> list[officers.Officer]:
    """The officers complained of, by the service numbers given; InvalidRequest names one nobody has."""
    found = officers.by_service_number(new.about_officers)
    unknown = [n for n, number in enumerate(new.about_officers) if number not in found]
    if unknown:
        raise InvalidRequest(*(FieldFault(f"/about_officers/{n}", "unknown_officer") for n in unknown))
    return [found[number] for number in dict.fromkeys(new.about_officers)]


def _names_of(accused: Sequence[officers.Officer]) -> tuple[str, ...]:
    """By subject and by number: a second account, or a number passed on with the post, changes nothing."""
    return tuple(
        name for officer in accused for name in (officer.subject, f"{NUMBER}{officer.service_number}")
    )


def _about_offices(new: NewComplaint | NewReport, accused: Sequence[officers.Officer]) -> tuple[str, ...]:
    """The office complained of and those of the officers complained of: colleagues do not judge them."""
    named = _office(new.about_office, "/about_office", None)
    theirs = [officer.office for officer in accused if officer.office in offices()]
    return tuple(dict.fromkeys([*([named] if named else []), *theirs]))


def _jurisdiction(
    new: NewComplaint | NewReport, policy: ComplaintPolicy, about: Sequence[str]
) -> tuple[str, str]:
    """(office that must answer, district it counts in): the first office on the place's ladder that may."""
    if new.station and new.district and new.district not in ladder_of(new.station):
        raise InvalidRequest(FieldFault("/district", "district_of_another_station"))
    where = (
        _office(new.station, "/station", "station") or _office(new.district, "/district", "district") or ""
    )
    office = assignment.first_office(where, policy, about)
    if office is None:
        raise InvalidRequest(FieldFault("/about_office", "nobody_above"))
    district = assignment.district_of(where)
    if district is None:
        raise InvalidRequest(FieldFault("/district", "unknown_office"))
    return office, district


def ladder_of(office_id: str) -> tuple[str, ...]:
    """The ladder of an office, itself alone for one the catalogue does not know (refused by name later)."""
    return ladder(office_id) if office_id in offices() else (office_id,)


def _office(office_id: str | None, pointer: str, rank: str | None) -> str | None:
    if office_id is None:
        return None
    found = offices().get(office_id)
    if found is None or rank not in (None, found.rank):
        raise InvalidRequest(FieldFault(pointer, "unknown_office"))
    return office_id


def show(caller: Caller, reference: str, action: Permission = Permission.COMPLAINT_READ) -> Case:
    """The case, if the caller may do `action` to it; otherwise NotFound, whether or not there is one.

    PurposeNeeded where the case is restricted, the officer is cleared for it and did not say for what.
    """
    case = cases.get(reference)
    if case is None or not allow(caller, action, row_of(case)):
        raise NotFound
    if lacks_purpose(caller, row_of(case)):
        raise PurposeNeeded
    return case


def read(caller: Caller, reference: str, now: datetime) -> Case:
    """The case to be read; an officer's reading of a restricted one is on record before anything is shown."""
    return recorded(caller, show(caller, reference), now, "read")


def recorded(
    caller: Caller,
    case: Case,
    now: datetime,
    action: str,
    facts: tuple[tuple[str, str], ...] = (),
    permission: Permission = Permission.COMPLAINT_READ,
) -> Case:
    """The case with a sensitive reading in its chain. The version stays: nothing has changed for others.

    `permission` is what the caller reads it by: it is asked again where somebody else wrote meanwhile.
    """
    if caller.role is Role.CITIZEN or not is_restricted(case.category):
        return case
    for _ in range(COMMENT_TRIES):
        noted = with_entry(
            case,
            at=now,
            actor=caller.subject,
            role=caller.role,
            action=action,
            facts=(*facts, *purpose_of(caller)),
        )
        try:
            return cases.save(noted, indexed(noted))
        except StaleError:
            # Somebody wrote just now: note it after them.
            case = show(caller, case.reference, permission)
    raise ChangedMeanwhile(state=case.state)


def purpose_of(caller: Caller) -> tuple[tuple[str, str], ...]:
    return (("purpose", caller.purpose),) if caller.purpose else ()


def whole_history(case: Case) -> tuple[Entry, ...]:
    return (*cases.older_history(case), *case.history)


def mine(caller: Caller, before: str | None, limit: int) -> tuple[list[Summary], str | None]:
    return cases.of_owner(caller.subject, before=before, limit=limit)


def comment(caller: Caller, reference: str, new: NewComment, idempotency_key: str, now: datetime) -> Entry:
    """Adds a comment; the clocks are not touched. A repeat under the same key answers the entry it made."""
    key = _digest(caller.subject, reference, idempotency_key)[:20]
    for _ in range(COMMENT_TRIES):
        case = show(caller, reference, Permission.COMPLAINT_COMMENT)
        if is_full(case):
            raise CaseFull(limit=str(ENTRIES_A_CASE))
        case_key = key_of(case, caller)
        said = _said_before(case, key)
        if said is not None:
            if case_key.text(said) != new.text:
                raise IdempotencyKeyReused
            return said
        changed = with_entry(
            case,
            at=now,
            actor=caller.subject,
            role=caller.role,
            action="comment",
            text=sealed_text(case, case_key, new.text),
            facts=purpose_of(caller) if is_restricted(case.category) else (),
            key=key,
        )
        try:
            return save(changed).history[-1]
        except StaleError:
            continue  # two comments at once are no conflict: add this one after the other
    raise ChangedMeanwhile(state=show(caller, reference).state)


def is_full(case: Case) -> bool:
    """Whether the case takes no more comments or files; readings, which others make, do not count."""
    if not case.history or case.history[-1].sequence < ENTRIES_A_CASE:
        return False
    return sum(entry.action not in READINGS for entry in whole_history(case)) >= ENTRIES_A_CASE


def sealed_text(case: Case, case_key: CaseKey, text: str) -> str:
    if text and case_key.key is None:
        raise CaseErased
    return case_key.sealed_text(following_sequence(case.history), text)


def _said_before(case: Case, key: str) -> Entry | None:
    entries = case.history if not case.archived_parts else whole_history(case)
    return next((entry for entry in entries if entry.key == key), None)


def save(case: Case) -> Case:
    """The case as changed, one version on; StaleError when another change came first."""
    changed = replace(case, version=case.version + 1)
    return cases.save(changed, indexed(changed))


def erase_personal(case: Case, now: datetime, actor: str, role: str, reason: str) -> Case:
    """The case without anything its citizen wrote: a tombstone of steps and clocks. Only once it is over."""
    bare = replace(case, sealed=(), case_key=b"", erased_at=now)
    return save(with_entry(bare, at=now, actor=actor, role=role, action="erase", facts=(("reason", reason),)))


def indexed(case: Case) -> Indexed:
    """The index keys of the case as it is now."""
    rules = rules_of(case, case.history[-1].at)
    return Indexed(
        sweep_due=deadlines.next_look(case, rules),
        next_due=deadlines.next_due(case),
        retained_until=retention_rules.retained_until(case),
    )


def _digest(*parts: str) -> str:
    """128 bits of SHA-256 in 22 characters: enough to tell requests apart, and short in every item."""
    whole = hashlib.sha256("\x00".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(whole[:16]).rstrip(b"=").decode()
