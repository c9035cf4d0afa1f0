"""The public catalogue: services, offices, and the complaint policy in force."""

from __future__ import annotations

from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from schemas.catalogue.policies import ComplaintPolicy
from schemas.catalogue.reading import Office, Service, offices, policy_in_force, services
from schemas.common import Shown

door = Door("functions.catalogue", tag="Catalogue")


class Services(Shown):
    items: tuple[Service, ...]


class Offices(Shown):
    items: tuple[Office, ...]


class Health(Shown):
    status: str


@door.declare("GET", "/v1/services", Permission.PUBLIC, "Services of the centres", answers=Services)
def list_services(_: Request) -> Answer:
    return Answer(Services(items=services()))


@door.declare("GET", "/v1/offices", Permission.PUBLIC, "Offices, each with the one above it", answers=Offices)
def list_offices(_: Request) -> Answer:
    return Answer(Offices(items=tuple(offices().values())))


@door.declare(
    "GET",
    "/v1/complaint-policy",
    Permission.PUBLIC,
    "Categories and deadlines in force",
    answers=ComplaintPolicy,
)
def complaint_policy(request: Request) -> Answer:
    return Answer(policy_in_force(request.now))


@door.declare("GET", "/v1/health", Permission.PUBLIC, "Whether this function answers", answers=Health)
def health(_: Request) -> Answer:
    return Answer(Health(status="ok"))
