"""Citizens' accounts as clients send and see them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas.common import Body, Line, Shown
from schemas.complaints import ComplaintView, Notice, Phone
from schemas.documents import Document, typed
from schemas.notifications import Notifications
from schemas.topics import Quote

Channel = Literal["sms", "whatsapp"]
SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def code_typed(text: str) -> str:
    """Six digits, in whatever script and with whatever blanks they were typed."""
    plain = typed(text)
    if not SIX_DIGITS.fullmatch(plain):
        raise PydanticCustomError("code_form", "give the six digits of the code")
    return plain


Code = Annotated[
    str,
    Field(min_length=6, max_length=40, description="The six digits that were sent", examples=["000000"]),
    AfterValidator(code_typed),
]
ChallengeId = Annotated[str, Field(min_length=1, max_length=400, description="As it was answered")]
Device = Annotated[
    Line | None,
    Field(max_length=60, description="A name for this device, shown in the list of sessions"),
]


class NewChallenge(Body):
    """Who wants to sign in, and where the code is to go."""

    document: Document
    phone: Annotated[Phone, Field(examples=["0300 0000001"])]
    purpose: Literal["sign_in"] = "sign_in"
    channel: Annotated[Channel, Field(description="WhatsApp falls back to SMS")] = "sms"


class Challenge(Shown):
    """The same answer whoever asked and whoever is known. The code itself goes to the telephone alone."""

    challenge: str = Field(description="Give it back with the code")
    expires_at: datetime
    tries: int = Field(description="Codes that may be tried on it")
    resend_after_seconds: int = Field(description="When it is worth asking again, if nothing came")


class CodeGrant(Body):
    """The code that came to the telephone. The first one registers the document with that telephone."""

    grant: Literal["code"]
    challenge: ChallengeId
    phone: Phone
    code: Code
    device: Device = None


class RefreshGrant(Body):
    """The refresh token of a session; it is changed at every use."""

    grant: Literal["refresh"]
    refresh_token: Annotated[str, Field(min_length=1, max_length=400)]


class ReportCodeGrant(Body):
    """The secret code of an anonymous report."""

    grant: Literal["report_code"]
    reference: Annotated[str, Field(min_length=1, max_length=40, examples=["KH-7F3K-9QWM-2"])]
    code: Annotated[str, Field(min_length=1, max_length=60, examples=["ABCD-EFGH-2345-6789-WXYZ"])]


Grant = Annotated[CodeGrant | RefreshGrant | ReportCodeGrant, Field(discriminator="grant")]


class TokensShown(Shown):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token (RFC 6750)
    expires_in: int = Field(description="Seconds for which the access token is taken")
    refresh_token: str = Field(description="Buys the next tokens, once")
    session: str


class NewPhoneChange(Body):
    """The new telephone; the code goes there."""

    phone: Phone
    channel: Annotated[Channel, Field(description="WhatsApp falls back to SMS")] = "sms"


class PhoneChange(Body):
    challenge: ChallengeId
    phone: Phone
    code: Code


class DeskPhoneChange(Body):
    """A person who is there with the document, and the telephone they have now."""

    document: Document
    phone: Phone


class PhoneChanged(Shown):
    changed_at: datetime


class AccountChange(Shown):
    at: datetime
    action: str
    by: str = Field(description="`you`, or the role of whoever did it")


class SessionShown(Shown):
    session: str
    device: str = Field(description="The name that the client gave the device")
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    current: bool = Field(description="Whether this request came from it")


class SessionList(Shown):
    items: tuple[SessionShown, ...]


class Account(Shown):
    person: str
    document: str | None = Field(
        description="Identity document as registered; null for a report without a name"
    )
    phone: str | None
    registered_at: datetime
    history: tuple[AccountChange, ...]
    sessions: tuple[SessionShown, ...]
    notifications: Notifications


class OwnData(Shown):
    """All that is held of a person, page by page: account, complaints, feedback, notices."""

    account: Account | None = Field(description="On the first page")
    complaints: tuple[ComplaintView, ...]
    feedback: tuple[Quote, ...]
    notices: tuple[Notice, ...]
    next: str | None = Field(default=None, description="Give it as `cursor` for the next page")


class Erased(Shown):
    """What is left: that there was a person, and that some cases were dealt with."""

    erased_at: datetime
    complaints: int = Field(
        description="Cases whose steps and times are kept by law, without anything you wrote"
    )
    feedback: int = Field(description="Texts that can no longer be traced to you")
