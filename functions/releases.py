"""Releases of an app, and the public changelog: what people said, and what was done."""

from __future__ import annotations

from pydantic import ValidationError

from functions import cursors
from functions.domain import changelog, releases
from functions.domain.access import Permission
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.settings import settings
from functions.storage.releases import Release
from schemas.common import Tongue
from schemas.releases import (
    ChangedRelease,
    Changelog,
    ChangelogLine,
    ChangelogQuery,
    NewRelease,
    ReleaseImport,
    ReleaseImportReceipt,
    ReleaseOutcome,
    ReleasePage,
    ReleaseQuery,
    ReleaseShown,
)

door = Door("functions.releases", tag="Releases")
RELEASE = "/v1/releases/{release_id}"
IMPORT_LIMIT = 4 * 1024 * 1024
FOR_FIVE_MINUTES = "public, max-age=300"


@door.declare(
    "GET",
    "/v1/releases",
    Permission.TOPIC_READ,
    "Releases of an app, newest first",
    query=ReleaseQuery,
    answers=ReleasePage,
    problems=(400, 401, 403, 503),
)
def list_releases(request: Request) -> Answer:
    app = request.query.app or settings().own_app
    position = cursors.decode(request.query.cursor, "releases", app)
    rows, after = releases.listed(app, position, request.query.limit)
    items = tuple(shown(row) for row in rows)
    return Answer(ReleasePage(items=items, next=cursors.encode(after, "releases", app)))


@door.declare(
    "POST",
    "/v1/releases",
    Permission.TOPIC_DECIDE,
    "Enter a release",
    takes=NewRelease,
    answers=ReleaseShown,
    status=201,
    problems=(400, 401, 403, 413, 415, 503),
)
def create_release(request: Request) -> Answer:
    """Sent again as it is, it answers the same; another of the same version is refused."""
    return _view(releases.create(request.signed_in, request.body, settings().own_app, request.now))


@door.declare(
    "POST",
    "/v1/releases/imports",
    Permission.FEEDBACK_IMPORT,
    "Import a changelog",
    takes=ReleaseImport,
    answers=ReleaseImportReceipt,
    body_limit=IMPORT_LIMIT,
    problems=(400, 401, 403, 409, 413, 415, 503),
)
def import_releases(request: Request) -> Answer:
    """Each line by itself: a bad one is refused with its reason. A day that has come means it has shipped."""
    outcomes: list[ReleaseOutcome | None] = []
    lines: list[ChangelogLine] = []
    for given in request.body.releases:
        try:
            lines.append(ChangelogLine.model_validate(given))
            outcomes.append(None)
        except ValidationError as error:
            outcomes.append(_refused(error, request.tongue))
    app = request.body.app or settings().own_app
    taken = iter(releases.take_in(request.signed_in, app, lines, request.now) if lines else ())
    return Answer(ReleaseImportReceipt(results=tuple(each or next(taken) for each in outcomes)))


@door.declare(
    "GET",
    RELEASE,
    Permission.TOPIC_READ,
    "A release and the topics in it",
    answers=ReleaseShown,
    problems=(401, 403, 404, 503),
)
def show_release(request: Request) -> Answer:
    return _view(releases.show(request.path["release_id"]))


@door.declare(
    "PUT",
    RELEASE,
    Permission.TOPIC_DECIDE,
    "Change a release, or ship it",
    takes=ChangedRelease,
    answers=ReleaseShown,
    versioned=True,
    problems=(400, 401, 403, 404, 409, 412, 413, 415, 503),
)
def change_release(request: Request) -> Answer:
    """Shipping it ships its topics, and whoever wrote about them is told. It cannot be taken back."""
    release_id = request.path["release_id"]
    return _view(
        releases.change(request.signed_in, release_id, request.body, request.now, request.if_version)
    )


@door.declare(
    "GET",
    "/v1/changelog",
    Permission.PUBLIC,
    "You said, we did: what each release mended",
    query=ChangelogQuery,
    answers=Changelog,
    problems=(400, 503),
)
def public_changelog(request: Request) -> Answer:
    """Of the force's own app. Counts of fewer than 10 people are null."""
    app = settings().own_app
    position = cursors.decode(request.query.cursor, "changelog", app)
    entries, after = changelog.page(app, position, request.query.limit)
    page = Changelog(app=app, items=tuple(entries), next=cursors.encode(after, "changelog", app))
    return Answer(page, headers={"Cache-Control": FOR_FIVE_MINUTES})


def shown(release: Release) -> ReleaseShown:
    return ReleaseShown(
        release_id=release.release_id,
        app=release.app,
        version=release.version,
        state=release.state,
        released_on=release.released_on,
        shipped_at=release.shipped_at,
        notes=release.notes,
        topic_ids=release.topic_ids,
        changed_at=release.changed_at,
        changed_by=release.changed_by,
        row_version=release.row_version,
    )


def _view(release: Release) -> Answer:
    return Answer(shown(release), headers={"ETag": f'"{release.row_version}"'})


def _refused(error: ValidationError, tongue: Tongue) -> ReleaseOutcome:
    reasons = [f"{f.pointer} {fault_sentence(f.fault, tongue, f.words)}" for f in faults_of(error)]
    return ReleaseOutcome(release_id=None, outcome="refused", reason="; ".join(reasons))
