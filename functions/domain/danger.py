"""The intake of calls for help: what waits, who took it up, what came of it, and whom to reach.

A person's name and telephone are not kept here: they are looked up for the officer who asks, and that goes
on record first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.domain import alerts, labels, preferences
from functions.domain.access import Caller, Permission, allow, row_of
from functions.domain.alerts import CLOCK, OVERDUE, ROLE
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    InvalidRequest,
    NotFound,
    PreconditionFailed,
    TransitionNotAllowed,
)
from functions.domain.history import next_entry
from functions.storage import cases, danger
from functions.storage import feedback as feedback_store
from functions.storage.danger import DangerRow, DangerState, Outcome
from functions.storage.feedback import Labelled
from functions.storage.tables import StaleError

ACKNOWLEDGE_MINUTES = 15
FEEDBACK_ID = re.compile(r"[0-9a-f]{26}")
Changing = Callable[[DangerRow], DangerRow]


@dataclass(frozen=True, slots=True)
class Call:
    """A row of the intake and its text; None for a text that is not stored (yet, or any more)."""

    row: DangerRow
    text: Labelled | None


@dataclass(frozen=True, slots=True, repr=False)
class Giver:
    """Who wrote it from inside the app; phone is "" where none is known."""

    subject: str
    phone: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """Rows examined that nobody took up in time, and those flagged now."""

    examined: int
    flagged: int


def is_overdue(row: DangerRow, now: datetime) -> bool:
    return row.state == "open" and now - row.raised_at > timedelta(minutes=ACKNOWLEDGE_MINUTES)


def intake(state: DangerState, after: str | None, limit: int) -> tuple[list[Call], str | None]:
    """Oldest first, each with its text, and the position to go on from."""
    rows, position = danger.of_state(state, after=after, limit=limit)
    texts = feedback_store.known({row.feedback_id for row in rows}) if rows else {}
    return [Call(row, texts.get(row.feedback_id)) for row in rows], position


def show(feedback_id: str) -> Call:
    """One call and its text; NotFound for what was never taken for one."""
    return _with_text(_get(feedback_id))


def reach(caller: Caller, feedback_id: str, now: datetime) -> tuple[Call, Giver | None]:
    """One call, and whom to reach; that it was asked is on record before anybody is named."""
    row = _changed(_get(feedback_id), lambda present: _noted(present, caller, now, "reach"))
    return _with_text(row), _giver(feedback_id)


def acknowledge(caller: Caller, feedback_id: str, now: datetime, if_version: int | None) -> Call:
    """Somebody has it. Twice by the same officer is once; ChangedMeanwhile when a colleague was faster."""
    row = _get(feedback_id)
    if row.state == "acknowledged":
        if row.acknowledged_by != caller.subject:
            raise ChangedMeanwhile(state="acknowledged")
        return _with_text(row)
    _require(row, if_version)

    def taken(present: DangerRow) -> DangerRow:
        if present.state == "acknowledged":
            raise ChangedMeanwhile(state="acknowledged")
        noted = _noted(present, caller, now, "acknowledge")
        return replace(noted, state="acknowledged", acknowledged_at=now, acknowledged_by=caller.subject)

    return _with_text(_changed(row, taken))


def settle(
    caller: Caller,
    feedback_id: str,
    outcome: Outcome,
    reference: str | None,
    now: datetime,
    if_version: int | None,
) -> Call:
    """What came of it, after it was acknowledged; a false alarm goes back into the loop.

    TransitionNotAllowed before; InvalidRequest for a case that the officer may not read.
    """
    row = _get(feedback_id)
    if row.outcome == outcome and row.reference == (reference or ""):
        return _with_text(row)
    if row.state == "open":
        raise TransitionNotAllowed(action=outcome, state=row.state)
    _require(row, if_version)
    if reference:
        _require_case(caller, reference)
    if outcome == "false_alarm":
        labels.clear_of_danger(caller, feedback_id, now)
    facts = (("outcome", outcome), *((("reference", reference),) if reference else ()))

    def settled(present: DangerRow) -> DangerRow:
        noted = _noted(present, caller, now, "settle", facts)
        return replace(noted, outcome=outcome, reference=reference or "")

    return _with_text(_changed(row, settled))


def flag_overdue(now: datetime) -> Flagged:
    """Flags what nobody took up in time, and tells the one on duty once more."""
    late = danger.open_before(now - timedelta(minutes=ACKNOWLEDGE_MINUTES))
    flagged = 0
    for row in late:
        if row.overdue_at is not None:
            continue
        alerts.tell_duty(row, OVERDUE, now)
        entry = next_entry(row.history, at=now, actor=CLOCK, role=ROLE, action="flag_overdue")
        try:
            danger.put(replace(row, overdue_at=now, history=(*row.history, entry)), row)
        except StaleError:
            continue  # somebody took it up just now, or the next run meets it again
        flagged += 1
    return Flagged(len(late), flagged)


def _get(feedback_id: str) -> DangerRow:
    row = danger.get(feedback_id) if FEEDBACK_ID.fullmatch(feedback_id) else None
    if row is None:
        raise NotFound
    return row


def _with_text(row: DangerRow) -> Call:
    return Call(row, feedback_store.known([row.feedback_id]).get(row.feedback_id))


def _giver(feedback_id: str) -> Giver | None:
    subject = feedback_store.giver_of(feedback_id)
    if not subject:
        return None
    to = preferences.addressee(subject)
    return Giver(subject, to.addresses.get("sms", "") if to else "")


def _changed(row: DangerRow, change: Changing) -> DangerRow:
    """The row with a change written; looks again as often as others are faster."""
    while True:
        try:
            return danger.put(change(row), row)
        except StaleError:
            row = _get(row.feedback_id)


def _noted(
    row: DangerRow, caller: Caller, now: datetime, action: str, facts: tuple[tuple[str, str], ...] = ()
) -> DangerRow:
    entry = next_entry(
        row.history, at=now, actor=caller.subject, role=caller.role, action=action, facts=facts
    )
    return replace(row, history=(*row.history, entry))


def _require(row: DangerRow, if_version: int | None) -> None:
    if if_version is not None and if_version != row.version:
        raise PreconditionFailed(state=row.state)


def _require_case(caller: Caller, reference: str) -> None:
    case = cases.get(reference)
    if case is None or not allow(caller, Permission.COMPLAINT_READ, row_of(case)):
        raise InvalidRequest(FieldFault("/reference", "unknown_case"))
