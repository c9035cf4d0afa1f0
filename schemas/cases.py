"""A case as it is stored: one record form for everything a citizen sends in and an office must answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["complaint"]
State = Literal[
    "lodged",
    "marked",
    "transferred",
    "accepted",
    "contacted",
    "in_progress",
    "information_awaited",
    "report_submitted",
    "verified",
    "reopened",
    "appealed",
    "closed",
    "withdrawn",
    "rejected",
    "merged",
]
Action = Literal[
    "mark",
    "transfer",
    "accept",
    "contact",
    "attempt",
    "begin",
    "ask",
    "inform",
    "resume",
    "report",
    "call_back",
    "object",
    "confirm",
    "dispute",
    "close",
    "lapse",
    "reopen",
    "appeal",
    "withdraw",
    "reject",
    "merge",
]
"""Steps of the table in functions/domain/lifecycle.py; `attempt` is a call that did not reach the citizen,
`object` a call-back to somebody who is not content, `lapse` the end of a confirmation nobody gave."""
Clock = Literal["first_contact", "final_report", "appeal"]
CLOCKS: tuple[Clock, ...] = ("first_contact", "final_report", "appeal")
ENDED: frozenset[State] = frozenset({"closed", "withdrawn", "rejected", "merged"})


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
class OpenCase:
    """What the index of open cases carries of one: enough to order an inbox and to ask who may see it."""

    reference: str
    category: str
    complaint_class: str
    office: str
    lodged_at: datetime
    next_due: datetime | None
    """When its earliest running clock runs out; None where none runs."""
    policy_version: str = ""
    is_flagged: bool = False
    """Whether a breach of any clock of it was ever flagged."""
    about_offices: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """What has become of a case besides its state; all of it follows from the history.

    `points` counts, for each clock, the points of its ladder that were passed. `standing` is how many seconds
    each clock stood still in all, in the time it counts in (running or working).
    """

    points: tuple[tuple[Clock, int], ...] = ()
    standing: tuple[tuple[Clock, int], ...] = ()
    level: int = 0
    """How far it was escalated: 0 not at all, 5 to the central office."""
    paused_at: datetime | None = None
    pause_until: datetime | None = None
    pauses: int = 0
    appealed_at: datetime | None = None
    attempts: int = 0
    """Calls after the report that did not reach the citizen, far enough apart to count."""
    attempted_at: datetime | None = None
    attempts_asked: bool = False
    """The window ended with calls missing, and the office was told."""
    verified_at: datetime | None = None
    reopened: int = 0
    appeals: int = 0
    rating: int | None = None
    closed_by: str = ""
    """Who made it end: `citizen`, `call_back` or `window`."""
    at_risk: bool = False
    """The forecast held a breach likely."""

    def passed(self, clock: Clock) -> int:
        return dict(self.points).get(clock, 0)

    def stood(self, clock: Clock) -> int:
        return dict(self.standing).get(clock, 0)


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
    station: str = ""
    """The police station of the place, where it was named."""
    appeal_due: datetime | None = None
    appeal_answered_at: datetime | None = None
    merged_into: str = ""
    """Reference of the case that carries this one on: a duplicate, or one of many reports of one incident."""
    progress: Progress = field(default_factory=Progress)
    archived_parts: int = 0
    """Older history moved to items of its own, oldest first, when the item grew (see storage/cases.py)."""
    erased_at: datetime | None = None
    """When what the citizen wrote was made unreadable; the clocks and steps stay."""
    history: tuple[Entry, ...] = field(default_factory=tuple)

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def due(self, clock: Clock) -> datetime | None:
        """When the clock runs out; None for an appeal nobody made."""
        dues = {
            "first_contact": self.first_contact_due,
            "final_report": self.final_report_due,
            "appeal": self.appeal_due,
        }
        return dues[clock]

    def met_at(self, clock: Clock) -> datetime | None:
        met = {
            "first_contact": self.first_contacted_at,
            "final_report": self.reported_at,
            "appeal": self.appeal_answered_at,
        }
        return met[clock]

    def flagged_at(self, clock: Clock) -> datetime | None:
        return dict(self.flagged).get(clock)
