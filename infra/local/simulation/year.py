"""A simulated year: complaints come in, people move, time does its part, in the order of the instants."""

from __future__ import annotations

import heapq
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING

from functions.domain import deadlines
from functions.domain.deadlines import KARACHI
from functions.domain.rules import rules_of
from infra.local.simulation import assumptions
from infra.local.simulation.behaviour import Behaviour, Move
from infra.local.simulation.rows import ASKED, OF_CALL
from infra.local.simulation.world import Actor
from schemas.catalogue.reading import is_restricted

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.simulation.assumptions import Arrival
    from infra.local.simulation.rows import Rows
    from infra.local.simulation.world import World
    from schemas.cases import Case

TICK = timedelta(minutes=5)
DRAINED = timedelta(days=60)
"""After the last day nobody lodges any more; what is under way goes on for so long."""
MOST_REFUSALS = 3
MORNING_HOUR = 8


class Year:
    """One run. Ticks of the sweep at which nothing is due are left out: they would change nothing."""

    def __init__(self, world: World, arrivals: list[Arrival], rng: Random, rows: Rows | None = None) -> None:
        self._world, self._rows = world, rows
        self._numbers = count()
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._behaviour = Behaviour(rng, self._load, self._joinable)
        self._citizens: dict[str, Actor] = {}
        self._seen: dict[str, tuple[str, str, int]] = {}
        """Of each case: state and office that moves were planned for, and the number of that plan."""
        self._refusals: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._held: dict[str, str] = {}
        self._last: dict[str, list[str]] = {}
        self._now = self._swept_at = datetime.min.replace(tzinfo=UTC)
        self.ticks = 0
        self._until = (arrivals[-1].at if arrivals else self._swept_at) + DRAINED
        for arrival in arrivals:
            self._push(arrival.at, partial(self._lodge, arrival))
        if arrivals:
            self._each_morning(arrivals[0].at)

    def run(self, say: Callable[[datetime], None] = lambda _: None) -> datetime:
        """Until all is quiet or the time after the year is over; returns the instant of the end."""
        while self._heap:
            at, _, happen = self._heap[0]
            if self._sweep_before(at):
                continue
            heapq.heappop(self._heap)
            self._now = at
            happen(at)
            say(at)
        while self._sweep_before(self._until):
            pass
        self._world.deliver(self._until)
        return self._until

    def _push(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        if at <= self._until:
            heapq.heappush(self._heap, (at, next(self._numbers), happen))

    def _sweep_before(self, at: datetime) -> bool:
        """Whether the sweep had something to do before `at`, and did it."""
        due = self._world.due()
        if due is None:
            return False
        # What became due by a step just taken waits for the next run, however long ago its instant is.
        tick = max(_tick_after(max(due, self._now)), self._swept_at + TICK)
        if tick > at:
            return False
        self._world.sweep(tick)
        self._swept_at, self.ticks = tick, self.ticks + 1
        return True

    def _each_morning(self, at: datetime) -> None:
        local = at.astimezone(KARACHI).replace(hour=MORNING_HOUR, minute=5, second=0, microsecond=0)
        self._push((local + timedelta(days=1)).astimezone(UTC), self._morning)

    def _morning(self, at: datetime) -> None:
        self._world.deliver(at)
        self._each_morning(at)

    def _lodge(self, arrival: Arrival, at: datetime) -> None:
        reference = self._world.lodge(arrival)
        self._citizens[reference] = Actor.of_citizen(arrival.citizen)
        self._world.feed(at + timedelta(seconds=1))
        case = self._world.case(reference)
        self._last.setdefault(case.office, []).append(reference)
        self._watch(case, at)
        self._plan(case, at)

    def _plan(self, case: Case, now: datetime) -> None:
        """Plans anew where the case has come into another state; otherwise only what goes on in it."""
        state, office, number = self._seen.get(case.reference, ("", "", 0))
        self._hold(case)
        if (state, office) != (case.state, case.office):
            number += 1
            self._seen[case.reference] = (case.state, case.office, number)
            moves = self._behaviour.plan(case, self._citizens[case.reference], now)
            if self._rows and case.state in ("appealed", "reopened"):
                self._watch(case, now)
        else:
            moves = self._behaviour.go_on(case, now)
        for move in moves:
            happen = partial(self._move, case.reference, move, number)
            self._push(max(move.at, now + timedelta(seconds=1)), happen)

    def _move(self, reference: str, move: Move, number: int, at: datetime) -> None:
        state, office, present = self._seen[reference]
        if number != present:
            return
        case = self._world.case(reference)
        if (case.state, case.office) != (state, office) or move.by is None or move.body is None:
            self._plan(case, at)
            return
        act = self._world.call_back if move.is_call_back else self._world.step
        if not act(move.by, reference, move.body, at):
            self._refusals[reference] += 1
            if move.is_call_back or self._refusals[reference] > MOST_REFUSALS:
                return
        self._plan(self._world.case(reference), at)

    def _hold(self, case: Case) -> None:
        former = self._held.pop(case.reference, "")
        if former:
            self._open[former] -= 1
        if case.is_open:
            self._held[case.reference] = case.office
            self._open[case.office] += 1

    def _load(self, office: str) -> float:
        busy = [held for held in self._open.values() if held > 0]
        usual = sum(busy) / len(busy) if busy else 1.0
        return (self._open[office] + 1) / (usual + 1)

    def _joinable(self, case: Case) -> str:
        """Another open case of the office that this one could be joined to."""
        for reference in reversed(self._last.get(case.office, [])[-5:]):
            other = self._world.case(reference)
            fits = set(case.about_offices) <= set(other.about_offices)
            if reference != case.reference and other.is_open and fits and not is_restricted(other.category):
                return "" if is_restricted(case.category) else reference
        return ""

    def _watch(self, case: Case, now: datetime) -> None:
        if self._rows is None:
            return
        if case.state in ("lodged", "marked"):
            half = case.lodged_at + ASKED * (case.first_contact_due - case.lodged_at)
            self._push(max(half, now), partial(self._look, case.reference, OF_CALL))
        for share in self._rows.shares:
            clock = deadlines.report_clock(case)
            begun, due = max(deadlines.start_of(case, clock), now), deadlines.due(case, clock)
            if due > begun:
                at = begun + share * (due - begun)
                self._push(at, partial(self._look, case.reference, share))

    def _look(self, reference: str, share: float, at: datetime) -> None:
        case = self._world.case(reference)
        if self._rows is not None:
            self._rows.take(case, rules_of(case, at), at, share)


def _tick_after(due: datetime) -> datetime:
    """The first run of the schedule after an instant: due at the run itself is not late yet."""
    seconds = int(due.timestamp()) // 300 * 300 + 300
    return datetime.fromtimestamp(seconds, UTC)


def simulated(
    world: World, year: int, scale: float, seed: int, rows: Rows | None = None, days: int = 365
) -> tuple[Year, list[Arrival]]:
    """A year ready to run, and its arrivals. The same seed gives the same arrivals and the same draws."""
    rng = Random(f"{year} {scale} {seed}")  # noqa: S311  # nosec B311  # a simulation, not a secret
    arrivals = assumptions.arrivals(year, scale, rng, days)
    return Year(world, arrivals, rng, rows), arrivals
