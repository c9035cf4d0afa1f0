"""How long what people wrote is kept. Pure: the figures are data, the instants come in."""

from __future__ import annotations

from datetime import datetime

from schemas.cases import Case
from schemas.catalogue.reading import retention


def retained_until(case: Case) -> datetime | None:
    """When a case's personal data is to be erased; None while the case is open, and once that was done."""
    if case.is_open or case.closed_at is None or case.erased_at is not None:
        return None
    return years_after(case.closed_at, retention().closed_case_years)


def years_after(instant: datetime, years: int) -> datetime:
    """The same day so many years on; 28 February for a 29th that the year has not."""
    try:
        return instant.replace(year=instant.year + years)
    except ValueError:
        return instant.replace(year=instant.year + years, day=28)


def first_month_kept(now: datetime) -> str:
    """The oldest month, as 2026-11, whose feedback is still kept whole."""
    return f"{now.year - retention().feedback_years:04d}-{now.month:02d}"
