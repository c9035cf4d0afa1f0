"""Topics as product owners see them: what people write about, grouped and ranked; and feedback as sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, PageQuery, Paragraph, Shown, readable
from schemas.feedback import FeedbackType, Language, Status

AppName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$", examples=["pk.khidmat.app"])
]
Trend = Literal["new", "escalating", "ongoing", "fading"]
FEWEST_PEOPLE = 10
"""Figures of fewer people than this are shown to nobody: they would tell of single persons."""


class NewFeedback(Body):
    """What somebody says about the app, from inside it: a rating, a text, or both."""

    text: Annotated[
        str,
        Field(max_length=4_000, examples=["OTP nahi aa raha, kal se koshish kar raha hoon"]),
        AfterValidator(readable),
    ] = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    screen: Annotated[str, Field(max_length=100), AfterValidator(readable)] = ""
    version: Annotated[str, Field(max_length=60), AfterValidator(readable)] = ""
    device: Annotated[str, Field(max_length=100), AfterValidator(readable)] = ""

    @model_validator(mode="after")
    def says_something(self) -> NewFeedback:
        if not self.text and self.rating is None:
            raise PydanticCustomError("nothing_to_read", "give a rating, or write something")
        return self


class FeedbackReceipt(Shown):
    feedback_id: str
    received_at: datetime
    type: FeedbackType
    language: Language


class FeedbackImport(Body):
    """A batch of records, each checked alone: a bad one is refused with its reason, the others go in."""

    records: Annotated[
        list[dict[str, Any]], Field(min_length=1, max_length=200, description="Records of the form Feedback")
    ]


class ImportOutcome(Shown):
    feedback_id: str | None
    outcome: Literal["added", "unchanged", "replaced", "refused"]
    reason: str | None = None


class ImportReceipt(Shown):
    results: tuple[ImportOutcome, ...] = Field(description="One for each record, in the order sent")


class RegroupRequest(Body):
    app: AppName


class RegroupReceipt(Shown):
    app: str
    asked_at: datetime


class AppShown(Shown):
    app: str
    topics_as_of: datetime | None = Field(description="The newest text that the ranking knows")


class AppList(Shown):
    items: tuple[AppShown, ...]


class Quote(Shown):
    feedback_id: str
    text: str
    language: Language
    type: FeedbackType
    rating: int | None
    version: str
    source: str
    written_at: datetime


class TopicBasis(Shown):
    """What a topic is, whoever wrote about it: nothing here is counted."""

    topic_id: str
    app: str
    type: FeedbackType
    name: dict[str, str] = Field(description="By language: en, ur")
    rank: int
    status: Status
    version: int
    as_of: datetime
    quotes: tuple[Quote, ...]
    terms: tuple[str, ...]


class RankedTopic(TopicBasis):
    """A topic as it is stored, with all that the ranking counted. It is never an answer: `TopicRow` is."""

    score: float
    parts: dict[str, float]
    people: int
    texts: int
    weeks: tuple[int, ...]
    severity: float
    languages: tuple[Language, ...]
    versions: tuple[str, ...]
    trend: Trend


class TopicRow(TopicBasis):
    """One line of the board. Of fewer than 10 people nothing counted is shown, and `suppressed` is true."""

    suppressed: bool = Field(
        description="Fewer than 10 people wrote about it: null or empty is what they gave"
    )
    score: float | None
    parts: dict[str, float] = Field(description="Points that sum to `score` (0..100)")
    people: int | None
    texts: int | None
    weeks: tuple[int, ...] = Field(description="Texts a week, oldest first, ending at `as_of`")
    severity: float | None
    languages: tuple[Language, ...]
    versions: tuple[str, ...]
    trend: Trend | None

    @model_validator(mode="after")
    def figures_of_few_are_withheld(self) -> TopicRow:
        """A way out that forgets to withhold them fails here rather than telling."""
        told = any(getattr(self, name) not in (None, (), {}) for name in COUNTED)
        if told if self.suppressed else (self.people or 0) < FEWEST_PEOPLE:
            raise PydanticCustomError("few_people", "figures of fewer people than may be counted")
        return self


COUNTED = tuple(
    name for name in TopicRow.model_fields if name not in {*TopicBasis.model_fields, "suppressed"}
)
"""What is worked out from the people who wrote, and withheld when they are few."""


class TopicPage(Shown):
    items: tuple[TopicRow, ...]
    next: str | None = None


class TopicQuery(PageQuery):
    app: AppName | None = None


class Decision(Shown):
    at: datetime
    by: str
    status: Status
    reason: str = ""


class TopicView(TopicRow):
    decisions: tuple[Decision, ...] = Field(description="Oldest first; of very many at least the last 500")


class QuotePage(Shown):
    items: tuple[Quote, ...]
    next: str | None = None


class NewDecision(Body):
    status: Status
    reason: Annotated[Paragraph, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def refusal_has_a_reason(self) -> NewDecision:
        if self.status == "declined" and not self.reason:
            raise PydanticCustomError("reason_needed", "write why, in a few words")
        return self
