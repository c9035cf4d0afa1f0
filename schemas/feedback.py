"""Feedback from any source, brought to one record; and what the classifier says of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

Source = Literal["play", "app_store", "in_app", "file"]
Language = Literal["en", "ur", "ur-Latn", "mixed"]
Sentiment = Literal["negative", "neutral", "positive"]
FeedbackType = Literal[
    "bug", "performance", "usability", "feature_request", "service_complaint", "question", "praise", "other"
]
Status = Literal["new", "accepted", "planned", "shipped", "declined"]

TEXT_LIMIT = 8_000
"""Characters kept of one review or comment; the stores allow 4,000 to 6,000."""


class Record(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feedback(Record):
    """One text (or rating alone) that one person wrote about one app, whatever way it came in.

    `external_id` is the source's own id for it: the same id seen again is the same text, perhaps revised.
    """

    source: Source
    app: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")]
    external_id: Annotated[str, Field(min_length=1, max_length=200)]
    written_at: AwareDatetime
    revised_at: AwareDatetime | None = None
    text: Annotated[str, Field(max_length=TEXT_LIMIT)] = ""
    title: Annotated[str, Field(max_length=500)] = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    version: Annotated[str, Field(max_length=60)] = ""
    locale: Annotated[str, Field(max_length=20)] = ""
    device: Annotated[str, Field(max_length=100)] = ""
    screen: Annotated[str, Field(max_length=100)] = ""
    person: Annotated[str, Field(max_length=100)] = ""
    """A pseudonym that is equal for two texts of one person; empty where the source names nobody."""

    @field_validator("written_at", "revised_at")
    @classmethod
    def in_utc(cls, instant: datetime | None) -> datetime | None:
        return instant.astimezone(UTC) if instant else instant

    @property
    def feedback_id(self) -> str:
        """26 hexadecimal digits that depend on source, app and the source's own id alone."""
        own = f"{self.source}\x00{self.app}\x00{self.external_id}"
        return hashlib.sha256(own.encode()).hexdigest()[:26]

    @property
    def content_digest(self) -> str:
        """Changes when anything a reader could see of it changes; decides `unchanged` against `replaced`."""
        seen = self.model_dump_json(include={"text", "title", "rating", "version"})
        return hashlib.sha256(seen.encode()).hexdigest()[:16]


class Labels(Record):
    """What the classifier says of one text; probabilities are in 0..1."""

    type: FeedbackType
    types: tuple[FeedbackType, ...]
    language: Language
    sentiment: Sentiment
    severity: Annotated[int, Field(ge=1, le=5)]
    confidence: Annotated[float, Field(ge=0, le=1)]
    why: tuple[str, ...] = ()
    """The words that weighed most for `type`, heaviest first."""
