"""Feedback from any source, brought to one record; and what the classifier says of it."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError, PydanticKnownError

from schemas.common import has_words, readable

Source = Literal["play", "app_store", "in_app", "case_rating", "complaint", "whatsapp", "centre", "file"]
Language = Literal["en", "ur", "ur-Latn", "mixed"]
Sentiment = Literal["negative", "neutral", "positive"]
FeedbackType = Literal[
    "bug", "performance", "usability", "feature_request", "service_complaint", "question", "praise", "other"
]
Area = Literal[
    "sign_in", "payments", "certificates", "complaints", "licences", "centres", "registration", "safety",
    "notifications", "language", "app", "none",
]  # fmt: skip
Status = Literal[
    "new", "accepted", "planned", "in_release", "shipped", "measured", "regressed", "declined", "not_a_topic"
]
Verdict = Literal["helped", "no_change", "worse", "too_early"]

TEXT_LIMIT = 8_000
"""Characters kept of one review or comment; the stores allow 4,000 to 6,000."""
FIRST_INSTANT, END_OF_INSTANTS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
CALENDAR_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _spelt_out(instant: Any) -> Any:
    """Refuses seconds since 1970, as a number or as its digits: seconds or milliseconds would be a guess."""
    if isinstance(instant, datetime) or (isinstance(instant, str) and CALENDAR_DATE.match(instant)):
        return instant
    raise PydanticKnownError("datetime_type")


def _in_utc(instant: datetime) -> datetime:
    # Compared first: the ends of the calendar cannot be brought to another offset.
    if not FIRST_INSTANT <= instant < END_OF_INSTANTS:
        raise PydanticCustomError("instant_out_of_range", "must lie between the years 2000 and 2100")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_spelt_out), AfterValidator(_in_utc)]
READABLE = AfterValidator(readable)


class Record(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feedback(Record):
    """One text (or rating alone) that one person wrote about one app, whatever way it came in.

    `external_id` is the source's own id for it: the same id seen again is the same text, perhaps revised.
    Types are not guessed: a rating is a number, an instant is ISO 8601 with its offset.
    """

    model_config = ConfigDict(strict=True)

    source: Source
    app: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")]
    external_id: Annotated[str, Field(min_length=1, max_length=200), READABLE, AfterValidator(has_words)]
    written_at: Instant
    revised_at: Instant | None = None
    text: Annotated[str, Field(max_length=TEXT_LIMIT), READABLE] = ""
    title: Annotated[str, Field(max_length=500), READABLE] = ""
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    version: Annotated[str, Field(max_length=60), READABLE] = ""
    locale: Annotated[str, Field(max_length=20), READABLE] = ""
    device: Annotated[str, Field(max_length=100), READABLE] = ""
    screen: Annotated[str, Field(max_length=100), READABLE] = ""
    person: Annotated[str, Field(max_length=100), READABLE] = ""
    """A pseudonym that is equal for two texts of one person; empty where the source names nobody."""
    district: Annotated[str, Field(max_length=60), READABLE] = ""
    """The district's code in the catalogue of offices; empty where the source does not tell."""
    overseas: bool = False

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
    area: Area = "none"
    danger: bool = False
    """Somebody may be at risk now: read by a person at once, whatever the type."""
    abstained: bool = False
    """The type did not reach its threshold: it is the best guess, and a person is asked."""
    why: tuple[str, ...] = ()
    """The words that weighed most for `type`, heaviest first."""
    margin: float | None = None
    """How far `type` leads the next type, in log-odds; None where no model said it, or it was not kept."""
    model: str = ""
    """Name of the model that said it; "" where a person did, or it was not kept."""


def leaves_the_loop(labels: Labels) -> bool:
    """Whether the text is no matter of the app: officers take it up at once, and it makes no topic."""
    return labels.danger
