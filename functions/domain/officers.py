"""Officers' rows: what an officer is, where, with which clearance; changed by an administrator, on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from functions.domain.access import RANK_OF_ROLE, Caller, Role
from functions.domain.deadlines import KARACHI
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    NotFound,
    OwnPost,
    PreconditionFailed,
    TooManyRequests,
)
from functions.domain.history import next_entry
from functions.storage import officers
from functions.storage.history import history_text, read_history
from functions.storage.officers import Officer
from functions.storage.tables import StaleError
from schemas.cases import Entry
from schemas.catalogue.reading import offices
from schemas.officers import NewPost

POSTINGS = frozenset({"enrol", "change"})
NOTE_TRIES = 6
OPERATOR = "operator"
"""Who enters the first administrator, from the command line."""


def show(subject: str) -> Officer:
    found = officers.get(subject, consistent=True)
    if found is None:
        raise NotFound
    return found


def history_of(officer: Officer) -> tuple[Entry, ...]:
    return read_history(officer.history)


def former_posts(officer: Officer) -> tuple[tuple[str, datetime], ...]:
    """Offices the row's own history names besides the present one, each with the instant it was left."""
    posts: list[tuple[str, datetime]] = []
    held = ""
    for entry in history_of(officer):
        if entry.action not in POSTINGS:
            continue
        office = dict(entry.facts).get("office", "")
        if held and held != office:
            posts.append((held, entry.at))
        held = office
    return tuple(posts)


def enrol(caller: Caller, subject: str, new: NewPost, now: datetime, if_version: int | None) -> Officer:
    """Enters an officer or changes the row. OwnPost: nobody raises themselves.

    PreconditionFailed when the caller had seen another version; ChangedMeanwhile when somebody was faster.
    """
    if caller.subject == subject:
        raise OwnPost
    return write(subject, new, now, by=caller.subject, role=caller.role, if_version=if_version)


def note(
    officer: Caller, action: str, facts: tuple[tuple[str, str], ...], now: datetime, *, most_a_day: int
) -> None:
    """Puts what an officer did to an account on record: a row a day, whose chain goes into the ledger.

    TooManyRequests after `most_a_day` on a day (Asia/Karachi). The row is nobody's: it counts as suspended.
    """
    today = now.astimezone(KARACHI)
    name = f"desk.{officer.subject}.{today:%Y-%m-%d}"
    for _ in range(NOTE_TRIES):
        former = officers.get(name, consistent=True)
        entries = history_of(former) if former else ()
        if len(entries) >= most_a_day:
            tomorrow = (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise TooManyRequests(int((tomorrow - today).total_seconds()) + 1)
        entry = next_entry(
            entries, at=now, actor=officer.subject, role=officer.role, action=action, facts=facts
        )
        row = Officer(
            subject=name,
            role=officer.role,
            office=officer.office or "",
            service_number="",
            clearances=frozenset(),
            suspended=True,
            version=1,
            history=history_text((*entries, entry)),
        )
        try:
            officers.put(row, former)
        except StaleError:
            continue  # another change at once: note this one after it
        return
    raise ChangedMeanwhile(state="another version")


def write(
    subject: str, new: NewPost, now: datetime, *, by: str, role: str, if_version: int | None = None
) -> Officer:
    """The row as it was written, its own history chained."""
    _check_office(new)
    former = officers.get(subject, consistent=True)
    version = former.version if former else 0
    if if_version is not None and if_version != version:
        raise PreconditionFailed(state=f"version {version}")
    _check_number(subject, new)
    row = Officer(
        subject=subject,
        role=new.role,
        office=new.office or "",
        service_number=new.service_number or "",
        clearances=frozenset(new.clearances),
        suspended=new.suspended,
        version=version + 1,
    )
    entries = history_of(former) if former else ()
    facts = tuple(facts_of(row).items())
    action = "change" if former else "enrol"
    entry = next_entry(entries, at=now, actor=by, role=role, action=action, facts=facts)
    row = replace(row, history=history_text((*entries, entry)))
    try:
        return officers.put(row, former)
    except StaleError:
        raise ChangedMeanwhile(state="another version") from None


def _check_office(new: NewPost) -> None:
    """A role is held in an office of its rank, or in none."""
    wanted = RANK_OF_ROLE.get(Role(new.role))
    if wanted is None:
        if new.office is not None:
            raise InvalidRequest(FieldFault("/office", "office_without_rank", {"role": new.role}))
        return
    found = offices().get(new.office or "")
    if found is None or found.rank != wanted:
        raise InvalidRequest(
            FieldFault("/office", "office_of_other_rank", {"rank": wanted, "role": new.role})
        )


def _check_number(subject: str, new: NewPost) -> None:
    if new.service_number is None:
        return
    holder = officers.by_service_number([new.service_number]).get(new.service_number)
    if holder is not None and holder.subject != subject:
        raise InvalidRequest(FieldFault("/service_number", "service_number_taken"))


def facts_of(officer: Officer) -> dict[str, str]:
    """What the row says, in the form of the entry that made it so."""
    said = {
        "role": officer.role,
        "office": officer.office,
        "service_number": officer.service_number,
        "clearances": ",".join(sorted(officer.clearances)),
        "suspended": "yes" if officer.suspended else "",
    }
    return {name: value for name, value in said.items() if value}
