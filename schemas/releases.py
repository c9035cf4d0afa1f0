"""Releases of an app, what citizens are told of them, and their answer that something is still broken."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from schemas.common import Body, CursorQuery, Line, PageQuery, Shown, readable
from schemas.feedback import FeedbackType, Status, Verdict
from schemas.topics import AppName, TopicId

ReleaseState = Literal["planned", "shipped"]
NOTES_LIMIT = 8_000
Notes = Annotated[str, Field(max_length=NOTES_LIMIT), AfterValidator(readable)]
Version = Annotated[Line, Field(max_length=60, examples=["2.4.1"])]


class NewRelease(Body):
    app: AppName | None = Field(None, description="The force's own app where none is named")
    version: Version
    released_on: date | None = Field(None, description="The day it came out, or is to come out")
    notes: Notes = ""
    state: ReleaseState = "planned"


class ChangedRelease(Body):
    """The whole of what may be changed. A release that has shipped stays shipped: people were told of it."""

    released_on: date | None = None
    notes: Notes = ""
    state: ReleaseState


class ReleaseShown(Shown):
    release_id: str
    app: str
    version: str
    state: ReleaseState
    released_on: date | None
    shipped_at: datetime | None
    notes: str
    topic_ids: tuple[TopicId, ...]
    changed_at: datetime
    changed_by: str
    row_version: int = Field(description="The ETag")


class ReleasePage(Shown):
    items: tuple[ReleaseShown, ...]
    next: str | None = None


class ReleaseQuery(PageQuery):
    app: AppName | None = None


class ReleaseImport(Body):
    """A changelog, each line checked alone: {"version", "date", "changelog"}."""

    app: AppName | None = None
    releases: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)]


class ChangelogLine(Body):
    """One line of a changelog as stores and repositories export it; its day is the day it came out."""

    version: Version
    date: date
    changelog: Notes = ""


class ReleaseOutcome(Shown):
    release_id: str | None
    outcome: Literal["added", "unchanged", "replaced", "refused"]
    reason: str | None = None


class ReleaseImportReceipt(Shown):
    results: tuple[ReleaseOutcome, ...] = Field(description="One for each line, in the order sent")


class StillBroken(Body):
    """It may say what is still wrong, and in which version; neither is needed."""

    text: Annotated[str, Field(max_length=4_000), AfterValidator(readable)] = ""
    version: Annotated[str, Field(max_length=60), AfterValidator(readable)] = ""


class StillBrokenReceipt(Shown):
    feedback_id: str
    noted_at: datetime
    reopened: bool = Field(description="Whether the matter is open again")


class SaidAndDone(Shown):
    """One matter of a release: what people said, and what was done."""

    type: FeedbackType
    said: dict[str, str] = Field(description="The topic's name by language: en, ur")
    done: dict[str, str] = Field(description="What was done, by language; may be empty")
    people: int | None = Field(description="How many wrote about it; null below 10")
    status: Status
    verdict: Verdict | None


class ChangelogEntry(Shown):
    version: str
    released_on: date | None
    notes: str
    items: tuple[SaidAndDone, ...]


class Changelog(Shown):
    app: str
    items: tuple[ChangelogEntry, ...] = Field(description="Newest first")
    next: str | None = None


class ChangelogQuery(CursorQuery):
    limit: Annotated[int, Field(ge=1, le=20, description="Releases a page")] = 10
