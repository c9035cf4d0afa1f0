"""What a simulation acts upon: the suite through its handlers, or its domain over memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from functions.domain.access import Role
from schemas.catalogue.reading import offices

if TYPE_CHECKING:
    from datetime import datetime

    from infra.local.simulation.assumptions import Arrival
    from schemas.cases import Case

ROLES = {
    "sub_division": Role.SDPO,
    "district": Role.DPO,
    "region": Role.RPO,
    "province": Role.CENTRAL_OFFICE,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an office's officer, a centre's, or a citizen by number."""

    subject: str
    role: Role
    office: str = ""
    citizen: int = -1

    @classmethod
    def of_office(cls, office: str) -> Actor:
        return cls(f"sim.{office}", ROLES[offices()[office].rank], office)

    @classmethod
    def of_centre(cls, station: str) -> Actor:
        return cls(f"sim.centre.{station}", Role.CENTRE_SUPERVISOR, station)

    @classmethod
    def of_citizen(cls, number: int) -> Actor:
        return cls(f"citizen-{number}", Role.CITIZEN, citizen=number)


def staff() -> list[Actor]:
    """An officer for every office that may answer, and a centre's supervisor for every station."""
    known = offices().values()
    return [Actor.of_office(row.id) for row in known if row.rank in ROLES] + [
        Actor.of_centre(row.id) for row in known if row.rank == "station"
    ]


class World(Protocol):
    """Every call is at an instant of the simulated clock. Refused, it answers False."""

    def lodge(self, arrival: Arrival) -> str: ...

    def step(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool: ...

    def call_back(self, by: Actor, reference: str, body: dict[str, Any], at: datetime) -> bool: ...

    def case(self, reference: str) -> Case: ...

    def due(self) -> datetime | None:
        """When the sweep has something to do for the first time."""

    def sweep(self, at: datetime) -> None: ...

    def feed(self, at: datetime) -> None:
        """What must follow a lodging at once, for somebody to act on it: the marking by load."""

    def deliver(self, at: datetime) -> None:
        """What is left for the consumers of the stream and of the queue of messages, done."""

    def every_case(self) -> list[Case]:
        """All that were lodged, each with its whole history."""
