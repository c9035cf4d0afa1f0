"""When a schedule fires: rate(...) and cron(...) as Amazon EventBridge reads them, in UTC. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
DAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
FIRST_YEAR, LAST_YEAR = 1970, 2199
SATURDAY = 5  # of Python's weekday()


class ScheduleError(Exception):
    """An expression EventBridge would refuse, or one that never fires."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every `period`. EventBridge counts from the rule's making; here 1970, so a restart moves nothing."""

    period: timedelta

    def next_after(self, instant: datetime) -> datetime:
        start = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
        return start + ((instant - start) // self.period + 1) * self.period


@dataclass(frozen=True, slots=True)
class Cron:
    """The six fields of cron(): numbers as sets, the day fields as written."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    def next_after(self, instant: datetime) -> datetime:
        """Return the first firing later than `instant`. ScheduleError if there is none."""
        earliest = instant.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = earliest.date()
        while day.year <= max(self.years):
            if day.year not in self.years or day.month not in self.months:
                day = _first_of_next_month(day)
                continue
            if self._fires_on(day) and (found := self._within(day, earliest)):
                return found
            if day == date(LAST_YEAR, 12, 31):
                break
            day += timedelta(days=1)
        raise ScheduleError("this schedule does not fire any more")

    def _within(self, day: date, earliest: datetime) -> datetime | None:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                firing = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)
                if firing >= earliest:
                    return firing
        return None

    def _fires_on(self, day: date) -> bool:
        if self.weekdays != "?":
            return any(_is_weekday(item, day) for item in self.weekdays.split(","))
        return any(_is_day(item, day) for item in self.days.split(","))


def parse(expression: str) -> Rate | Cron:
    """Read rate(5 minutes) or cron(0 3 * * ? *). ScheduleError says what is wrong."""
    if written := re.fullmatch(r"rate\((\d+) (minute|hour|day)(s?)\)", expression, re.ASCII):
        return _rate(int(written[1]), written[2], plural=bool(written[3]))
    if written := re.fullmatch(r"cron\((.+)\)", expression, re.ASCII):
        return _cron(written[1].upper().split())
    raise ScheduleError(f"neither rate(...) nor cron(...): {expression}")


def _rate(count: int, unit: str, *, plural: bool) -> Rate:
    if count < 1 or plural == (count == 1):
        raise ScheduleError(f"rate() takes 1 {unit}, or 2 and more {unit}s")
    return Rate(count * UNITS[unit])


def _cron(fields: list[str]) -> Cron:
    if len(fields) != 6:
        raise ScheduleError("cron() takes six fields: minutes hours day-of-month month day-of-week year")
    minutes, hours, days, months, weekdays, years = fields
    if (days == "?") == (weekdays == "?"):
        raise ScheduleError("exactly one of day-of-month and day-of-week must be ?")
    _check_days(days, weekdays)
    return Cron(
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        days,
        _numbers(months, 1, 12, MONTHS),
        weekdays,
        _numbers(years, FIRST_YEAR, LAST_YEAR),
    )


def _check_days(days: str, weekdays: str) -> None:
    """Read every item once, so that a fault shows when the app starts and not on the day it would fire."""
    for item in days.split(",") if days != "?" else []:
        _is_day(item, date(FIRST_YEAR, 1, 1))
    for item in weekdays.split(",") if weekdays != "?" else []:
        _is_weekday(item, date(FIRST_YEAR, 1, 1))


def _numbers(field: str, lowest: int, highest: int, names: dict[str, int] | None = None) -> frozenset[int]:
    return frozenset(
        number for item in field.split(",") for number in _range(item, lowest, highest, names or {})
    )


def _range(item: str, lowest: int, highest: int, names: dict[str, int]) -> range:
    span, _, step = item.partition("/")
    first, _, last = span.partition("-")
    start = lowest if span == "*" else _number(first, lowest, highest, names)
    if span == "*" or (step and not last):
        end = highest
    else:
        end = _number(last, lowest, highest, names) if last else start
    if end < start:
        raise ScheduleError(f"{item} runs backwards")
    return range(start, end + 1, _number(step, 1, highest, {}) if step else 1)


def _number(text: str, lowest: int, highest: int, names: dict[str, int]) -> int:
    number = names.get(text, -1)
    if number < 0 and text.isascii() and text.isdigit():
        number = int(text)
    if not lowest <= number <= highest:
        raise ScheduleError(f"{text!r} is not between {lowest} and {highest}")
    return number


def _is_day(item: str, day: date) -> bool:
    """Tell whether a day-of-month item (*, 15, 1-7, */2, L, LW, 15W) names this day."""
    last = calendar.monthrange(day.year, day.month)[1]
    if item == "L":
        return day.day == last
    if item == "LW":
        return day.day == _nearest_workday(day, last)
    if item.endswith("W"):
        wanted = _number(item[:-1], 1, 31, {})
        return wanted <= last and day.day == _nearest_workday(day, wanted)
    return day.day in _range(item, 1, 31, {})


def _is_weekday(item: str, day: date) -> bool:
    """Tell whether a day-of-week item (*, MON, 2-6, 6L, 6#3) names this day; 1 is Sunday."""
    today = day.isoweekday() % 7 + 1
    if item == "L":
        return today == DAYS["SAT"]
    if item.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return today == _number(item[:-1], 1, 7, DAYS) and day.day > last - 7
    if "#" in item:
        weekday, _, occurrence = item.partition("#")
        wanted = _number(occurrence, 1, 5, {})
        return today == _number(weekday, 1, 7, DAYS) and (day.day - 1) // 7 + 1 == wanted
    return today in _range(item, 1, 7, DAYS)


def _nearest_workday(day: date, wanted: int) -> int:
    """Return the Monday to Friday nearest to a day of this month, without leaving the month."""
    last = calendar.monthrange(day.year, day.month)[1]
    weekday = day.replace(day=wanted).weekday()
    if weekday < SATURDAY:
        return wanted
    if weekday == SATURDAY:
        return wanted - 1 if wanted > 1 else wanted + 2
    return wanted + 1 if wanted < last else wanted - 2


def _first_of_next_month(day: date) -> date:
    if day.year >= LAST_YEAR and day.month == 12:
        raise ScheduleError("this schedule does not fire any more")
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
