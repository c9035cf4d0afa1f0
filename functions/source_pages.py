"""The page of sources: how far each app store was read, what was refused and why, and asking for a run."""

from __future__ import annotations

from typing import Any, Literal

from functions import board_menu
from functions.domain import fetching
from functions.domain.access import Permission
from functions.domain.errors import SourceOff
from functions.door import Answer, Door, Request
from functions.errors import problem_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect, wants_part
from functions.storage.fetches import Fetch
from schemas.common import Body

door = Door("functions.source_pages", tag="Pages")
PAGE = "/board/sources"
COUNTS = ("read", "passed_over", "added", "replaced", "unchanged", "refused")


class SourcesQuery(Body):
    asked: Literal["dry_run", "run", ""] = ""


class RunForm(Body):
    what: Literal["dry_run", "run"] = "dry_run"


@door.declare(
    "GET", PAGE, Permission.SOURCE_MANAGE, "Where feedback comes from", kind="page", query=SourcesQuery
)
def show(request: Request) -> Answer:
    return _answer(request, asked=request.query.asked)


@door.declare(
    "POST",
    f"{PAGE}/{{source}}/runs",
    Permission.SOURCE_MANAGE,
    "Have a source read, from the page",
    kind="page",
    takes=RunForm,
)
def ask(request: Request) -> Answer:
    form: RunForm = request.body
    try:
        fetching.ask(request.path["source"], form.what, request.now)
    except SourceOff as error:
        return _answer(request, 409, problem=problem_of(error, request.tongue, "").detail)
    if wants_part(request):
        return _answer(request, asked=form.what)
    return redirect(f"{PAGE}?asked={form.what}")


def _answer(request: Request, status: int = 200, *, asked: str = "", problem: str = "") -> Answer:
    rows = fetching.listed()
    is_part = wants_part(request)
    shown: dict[str, Any] = {
        "rows": rows,
        "is_moving": any(row.asked or row.state == "running" for row in rows),
        "store_of": _store_of,
        "problem_of": lambda row: fault_sentence(f"source_{row.problem}", request.tongue, {}),
        "counts": COUNTS,
        "every_hours": int(fetching.EVERY.total_seconds() // 3_600),
        "kept": fetching.REFUSALS_KEPT,
        "asked": asked,
        "problem": problem,
    }
    if is_part:
        return page(request, "parts/sources.html", status=status, here=PAGE, part=True, **shown)
    return page(
        request, "sources.html", status=status, here=PAGE, part=False, **shown, **board_menu.frame(request)
    )


def _store_of(row: Fetch) -> tuple[str, str]:
    """(Store, app) of a source's name; the app is "" where none is set up."""
    store, _, app = row.name.partition(":")
    return store, app
