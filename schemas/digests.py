"""What a week brought, as product owners are written to of it: kept in the outbox until it is sent."""

from __future__ import annotations

from pydantic import Field

from schemas.common import Shown
from schemas.feedback import Status, Verdict
from schemas.topics import Trend


class DigestTopic(Shown):
    """One topic. What fewer than 10 people gave is null, as on the board."""

    topic_id: str
    name: dict[str, str] = Field(description="By language: en, ur")
    rank: int
    people: int | None
    trend: Trend | None
    status: Status
    verdict: Verdict | None = None


class DigestApp(Shown):
    """One app's week. Lists are best rank first, and as long as a letter should be."""

    app: str
    topics: int
    top: tuple[DigestTopic, ...]
    moving: tuple[DigestTopic, ...] = Field(description="New, escalating or come back")
    done: tuple[DigestTopic, ...] = Field(description="Shipped, measured or come back in the last seven days")
    waiting: int = Field(description="Texts that wait for a label")
    more_waiting: bool
    drift: tuple[str, ...] = Field((), description="Alarms of the last measurement")


class Digest(Shown):
    week: str = Field(description="ISO 8601, of the day in Pakistan", examples=["2026-W21"])
    board: str = Field(description="Where the board is")
    apps: tuple[DigestApp, ...]
    calls_wait: bool = Field(description="Whether calls for help wait for an officer")
    calls: int | None = Field(description="How many; null below 10, and where more than were counted")
    before: dict[str, int] | None = Field(None, description="Ranks a week ago; null for a first letter")
