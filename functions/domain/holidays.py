"""Amending a holiday: an administrator sets its days, on record, and the calendar is another from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from functions.domain import calendars
from functions.domain.access import Caller
from functions.domain.errors import ChangedMeanwhile, FieldFault, InvalidRequest, PreconditionFailed
from functions.domain.history import next_entry
from functions.storage import holidays
from functions.storage.history import history_text, read_history
from functions.storage.holidays import Amendment
from functions.storage.tables import StaleError
from schemas.cases import Entry
from schemas.catalogue.holidays import is_ramadan
from schemas.holidays import Amend

YEARS = range(2000, 2101)


def amend(
    caller: Caller, holiday: str, new: Amend, now: datetime, if_version: int | None
) -> tuple[Amendment, tuple[Entry, ...]]:
    """Sets a holiday of the catalogue or a new one; with its history.

    PreconditionFailed when the caller had seen another version (0 is the catalogue's own); ChangedMeanwhile
    when somebody was faster.
    """
    days = tuple(sorted(new.days))
    _check(new, days, calendars.planned(holiday))
    former = holidays.get(holiday)
    version = former.version if former else 0
    if if_version is not None and if_version != version:
        raise PreconditionFailed(state=f"version {version}")
    row = Amendment(
        holiday=holiday,
        kind=new.kind,
        name_en=new.name.en,
        name_ur=new.name.ur,
        days=days,
        reason=new.reason,
        version=version + 1,
    )
    facts = tuple(facts_of(row).items())
    entries = read_history(former.history) if former else ()
    entry = next_entry(entries, at=now, actor=caller.subject, role=caller.role, action="amend", facts=facts)
    entries = (*entries, entry)
    try:
        written = holidays.put(replace(row, history=history_text(entries)), former, now)
    except StaleError:
        raise ChangedMeanwhile(state="another version") from None
    calendars.forget()
    return written, entries


def facts_of(row: Amendment) -> dict[str, str]:
    """What the row says, in the form of the entry that made it so; without days it fell out."""
    said = {
        "kind": row.kind,
        "name_en": row.name_en,
        "name_ur": row.name_ur,
        "days": ",".join(day.isoformat() for day in row.days),
        "reason": row.reason,
    }
    return {name: value for name, value in said.items() if value}


def _check(new: Amend, days: tuple[date, ...], planned: Sequence[date]) -> None:
    """A day once; in the year of the others and of the catalogue, or the next to it; a whole Ramadan."""
    faults = []
    if len(set(days)) != len(days):
        faults.append(FieldFault("/days", "days_repeated"))
    years = [day.year for day in (*days, *planned)]
    if any(day.year not in YEARS for day in days):
        faults.append(FieldFault("/days", "instant_out_of_range"))
    elif days and max(years) - min(years) > 1:
        faults.append(FieldFault("/days", "days_far_apart"))
    if new.kind == "ramadan" and days and not is_ramadan(days):
        faults.append(FieldFault("/days", "ramadan_days"))
    if faults:
        raise InvalidRequest(*faults)
