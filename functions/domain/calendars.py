"""The calendar in force: the catalogue's holidays, with what an administrator amended in their place.

Amendments are read once and kept in the process for a minute. Where they cannot be read nothing is counted at
all: the catalogue alone would give due times that are wrong and look right.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from functions.domain.working_time import Calendar
from functions.storage import holidays as amendments
from functions.storage.holidays import Amendment, Revision
from schemas.catalogue.entries import Confidence, Name
from schemas.catalogue.holidays import Holiday, HolidayKind, holidays
from schemas.catalogue.policies import ComplaintPolicy

KEPT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Observed:
    """A holiday as it is observed; without days it fell out. `version` 0 is the catalogue's own."""

    id: str
    kind: HolidayKind
    name: Name
    days: tuple[date, ...]
    confidence: Confidence
    moon: bool
    version: int = 0


@dataclass(frozen=True, slots=True)
class _Kept:
    read_at: datetime
    revision: Revision
    amended: tuple[Amendment, ...]
    calendars: dict[str, Calendar] = field(default_factory=dict)
    """By the policy's version; made when first asked for."""


_kept: list[_Kept] = []
"""What was read last, or nothing."""


def calendar_for(policy: ComplaintPolicy, now: datetime, *, fresh: bool = False) -> Calendar:
    """The policy's office hours on the days in force. StoreFailureError when amendments cannot be read.

    `fresh` reads again whatever is kept.
    """
    kept = _read(now, fresh=fresh)
    if policy.version not in kept.calendars:
        kept.calendars[policy.version] = _calendar(policy, merged(kept.amended))
    return kept.calendars[policy.version]


def revision(now: datetime, *, fresh: bool = False) -> Revision:
    """How often the calendar was amended and when the last time; of the same reading as `calendar_for`."""
    return _read(now, fresh=fresh).revision


def observed(now: datetime, *, fresh: bool = False) -> tuple[Observed, ...]:
    """Every holiday as it is observed, earliest first; what fell out stands where the catalogue has it."""
    return merged(_read(now, fresh=fresh).amended)


def merged(amended: tuple[Amendment, ...]) -> tuple[Observed, ...]:
    found = {each.id: of_catalogue(each) for each in holidays().values()}
    found.update({each.holiday: of_amendment(each) for each in amended})
    return tuple(sorted(found.values(), key=lambda each: (each.days or planned(each.id), each.id)))


def planned(holiday: str) -> tuple[date, ...]:
    """The days the catalogue has for it; none for a holiday it does not know."""
    known = holidays().get(holiday)
    return known.days if known else ()


def of_catalogue(known: Holiday) -> Observed:
    return Observed(known.id, known.kind, known.name, known.days, known.confidence, known.moon)


def of_amendment(amended: Amendment) -> Observed:
    """What an administrator set is stated, and no moon moves it any more."""
    name = Name(en=amended.name_en, ur=amended.name_ur)
    return Observed(
        amended.holiday, amended.kind, name, amended.days, "stated", moon=False, version=amended.version
    )


def forget() -> None:
    """For tests, and for who just amended a holiday."""
    _kept.clear()


def _read(now: datetime, *, fresh: bool) -> _Kept:
    before = _kept[0] if _kept else None
    if before and not fresh and timedelta(0) <= now - before.read_at < KEPT:
        return before
    # The revision first: rows that are newer than it are read again in a minute, never the other way round.
    number = amendments.revision()
    if before and before.revision == number:
        kept = replace(before, read_at=now)
    else:
        kept = _Kept(now, number, amendments.every() if number.number else ())
    _kept[:] = [kept]
    return kept


def _calendar(policy: ComplaintPolicy, days: tuple[Observed, ...]) -> Calendar:
    closed = [day for each in days if each.kind == "holiday" for day in each.days]
    ramadans = [(each.days[0], each.days[-1]) for each in days if each.kind == "ramadan" and each.days]
    return Calendar.of(policy.office_hours, closed, ramadans)
