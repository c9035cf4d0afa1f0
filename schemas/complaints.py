"""Complaints as clients send and see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.cases import Clock, State
from schemas.common import Body, Line, OfficeId, PageQuery, Paragraph, Shown


def latin_digits(value: Any) -> Any:
    """Urdu, Arabic and full-width digits as ASCII ones: people type a number on the keyboard they have."""
    if not isinstance(value, str):
        return value
    return "".join(str(int(c)) if c.isdecimal() else c for c in value)


def dialled(text: str) -> str:
    """A telephone number in E.164; without a country code it is Pakistani."""
    try:
        number = phonenumbers.parse(text, "PK")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise PydanticCustomError("phone", "give a telephone number such as 0300 1234567 or +44 20 7946 0000")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


Phone = Annotated[
    str, Field(min_length=4, max_length=40), BeforeValidator(latin_digits), AfterValidator(dialled)
]
Narrative = Annotated[Paragraph, Field(min_length=10, max_length=5_000)]


def service_number(text: str) -> str:
    """As it is kept: capitals and digits alone, whatever dashes and blanks were typed between them."""
    plain = "".join(c for c in text.upper() if c not in " -‐‑–/.")
    if not plain.isascii() or not plain.isalnum() or not 2 <= len(plain) <= 20:
        raise PydanticCustomError("service_number", "give the number as it stands on the uniform")
    return plain


ServiceNumber = Annotated[
    str, Field(min_length=2, max_length=40), BeforeValidator(latin_digits), AfterValidator(service_number)
]


class NewReport(Body):
    """What anybody may send in without saying who they are: no name, no telephone, no account."""

    category: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]{3,40}$",
            description="From GET /v1/complaint-policy",
            examples=["fir_not_registered"],
        ),
    ]
    narrative: Annotated[Narrative, Field(examples=["The station refused to write my report of a theft."])]
    station: Annotated[
        OfficeId | None, Field(description="The police station of the place", examples=["ps-lhr-mozang"])
    ] = None
    district: Annotated[
        OfficeId | None,
        Field(description="When the station is not known", examples=["ds-lahore"]),
    ] = None
    about_office: Annotated[
        OfficeId | None,
        Field(description="The office complained of: the case goes above it", examples=["ps-lhr-mozang"]),
    ] = None
    about_officers: Annotated[
        tuple[ServiceNumber, ...],
        Field(
            max_length=5,
            description="Service numbers of the officers complained of: none of them, nor their office, "
            "ever sees the case",
        ),
    ] = ()
    place: Annotated[Line | None, Field(description="Where it happened, in words")] = None
    occurred_on: Annotated[date | None, Field(description="The day it happened")] = None

    @model_validator(mode="after")
    def somewhere(self) -> NewReport:
        if self.station is None and self.district is None:
            raise PydanticCustomError("place_needed", "give `station`, or `district` when it is not known")
        return self


class NewComplaint(NewReport):
    """What a citizen sends in. The office that must answer is worked out from the place, never asked for."""

    complainant_name: Annotated[Line, Field(examples=["Sample Person"])]
    phone: Annotated[Phone, Field(description="Where the officer reaches you", examples=["0300 0000000"])]


class Deadlines(Shown):
    first_contact_due: datetime = Field(description="An officer telephones you by then")
    final_report_due: datetime = Field(description="The report on your complaint is due by then")


class ComplaintReceipt(Shown):
    """The answer to a complaint lodged; the same for every repeat under one Idempotency-Key."""

    reference: Annotated[str, Field(examples=["KH-7F3K-9QWM-2"])]
    state: Literal["lodged"] = "lodged"
    complaint_class: str
    office: str
    lodged_at: datetime
    deadlines: Deadlines


class ReportReceipt(ComplaintReceipt):
    """The answer to an anonymous report. The code is shown here and nowhere else."""

    code: str = Field(
        description="With the reference it opens the report: nobody can find it again for you",
        examples=["ABCD-EFGH-2345-6789-WXYZ"],
    )


class HistoryLine(Shown):
    at: datetime
    by: str = Field(description="`citizen`, `you`, the officer's role, or `clock`")
    action: str
    text: str | None = Field("", description="null when it was erased")
    facts: dict[str, str] = Field(default_factory=dict)


class ClockShown(Shown):
    due_at: datetime = Field(description="While the clock stands: when it would run out if it went on now")
    met_at: datetime | None = None
    flagged_at: datetime | None = Field(default=None, description="When its breach was flagged")
    stands_since: datetime | None = Field(
        default=None, description="While the citizen is asked for something"
    )
    stands_until: datetime | None = Field(default=None, description="Then it goes on by itself")
    seconds_left: int | None = Field(default=None, description="Of a clock that stands")


class ComplaintView(Shown):
    reference: str
    state: State
    category: str
    complaint_class: str
    policy_version: str
    office: str
    about_offices: tuple[str, ...]
    place: str | None
    narrative: str | None = Field(description="null when it was erased")
    complainant_name: str | None = Field(description="null for a report without a name")
    phone: str | None
    erased_at: datetime | None
    lodged_at: datetime
    clocks: dict[Clock, ClockShown]
    level: int = Field(description="How far up it was escalated: 0 not at all, 5 to the central office")
    merged_into: str | None
    steps: tuple[str, ...] = Field(description="What you may do next")
    version: int
    history: tuple[HistoryLine, ...]


class ComplaintRow(Shown):
    reference: str
    state: State
    category: str = Field(description="`restricted` to officers, for a case that is opened with a clearance")
    complaint_class: str
    office: str
    lodged_at: datetime
    deadlines: Deadlines


class ComplaintPage(Shown):
    items: tuple[ComplaintRow, ...]
    next: str | None = Field(default=None, description="Give it as `cursor` for the next page")


class NewComment(Body):
    text: Annotated[Paragraph, Field(max_length=2_000)]


class CommentReceipt(Shown):
    reference: str
    at: datetime
    text: str


class OverdueRow(ComplaintRow):
    clock: Clock = Field(description="The oldest clock that was missed and is still not met")
    due_at: datetime
    overdue_seconds: int
    level: int = Field(description="How far up it was escalated: 0 not at all, 5 to the central office")
    flagged_at: datetime | None


class OverduePage(Shown):
    as_of: datetime
    items: tuple[OverdueRow, ...] = Field(description="Oldest first")
    next: str | None = None


class InboxRow(ComplaintRow):
    clock: Clock | None = Field(description="The clock with the least time left; null where none runs")
    due_at: datetime | None
    seconds_left: int | None = Field(description="Negative past the due time")
    level: int
    at_risk: bool = Field(description="The forecast holds a breach likely")


class InboxPage(Shown):
    as_of: datetime
    items: tuple[InboxRow, ...] = Field(description="The least time left first")
    next: str | None = None


class InboxQuery(PageQuery):
    office: Annotated[OfficeId | None, Field(description="One office of yours alone")] = None
    district: Annotated[OfficeId | None, Field(description="One district of yours alone")] = None
    complaint_class: Annotated[str | None, Field(alias="class", pattern=r"^[A-Z]$")] = None
    state: State | None = None


class AssigneeShown(Shown):
    office: str
    open: int = Field(description="Cases that lie open with it")


class Assignees(Shown):
    items: tuple[AssigneeShown, ...] = Field(description="The least loaded first")


class CallBackRow(Shown):
    """What a centre needs to ask the citizen whether the report is true, and no more."""

    reference: str
    category: str
    reported_at: datetime
    complainant_name: str | None
    phone: str | None
    report: str | None
    attempts: int


class CallBackPage(Shown):
    items: tuple[CallBackRow, ...] = Field(description="Those reported longest ago first")


class OverdueQuery(PageQuery):
    district: Annotated[OfficeId | None, Field(description="One district of yours alone")] = None


class Notice(Shown):
    """Something that happened to a case of yours, in your language."""

    at: datetime
    reference: str
    event: str
    text: str


class NoticePage(Shown):
    items: tuple[Notice, ...]
    next: str | None = None
