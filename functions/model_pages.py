"""The page of models: which one labels, who is offered in its place and why, and what has drifted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from functions import board_menu, model_view
from functions.domain import drift, models
from functions.domain.access import Permission, allow
from functions.domain.errors import (
    ChangedMeanwhile,
    FieldFault,
    ModelNotBetter,
    ModelUnfit,
    NothingToRollBack,
    PreconditionFailed,
)
from functions.domain.models import Standing
from functions.door import Answer, Door, Request
from functions.errors import faults_of, problem_of
from functions.messages import fault_sentence
from functions.models import model_list
from functions.rendering import page, redirect, wants_part
from schemas.common import Body
from schemas.models import Promotion, Rollback

door = Door("functions.model_pages", tag="Pages")
PAGE = "/board/models"
NOT_DONE = (ModelNotBetter, ModelUnfit, NothingToRollBack)


class ModelsQuery(Body):
    changed: Annotated[int, Field(ge=1)] | None = Field(None, description="The version a step just made")


class StepForm(Body):
    """As typed: a missing reason is said beside its field, so it is not refused at the door."""

    version: Annotated[int, Field(ge=0)]
    reason: str = ""
    force: Literal["yes", ""] = ""

    def promotion(self) -> Promotion:
        return Promotion(force=bool(self.force), reason=self.reason.strip() or None)

    def rollback(self) -> Rollback:
        """A roll-back undoes what was measured and decided: on the page it is never done without a word."""
        if not self.reason.strip():
            return Rollback.model_validate({"reason": ""})
        return Rollback(reason=self.reason)


@door.declare("GET", PAGE, Permission.MODEL_READ, "The model that labels", kind="page", query=ModelsQuery)
def show(request: Request) -> Answer:
    standing = models.standing()
    just_changed = request.query.changed == standing.pointer.version
    return _answer(request, standing, saved=just_changed)


@door.declare(
    "POST",
    f"{PAGE}/{{model}}/promote",
    Permission.MODEL_PROMOTE,
    "Promote a model, from the page",
    kind="page",
    takes=StepForm,
)
def promote(request: Request) -> Answer:
    form: StepForm = request.body
    name = request.path["model"]

    def promoted() -> Standing:
        said = form.promotion()
        return models.promote(
            request.signed_in, name, request.now, form.version, force=said.force, reason=said.reason or ""
        )

    return _taken(request, name, promoted)


@door.declare(
    "POST",
    f"{PAGE}/rollback",
    Permission.MODEL_PROMOTE,
    "Return to the champion before, from the page",
    kind="page",
    takes=StepForm,
)
def roll_back(request: Request) -> Answer:
    form: StepForm = request.body

    def rolled_back() -> Standing:
        reason = form.rollback().reason or ""
        return models.roll_back(request.signed_in, request.now, form.version, reason=reason)

    return _taken(request, "rollback", rolled_back)


def _taken(request: Request, what: str, step: Callable[[], Standing]) -> Answer:
    """`what` is the form that was sent: a model's name, or "rollback"."""
    typed = {"what": what, "form": request.body}
    try:
        standing = step()
    except ValidationError as error:
        return _answer(request, models.standing(), 422, **typed, faults=faults_of(error))
    except (ChangedMeanwhile, PreconditionFailed):
        return _answer(request, models.standing(), 409, **typed, conflict=True)
    except NOT_DONE as error:
        said = problem_of(error, request.tongue, "").detail
        return _answer(request, models.standing(), 409, **typed, problem=said)
    if wants_part(request):
        return _answer(request, standing, saved=True)
    return redirect(f"{PAGE}?changed={standing.pointer.version}")


def _answer(
    request: Request,
    standing: Standing,
    status: int = 200,
    *,
    faults: tuple[FieldFault, ...] = (),
    **told: Any,
) -> Answer:
    """The whole page, or what can change of it when the page asks for that; `told` is what just happened."""
    listed = model_list(standing)
    found = model_view.by_alarm(drift.of_apps(None))
    is_part = wants_part(request)
    shown = {
        "listed": listed,
        "since": model_view.labels_since(listed),
        "challengers": [row for row in listed.items if row.name != listed.champion],
        "champion": next((row for row in listed.items if row.name == listed.champion), None),
        "drifts": found,
        "drift_as_of": model_view.as_of(found),
        "windows": {"before": drift.BEFORE_DAYS, "after": drift.AFTER_DAYS},
        "fewest": {"before": drift.FEWEST_BEFORE, "after": drift.FEWEST_AFTER},
        "psi_alarm": drift.PSI_ALARM,
        "may_promote": allow(request.signed_in, Permission.MODEL_PROMOTE),
        "figures": model_view.figures,
        "interval": model_view.interval,
        "movers": model_view.movers,
        "is_against_another": lambda report: model_view.is_against_another(report, listed),
        "faults": [fault_sentence(each.fault, request.tongue, each.words) for each in faults],
        "what": "",
        "form": None,
        "conflict": False,
        "problem": "",
        "saved": False,
        **told,
    }
    if is_part:
        return page(request, "parts/models.html", status=status, here=PAGE, part=True, **shown)
    return page(
        request, "models.html", status=status, here=PAGE, part=False, **shown, **board_menu.frame(request)
    )
