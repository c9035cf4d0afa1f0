"""What supervisors and the desk see of a case: time left, who has it now, what can be done. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain import assignment, deadlines
from functions.domain.figures import Figures
from functions.domain.inbox import Waiting
from schemas.cases import Case, Clock, State
from schemas.catalogue.entries import Name
from schemas.catalogue.reading import (
    RANKS,
    complaint_policies,
    is_restricted,
    ladder,
    offices,
    policy_of_version,
)
from schemas.common import Tongue
from schemas.complaints import HistoryLine

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DAYS_FROM = 2 * DAY
"""Below that hours say more than days do."""
Z = 1.96
"""Normal quantile of a 95 % interval."""
READINGS = frozenset({"read", "evidence_read", "audit_read"})


@dataclass(frozen=True, slots=True)
class Left:
    """How long until a due time, or since: in days and hours, or in hours and minutes."""

    late: bool
    days: int
    hours: int
    minutes: int

    @property
    def key(self) -> str:
        """Of the sentence that says it."""
        return ("late" if self.late else "left") + ("_days" if self.days else "_hours")


def left(seconds: int) -> Left:
    """`seconds` until the due time, negative past it; rounded down on both sides."""
    size = abs(seconds)
    if size >= DAYS_FROM:
        return Left(seconds < 0, size // DAY, size % DAY // HOUR, 0)
    return Left(seconds < 0, 0, size // HOUR, size % HOUR // MINUTE)


@dataclass(frozen=True, slots=True)
class Row:
    """A case as a line of a list; `category` is None for one whose matter no list names."""

    reference: str
    complaint_class: str
    category: Name | None
    office: str
    now_with: str
    state: State
    level: int
    at_risk: bool
    clock: Clock | None
    due_at: datetime | None
    left: Left | None
    stands: bool


def row(waiting: Waiting, now: datetime) -> Row:
    case, due_at = waiting.case, waiting.due_at
    return Row(
        reference=case.reference,
        complaint_class=case.complaint_class,
        category=None if is_restricted(case.category) else category_name(case),
        office=case.office,
        now_with=now_with(case),
        state=case.state,
        level=case.progress.level,
        at_risk=case.progress.at_risk,
        clock=waiting.clock,
        due_at=due_at,
        left=left(int((due_at - now).total_seconds())) if due_at else None,
        stands=deadlines.standing(case) is not None,
    )


def row_of_case(case: Case, now: datetime) -> Row:
    """The line of a case that was opened or changed just now."""
    running = deadlines.ticking(case)
    clock = running[0] if running else None
    return row(Waiting(case, clock, deadlines.due(case, clock) if clock else None), now)


def category_name(case: Case) -> Name:
    return policy_of_version(case.policy_version).categories[case.category].name


def now_with(case: Case) -> str:
    """The office that was told last: the case's own, or the one it was escalated to."""
    if not case.progress.level:
        return case.office
    return assignment.office_at(case, RANKS[case.progress.level - 1])


def office_name(office: str, tongue: Tongue) -> str:
    """The name, or the id of an office the catalogue holds no more."""
    known = offices().get(office)
    return getattr(known.name, tongue) if known else office


# --- what can be chosen


def offices_below(office: str) -> tuple[str, ...]:
    """The office and all below it that answer complaints: stations do not."""
    return tuple(
        each.id for each in offices().values() if each.rank != "station" and office in ladder(each.id)
    )


def classes() -> tuple[str, ...]:
    return tuple(sorted({name for policy in complaint_policies() for name in policy.classes}))


def transfer_targets(case: Case) -> dict[str, tuple[str, ...]]:
    """Offices the case could go to, by region, its own region first."""
    lowest = RANKS.index(policy_of_version(case.policy_version).lowest_rank)
    found: dict[str, list[str]] = {}
    for office in offices():
        fits = office != case.office and assignment.rank_of(office) >= lowest
        if fits and assignment.is_apart(office, case.about_offices):
            found.setdefault(ladder(office)[-2] if len(ladder(office)) > 1 else office, []).append(office)
    own = ladder(case.office)
    nearest = sorted(found, key=lambda each: own.index(each) if each in own else len(own))
    return {region: tuple(found[region]) for region in nearest}


