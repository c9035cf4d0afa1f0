"""Use cases of the complaint system: load, apply the rule, save."""

from __future__ import annotations

import base64
import hashlib
import heapq
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from functions.domain import deadlines, lifecycle, retention_rules
from functions.domain.access import (
    NUMBER,
    Caller,
    Permission,
    Role,
    allow,
    districts_of,
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
    PreconditionFailed,
    PurposeNeeded,
)
from functions.domain.history import following_sequence, lodged_as, with_entry
from functions.domain.privacy import CaseKey, key_of, sealed_for
from functions.domain.references import reference_for
from functions.storage import cases, officers
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from schemas.cases import Case, Entry, Summary
from schemas.catalogue.reading import RANKS, ComplaintPolicy, is_restricted, ladder, offices, policy_in_force
from schemas.complaints import Confirm, Contact, NewComment, NewComplaint, NewReport, Report, Step

log = logging.getLogger("khidmat")
CLOCK = "clock"
"""Actor and role of what the sweep does."""
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
        present, is_new = cases.create(candidate, _indexed(candidate))
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
    first_contact, final_report = deadlines.due_times(policy, new.category, now)
    case = Case(
        reference="",
        kind="complaint",
        owner=caller.subject,
        state="lodged",
        category=new.category,
        complaint_class=policy.categories[new.category].complaint_class,
        policy_version=policy.version,
        office=office,
        district=district,
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
    """(office that must answer, district it counts in): the first office on the place's ladder that may.

    Never below the policy's lowest rank; and where offices are complained of, only one above them all.
    """
    if new.station and new.district and new.district not in ladder_of(new.station):
        raise InvalidRequest(FieldFault("/district", "district_of_another_station"))
    where = _office(new.station, "/station", "station") or _office(new.district, "/district", "district")
    lowest = RANKS.index(policy.lowest_rank)
    steps = ladder(where or "")
    ranked = [step for step in steps if RANKS.index(offices()[step].rank) >= lowest]
    fit = [step for step in ranked if all(_is_above(step, office) for office in about)]
    if not fit:
        raise InvalidRequest(FieldFault("/about_office", "nobody_above"))
    district = next(step for step in steps if offices()[step].rank == "district")
    return fit[0], district


def _is_above(step: str, about: str) -> bool:
    return step != about and step in ladder(about)


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
            facts=(*facts, *_purpose(caller)),
        )
        try:
            return cases.save(noted, _indexed(noted))
        except StaleError:
            # Somebody wrote just now: note it after them.
            case = show(caller, case.reference, permission)
    raise ChangedMeanwhile(state=case.state)


def _purpose(caller: Caller) -> tuple[tuple[str, str], ...]:
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
            text=_sealed_text(case, case_key, new.text),
            facts=_purpose(caller) if is_restricted(case.category) else (),
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


def _sealed_text(case: Case, case_key: CaseKey, text: str) -> str:
    if text and case_key.key is None:
        raise CaseErased
    return case_key.sealed_text(following_sequence(case.history), text)


def _said_before(case: Case, key: str) -> Entry | None:
    entries = case.history if not case.archived_parts else whole_history(case)
    return next((entry for entry in entries if entry.key == key), None)


def take_step(caller: Caller, reference: str, step: Step, now: datetime, if_version: int | None) -> Case:
    """One step of the lifecycle.

    PreconditionFailed when the caller had seen another version; ChangedMeanwhile when somebody was faster;
    NotPermitted and TransitionNotAllowed by the table.
    """
    case = show(caller, reference, Permission.COMPLAINT_STEP)
    state = lifecycle.next_state(case.state, step.action, caller.role)
    if if_version is not None and if_version != case.version:
        raise PreconditionFailed(state=case.state)
    # A clock missed before the sweep saw it is flagged now: no step may make a missed deadline unseen.
    flagged = _flagged(case, now)
    text = getattr(step, "text", None) or getattr(step, "note", None) or ""
    changed = with_entry(
        _after(replace(flagged, state=state), step, now),
        at=now,
        actor=caller.subject,
        role=caller.role,
        action=step.action,
        text=_sealed_text(flagged, key_of(case, caller), text) if text else "",
        facts=(*_facts(step), *(_purpose(caller) if is_restricted(case.category) else ())),
    )
    try:
        return save(changed)
    except StaleError:
        raise ChangedMeanwhile(state=show(caller, reference).state) from None


def _after(case: Case, step: Step, now: datetime) -> Case:
    """What the step changes besides the state. A clock is met once; only a disputed report is not one."""
    if isinstance(step, Contact) and step.outcome == "reached":
        return replace(case, first_contacted_at=case.first_contacted_at or now)
    if isinstance(step, Report):
        return replace(case, reported_at=now)
    if step.action == "dispute":
        return replace(case, reported_at=None)
    if not case.is_open:
        return replace(case, closed_at=now)
    return case


