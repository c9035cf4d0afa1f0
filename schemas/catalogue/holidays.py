"""Public holidays and Ramadans as data: the days known or expected, until an administrator amends them.

Whatever follows the moon is announced a day or two before; the days of years to come are estimates.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, model_validator

from schemas.catalogue.entries import Confidence, Entry, Name

HOLIDAYS = Path(__file__).parent / "holidays.json"
HolidayKind = Literal["holiday", "ramadan"]
RAMADAN_DAYS = (29, 30)


class Holiday(Entry):
    id: str
    kind: HolidayKind
    name: Name
    days: Annotated[
        tuple[date, ...],
        Field(min_length=1, description="Days closed; of a Ramadan the first and the last"),
    ]
    confidence: Confidence
    moon: bool = Field(description="Whether the sighting of the moon may still move it")

    @model_validator(mode="after")
    def in_order(self) -> Holiday:
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("days follow one another")
        if self.kind == "ramadan" and not is_ramadan(self.days):
            raise ValueError("a Ramadan has its first and its last day, 29 or 30 in all")
        return self


def is_ramadan(days: tuple[date, ...]) -> bool:
    """Whether the days, in order, are the first and the last of a Ramadan."""
    return len(days) == 2 and (days[1] - days[0] + timedelta(days=1)).days in RAMADAN_DAYS


@cache
def holidays() -> dict[str, Holiday]:
    """Every holiday of the catalogue by its id, earliest first."""
    rows = TypeAdapter(list[Holiday]).validate_json(HOLIDAYS.read_bytes())
    return {row.id: row for row in sorted(rows, key=lambda row: row.days)}