@dataclass(frozen=True, slots=True)
class Form:
    """A step as a form: the key that opens it, and the fields it asks for. One without fields is a button."""

    name: str
    key: str
    fields: tuple[str, ...] = ()


FORMS: tuple[Form, ...] = (
    Form("accept", "a"),
    Form("mark", "m", ("office", "note")),
    Form("contact", "c", ("outcome", "note")),
    Form("begin", "b"),
    Form("ask", "q", ("text",)),
    Form("resume", "s"),
    Form("report", "r", ("finding", "text")),
    Form("close", "f", ("note",)),
    Form("transfer", "t", ("office", "text")),
    Form("reject", "n", ("reason", "text")),
    Form("merge", "g", ("into", "note")),
)
"""In the order an officer works. What ends a case asks for something first: no key alone may do that."""


def forms(steps: Iterable[str]) -> tuple[Form, ...]:
    names = {"contact" if step == "attempt" else step for step in steps}
    return tuple(form for form in FORMS if form.name in names)


# --- what happened


def facts(line: HistoryLine, tongue: Tongue) -> Iterator[tuple[str, object]]:
    """What an entry says besides its text, as (key of a sentence, its value), in an order fit for reading."""
    given = line.facts
    if "office" in given and line.action != "escalate":
        yield "fact_to", office_name(given["office"], tongue)
    if "level" in given:
        yield "fact_level", given["level"]
    if line.action == "escalate":
        yield "fact_told", office_name(given["office"], tongue)
    for name in ("finding", "reason", "clock"):
        if name in given:
            yield f"{name}_{given[name]}", None
    if "into" in given:
        yield "fact_into", given["into"]
    for name in ("until", "due_at"):
        if name in given:
            yield f"fact_{name}", datetime.fromisoformat(given[name])


def step_just_taken(history: tuple[HistoryLine, ...]) -> str:
    """The reader's own step, where it is the last thing that happened; "" otherwise."""
    last = next((line for line in reversed(history) if line.action not in READINGS), None)
    return last.action if last and last.by == "you" else ""


# --- promises


@dataclass(frozen=True, slots=True)
class Promises:
    """Of the complaints whose time is over, how many were answered in it; with a 95 % interval."""

    key: str
    kept: int
    due: int
    open: int
    overdue: int

    @property
    def share(self) -> float | None:
        return self.kept / self.due if self.due else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's: right for few cases and for shares near the ends."""
        if not self.due:
            return 0.0, 1.0
        share, spread = self.kept / self.due, Z * Z / self.due
        middle = (share + spread / 2) / (1 + spread)
        half = Z * math.sqrt(share * (1 - share) / self.due + spread / self.due / 4) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)


def promises(found: Mapping[tuple[str, str], Figures], *, by_class: bool) -> tuple[Promises, ...]:
    """By office or by class; where most were broken first, then by name. Due: closed, or open and overdue."""
    groups: dict[str, list[Figures]] = {}
    for (office, complaint_class), figures in found.items():
        groups.setdefault(complaint_class if by_class else office, []).append(figures)
    rows = [_sum(key, figures) for key, figures in groups.items()]
    return tuple(sorted(rows, key=lambda each: (each.kept - each.due, each.key)))


def _sum(key: str, rows: list[Figures]) -> Promises:
    overdue = sum(sum(row.overdue.values()) for row in rows)
    return Promises(
        key=key,
        kept=sum(row.closed_in_time for row in rows),
        due=sum(row.closed for row in rows) + overdue,
        open=sum(row.open for row in rows),
        overdue=overdue,
    )
