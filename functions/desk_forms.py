"""What the officers' pages are asked for, and a step as their form sends it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import Field, TypeAdapter

from schemas.cases import State
from schemas.common import Body, OfficeId
from schemas.figures import FiguresQuery
from schemas.steps import Contact, Reject, Report, Step

CHOICES = ("show", "district", "office", "class", "state", "cursor")
NOTHING = Annotated[str, Field(max_length=0)]
"""What a form sends for a choice that was not made."""
Purpose = Literal["handling", "supervision", "audit", "court_order"]
STEP: TypeAdapter[Any] = TypeAdapter(Step)
ANSWERS = {
    name: get_args(model.model_fields[name].annotation)
    for name, model in (("outcome", Contact), ("finding", Report), ("reason", Reject))
}
"""What can be chosen of in a step."""


class ListQuery(Body):
    """Which cases are wanted."""

    show: Literal["overdue", "soon", "waiting"] | NOTHING = ""
    district: OfficeId | NOTHING = ""
    office: OfficeId | NOTHING = ""
    complaint_class: Annotated[str, Field(alias="class", pattern=r"^[A-Z]?$")] = ""
    state: State | NOTHING = ""
    cursor: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        return self.show, self.district, self.office, self.complaint_class, self.state

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What a form must carry to come back to this page of the list."""
        given = zip(CHOICES, (*self.chosen, self.cursor or ""), strict=True)
        return tuple((name, value) for name, value in given if value)

    def address(self, path: str, **more: str | int | None) -> str:
        """This list at `path`; without a cursor unless one is given."""
        given = dict(zip(CHOICES, self.chosen, strict=False)) | more
        query = urlencode({name: value for name, value in given.items() if value})
        return f"{path}?{query}" if query else path


class DeskQuery(ListQuery):
    passed_to: OfficeId | NOTHING = Field("", description="The office a case was just handed to")


class CaseQuery(ListQuery):
    purpose: Purpose | NOTHING = ""
    changed: Annotated[int, Field(ge=1)] | None = Field(None, description="The version a step just made")


class PromisesQuery(FiguresQuery):
    by: Literal["office", "class"] = "office"


class StepForm(Body):
    """A step as typed. What is wrong in it is said beside the field, so it is not refused at the door."""

    action: str
    version: Annotated[int, Field(ge=1)]
    purpose: Purpose | NOTHING = ""
    office: str = ""
    outcome: str = ""
    finding: str = ""
    reason: str = ""
    into: str = ""
    text: str = ""
    note: str = ""

    @property
    def form(self) -> str:
        return "contact" if self.action == "attempt" else self.action

    def step(self) -> Any:
        """ValidationError names the fields that are wrong; what was left empty was not given."""
        fields = self.model_dump(exclude={"version", "purpose"})
        return STEP.validate_python({name: value for name, value in fields.items() if value.strip()})
