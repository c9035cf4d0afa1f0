"""Releases: entered, changed, and shipped, with the topics in each and what came of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from functions import board_menu, cursors
from functions.domain import board, releases
from functions.domain.access import Permission
from functions.domain.errors import ChangedMeanwhile, FieldFault, InvalidRequest, PreconditionFailed
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect
from functions.settings import settings
from functions.storage.releases import Release
from schemas.common import Body, CursorQuery
from schemas.releases import ChangedRelease, NewRelease
from schemas.topics import FEWEST_PEOPLE, AppName

door = Door("functions.release_pages", tag="Pages")
RELEASES_A_PAGE = 25
RELEASE = "/board/releases/{release_id}"


class ReleasesQuery(CursorQuery):
    app: AppName | None = None


class ReleaseQuery(Body):
    done: Literal["", "entered", "saved", "shipped"] = ""


class NewReleaseForm(Body):
    """As typed: what is wrong is said beside its field."""

    version: str = ""
    released_on: str = ""
    notes: str = ""

    @property
    def release(self) -> NewRelease:
        return NewRelease.model_validate(
            {"version": self.version, "notes": self.notes, **_day(self.released_on)}
        )


class ReleaseForm(Body):
    """A change, or the shipping, which asks for `sure`: people are told, and it cannot be taken back."""

    do: Literal["save", "ship"]
    row_version: Annotated[int, Field(ge=1)]
    released_on: str = ""
    notes: str = ""
    sure: Literal["", "yes"] = ""


def _day(text: str) -> dict[str, str]:
    return {"released_on": text} if text.strip() else {}


@door.declare("GET", "/board/releases", Permission.TOPIC_READ, "Releases", kind="page", query=ReleasesQuery)
def show_releases(request: Request) -> Answer:
    return _list(request)


@door.declare(
    "POST", "/board/releases", Permission.TOPIC_DECIDE, "Enter a release", kind="page", takes=NewReleaseForm
)
def enter_release(request: Request) -> Answer:
    form: NewReleaseForm = request.body
    try:
        made = releases.create(request.signed_in, form.release, settings().own_app, request.now)
    except ValidationError as error:
        return _list(request, 422, faults_of(error))
    except InvalidRequest as error:
        return _list(request, 422, error.faults)
    return redirect(f"{_address(made)}?done=entered")


@door.declare(
    "GET", RELEASE, Permission.TOPIC_READ, "A release and its topics", kind="page", query=ReleaseQuery
)
def show_release(request: Request) -> Answer:
    return _one(request, releases.show(request.path["release_id"]), done=request.query.done)


@door.declare(
    "POST", RELEASE, Permission.TOPIC_DECIDE, "Change a release, or ship it", kind="page", takes=ReleaseForm
)
def change_release(request: Request) -> Answer:
    form: ReleaseForm = request.body
    present = releases.show(request.path["release_id"])
    if form.do == "ship" and not form.sure:
        return _one(request, present, 422, unsure=True)
    try:
        wanted = _wanted(request, form, present)
        changed = releases.change(
            request.signed_in, present.release_id, wanted, request.now, form.row_version
        )
    except ValidationError as error:
        return _one(request, present, 422, faults=faults_of(error))
    except InvalidRequest as error:
        return _one(request, present, 422, faults=error.faults)
    except (PreconditionFailed, ChangedMeanwhile):
        return _one(request, releases.show(present.release_id), 409, conflict=True)
    return redirect(f"{_address(changed)}?done={'shipped' if form.do == 'ship' else 'saved'}")


def _wanted(request: Request, form: ReleaseForm, present: Release) -> ChangedRelease:
    if form.do == "save":
        said = {"state": present.state, "notes": form.notes, **_day(form.released_on)}
        return ChangedRelease.model_validate(said)
    # A day that was planned and still lies ahead is not the day it came out.
    planned = present.released_on
    day = planned if planned and planned <= releases.today(request.now) else None
    return ChangedRelease(state="shipped", notes=present.notes, released_on=day)


def _list(request: Request, status: int = 200, faults: tuple[FieldFault, ...] = ()) -> Answer:
    given: ReleasesQuery = request.query or ReleasesQuery()
    app = given.app or settings().own_app
    rows, after = releases.listed(app, cursors.decode(given.cursor, "releases", app), RELEASES_A_PAGE)
    return page(
        request,
        "releases.html",
        status=status,
        here="/board/releases",
        rows=rows,
        following=cursors.encode(after, "releases", app),
        is_first=given.cursor is None,
        form=request.body,
        faults=_said(request, faults),
        **board_menu.frame(request),
    )


def _one(
    request: Request,
    release: Release,
    status: int = 200,
    *,
    faults: tuple[FieldFault, ...] = (),
    done: str = "",
    unsure: bool = False,
    conflict: bool = False,
) -> Answer:
    return page(
        request,
        "release.html",
        status=status,
        here=_address(release),
        release=release,
        topics=board.rows_of(release.topic_ids),
        form=request.body if faults or conflict else None,
        faults=_said(request, faults),
        done=done,
        unsure=unsure,
        conflict=conflict,
        fewest=FEWEST_PEOPLE,
        **board_menu.frame(request),
    )


def _said(request: Request, faults: tuple[FieldFault, ...]) -> dict[str, Any]:
    return {
        fault.pointer.strip("/"): fault_sentence(fault.fault, request.tongue, fault.words) for fault in faults
    }


def _address(release: Release) -> str:
    return f"/board/releases/{release.release_id}"
