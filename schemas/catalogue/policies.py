"""The form of a complaint policy: classes, clocks, ladder, pauses, confirmation; one version of the rules."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from schemas.catalogue.entries import Confidence, Entry, Name, Rank

Counting = Literal["running", "working"]
"""Whether an hour of a clock is any hour, or one in which offices are open."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Span = tuple[TimeOfDay, TimeOfDay]
Week = dict[Weekday, tuple[Span, ...]]
"""Open spans of each day in Asia/Karachi, in order; a day that is not named is closed."""


class OfficeHours(Entry):
    ordinary: Week
    ramadan: Week


class Point(Entry):
    """Something that is done while a clock is not met: at a share of its time, or at hours of its own.

    `share` 1 is the due time itself. Hours count from the clock's start, in the time the clock counts in.
    """

    share: Annotated[float, Field(gt=0)] | None = None
    hours: Annotated[float, Field(gt=0)] | None = None
    does: Literal["remind", "escalate"]
    to: Annotated[Rank | None, Field(description="The rank it climbs to; reminders go to who has it")] = None

    @model_validator(mode="after")
    def whole(self) -> Point:
        if (self.share is None) == (self.hours is None):
            raise ValueError("a point has a share or hours")
        if (self.does == "escalate") != (self.to is not None):
            raise ValueError("what climbs names the rank, what reminds names none")
        return self


class Ladders(Entry):
    """Points of each clock, earliest first."""

    first_contact: tuple[Point, ...]
    final_report: tuple[Point, ...]
    appeal: tuple[Point, ...]


class ClassRule(Entry):
    final_report_hours: Annotated[int, Field(gt=0)]
    appeal_hours: Annotated[int, Field(gt=0)]
    counts: Counting = "running"


class PauseRule(Entry):
    """The report's clock stands while the citizen is asked for something."""

    most_hours: Annotated[int, Field(gt=0, description="Running hours; then the clock goes on by itself")]
    most_times: Annotated[int, Field(ge=0)]


class ConfirmationRule(Entry):
    """How a case that was reported upon comes to its end."""

    window_hours: Annotated[int, Field(gt=0)]
    attempts: Annotated[int, Field(gt=0, description="Calls on record before silence may close a case")]
    attempt_gap_hours: Annotated[int, Field(gt=0, description="Calls nearer together count as one")]
    verified_hours: Annotated[int, Field(gt=0, description="A verified case closes by itself after these")]
    call_back_share: Annotated[float, Field(ge=0, le=1, description="Share of reports that are called back")]
    poor_rating: Annotated[int, Field(ge=0, le=5, description="Confirmed with no more than this: an appeal")]


class Category(Entry):
    complaint_class: str
    confidence: Confidence
    name: Name
    restricted: bool = Field(False, description="Opened with a clearance and for a purpose alone")
    anonymous: bool = Field(False, description="May be reported without saying who one is")
    public: bool = Field(False, description="About a place or a thing: open to Open311 clients")
    about_app: bool = Field(False, description="About the app or the site: also feedback for product owners")


class ComplaintPolicy(Entry):
    """One version of the rules. A case keeps the version it was lodged under."""

    version: str
    effective_from: AwareDatetime
    source: str
    confidence: Confidence
    lowest_rank: Rank
    office_hours: OfficeHours
    first_contact_hours: Annotated[int, Field(gt=0)]
    first_contact_counts: Counting = "running"
    classes: dict[str, ClassRule]
    ladders: Ladders
    pause: PauseRule
    confirmation: ConfirmationRule
    reopen_hours: Annotated[int, Field(gt=0)]
    categories: dict[str, Category]
