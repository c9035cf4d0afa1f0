"""What product owners change of a topic by hand: merged, split, named, placed, and any of it undone."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, Line, Paragraph
from schemas.topics import TopicId

MOST_MERGED, MOST_SPLIT = 20, 200
Reason = Annotated[Paragraph, Field(max_length=1_000)]
FeedbackId = Annotated[str, Field(pattern=r"^[0-9a-f]{26}$")]
TopicName = Annotated[Line, Field(max_length=120)]


class Names(Body):
    en: TopicName
    ur: TopicName


class Merge(Body):
    """Topics that are the same matter as the one addressed; their texts are its texts from now on."""

    topic_ids: Annotated[list[TopicId], Field(min_length=1, max_length=MOST_MERGED)]
    reason: Reason | None = None


class Split(Body):
    """Texts of the topic that are another matter: they become a topic of their own, and texts like them."""

    feedback_ids: Annotated[list[FeedbackId], Field(min_length=1, max_length=MOST_SPLIT)]
    name: Names
    reason: Reason | None = None


class Rename(Names):
    reason: Reason | None = None


class NewOverride(Body):
    """Either the place that the topic is to have, or points that are added to its score."""

    place: Annotated[int, Field(ge=1, le=100_000)] | None = None
    points: Annotated[float, Field(ge=-100, le=100)] | None = None
    reason: Reason

    @model_validator(mode="after")
    def says_one_thing(self) -> NewOverride:
        if (self.place is None) == (self.points is None):
            raise PydanticCustomError("place_or_points", "give either the place or the points")
        return self


class Undo(Body):
    decision: Annotated[int, Field(ge=1, description="`number` of the last decision that still holds")]
    reason: Reason | None = None