def _facts(step: Step) -> tuple[tuple[str, str], ...]:
    if isinstance(step, Contact):
        return (("outcome", step.outcome),)
    if isinstance(step, Report):
        return (("finding", step.finding),)
    if isinstance(step, Confirm) and step.rating is not None:
        return (("rating", str(step.rating)),)
    return ()


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one run of the sweep did.

    Index rows examined, breaches flagged, cases that could not be read or written (they stay due, so the
    next run meets them again), and whether it came to the end before its time.
    """

    examined: int
    flagged: int
    failed: int
    finished: bool


def flag_overdue(now: datetime, has_time: Callable[[], bool] = lambda: True) -> Sweep:
    """Flags every breached clock once. May run twice, late, or be cut short: the next run goes on.

    A case that fails is counted and passed by: one bad row must not hide the deadlines behind it.
    """
    examined = flagged = failed = 0
    for shard in cases.SHARDS:
        for reference in cases.due_before(now, shard):
            if not has_time():
                return Sweep(examined, flagged, failed, finished=False)
            examined += 1
            try:
                flagged += _flag(reference, now)
            except Exception:
                # Whatever is wrong with this one, the next may be well.
                log.exception("not swept", extra={"reference": reference})
                failed += 1
    return Sweep(examined, flagged, failed, finished=True)


def _flag(reference: str, now: datetime) -> int:
    """How many clocks of the case were flagged: the index may lag, so the case itself decides."""
    while (case := cases.get(reference)) is not None:
        changed = _flagged(case, now)
        if changed is case:
            return 0
        try:
            save(changed)
        except StaleError:
            continue  # somebody worked on it just now: look again
        return len(changed.flagged) - len(case.flagged)
    return 0


def _flagged(case: Case, now: datetime) -> Case:
    """The case with every clock flagged that is breached at `now`; the same case where there is none."""
    late = deadlines.breached(case, now)
    if not late:
        return case
    changed = replace(case, flagged=(*case.flagged, *((clock, now) for clock in late)))
    for clock in late:
        facts = (("clock", clock), ("due_at", case.due(clock).isoformat()))
        changed = with_entry(changed, at=now, actor=CLOCK, role=CLOCK, action="flag_overdue", facts=facts)
    return changed


@dataclass(frozen=True, slots=True)
class Late:
    """An overdue case, and the due time of the clock it is overdue by."""

    summary: Summary
    due_at: datetime


def overdue(
    caller: Caller, district: str | None, after: str | None, limit: int
) -> tuple[list[Late], str | None]:
    """Cases flagged and still unanswered in the caller's jurisdiction, longest overdue first.

    The position returned is one for all districts, because each is ordered by the same key.
    """
    areas = districts_of(caller.office) if caller.office else ()
    if district is not None:
        areas = tuple(area for area in areas if area == district)
    merged = heapq.merge(*(_overdue_in(area, after, limit) for area in areas))
    rows: list[Late] = []
    position = after
    for key, summary in merged:
        if not allow(caller, Permission.SUPERVISION_READ, row_of(summary)):
            continue  # passed by before the page is counted: that there is more must not tell of it
        if len(rows) == limit:
            return rows, position
        rows.append(Late(summary, cases.overdue_since(key)))
        position = key
    return rows, None


def _overdue_in(area: str, after: str | None, limit: int) -> Iterator[tuple[str, Summary]]:
    more = True
    while more:
        page, more = cases.overdue_in(area, after=after, limit=limit)
        yield from page
        after = page[-1][0] if page else after


def save(case: Case) -> Case:
    """The case as changed, one version on; StaleError when another change came first."""
    changed = replace(case, version=case.version + 1)
    return cases.save(changed, _indexed(changed))


def erase_personal(case: Case, now: datetime, actor: str, role: str, reason: str) -> Case:
    """The case without anything its citizen wrote: a tombstone of steps and clocks. Only once it is over."""
    bare = replace(case, sealed=(), case_key=b"", erased_at=now)
    return save(with_entry(bare, at=now, actor=actor, role=role, action="erase", facts=(("reason", reason),)))


def _indexed(case: Case) -> cases.Indexed:
    late = deadlines.overdue_clock(case)
    return cases.Indexed(
        sweep_due=deadlines.sweep_due(case),
        overdue_since=case.due(late) if late else None,
        retained_until=retention_rules.retained_until(case),
    )


def _digest(*parts: str) -> str:
    """128 bits of SHA-256 in 22 characters: enough to tell requests apart, and short in every item."""
    whole = hashlib.sha256("\x00".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(whole[:16]).rstrip(b"=").decode()
