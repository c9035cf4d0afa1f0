"""Topics as product owners see them: what people write about, grouped and ranked; and feedback as sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, PageQuery, Paragraph, Shown, has_words, readable
from schemas.feedback import Area, FeedbackType, Language, Status, Verdict

AppName = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$", examples=["pk.khidmat.app"])
]
ReleaseId = Annotated[str, Field(pattern=r"^r-[0-9a-f]{16}$", examples=["r-0123456789abcdef"])]
TopicId = Annotated[str, Field(pattern=r"^t-[0-9a-f]{16}$", examples=["t-0123456789abcdef"])]
Trend = Literal["new", "escalating", "ongoing", "fading", "regressed"]
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


class Override(Shown):
    """Where a product owner put a topic by hand: at a place, or so many points up or down."""

    reason: str
    place: int | None = None
    points: float | None = None
    by: str
    at: datetime


class Measured(Shown):
    """What was written per 1,000 texts before a release and since, against topics that it did not touch."""

    release_id: str
    verdict: Verdict
    rate_before: float
    rate_after: float
    ratio: float | None = Field(None, description="After to before, set against the control")
    low: float | None = Field(None, description="Of the 95 % interval of `ratio`")
    high: float | None = None
    control: float | None = Field(None, description="The same ratio of the topics that were not touched")
    texts_before: int
    texts_after: int
    reasons: tuple[str, ...] = Field((), description="Codes of what the verdict rests on, or waits for")
    as_of: datetime


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
    area: Area = "none"
    release_id: str | None = Field(None, description="The release it was put in, or shipped with")
    release_version: str | None = None
    done: dict[str, str] = Field(default_factory=dict, description="What was done, for the public: en, ur")
    override: Override | None = None
    renamed: bool = False
    merged_into: str | None = None
    split_from: str | None = None


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
    place: int | None = None
    tied: bool | None = None
    low_rank: int | None = None
    high_rank: int | None = None
    margin: float | None = None
    hit_harder: str | None = None
    verdict: Verdict | None = None
    measured: Measured | None = None
    told: int | None = 0
    still_broken: int | None = 0


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
    place: int | None = Field(None, description="The rank of the first of those whose order is not sure")
    tied: bool | None = None
    low_rank: int | None = Field(None, description="Nearest the top of the rank's 90 % interval")
    high_rank: int | None = None
    margin: float | None = Field(None, description="Half the width of the score's interval, in points")
    hit_harder: str | None = Field(None, description="The group that the part `equity` is about, or empty")
    verdict: Verdict | None = None
    measured: Measured | None = None
    told: int | None = Field(None, description="People who were told of the release; null below 10")
    still_broken: int | None = Field(None, description="How many of them say it is not mended; null below 10")

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
    hidden: bool = Field(False, description="Those merged into another, or no topics, instead of the others")


class TopicsFileQuery(Body):
    app: AppName | None = None


class Decision(Shown):
    at: datetime
    by: str = Field(description="The officer, or what decided by itself: release, measurement, citizens")
    status: Status
    reason: str = ""
    action: str = Field("decide", description="decide, merge, merged, split, rename, override, undo ...")
    facts: dict[str, str] = Field(default_factory=dict)
    number: int = Field(0, description="The topic's version that it made; what an undoing names")
    before: dict[str, Any] = Field(default_factory=dict, exclude=True)
    """What it changed, as that was: for undoing it. Kept, and never shown."""


class TopicView(TopicRow):
    decisions: tuple[Decision, ...] = Field(description="Oldest first; of very many at least the last 500")
    can_undo: int | None = Field(None, description="Number of the decision that may be undone")


class SplitView(Shown):
    topic: TopicView
    split_out: TopicView


class QuotePage(Shown):
    items: tuple[Quote, ...]
    next: str | None = None


Sentence = Annotated[
    str, Field(min_length=1, max_length=300), AfterValidator(readable), AfterValidator(has_words)
]


class InBothTongues(Body):
    en: Sentence
    ur: Sentence


class NewDecision(Body):
    status: Status
    reason: Annotated[Paragraph, Field(max_length=1_000)] | None = None
    release_id: ReleaseId | None = None
    done: InBothTongues | None = Field(None, description="What was done, as the public changelog says it")

    @model_validator(mode="after")
    def refusal_has_a_reason(self) -> NewDecision:
        if self.status == "declined" and not self.reason:
            raise PydanticCustomError("reason_needed", "write why, in a few words")
        return self
