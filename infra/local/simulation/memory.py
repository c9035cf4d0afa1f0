"""The domain over memory: no handler, no engine, no message. For rows to learn from: many are needed."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from functions.domain import accounts, call_backs, complaints, forecast, marking, steps, sweep
from functions.domain.access import CLEARANCES, Caller, Role
from functions.domain.errors import KhidmatError
from functions.storage import cases, holidays, people
from functions.storage.tables import StaleError
from infra.local.simulation.agenda import Agenda
from schemas.cases import OpenCase
from schemas.complaints import NewComplaint
from schemas.steps import CallBack, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from functions.storage.case_items import Indexed
    from functions.storage.people import Person
    from infra.local.simulation.assumptions import Arrival
    from infra.local.simulation.world import Actor
    from schemas.cases import Case, Entry

STEP: TypeAdapter[Any] = TypeAdapter(Step)


class Store:
    """Stands in for functions.storage.cases, people and holidays, as far as a simulation reads them."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.indexed: dict[str, Indexed] = {}
        self.open: dict[str, set[str]] = {}
        self.people: dict[str, Person] = {}

    def create(self, case: Case, indexed: Indexed) -> tuple[Case, bool]:
        if case.reference in self.cases:
            return self.cases[case.reference], False
        return self._put(case, indexed), True

    def save(self, case: Case, indexed: Indexed) -> Case:
        if self.cases[case.reference].write_id != case.write_id:
            raise StaleError(case.reference)
        return self._put(case, indexed)

    def _put(self, case: Case, indexed: Indexed) -> Case:
        former = self.cases.get(case.reference)
        if former is not None:
            self.open[former.district].discard(former.reference)
        kept = replace(case, write_id=secrets.token_hex(6))
        self.cases[case.reference], self.indexed[case.reference] = kept, indexed
        if kept.is_open:
            self.open.setdefault(kept.district, set()).add(kept.reference)
        return kept

    def get(self, reference: str) -> Case | None:
        return self.cases.get(reference)

    def many(self, references: Sequence[str]) -> dict[str, Case]:
        return {each: self.cases[each] for each in references if each in self.cases}

    def due_before(self, now: datetime, shard: str) -> list[str]:
        due = ((self.indexed[each].sweep_due, each) for each in self.open.get(shard, ()))
        return [each for at, each in sorted((at, each) for at, each in due if at is not None) if at < now]

    def open_in(self, area: str) -> Iterator[OpenCase]:
        for each in self.open.get(area, ()):
            case = self.cases[each]
            yield OpenCase(
                reference=each,
                category=case.category,
                complaint_class=case.complaint_class,
                office=case.office,
                lodged_at=case.lodged_at,
                next_due=self.indexed[each].next_due,
            )

    def children_of(self, reference: str) -> list[str]:
        return [each.reference for each in self.cases.values() if each.merged_into == reference]

    @staticmethod
    def older_history(_: Case) -> tuple[Entry, ...]:
        return ()

    def person(self, person: str, *, consistent: bool = False) -> Person | None:  # noqa: ARG002 - as the store's own
        return self.people.get(person)


@contextmanager
def kept_in(store: Store) -> Iterator[None]:
    """Within the block the domain reads and writes `store` instead of tables."""
    of_cases = ("create", "save", "get", "many", "due_before", "open_in", "children_of", "older_history")
    places: list[tuple[Any, str, Any]] = [(cases, name, getattr(store, name)) for name in of_cases]
    places += [(people, "get", store.person), (holidays, "revision", holidays.Revision)]
    before = [(module, name, getattr(module, name)) for module, name, _ in places]
    for module, name, stand_in in places:
        setattr(module, name, stand_in)
    try:
        yield
    finally:
        for module, name, own in before:
            setattr(module, name, own)


class Memory:
    """A world over a store. Texts are sealed as ever; who may do what is asked as ever."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._agenda = Agenda()
        self._people: dict[int, Caller] = {}
        self._fresh: list[str] = []
        self.refused: dict[str, int] = {}

    def lodge(self, arrival: Arrival) -> str:
        caller = self._citizen(arrival.citizen, arrival.at)
        new = NewComplaint.model_validate(arrival.body)
        case = complaints.lodge(caller, new, f"simulated-{arrival.number}", arrival.at)
        self._agenda.note(case)
        self._fresh.append(case.reference)
        return case.reference

    def step(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool:
        return self._taken(
            reference, lambda who: steps.take(who, reference, STEP.validate_python(body), at, None), by, at
        )

    def call_back(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool:
        said = CallBack.model_validate(body)
        return self._taken(reference, lambda who: call_backs.take(who, reference, said, at, None), by, at)

    def _taken(self, reference: str, take: Any, by: Actor, at: datetime) -> bool:
        try:
            take(self._caller(by, at))
        except KhidmatError as error:
            kind = type(error).__name__
            self.refused[kind] = self.refused.get(kind, 0) + 1
            return False
        finally:
            self._agenda.note(self.case(reference))
        return True

    def _caller(self, by: Actor, at: datetime) -> Caller:
        if by.role is Role.CITIZEN:
            return self._citizen(by.citizen, at)
        return Caller(by.subject, by.role, by.office, CLEARANCES, purpose="handling")

    def _citizen(self, number: int, at: datetime) -> Caller:
        if number not in self._people:
            made = accounts.unnamed_person(f"p-{number}", at)
            keys = made.keys
            if keys is None:
                raise ValueError(made.person)
            self._store.people[made.person] = made
            self._people[number] = Caller(
                made.person, Role.CITIZEN, public_key=keys.public, private_key=keys.private
            )
        return self._people[number]

    def case(self, reference: str) -> Case:
        return self._store.cases[reference]

    def due(self) -> datetime | None:
        return self._agenda.first()

    def sweep(self, at: datetime) -> None:
        due = self._agenda.before(at)
        sweep.flag_overdue(at, forecast=forecast.likely)
        for reference in due:
            self._agenda.note(self.case(reference))

    def feed(self, at: datetime) -> None:
        for reference in self._fresh:
            marking.mark_by_load(reference, at)
        self._fresh.clear()

    def deliver(self, at: datetime) -> None:
        """There is nobody to tell."""

    def every_case(self) -> list[Case]:
        return [self.case(reference) for reference in self._agenda.references()]
