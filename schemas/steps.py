"""Steps in the life of a complaint, as clients send them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.common import Body, OfficeId, Paragraph
from schemas.complaints import Narrative

Remark = Annotated[Paragraph, Field(max_length=2_000)]


class Accept(Body):
    action: Literal["accept"]
    note: Remark | None = None


class Mark(Body):
    """Hands the case to an office below, never below the policy's lowest rank."""

    action: Literal["mark"]
    office: Annotated[OfficeId, Field(examples=["sd-lhr-civil-lines"])]
    note: Remark | None = None


class Transfer(Body):
    """Hands the case to another office that must answer it. Its clocks go on."""

    action: Literal["transfer"]
    office: Annotated[OfficeId, Field(examples=["sd-lhr-model-town"])]
    text: Annotated[Remark, Field(description="Why")]


class Contact(Body):
    """The telephone call to the complainant; only a call that reached them stops the clock."""

    action: Literal["contact"]
    outcome: Literal["reached", "not_reached"]
    note: Remark | None = None


class Begin(Body):
    action: Literal["begin"]
    note: Remark | None = None


class Ask(Body):
    """Asks the citizen for something. The report's clock stands until the answer, for so long as may be."""

    action: Literal["ask"]
    text: Remark


class Inform(Body):
    """The citizen's answer: the clock goes on."""

    action: Literal["inform"]
    text: Remark


class Resume(Body):
    """The office goes on without the answer."""

    action: Literal["resume"]
    note: Remark | None = None


class Report(Body):
    action: Literal["report"]
    finding: Literal["substantiated", "partly_substantiated", "not_substantiated"]
    text: Annotated[Narrative, Field(description="What was found and what was done")]


class Confirm(Body):
    """The citizen agrees that the matter is settled. With a poor rating the case goes one level up."""

    action: Literal["confirm"]
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    text: Remark | None = None


class Dispute(Body):
    action: Literal["dispute"]
    text: Annotated[Narrative, Field(max_length=2_000)]


class Close(Body):
    """Ends a case that a call-back has verified."""

    action: Literal["close"]
    note: Remark | None = None


class Reopen(Body):
    """Takes a case up again that ended, or that was merged into another."""

    action: Literal["reopen"]
    text: Annotated[Narrative, Field(max_length=2_000)]


class Appeal(Body):
    """Asks the office one level up."""

    action: Literal["appeal"]
    text: Annotated[Narrative, Field(max_length=2_000)]


class Withdraw(Body):
    action: Literal["withdraw"]
    text: Remark | None = None


class Reject(Body):
    action: Literal["reject"]
    reason: Literal["not_a_police_matter", "before_a_court", "no_facts", "abusive", "already_answered"]
    text: Annotated[Narrative, Field(max_length=2_000)]


class Merge(Body):
    """Joins the case to another that carries it on: a duplicate, or one report of many about one incident."""

    action: Literal["merge"]
    into: Annotated[str, Field(min_length=8, max_length=30, examples=["KH-7F3K-9QWM-2"])]
    note: Remark | None = None


Step = Annotated[
    Accept
    | Mark
    | Transfer
    | Contact
    | Begin
    | Ask
    | Inform
    | Resume
    | Report
    | Confirm
    | Dispute
    | Close
    | Reopen
    | Appeal
    | Withdraw
    | Reject
    | Merge,
    Field(discriminator="action"),
]


class CallBack(Body):
    """What the citizen said to somebody outside the chain who asked whether the report is true."""

    outcome: Literal["settled", "not_settled", "not_reached"]
    note: Remark | None = None
