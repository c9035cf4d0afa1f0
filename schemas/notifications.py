"""Where people and offices want to be told, as they send and see it."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, Shown, Tongue
from schemas.complaints import Phone

MessageChannel = Literal["sms", "whatsapp", "email"]
LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", re.ASCII)
DOMAIN = re.compile(
    r"(?=.{4,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}\Z", re.ASCII
)


def mailed(text: str) -> str:
    """An address that any mail service takes: ASCII, no quotes, a domain with a dot, no dot at an end."""
    name, _, domain = text.strip().rpartition("@")
    if not LOCAL.fullmatch(name) or ".." in f".{name}." or not DOMAIN.fullmatch(domain):
        raise PydanticCustomError("email", "give an e-mail address such as name@example.org")
    return f"{name}@{domain.lower()}"


def one_of_each(channels: tuple[MessageChannel, ...]) -> tuple[MessageChannel, ...]:
    if len(set(channels)) < len(channels):
        raise PydanticCustomError("channel_twice", "name each channel once")
    return channels


Email = Annotated[
    str, Field(min_length=6, max_length=254, examples=["name@example.org"]), AfterValidator(mailed)
]
Channels = Annotated[
    tuple[MessageChannel, ...],
    Field(max_length=3, description="In order of preference; empty: in the app alone"),
    AfterValidator(one_of_each),
]
LocalTime = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"], description="Local time")
]


class QuietHours(Body):
    """No message goes out between the two; it waits for their end. The same time twice is never quiet."""

    model_config = ConfigDict(serialize_by_alias=True)

    begin: Annotated[LocalTime, Field(alias="from")]
    end: Annotated[LocalTime, Field(alias="to")]
    utc_offset_minutes: Annotated[
        int, Field(ge=-840, le=840, description="Of the local time, east positive; 300 in Pakistan")
    ] = 300


USUAL_QUIET = QuietHours.model_validate({"from": "22:00", "to": "07:00"})


class NewNotifications(Body):
    """What is left out goes back to what it is for whoever says nothing."""

    language: Tongue = "ur"
    channels: Channels = ("sms", "whatsapp")
    email: Email | None = None
    quiet_hours: Annotated[QuietHours | None, Field(description="null: at any time")] = USUAL_QUIET

    @model_validator(mode="after")
    def reachable(self) -> Self:
        if "email" in self.channels and self.email is None:
            raise PydanticCustomError("channel_without_address", "give `email`, or leave the channel out")
        return self


class Notifications(Shown):
    language: Tongue
    channels: tuple[MessageChannel, ...]
    email: str | None
    quiet_hours: QuietHours | None
    reachable: bool = Field(description="False: no telephone is registered, notices are in the app alone")


class NewOfficeNotifications(Body):
    """Whom an office has on duty. An office that says nothing is told in the app alone."""

    language: Tongue = "ur"
    channels: Channels = ("sms",)
    phone: Annotated[Phone | None, Field(description="The duty telephone")] = None
    email: Email | None = None

    @model_validator(mode="after")
    def reachable(self) -> Self:
        wanted = {"sms": self.phone, "whatsapp": self.phone, "email": self.email}
        if any(wanted[channel] is None for channel in self.channels):
            raise PydanticCustomError("channel_without_address", "give its address, or leave the channel out")
        return self


class OfficeNotifications(Shown):
    office: str
    language: Tongue
    channels: tuple[MessageChannel, ...]
    phone: str | None
    email: str | None
