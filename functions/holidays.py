"""Public holidays and Ramadans: for everybody to read, for administrators to amend."""

from __future__ import annotations

import re

from functions.domain import calendars, holidays
from functions.domain.access import Permission
from functions.domain.calendars import Observed
from functions.domain.errors import FieldFault, InvalidRequest
from functions.door import Answer, Door, Request
from schemas.holidays import (
    Amend,
    AmendedHoliday,
    HolidayChange,
    HolidayName,
    HolidayQuery,
    Holidays,
    HolidayView,
)

door = Door("functions.holidays", tag="Catalogue")
HOLIDAY = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")


@door.declare(
    "GET",
    "/v1/policies/holidays",
    Permission.PUBLIC,
    "Holidays and Ramadans by which working time is counted",
    query=HolidayQuery,
    answers=Holidays,
    problems=(400, 503),
)
def list_holidays(request: Request) -> Answer:
    """Amended ones in place of the catalogue's. What follows the moon is an estimate until it was amended."""
    year = request.query.year
    found = [each for each in calendars.observed(request.now) if year is None or year in _years(each)]
    revision = calendars.revision(request.now)
    return Answer(
        Holidays(
            items=tuple(HolidayView(**_shown(each)) for each in found),
            revision=revision.number,
            amended_at=revision.amended_at,
        )
    )


@door.declare(
    "PUT",
    "/v1/policies/holidays/{holiday}",
    Permission.POLICY_MANAGE,
    "Set a holiday's days, or enter a new one",
    takes=Amend,
    answers=AmendedHoliday,
    versioned=True,
    problems=(400, 401, 403, 409, 412, 413, 415, 503),
)
def amend_holiday(request: Request) -> Answer:
    """Without days the holiday falls out. Working time is counted by it within a minute.

    Send the version you read as If-Match: "0" for a holiday nobody amended yet.
    """
    holiday = request.path["holiday"]
    if not HOLIDAY.fullmatch(holiday):
        raise InvalidRequest(FieldFault("{holiday}", "bad_holiday"))
    row, history = holidays.amend(request.signed_in, holiday, request.body, request.now, request.if_version)
    view = AmendedHoliday(
        **_shown(calendars.of_amendment(row)),
        reason=row.reason,
        history=tuple(
            HolidayChange(at=each.at, by=each.actor, action=each.action, facts=dict(each.facts))
            for each in history
        ),
    )
    return Answer(view, headers={"ETag": f'"{row.version}"'})


def _years(each: Observed) -> set[int]:
    """The years it lies in; of one that fell out, those it would have lain in."""
    return {day.year for day in each.days or calendars.planned(each.id)}


def _shown(each: Observed) -> dict[str, object]:
    return {
        "id": each.id,
        "kind": each.kind,
        "name": HolidayName(en=each.name.en, ur=each.name.ur),
        "days": each.days,
        "confidence": each.confidence,
        "moon": each.moon,
        "amended": each.version > 0,
        "version": each.version,
    }
