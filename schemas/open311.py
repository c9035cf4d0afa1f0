"""Open311 GeoReport v2 as its clients send and see it: https://wiki.open311.org/GeoReport_v2/."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, model_validator

from schemas.common import OfficeId, Shown
from schemas.complaints import Narrative

Status = Literal["open", "closed"]


class Sent(BaseModel):
    """What a client of the standard sends. Its own fields beside the known ones, and empty ones, are left."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def without_blanks(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if str(value).strip()}


def _with_plus(value: Any) -> Any:
    """A plus that was not escaped arrives as a blank."""
    return re.sub(r" (?=\d\d:\d\d$)", "+", value) if isinstance(value, str) else value


Instant = Annotated[AwareDatetime, BeforeValidator(_with_plus)]
NotKept = Annotated[str | None, Field(repr=False, description="Taken and not kept")]


class GeoQuery(Sent):
    jurisdiction_id: Annotated[
        OfficeId | None, Field(description="A district's id, as in GET /v1/offices")
    ] = None


class GeoRequestQuery(GeoQuery):
    """Which requests; newest first, at most 90 days of them and 1000."""

    service_request_id: Annotated[
        str | None, Field(max_length=4_000, description="Ids with commas between; nothing else counts then")
    ] = None
    service_code: Annotated[str | None, Field(max_length=1_000, description="Codes with commas between")] = (
        None
    )
    start_date: Annotated[Instant | None, Field(description="Lodged at this instant or later")] = None
    end_date: Annotated[Instant | None, Field(description="Lodged at this instant or earlier")] = None
    status: Annotated[str | None, Field(pattern=r"^(open|closed)(,(open|closed))?$")] = None


class NewGeoRequest(GeoQuery):
    """What is reported, and where: by address_id, or lat and long, or address_string."""

    service_code: Annotated[str, Field(max_length=40, examples=["traffic_signal_fault"])]
    description: Annotated[Narrative, Field(examples=["The signal is dark since Monday."])]
    address_id: Annotated[
        OfficeId | None,
        Field(description="A station's or district's id, as in GET /v1/offices", examples=["ps-lhr-mozang"]),
    ] = None
    lat: Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False, examples=[31.55])] = None
    long: Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False, examples=[74.34])] = None
    address_string: Annotated[
        str | None, Field(max_length=1_000, description="Names the district, and the station if known")
    ] = None
    api_key: Annotated[str | None, Field(max_length=200, repr=False)] = None
    email: NotKept = None
    device_id: NotKept = None
    account_id: NotKept = None
    first_name: NotKept = None
    last_name: NotKept = None
    phone: NotKept = None
    media_url: NotKept = None


class GeoService(Shown):
    service_code: str
    service_name: str
    description: str
    metadata: bool = Field(False, description="Whether there is more to fill in: never")
    type: Literal["realtime"] = "realtime"
    keywords: str = ""
    group: str


class GeoServices(RootModel[tuple[GeoService, ...]]):
    pass


class GeoServiceDefinition(Shown):
    service_code: str
    attributes: tuple[str, ...] = Field((), description="None")


class GeoRequest(Shown):
    """What anybody may know of a matter about a place or a thing: never what was written, nor by whom."""

    service_request_id: str
    status: Status
    status_notes: str = ""
    service_name: str
    service_code: str
    description: str = Field("", description="Always empty: it may hold what is personal")
    agency_responsible: str = Field(description="The police district")
    service_notice: str = ""
    requested_datetime: datetime
    updated_datetime: datetime
    expected_datetime: datetime = Field(description="When the report on it is due")
    address: str = Field(description="The station's name, or the district's")
    address_id: str
    zipcode: str = ""
    lat: float | None = Field(description="Of the district's headquarters")
    long: float | None
    media_url: str = ""


class GeoRequests(RootModel[tuple[GeoRequest, ...]]):
    pass


class GeoReceipt(Shown):
    service_request_id: str
    service_notice: str
    account_id: str | None = None


class GeoReceipts(RootModel[tuple[GeoReceipt, ...]]):
    pass


class GeoToken(Shown):
    service_request_id: str
    token: str


class GeoTokens(RootModel[tuple[GeoToken, ...]]):
    pass


class GeoEndpoint(Shown):
    specification: str = "http://wiki.open311.org/GeoReport_v2"
    url: str
    changeset: str
    type: Literal["production", "test"]
    formats: tuple[str, ...] = ("application/json", "text/xml")


class GeoDiscovery(Shown):
    changeset: str
    contact: str
    key_service: str
    endpoints: tuple[GeoEndpoint, ...]


class GeoError(Shown):
    code: int
    description: str


class GeoErrors(RootModel[tuple[GeoError, ...]]):
    pass
