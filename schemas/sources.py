"""The app stores that reviews are fetched from: how far each has come, and asking for a run."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from schemas.common import Body, Shown

SourceProblem = Literal[
    "key_refused", "key_unfit", "app_unknown", "store_busy", "store_unreachable", "answer_broken",
    "sent_elsewhere", "position_refused", "store_failed", "internal",
]  # fmt: skip


class Refusal(Shown):
    row: int = Field(description="Its number in the run, from 1")
    reason: str = Field(
        description="Which field, and what is wrong; in English, as the file importer says it"
    )


class SourceRun(Shown):
    """Rows of one run; a dry run says what a run would do."""

    at: datetime
    read: int
    passed_over: int = Field(description="Older than the cursor")
    added: int
    replaced: int
    unchanged: int
    refused: int
    refusals: tuple[Refusal, ...] = Field(description="The first 50")
    finished: bool = Field(description="False: the run was cut short, and the next one goes on")


class SourceShown(Shown):
    name: str = Field(examples=["play:pk.khidmat.app"])
    state: Literal["off", "never_run", "running", "read", "failed"] = Field(
        description="off: no key or no app is set up"
    )
    problem: SourceProblem | None = Field(description="What was wrong with the last run, or dry run")
    problem_text: str | None = Field(description="The same and what to do, in the caller's language")
    cursor: datetime | None = Field(description="Reviews up to here were read")
    begun_at: datetime | None
    succeeded_at: datetime | None
    missed_since: datetime | None = Field(
        description="Reviews since then may be missing: import the store's monthly file"
    )
    asked: Literal["run", "dry_run"] | None = Field(description="What waits for the next tick")
    last_run: SourceRun | None
    last_dry_run: SourceRun | None


class SourceList(Shown):
    items: tuple[SourceShown, ...]


class NewRun(Body):
    dry_run: bool = Field(True, description="Say what a run would do, and store nothing")


class RunReceipt(Shown):
    name: str
    dry_run: bool
    asked_at: datetime
