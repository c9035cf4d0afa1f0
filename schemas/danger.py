"""Calls for help that came as feedback, as officers of the intake see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, PageQuery, Shown
from schemas.feedback import Language, Source

State = Literal["open", "acknowledged", "past"]
Outcome = Literal["case", "helped", "not_reached", "false_alarm"]


class DangerQuery(PageQuery):
    state: State = Field("open", description="`past`: already old when it came in, nobody was woken for it")


class NewOutcome(Body):
    """What came of it; a false alarm goes back into the feedback loop."""

    outcome: Outcome
    reference: Annotated[str, Field(min_length=1, max_length=40, examples=["KH-JNS9-AK3U-W"])] | None = None

    @model_validator(mode="after")
    def a_case_has_its_reference(self) -> NewOutcome:
        if (self.outcome == "case") != (self.reference is not None):
            raise PydanticCustomError("case_reference", "give the reference for the outcome `case` alone")
        return self


class DangerShown(Shown):
    feedback_id: str
    app: str
    state: State
    overdue: bool = Field(description="Nobody acknowledged it within 15 minutes")
    raised_at: datetime
    due_at: datetime = Field(description="When it has to be acknowledged")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    outcome: Outcome | None
    reference: str | None = Field(description="Of the case that was lodged for it")
    text: str | None = Field(description="People in it are masked; null when it is not stored any more")
    title: str | None
    language: Language | None
    source: Source | None
    external_id: str | None = Field(description="The source's own id of the text")
    link: str | None = Field(description="Where the text stands in public")
    written_at: datetime | None
    version: int


class DangerPage(Shown):
    items: tuple[DangerShown, ...] = Field(description="Oldest first")
    next: str | None = None


class GiverShown(Shown):
    subject: str
    phone: str | None = Field(description="Null where the account has none")


class DangerEntry(Shown):
    at: datetime
    by: str
    action: str
    facts: dict[str, str]


class DangerView(DangerShown):
    giver: GiverShown | None = Field(
        None, description="Answered to whoever asks for it, of a text from inside the app; null otherwise"
    )
    history: tuple[DangerEntry, ...]
