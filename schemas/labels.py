"""What a person says of a text in the model's place, and the queue of texts that a person is asked about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.common import Body, PageQuery, Paragraph, Shown
from schemas.feedback import Area, FeedbackType, Labels, Language, Sentiment, Source
from schemas.topics import AppName

Severity = Annotated[int, Field(ge=1, le=5)]


class NewLabels(Body):
    """A product owner's word on a text. What is left out stays as the model said it."""

    type: FeedbackType
    types: Annotated[
        tuple[FeedbackType, ...],
        Field(max_length=8, description="Further types, where the text says two things; `type` leads them"),
    ] = ()
    area: Area
    severity: Severity | None = None
    danger: bool | None = Field(None, description="Somebody is at risk now: officers are told at once")
    reason: Annotated[Paragraph, Field(max_length=1_000)] | None = None

    @property
    def all_types(self) -> tuple[FeedbackType, ...]:
        """The main type first, each once."""
        return tuple(dict.fromkeys((self.type, *self.types)))


class LabelsShown(Shown):
    type: FeedbackType
    types: tuple[FeedbackType, ...]
    area: Area
    sentiment: Sentiment
    severity: int
    danger: bool
    confidence: float
    abstained: bool
    model: str = Field(description="Name of the model that said it; empty where a person did")

    @classmethod
    def of(cls, labels: Labels) -> LabelsShown:
        return cls(**labels.model_dump(include=set(cls.model_fields)))


class CorrectionShown(Shown):
    by: str
    at: datetime
    reason: str


class LabelsView(Shown):
    """What holds of a text, what the model said of it, and who corrected it."""

    feedback_id: str
    version: int = Field(description="Goes up with every change; the ETag")
    labels: LabelsShown
    said_by_model: LabelsShown
    correction: CorrectionShown | None = Field(None, description="Null where the model's word holds")


class LabelQueueQuery(PageQuery):
    app: AppName | None = None
    language: Language | None = Field(None, description="Of one language form alone")


class AppPageQuery(PageQuery):
    app: AppName | None = None


class Asked(Shown):
    """A text that the model is unsure of, with its best guess."""

    feedback_id: str
    text: str
    title: str
    language: Language
    rating: int | None
    source: Source
    written_at: datetime
    labels: LabelsShown
    why: tuple[str, ...] = Field(description="Words that weighed most for the guess, heaviest first")
    margin: float = Field(description="Lead of the guess over the next type, in log-odds")
    skipped: int = Field(description="How often somebody passed it by; twice, and it is asked no more")
    version: int


class LabelQueue(Shown):
    items: tuple[Asked, ...] = Field(description="The most uncertain first; those passed by once at the end")
    waiting: int = Field(description="Texts that wait, all languages; counted up to 400")
    more: bool = Field(description="Whether more wait than were counted")
    next: str | None = None


class CorrectedText(Shown):
    """One line of the export: what `python -m feedback_ml train` learns from. People are masked."""

    feedback_id: str
    app: str
    text: str
    title: str
    rating: int | None
    lang: Language
    type: FeedbackType
    types: tuple[FeedbackType, ...]
    area: Area
    severity: int
    danger: bool
    sentiment: Sentiment
    corrected_at: datetime
    said_by_model: FeedbackType
    model: str


class CorrectedPage(Shown):
    items: tuple[CorrectedText, ...] = Field(description="Oldest correction first")
    next: str | None = None
