"""The app stores that reviews are fetched from: how far each has come, and asking for a run."""

from __future__ import annotations

from typing import cast

from functions.domain import fetching
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.messages import fault_sentence
from functions.storage.fetches import Fetch, RunReport
from schemas.common import Tongue
from schemas.sources import NewRun, Refusal, RunReceipt, SourceList, SourceProblem, SourceRun, SourceShown

door = Door("functions.sources", tag="Feedback")


@door.declare(
    "GET",
    "/v1/feedback/sources",
    Permission.SOURCE_MANAGE,
    "Stores that reviews are fetched from",
    answers=SourceList,
    problems=(401, 403, 503),
)
def list_sources(request: Request) -> Answer:
    """Each app and store: how far it was read, what the last run found, and what was wrong with it."""
    return Answer(SourceList(items=tuple(_shown(row, request.tongue) for row in fetching.listed())))


@door.declare(
    "POST",
    "/v1/feedback/sources/{source}/runs",
    Permission.SOURCE_MANAGE,
    "Have a store read by the next tick",
    takes=NewRun,
    answers=RunReceipt,
    status=202,
    problems=(400, 401, 403, 404, 409, 413, 415, 503),
)
def ask_for_run(request: Request) -> Answer:
    """Within ten minutes. A dry run stores nothing and says what a run would do: see the source's row."""
    name, dry_run = request.path["source"], request.body.dry_run
    fetching.ask(name, "dry_run" if dry_run else "run", request.now)
    return Answer(RunReceipt(name=name, dry_run=dry_run, asked_at=request.now))


def _shown(row: Fetch, tongue: Tongue) -> SourceShown:
    return SourceShown(
        name=row.name,
        state=row.state,
        problem=cast("SourceProblem", row.problem) if row.problem else None,
        problem_text=fault_sentence(f"source_{row.problem}", tongue, {}) if row.problem else None,
        cursor=row.cursor,
        begun_at=row.begun_at,
        succeeded_at=row.succeeded_at,
        missed_since=row.missed_since,
        asked=None if row.asked == "" else row.asked,
        last_run=_run(row.report),
        last_dry_run=_run(row.rehearsal),
    )


def _run(report: RunReport | None) -> SourceRun | None:
    if report is None:
        return None
    counts = ("at", "read", "passed_over", "added", "replaced", "unchanged", "refused", "finished")
    said = {name: getattr(report, name) for name in counts}
    return SourceRun(**said, refusals=tuple(Refusal(row=row, reason=why) for row, why in report.refusals))
