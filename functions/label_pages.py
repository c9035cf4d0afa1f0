"""Ask to label: one text at a time that the model is unsure of, and a person's word on it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError

from functions import board_menu
from functions.domain import labels
from functions.domain.access import Permission
from functions.domain.errors import ChangedMeanwhile, NotFound, PreconditionFailed
from functions.door import Answer, Door, Request
from functions.labels import asked
from functions.rendering import page, redirect, wants_part
from functions.settings import settings
from schemas.common import Body
from schemas.feedback import Area, FeedbackType, Language
from schemas.labels import NewLabels

door = Door("functions.label_pages", tag="Pages")
PAGE = "/board/labels"
NEXT_SHOWN = 5
TYPE_KEYS = {name: str(number) for number, name in enumerate(get_args(FeedbackType), start=1)}
AREA_KEYS: dict[Area, str] = {
    "sign_in": "i", "payments": "p", "certificates": "c", "complaints": "m", "licences": "l", "centres": "e",
    "registration": "r", "safety": "f", "notifications": "n", "language": "g", "app": "a", "none": "z",
}  # fmt: skip
FeedbackId = Annotated[str, Field(pattern=r"^[0-9a-f]{26}$")]


class LabelsQuery(Body):
    language: Language | Annotated[str, Field(max_length=0)] = ""
    did: FeedbackId | None = Field(None, description="The text labelled or passed by a moment ago")


class LabelForm(Body):
    """What was chosen; a type or area that is none is said in words rather than refused at the door."""

    do: Literal["label", "skip", "undo"]
    version: Annotated[int, Field(ge=0)]
    type: str = ""
    area: str = ""
    language: str = ""


@door.declare(
    "GET", PAGE, Permission.LABEL_CORRECT, "Texts to label, one by one", kind="page", query=LabelsQuery
)
def show_queue(request: Request) -> Answer:
    return _answer(request, request.query.language, did=request.query.did)


@door.declare(
    "POST",
    f"{PAGE}/{{feedback_id}}",
    Permission.LABEL_CORRECT,
    "Label a text, pass it by, or take it back",
    kind="page",
    takes=LabelForm,
)
def label_text(request: Request) -> Answer:
    form: LabelForm = request.body
    language = form.language if form.language in get_args(Language) else ""
    feedback_id, caller = request.path["feedback_id"], request.signed_in
    try:
        if form.do == "label":
            said = NewLabels.model_validate({"type": form.type, "area": form.area})
            labels.correct(caller, feedback_id, said, request.now, form.version)
        elif form.do == "skip":
            labels.skip(caller, feedback_id, request.now, form.version)
        else:
            labels.undo(caller, feedback_id, request.now, form.version)
    except ValidationError:
        return _answer(request, language, 422, problem="label_choose")
    except (PreconditionFailed, ChangedMeanwhile, NotFound):
        return _answer(request, language, 409, problem="label_conflict")
    did = None if form.do == "undo" else feedback_id
    if wants_part(request):
        return _answer(request, language, did=did, undone=form.do == "undo")
    return redirect(_address(language, did))


def _answer(
    request: Request,
    language: str,
    status: int = 200,
    *,
    did: str | None = None,
    undone: bool = False,
    problem: str = "",
) -> Answer:
    wanted: Any = language or None
    app = settings().own_app
    rows, _ = labels.queue(app, wanted, None, NEXT_SHOWN + 1)
    texts = [asked(row) for row in rows if row.feedback.feedback_id != did]
    shown = {
        "texts": texts[: NEXT_SHOWN + 1],
        "type_keys": TYPE_KEYS,
        "area_keys": AREA_KEYS,
        "language": language,
        "languages": get_args(Language),
        "last": labels.show(did) if did else None,
        "undone": undone,
        "problem": problem,
        **board_menu.frame(request),
    }
    here = _address(language, None)
    if wants_part(request):
        return page(request, "parts/label.html", status=status, here=here, part=True, **shown)
    return page(request, "labels.html", status=status, here=here, part=False, **shown)


def _address(language: str, did: str | None) -> str:
    chosen = [f"{name}={value}" for name, value in (("language", language), ("did", did)) if value]
    return f"{PAGE}?{'&'.join(chosen)}" if chosen else PAGE
