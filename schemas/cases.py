"""A case as it is stored: one record form for everything a citizen sends in and an office must answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["complaint"]
State = Literal["lodged", "accepted", "in_progress", "report_submitted", "closed", "withdrawn"]
Action = Literal["accept", "contact", "report", "confirm", "dispute", "withdraw"]
Clock = Literal["first_contact", "final_report"]
CLOCKS: tuple[Clock, ...] = ("first_contact", "final_report")
OPEN_STATES: frozenset[State] = frozenset({"lodged", "accepted", "in_progress", "report_submitted"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history; `digest` chains it to the one before (SHA-256, base64url).

    `text` is sealed: base64 of a field of the case (see functions/storage/sealing.py).
    """

    sequence: int
    at: datetime
    actor: str
    role: str
    action: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    key: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a case; exactly what the indexes carry, so that a list is one query."""

    reference: str
    kind: Kind
    state: State
    category: str
    complaint_class: str
    office: str
    lodged_at: datetime
    first_contact_due: datetime
    final_report_due: datetime
    version: int
    first_contacted_at: datetime | None = None
    reported_at: datetime | None = None
    owner: str = ""
    about_offices: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A whole case. Instants are UTC; `version` grows by one with every change.

    `sealed` holds what the citizen wrote, field by field, under the case's own key; `case_key` is that key,
    sealed to the owner. It is empty once the personal data was erased.
    """

    reference: str
    kind: Kind
    owner: str
    state: State
    category: str
    complaint_class: str
    policy_version: str
    office: str
    district: str
    sealed: tuple[tuple[str, bytes], ...]
    case_key: bytes
    lodged_at: datetime
    first_contact_due: datetime
    final_report_due: datetime
    request_digest: str
    idempotency_digest: str
    about_offices: tuple[str, ...] = ()
    """Offices complained of, and those of the officers complained of: none of theirs ever sees the case."""
    accused: tuple[str, ...] = ()
    """Subjects of the officers complained of, wherever they serve by now."""
    version: int = 1
    write_id: str = ""
    """Names the write that left the row as it was read: a change is made on that and on nothing else."""
    first_contacted_at: datetime | None = None
    reported_at: datetime | None = None
    closed_at: datetime | None = None
    flagged: tuple[tuple[Clock, datetime], ...] = ()
    """Clocks whose breach was flagged, and when."""
    archived_parts: int = 0
    """Older history moved to items of its own, oldest first, when the item grew (see storage/cases.py)."""
    erased_at: datetime | None = None
    """When what the citizen wrote was made unreadable; the clocks and steps stay."""
    history: tuple[Entry, ...] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def due(self, clock: Clock) -> datetime:
        return self.first_contact_due if clock == "first_contact" else self.final_report_due

    def met_at(self, clock: Clock) -> datetime | None:
        return self.first_contacted_at if clock == "first_contact" else self.reported_at

    def flagged_at(self, clock: Clock) -> datetime | None:
        return dict(self.flagged).get(clock)
