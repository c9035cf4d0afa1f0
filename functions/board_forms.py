"""What the board's pages are asked for, and what their forms send."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from pydantic import Field, ValidationError

from functions.domain.board_lists import Wanted
from schemas.common import Body, Line, PageQuery
from schemas.feedback import Area, FeedbackType, Language, Status
from schemas.topic_edits import Merge, NewOverride, Rename, Split, Undo
from schemas.topics import AppName, NewDecision, TopicId, Trend

NOTHING = Annotated[str, Field(max_length=0)]
"""What a form sends for a choice that was not made."""
QUOTES_A_PAGE = 10
Sort = Literal[
    "rank", "score", "people", "severity", "trend", "rating", "reach", "recency", "equity", "effort"
]
Weeks = Literal["", "1", "4", "8", "12", "26"]
CHOICES = ("q", "type", "area", "language", "version", "district", "weeks", "trend", "status", "sort")
ViewName = Annotated[Line, Field(max_length=60)]


class BoardQuery(Body):
    """What the board is asked for; a form sends empty text for what was not chosen."""

    app: AppName | None = None
    q: Annotated[str, Field(max_length=100)] = ""
    type: FeedbackType | NOTHING = ""
    area: Area | NOTHING = ""
    language: Language | NOTHING = ""
    version: Annotated[str, Field(max_length=60)] = ""
    district: Annotated[str, Field(max_length=60)] = ""
    weeks: Weeks = ""
    trend: Trend | NOTHING = ""
    status: Status | NOTHING = ""
    sort: Sort | NOTHING = ""
    cursor: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None
    changed: TopicId | None = None
    kept: Literal["", "yes", "gone"] = ""

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen, by the name of its field; the order by rank is no choice."""
        given = {name: getattr(self, name) for name in CHOICES}
        return {name: value for name, value in given.items() if value and (name, value) != ("sort", "rank")}

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name, value in self.chosen.items() if name != "sort"}

    @property
    def parameters(self) -> dict[str, str]:
        """What a form carries to come back to this list."""
        return {**({"app": self.app} if self.app else {}), **self.chosen}

    def address(self, path: str = "/board", **more: str | None) -> str:
        """This list at `path`, with `more` put in the place of what was chosen; "" and None leave out."""
        asked = {**self.parameters, **more}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            words=self.q,
            type=self.type,
            area=self.area,
            language=self.language,
            version=self.version,
            district=self.district,
            weeks=int(self.weeks or 0),
            trend=self.trend,
            status=self.status,
            sort=self.sort or "rank",
        )


def choices_of(text: str) -> BoardQuery:
    """A list as its address has it behind the question mark; one that is none is the whole board."""
    try:
        return BoardQuery.model_validate(dict(parse_qsl(text)))
    except ValidationError:
        return BoardQuery()


class MergeForm(Body):
    """Topics ticked on the board, each as id:version; `back` is the list they were ticked on."""

    topic: Annotated[str, Field(max_length=2_000)] = ""
    back: Annotated[str, Field(max_length=2_000)] = ""

    @property
    def topics(self) -> dict[str, int]:
        """Id -> version that was read; what has another form is left out, and so is not merged."""
        pairs = [each.rpartition(":") for each in self.topic.split(",")]
        return {topic_id: int(version) for topic_id, _, version in pairs if version.isdecimal()}


class ViewForm(Body):
    """A view to keep under a name, or to remove."""

    do: Literal["keep", "remove"]
    name: Annotated[str, Field(max_length=200)] = ""
    back: Annotated[str, Field(max_length=2_000)] = ""


class NewView(Body):
    name: ViewName


# --- a topic's own page


class QuotesQuery(PageQuery):
    limit: int = QUOTES_A_PAGE
    changed: Annotated[int, Field(ge=1)] | None = Field(None, description="The version just made")
    q: Annotated[str, Field(max_length=100)] = ""


class DecisionForm(Body):
    """The form as typed. What is wrong in it is said beside the field, so it is not refused at the door."""

    status: str = ""
    reason: str = ""
    release_id: str = ""
    done_en: str = ""
    done_ur: str = ""
    version: Annotated[int, Field(ge=1)]
    back: Literal["", "roadmap"] = ""

    @property
    def decision(self) -> NewDecision:
        """ValidationError names the fields that are wrong. Of a release only `in_release` says anything."""
        told = (self.done_en.strip(), self.done_ur.strip())
        return NewDecision.model_validate(
            {
                "status": self.status,
                "reason": self.reason.strip() or None,
                "release_id": self.release_id if self.release_id and self.status == "in_release" else None,
                "done": {"en": told[0], "ur": told[1]} if any(told) else None,
            }
        )


class EditForm(Body):
    """Any of the other forms of a topic's page, as typed."""

    do: Literal["rename", "override", "unplace", "split", "merge", "undo"]
    version: Annotated[int, Field(ge=1)]
    en: str = ""
    ur: str = ""
    reason: str = ""
    place: str = ""
    points: str = ""
    texts: Annotated[str, Field(max_length=8_000)] = ""
    into: str = ""
    decision: str = ""
    back: Literal["", "board", "roadmap"] = ""

    @property
    def edit(self) -> Rename | NewOverride | Split | Merge | Undo | None:
        """ValidationError names the fields that are wrong; None for what takes nothing."""
        names = {"en": self.en, "ur": self.ur}
        reason: dict[str, Any] = {"reason": self.reason} if self.reason.strip() else {}
        if self.do == "rename":
            return Rename.model_validate(names | reason)
        if self.do == "override":
            figures = {"place": self.place.strip(), "points": self.points.strip()}
            return NewOverride.model_validate({n: v for n, v in figures.items() if v} | reason)
        if self.do == "split":
            texts = [each for each in self.texts.split(",") if each]
            return Split.model_validate({"feedback_ids": texts, "name": names} | reason)
        if self.do == "merge":
            return Merge.model_validate({"topic_ids": [self.into]} | reason)
        if self.do == "undo":
            return Undo.model_validate({"decision": self.decision})
        return None
