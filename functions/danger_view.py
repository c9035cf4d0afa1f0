"""What the officers of the intake see of a call for help: how long it waits, and since when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain.danger import ACKNOWLEDGE_MINUTES, Call, is_overdue
from functions.storage.danger import DangerState
from schemas.catalogue.entries import Name
from schemas.catalogue.policies import ComplaintPolicy
from schemas.catalogue.reading import districts, ladder, offices

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DAYS_FROM = 2 * DAY
STATES: tuple[DangerState, ...] = ("open", "acknowledged", "past")


@dataclass(frozen=True, slots=True)
class Waited:
    """A span in words: minutes below an hour, hours below two days; `key` is of the sentence that says it."""

    key: str
    days: int
    hours: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Card:
    """A call as a card of the list. `waited` is until now, or until somebody took it up."""

    call: Call
    waited: Waited
    due_at: datetime
    is_overdue: bool


def waited(span: timedelta) -> Waited:
    """Rounded down; an instant to come (two clocks that differ) is no time at all."""
    seconds = max(0, int(span.total_seconds()))
    if seconds >= DAYS_FROM:
        return Waited("waited_days", seconds // DAY, seconds % DAY // HOUR, 0)
    if seconds >= HOUR:
        return Waited("waited_hours", 0, seconds // HOUR, seconds % HOUR // MINUTE)
    return Waited("waited_minutes", 0, 0, seconds // MINUTE)


def card(call: Call, now: datetime) -> Card:
    row = call.row
    return Card(
        call=call,
        waited=waited((row.acknowledged_at or now) - row.raised_at),
        due_at=row.raised_at + timedelta(minutes=ACKNOWLEDGE_MINUTES),
        is_overdue=is_overdue(row, now),
    )


def categories(policy: ComplaintPolicy) -> dict[str, Name]:
    """What may be lodged for somebody whose name is not known."""
    return {each: found.name for each, found in policy.categories.items() if found.anonymous}


def places() -> dict[str, tuple[str, ...]]:
    """Districts, each with those of its stations that are in the catalogue."""
    stations = [each.id for each in offices().values() if each.rank == "station"]
    return {
        district: tuple(each for each in stations if district in ladder(each)) for district in districts()
    }
