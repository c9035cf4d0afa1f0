"""Holidays as everybody sees them, and as an administrator amends them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from schemas.catalogue.entries import Confidence
from schemas.catalogue.holidays import HolidayKind
from schemas.common import Body, Line, Shown

MOST_DAYS = 31


class HolidayName(Body):
    en: Line
    ur: Line


class Amend(Body):
    """What a holiday is from now on. Deadlines in working time of open cases follow it."""

    kind: HolidayKind
    name: HolidayName
    days: Annotated[
        tuple[date, ...],
        Field(
            max_length=MOST_DAYS,
            description="Days closed, none when it falls out; of a Ramadan the first and the last day",
            examples=[["2026-03-21", "2026-03-22", "2026-03-23"]],
        ),
    ]
    reason: Annotated[Line, Field(description="Why; it goes on record", examples=["The moon was sighted"])]


class HolidayQuery(Body):
    year: Annotated[int | None, Field(ge=2000, le=2100, description="All years when left out")] = None


class HolidayView(Shown):
    id: str
    kind: HolidayKind
    name: HolidayName
    days: tuple[date, ...] = Field(
        description="Days closed, none where it fell out; of a Ramadan the first and the last day"
    )
    confidence: Confidence
    moon: bool = Field(description="Whether the sighting of the moon may still move it")
    amended: bool = Field(description="Whether an administrator set it; otherwise it is the catalogue's")
    version: int


class Holidays(Shown):
    items: tuple[HolidayView, ...]
    revision: int = Field(description="Grows by one with every amendment")
    amended_at: datetime | None


class HolidayChange(Shown):
    at: datetime
    by: str = Field(description="Subject of the administrator")
    action: str
    facts: dict[str, str]


class AmendedHoliday(HolidayView):
    reason: str
    history: tuple[HolidayChange, ...]
