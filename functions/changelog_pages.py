"""What anybody may read of what was mended, and where whoever was told of it says that it is not."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from feedback_ml.text import mask_personal
from functions import cursors
from functions.domain import champion, changelog, mended, still_broken
from functions.domain.access import Permission
from functions.domain.errors import FieldFault, NothingToldYet
from functions.door import Answer, Door, Request
from functions.errors import faults_of
from functions.messages import fault_sentence
from functions.rendering import page, redirect
from functions.settings import settings
from schemas.common import Body
from schemas.releases import ChangelogQuery, StillBroken
from schemas.topics import FEWEST_PEOPLE

door = Door("functions.changelog_pages", tag="Pages")
RELEASES_A_PAGE = 10
FOR_FIVE_MINUTES = "public, max-age=300"
STILL_BROKEN = "/feedback/{feedback_id}/still-broken"


class StillBrokenQuery(Body):
    noted: bool = False


class StillBrokenForm(Body):
    """As typed: what is wrong in it is said beside it."""

    text: str = ""


@door.declare("GET", "/changelog", Permission.PUBLIC, "You said, we did", kind="page", query=ChangelogQuery)
def show_changelog(request: Request) -> Answer:
    app = settings().own_app
    position = cursors.decode(request.query.cursor, "changelog", app)
    entries, after = changelog.page(app, position, RELEASES_A_PAGE)
    answer = page(
        request,
        "changelog.html",
        entries=entries,
        following=cursors.encode(after, "changelog", app),
        is_first=position is None,
        fewest=FEWEST_PEOPLE,
    )
    # What a reader's own choice or session is part of may lie in no cache that others read from.
    if request.caller is None and "Set-Cookie" not in answer.headers:
        return replace(answer, headers={**answer.headers, "Cache-Control": FOR_FIVE_MINUTES})
    return answer


@door.declare(
    "GET",
    STILL_BROKEN,
    Permission.FEEDBACK_GIVE,
    "Say whether what you wrote about is mended",
    kind="page",
    query=StillBrokenQuery,
)
def ask_whether_mended(request: Request) -> Answer:
    return _answer(request, noted=request.query.noted)


@door.declare(
    "POST",
    STILL_BROKEN,
    Permission.FEEDBACK_GIVE,
    "Say that it is still broken, from the page",
    kind="page",
    takes=StillBrokenForm,
)
def answer_still_broken(request: Request) -> Answer:
    feedback_id, form = request.path["feedback_id"], request.body
    try:
        said = StillBroken(text=form.text)
        still_broken.say(request.signed_in, feedback_id, said, request.now, champion.label, mask_personal)
    except ValidationError as error:
        return _answer(request, 422, typed=form.text, faults=faults_of(error))
    except NothingToldYet:
        return _answer(request, 409, typed=form.text)
    return redirect(f"/feedback/{feedback_id}/still-broken?noted=true")


def _answer(
    request: Request,
    status: int = 200,
    *,
    noted: bool = False,
    typed: str = "",
    faults: tuple[FieldFault, ...] = (),
) -> Answer:
    feedback_id = request.path["feedback_id"]
    found = mended.told_of(request.signed_in, feedback_id)
    return page(
        request,
        "still_broken.html",
        status=status,
        here=f"/feedback/{feedback_id}/still-broken",
        feedback_id=feedback_id,
        found=found,
        name=dict(found.names).get(request.tongue, ""),
        done=dict(found.done).get(request.tongue, ""),
        noted=noted,
        typed=typed,
        fault=fault_sentence(faults[0].fault, request.tongue, faults[0].words) if faults else "",
    )
