"""Hours in which offices are open: which instants count, and where so many of them end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from functions.domain.deadlines import KARACHI
from schemas.catalogue.policies import OfficeHours, Week, Weekday

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SECONDS = 86_400
SECOND, MIDNIGHT = timedelta(seconds=1), timedelta(0)
MOST_DAYS = 36_600
"""How far a search goes, a hundred years: beyond that something is wrong with what was asked."""
Spans = tuple[tuple[int, int], ...]
"""Open spans of a day in order, in seconds since midnight; the end is no longer open."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When offices are open: the spans of each weekday from Monday, the days closed, the days of Ramadan.

    ValueError for spans out of order, and for an ordinary week that never opens.
    """

    ordinary: tuple[Spans, ...]
    ramadan: tuple[Spans, ...]
    closed: frozenset[date] = frozenset()
    fasting: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        for week in (self.ordinary, self.ramadan):
            if len(week) != len(WEEKDAYS):
                raise ValueError("a week has seven days")
            for spans in week:
                _check(spans)
        # Holidays and fasts end, so an ordinary week that opens is enough for every search to end.
        if not any(self.ordinary):
            raise ValueError("the ordinary week has no open span")

    @classmethod
    def of(
        cls, hours: OfficeHours, closed: Iterable[date] = (), ramadans: Iterable[tuple[date, date]] = ()
    ) -> Calendar:
        """From a policy's office hours; each Ramadan from its first day to its last, both counted."""
        return cls(
            ordinary=_week(hours.ordinary),
            ramadan=_week(hours.ramadan),
            closed=frozenset(closed),
            fasting=frozenset(day for first, last in ramadans for day in _days(first, last)),
        )

    def is_open(self, at: datetime) -> bool:
        day, past = _local(at)
        second = past // SECOND
        return any(opens <= second < closes for opens, closes in self._spans(day))

    def add(self, start: datetime, seconds: int) -> datetime:
        """The instant, in UTC, at which so many open seconds have passed since `start`.

        That is the end of a span rather than the next opening, where it falls on it. No seconds at all:
        `start` itself while open or just closing, otherwise the next opening. So `add(add(s, a), b)` is
        `add(s, a + b)`.
        """
        if seconds < 0:
            raise ValueError("seconds only go forward")
        day, past = _local(start)
        left = seconds * SECOND
        if not seconds and not past and self._closes_at_midnight(day):
            return start.astimezone(UTC)
        for each in _days(day, _no_later(day.toordinal() + MOST_DAYS)):
            for opens, closes in self._spans(each):
                begin, end = max(past, opens * SECOND), closes * SECOND
                if begin > end:
                    continue
                if begin + left <= end:
                    return _instant(each, begin + left)
                left -= end - begin
            past = MIDNIGHT
        raise ValueError("so many open seconds do not pass in a hundred years")

    def _closes_at_midnight(self, day: date) -> bool:
        """Whether offices are open until the very midnight a day begins with."""
        spans = self._spans(day - timedelta(days=1))
        return bool(spans) and spans[-1][1] == DAY_SECONDS

    def measure(self, start: datetime, end: datetime) -> int:
        """Open seconds from `start` to `end`, each taken at its whole second: parts add up to the whole.

        Less than nothing when `end` lies before `start`.
        """
        if end < start:
            return -self.measure(end, start)
        (first, past), (last, until) = _local(start), _local(end)
        days = self._until(last, until // SECOND) - self._until(first, past // SECOND)
        return days + sum(self._until(each, DAY_SECONDS) for each in _days(first, last - timedelta(days=1)))

    def _until(self, day: date, second: int) -> int:
        """Open seconds of a day before one of its seconds."""
        return sum(min(second, closes) - opens for opens, closes in self._spans(day) if opens < second)

    def _spans(self, day: date) -> Spans:
        if day in self.closed:
            return ()
        week = self.ramadan if day in self.fasting else self.ordinary
        return week[day.weekday()]


def _week(week: Week) -> tuple[Spans, ...]:
    return tuple(
        tuple((_second(opens), _second(closes)) for opens, closes in week.get(day, ())) for day in WEEKDAYS
    )


def _second(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _check(spans: Spans) -> None:
    before = 0
    for opens, closes in spans:
        if not before <= opens < closes <= DAY_SECONDS:
            raise ValueError("open spans follow one another within a day")
        before = closes


def _days(first: date, last: date) -> Iterator[date]:
    """Each day from the first to the last, both counted."""
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _no_later(ordinal: int) -> date:
    return date.fromordinal(min(ordinal, date.max.toordinal()))


def _local(at: datetime) -> tuple[date, timedelta]:
    """The day by the offices' clock, and how much of it has passed."""
    if at.tzinfo is None:
        raise ValueError("an instant names its offset from UTC")
    local = at.astimezone(KARACHI)
    return local.date(), local - datetime.combine(local.date(), time(), KARACHI)


def _instant(day: date, past: timedelta) -> datetime:
    return (datetime.combine(day, time(), KARACHI) + past).astimezone(UTC)
