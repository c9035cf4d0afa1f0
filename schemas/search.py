"""Finding complaints as officers ask for it, and what is like a complaint about to be lodged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas.cases import State
from schemas.common import Body, Line, OfficeId, PageQuery, Shown
from schemas.complaints import ComplaintRow, Narrative, Phone
from schemas.documents import NATIONAL, typed

Month = Annotated[
    str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"], description="YYYY-MM")
]
CATEGORY = r"^[a-z_]{3,40}$"


def card_number(text: str) -> str:
    """The 13 digits of a card, whatever script and dashes they were typed in."""
    plain = typed(text)
    if not NATIONAL.fullmatch(plain):
        raise PydanticCustomError("national_number", "give the 13 digits of the card")
    return plain


Card = Annotated[str, Field(min_length=13, max_length=60), AfterValidator(card_number)]
ComplaintClass = Annotated[str, Field(pattern=r"^[A-Z]{1,3}$", examples=["B"])]


class MonthsQuery(Body):
    """A span of months, both ends in it."""

    first: Annotated[Month | None, Field(alias="from", description="First month")] = None
    last: Annotated[Month | None, Field(alias="to", description="Last month; the present one")] = None


class SearchQuery(PageQuery, MonthsQuery):
    """All that is given must be met. Months count by the day of lodging, in Asia/Karachi."""

    q: Annotated[
        Line | None,
        Field(description="Words of place or account, in English, Urdu or Roman Urdu; all must be there"),
    ] = None
    phone: Annotated[Phone | None, Field(description="The telephone the complaint was lodged with")] = None
    cnic: Annotated[Card | None, Field(description="The complainant's identity card")] = None
    reference: Annotated[str | None, Field(min_length=1, max_length=40)] = None
    office: Annotated[OfficeId | None, Field(description="Where it lies, or above that")] = None
    complaint_class: Annotated[ComplaintClass | None, Field(alias="class")] = None
    state: State | None = None

    @property
    def is_exact(self) -> bool:
        """Whether it names a case or a person, who is then looked up whatever the month."""
        return self.reference is not None or self.phone is not None or self.cnic is not None


class FoundRow(ComplaintRow):
    level: int = Field(description="How far it was escalated: 0 not at all, 5 to the central office")


class SearchPage(Shown):
    """Newest first. A page may hold fewer rows than asked for, even none, and still have a next one."""

    items: tuple[FoundRow, ...]
    next: str | None = None


class SimilarQuestion(Body):
    """What somebody is about to lodge, as far as it is written."""

    category: Annotated[str, Field(pattern=CATEGORY, examples=["slackness"])]
    narrative: Narrative
    place: Annotated[Line | None, Field(description="Where it happened, in words")] = None
    station: Annotated[OfficeId | None, Field(description="The police station of the place")] = None
    district: Annotated[OfficeId | None, Field(description="When the station is not known")] = None


class AlikeOfOthers(Shown):
    """Never more than that there are some: no reference, no text."""

    complaint_class: str
    count: Literal["1-4", "5+"]


class SimilarAnswer(Shown):
    mine: tuple[str, ...] = Field(description="References of your own open complaints that are like it")
    others: tuple[AlikeOfOthers, ...] = Field(description="Open complaints of others, by class")


class SimilarRow(FoundRow):
    score: float = Field(ge=0, le=1, description="Share of words in common, 1 for all")


class SimilarPage(Shown):
    items: tuple[SimilarRow, ...] = Field(description="Most alike first")
    merged: tuple[str, ...] = Field(description="References of the complaints that this one carries on")
