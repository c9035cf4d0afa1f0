"""Use cases of the complaint system: load, apply the rule, save."""

from __future__ import annotations

import base64
import hashlib
import heapq
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from functions.domain import deadlines, lifecycle
from functions.domain.access import Caller, districts_of, may_see
from functions.domain.errors import (
    CaseFull,
    ChangedMeanwhile,
    FieldFault,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
)
from functions.domain.history import with_entry
from functions.domain.references import reference_for
from functions.storage import cases
from functions.storage.tables import StaleError
from schemas.cases import Case, Entry, Summary
from schemas.catalogue.reading import RANKS, ComplaintPolicy, ladder, offices, policy_in_force
from schemas.complaints import Confirm, Contact, NewComment, NewComplaint, Report, Step

log = logging.getLogger("khidmat")
CLOCK = "clock"
"""Actor and role of what the sweep does."""
COMMENT_TRIES = 8
ENTRIES_A_CASE = 200
"""Beyond this no comment is taken, so that a case can always be read and answered whole; steps still are."""


def lodge(caller: Caller, new: NewComplaint, idempotency_key: str, now: datetime) -> Case:
    """The case as it was lodged. A repeat under the same key answers the same one and writes nothing.

    One put and no read in the common case: the reference follows from caller and key, so a repeat runs into
    its own row. IdempotencyKeyReused when the key came before with another body.
    """
    seed = _digest(caller.subject, idempotency_key)
    case = _new_case(caller, new, seed, now)
    for attempt in count():
        candidate = replace(case, reference=reference_for(seed, attempt))
        present = cases.create(candidate, _indexed(candidate))
        if present is None:
            return candidate
        if present.idempotency_digest != seed:
            continue  # somebody else's case happens to have this reference: take the next one
        if present.request_digest != case.request_digest:
            raise IdempotencyKeyReused
        return present
    raise AssertionError("unreachable")


def _new_case(caller: Caller, new: NewComplaint, seed: str, now: datetime) -> Case:
    policy = policy_in_force(now)
    if new.category not in policy.categories:
        known = ", ".join(sorted(policy.categories))
        raise InvalidRequest(FieldFault("/category", "unknown_category", {"known": known}))
    office, district = _jurisdiction(new, policy)
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
        about_office=new.about_office or "",
        place=_place(new),
        narrative=new.narrative,
        complainant_name=new.complainant_name,
        complainant_phone=new.phone,
        lodged_at=now,
        first_contact_due=first_contact,
        final_report_due=final_report,
        request_digest=_digest(new.model_dump_json()),
        idempotency_digest=seed,
    )
    return with_entry(case, at=now, actor=caller.subject, role=caller.role, action="lodge")


def _place(new: NewComplaint) -> str:
    parts = [new.place or "", new.occurred_on.isoformat() if new.occurred_on else ""]
    return ", ".join(part for part in parts if part)


def _jurisdiction(new: NewComplaint, policy: ComplaintPolicy) -> tuple[str, str]:
    """(office that must answer, district it counts in): the first office on the place's ladder that may.

    Never below the policy's lowest rank; and where an office is complained of, only one above it.
    """
    if new.station and new.district and new.district not in ladder_of(new.station):
        raise InvalidRequest(FieldFault("/district", "district_of_another_station"))
    where = _office(new.station, "/station", "station") or _office(new.district, "/district", "district")
    about = _office(new.about_office, "/about_office", None) or ""
    lowest = RANKS.index(policy.lowest_rank)
    steps = ladder(where or "")
    ranked = [step for step in steps if RANKS.index(offices()[step].rank) >= lowest]
    fit = [step for step in ranked if _is_above(step, about)]
    if not fit:
        raise InvalidRequest(FieldFault("/about_office", "nobody_above"))
    district = next(step for step in steps if offices()[step].rank == "district")
    return fit[0], district


def _is_above(step: str, about: str) -> bool:
    return not about or (step != about and step in ladder(about))


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


def show(caller: Caller, reference: str) -> Case:
    """The case, if the caller may see it; otherwise NotFound, whether or not there is one."""
    case = cases.get(reference)
    if case is None or not may_see(caller, case):
        raise NotFound
    return case


def whole_history(case: Case) -> tuple[Entry, ...]:
    return (*cases.older_history(case), *case.history)


def mine(caller: Caller, before: str | None, limit: int) -> tuple[list[Summary], str | None]:
    return cases.of_owner(caller.subject, before=before, limit=limit)


def comment(caller: Caller, reference: str, new: NewComment, idempotency_key: str, now: datetime) -> Entry:
    """Adds a comment; the clocks are not touched. A repeat under the same key answers the entry it made."""
    key = _digest(caller.subject, reference, idempotency_key)[:20]
    for _ in range(COMMENT_TRIES):
        case = show(caller, reference)
        if case.history and case.history[-1].sequence >= ENTRIES_A_CASE:
            raise CaseFull(limit=str(ENTRIES_A_CASE))
        said = _said_before(case, key)
        if said is not None:
            if said.text != new.text:
                raise IdempotencyKeyReused
            return said
        changed = with_entry(
            case, at=now, actor=caller.subject, role=caller.role, action="comment", text=new.text, key=key
        )
        try:
            return _save(changed).history[-1]
        except StaleError:
            continue  # two comments at once are no conflict: add this one after the other
    raise ChangedMeanwhile(state=show(caller, reference).state)


def _said_before(case: Case, key: str) -> Entry | None:
    entries = case.history if not case.archived_parts else whole_history(case)
    return next((entry for entry in entries if entry.key == key), None)


def take_step(caller: Caller, reference: str, step: Step, now: datetime, if_version: int | None) -> Case:
    """One step of the lifecycle.

    PreconditionFailed when the caller had seen another version; ChangedMeanwhile when somebody was faster;
    NotPermitted and TransitionNotAllowed by the table.
    """
    case = show(caller, reference)
    state = lifecycle.next_state(case.state, step.action, caller.role)
    if if_version is not None and if_version != case.version:
        raise PreconditionFailed(state=case.state)
    # A clock missed before the sweep saw it is flagged now: no step may make a missed deadline unseen.
    changed = with_entry(
        _after(replace(_flagged(case, now), state=state), step, now),
        at=now,
        actor=caller.subject,
        role=caller.role,
        action=step.action,
        text=getattr(step, "text", None) or getattr(step, "note", None) or "",
        facts=_facts(step),
    )
    try:
        return _save(changed)
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
            _save(changed)
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
        if len(rows) == limit:
            return rows, position
        if caller.office in ladder(summary.office):
            rows.append(Late(summary, cases.overdue_since(key)))
            position = key
    return rows, None


def _overdue_in(area: str, after: str | None, limit: int) -> Iterator[tuple[str, Summary]]:
    more = True
    while more:
        page, more = cases.overdue_in(area, after=after, limit=limit)
        yield from page
        after = page[-1][0] if page else after


def _save(case: Case) -> Case:
    changed = replace(case, version=case.version + 1)
    return cases.save(changed, _indexed(changed), on_version=case.version)


def _indexed(case: Case) -> cases.Indexed:
    late = deadlines.overdue_clock(case)
    return cases.Indexed(
        sweep_due=deadlines.sweep_due(case),
        overdue_since=case.due(late) if late else None,
    )


def _digest(*parts: str) -> str:
    """128 bits of SHA-256 in 22 characters: enough to tell requests apart, and short in every item."""
    whole = hashlib.sha256("\x00".join(parts).encode()).digest()
    return base64.urlsafe_b64encode(whole[:16]).rstrip(b"=").decode()
