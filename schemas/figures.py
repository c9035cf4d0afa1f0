"""Figures of how complaints were dealt with, as supervisors ask for them; and the public file of a month."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.common import Body, OfficeId, Shown
from schemas.search import Month, MonthsQuery


class FiguresQuery(MonthsQuery):
    """Months of lodging, in Asia/Karachi; the present one where nothing is said, at most twelve."""

    district: Annotated[OfficeId | None, Field(description="One district of yours alone")] = None


class Overdue(Shown):
    """Open complaints with a missed clock, by how long ago it ran out."""

    under_1_day: int
    from_1_to_3_days: int
    from_3_to_7_days: int
    over_7_days: int


class FiguresRow(Shown):
    """Of complaints lodged in the months asked for, as they stand now, at the office that has them now."""

    office: str
    complaint_class: str
    received: int
    open: int
    closed: int
    closed_in_time: int = Field(description="Reported on by the due time, and closed since")
    withdrawn: int
    rejected: int
    merged: int
    reopened: int
    appealed: int
    median_hours_to_report: float | None = Field(
        description="Nearest rank: the smallest that at least half do not exceed; null where there is none"
    )
    p90_hours_to_report: float | None = Field(description="As the median, for nine in ten")
    satisfied: int = Field(description="Closed by their citizen with a rating of 3 or more")
    satisfied_share: float | None = Field(description="Of those closed; null where none was")
    confirmed_by_citizen: int
    confirmed_by_call_back: int
    closed_by_window: int
    confirmed_by_citizen_share: float | None
    confirmed_by_call_back_share: float | None
    closed_by_window_share: float | None
    overdue: Overdue
    escalated_to_level_1: int = Field(description="Complaints whose highest level it is; so with the others")
    escalated_to_level_2: int
    escalated_to_level_3: int
    escalated_to_level_4: int
    escalated_to_level_5: int


class FiguresAnswer(Shown):
    as_of: datetime
    first: str = Field(description="First month, YYYY-MM")
    last: str
    items: tuple[FiguresRow, ...] = Field(description="By office and class")


class OpenDataQuery(Body):
    month: Annotated[Month | None, Field(description="The last one published where nothing is said")] = None
