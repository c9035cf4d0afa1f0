"""When the sweep has something to do: the open index need not be asked at every tick."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from functions.domain import complaints

if TYPE_CHECKING:
    from datetime import datetime

    from schemas.cases import Case


class Agenda:
    """The instants of the open index: the same rule writes both (`complaints.indexed`)."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def note(self, case: Case) -> None:
        at = complaints.indexed(case).sweep_due if case.is_open else None
        self._known[case.reference] = None
        self._due.pop(case.reference, None)
        if at is not None:
            self._due[case.reference] = at
            heapq.heappush(self._heap, (at, case.reference))

    def first(self) -> datetime | None:
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def before(self, at: datetime) -> list[str]:
        """References that a sweep at that instant finds due."""
        return [reference for reference, due in self._due.items() if due < at]

    def references(self) -> list[str]:
        return list(self._known)
