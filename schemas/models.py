"""Models by name: what a challenger was measured at, which one labels, and the drift of what comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body, Paragraph, Shown, has_words, readable
from schemas.feedback import Language
from schemas.topics import AppName

ModelName = Annotated[str, Field(pattern=r"^m-[0-9a-f]{12}$", examples=["m-0123456789ab"])]
Share = Annotated[float, Field(ge=0, le=1)]
LARGEST_MODEL = 20_000_000
"""Bytes of a model file that is taken; ours has 5 MB."""
Sentence = Annotated[str, Field(max_length=300), AfterValidator(readable), AfterValidator(has_words)]


class Compared(Body):
    """One figure of champion and challenger on the same texts; F1, recall and precision lie in 0..1."""

    texts: Annotated[int, Field(ge=0)]
    champion: Share
    challenger: Share


class Report(Body):
    """What a challenger was measured at against the champion, on texts that neither learnt from."""

    champion: ModelName
    challenger: ModelName
    gold: Annotated[
        str, Field(pattern=r"^[0-9a-f]{16}$", description="Digest of the texts it was measured on")
    ]
    types: Compared
    areas: Compared
    languages: Annotated[dict[Language, Compared], Field(description="Macro-F1 of the type by language")]
    danger_recall: Compared
    danger_precision: Compared
    difference: Annotated[float, Field(ge=-1, le=1, description="Macro-F1 of the type, challenger's lead")]
    low: Annotated[float, Field(ge=-1, le=1, description="Of the 95 % interval of `difference`")]
    high: Annotated[float, Field(ge=-1, le=1)]
    p: Annotated[Share, Field(description="One-sided, paired bootstrap over texts")]
    p_mcnemar: Annotated[
        Share, Field(description="One-sided mid-p of the exact McNemar test of right answers")
    ]
    better: bool
    reasons: Annotated[tuple[Sentence, ...], Field(max_length=20, description="Why not, one a sentence")] = ()

    @model_validator(mode="after")
    def a_refusal_has_reasons(self) -> Report:
        if self.better == bool(self.reasons):
            raise PydanticCustomError(
                "report_reasons", "reasons are given where it is not better, and only there"
            )
        return self


class NewModel(Body):
    """A challenger: what its file is, and what it was measured at."""

    name: ModelName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="Of the file, in hexadecimal")]
    bytes: Annotated[int, Field(ge=1, le=LARGEST_MODEL)]
    report: Report

    @model_validator(mode="after")
    def the_report_is_its_own(self) -> NewModel:
        if self.report.challenger != self.name:
            raise PydanticCustomError("report_of_another", "the report is another model's")
        return self


class UploadForm(Shown):
    """Fields to send before the file, as multipart/form-data, and where."""

    url: str
    fields: dict[str, str]


class ModelOffer(Shown):
    name: str
    upload: UploadForm
    seconds: int = Field(description="For so long the form is taken")


class Promotion(Body):
    force: bool = Field(default=False, description="Though it was not measured better; needs a reason")
    reason: Annotated[Paragraph, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def force_has_a_reason(self) -> Promotion:
        if self.force and not self.reason:
            raise PydanticCustomError("reason_needed", "write why, in a few words")
        return self


class Rollback(Body):
    reason: Annotated[Paragraph, Field(max_length=1_000)] | None = None


class ModelShown(Shown):
    name: str
    standing: Literal["champion", "previous", "challenger"]
    offered_at: datetime
    offered_by: str
    bytes: int
    report: Report


class ModelStep(Shown):
    at: datetime
    by: str
    action: str = Field(description="promote, force or roll_back")
    name: str
    reason: str


class ModelList(Shown):
    """Which model labels, and who is offered in its place."""

    champion: str = Field(description="The model that labels now")
    shipped: str = Field(description="The one that came with the software; it labels while none is promoted")
    previous: str | None = Field(
        description="What a roll-back returns to; null where there is nothing to return to"
    )
    version: int
    items: tuple[ModelShown, ...] = Field(description="Offered models, newest first")
    history: tuple[ModelStep, ...] = Field(description="Promotions and roll-backs, oldest first")


class DriftQuery(Body):
    app: AppName | None = None


class Shifted(Shown):
    """How far the shares of one label moved between two windows."""

    psi: float = Field(description="Population stability index; above 0.2 is called a shift")
    js: float = Field(description="Jensen-Shannon divergence in bits, 0..1")
    before: dict[str, float] = Field(description="Shares in 0..1")
    after: dict[str, float]


class Drift(Shown):
    """The last 14 days of an app's feedback against the 90 before."""

    app: str
    as_of: datetime
    texts_before: int
    texts_after: int
    measured: bool = Field(description="False where too few texts came in to say anything")
    missed_before: float = Field(description="Mean share of a text's words that the model never saw")
    missed_after: float
    types: Shifted
    languages: Shifted
    alarms: tuple[Literal["missed_words", "types", "languages"], ...]


class DriftList(Shown):
    items: tuple[Drift, ...]
