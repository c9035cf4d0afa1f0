"""Officers' rows as administrators send and see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Body, OfficeId, Shown
from schemas.complaints import ServiceNumber

StaffRole = Literal[
    "front_desk",
    "station_officer",
    "sdpo",
    "dpo",
    "rpo",
    "central_office",
    "centre_supervisor",
    "product_owner",
    "auditor",
    "administrator",
]
Clearance = Literal["violence_against_women"]


class NewPost(Body):
    """What an officer is from now on. The rank follows from the office's place in the ladder."""

    role: StaffRole
    office: Annotated[
        OfficeId | None, Field(description="Where the officer serves", examples=["ds-lahore"])
    ] = None
    service_number: Annotated[
        ServiceNumber | None,
        Field(description="As on the uniform; one officer's alone", examples=["LHR1234"]),
    ] = None
    clearances: Annotated[tuple[Clearance, ...], Field(max_length=5)] = ()
    suspended: bool = False


class PostChange(Shown):
    at: datetime
    by: str = Field(description="Subject of the administrator, or `operator`")
    action: str
    facts: dict[str, str]


class OfficerView(Shown):
    subject: str
    role: str
    office: str | None
    service_number: str | None
    clearances: tuple[str, ...]
    suspended: bool
    version: int
    history: tuple[PostChange, ...]
