"""Who is told of a change of a case, and the notices in the app. Fed by the table's stream.

A notice is keyed by the entry's own sequence number: records delivered twice or out of order change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.domain.access import Caller, Permission, Role, Row, allow
from functions.storage import cases, notices
from functions.storage.notices import Concerned, NoticeRow
from schemas.cases import Entry
from schemas.catalogue.reading import is_restricted, ladder, offices

Whose = Literal["holder", "named"]
OFFICE = "office:"
TOLD_CITIZEN = frozenset(
    {
        "lodge",
        "mark",
        "transfer",
        "accept",
        "contact",
        "attempt",
        "ask",
        "resume",
        "report",
        "close",
        "lapse",
        "reopen",
        "appeal",
        "reject",
        "merge",
        "comment",
        "flag_overdue",
        "escalate",
        "move_deadline",
    }
)
"""Steps the citizen is told about; of the own ones those that begin something, as a receipt."""
TOLD_OFFICE: dict[str, Whose] = {
    "lodge": "holder",
    "mark": "named",
    "transfer": "named",
    "appeal": "named",
    "escalate": "named",
    "reopen": "holder",
    "dispute": "holder",
    "object": "holder",
    "confirm": "holder",
    "inform": "holder",
    "withdraw": "holder",
    "comment": "holder",
    "remind": "holder",
    "flag_overdue": "holder",
    "forecast": "holder",
    "attempts_needed": "holder",
}
"""Which office is told: the one that has the case, or the one that the entry itself names."""
DETAIL = {"contact": "outcome", "flag_overdue": "clock", "remind": "clock"}
"""Steps whose sentence depends on one of their facts."""
NOT_FOR_FOLLOWERS = frozenset({"ask", "merge", "comment", "lodge", "contact", "attempt"})
"""What passes between an office and the one person whose case carries the others on."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of a case added to its history, and what of the case decides who is told."""

    reference: str
    owner: str
    entries: Sequence[Entry]
    office: str = ""
    category: str = ""
    about_offices: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()
    lodged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient of one entry. `reference` is the case as the recipient knows it."""

    recipient: str
    reference: str
    event: str
    is_restricted: bool


def event_of(entry: Entry) -> str:
    """The name of the sentence: the step, and the fact that it depends on."""
    detail = dict(entry.facts).get(DETAIL.get(entry.action, ""))
    return f"{entry.action}.{detail}" if detail else entry.action


def told(change: Change, entry: Entry) -> Iterator[Told]:
    """Everybody who is told of the entry: owner, owners of merged cases, office."""
    is_by_citizen = entry.role == Role.CITIZEN
    event, restricted = event_of(entry), is_restricted(change.category)
    if entry.action in TOLD_CITIZEN and not (entry.action == "comment" and is_by_citizen):
        if change.owner:
            yield Told(change.owner, change.reference, event, restricted)
        if entry.action not in NOT_FOR_FOLLOWERS:
            yield from _followers(change, event)
    if entry.action in TOLD_OFFICE and not (entry.action == "comment" and not is_by_citizen):
        office = _office(change, entry)
        if office and may_be_told(office, change.about_offices):
            yield Told(OFFICE + office, change.reference, event, restricted)


def _followers(change: Change, event: str) -> Iterator[Told]:
    """Owners of the cases merged into this one, each by the own case's reference; each person once."""
    known = {change.owner, ""}
    merged = cases.children_of(change.reference)
    found = cases.many(merged)
    for reference in merged:
        child = found.get(reference)
        if child is None or child.owner in known:
            continue
        known.add(child.owner)
        restricted = is_restricted(child.category) or is_restricted(change.category)
        yield Told(child.owner, reference, event, restricted)


def _office(change: Change, entry: Entry) -> str:
    named = dict(entry.facts).get("office", "")
    if TOLD_OFFICE[entry.action] == "named" and named:
        return named
    return change.office


def may_be_told(office: str, about_offices: Sequence[str]) -> bool:
    """Not an office that the case is about, or one below such an office, wherever the case lies."""
    return office in offices() and not set(about_offices) & set(ladder(office))


def record_change(change: Change) -> int:
    """Writes the notices of each entry; answers how many were new."""
    new = 0
    for entry in change.entries:
        for each in told(change, entry):
            row = NoticeRow(entry.at, each.reference, each.event, _concerned(change, each))
            new += notices.add(each.recipient, row, entry.sequence, change.reference)
    return new


def _concerned(change: Change, each: Told) -> Concerned | None:
    if change.lodged_at is None or not each.recipient.startswith(OFFICE):
        return None
    return Concerned(each.is_restricted, change.about_offices, change.accused, change.lodged_at)


def mine(caller: Caller, before: str | None, limit: int) -> tuple[list[NoticeRow], str | None]:
    return notices.of_recipient(caller.subject, before=before, limit=limit)


def of_office(caller: Caller, before: str | None, limit: int) -> tuple[list[NoticeRow], str | None]:
    """Those of the caller's office that the caller may know of: a page may hold fewer than `limit`."""
    if not caller.office:
        return [], None
    rows, after = notices.of_recipient(OFFICE + caller.office, before=before, limit=limit)
    return [row for row in rows if row.concerned and _may_know(caller, row.concerned)], after


def _may_know(caller: Caller, concerned: Concerned) -> bool:
    row = Row(
        owner="",
        office=caller.office or "",
        about_offices=concerned.about_offices,
        accused=concerned.accused,
        restricted=concerned.restricted,
        lodged_at=concerned.lodged_at,
    )
    return allow(caller, Permission.OFFICE_READ_NOTICES, row)
