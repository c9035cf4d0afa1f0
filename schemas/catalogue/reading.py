"""The catalogue: offices, services and complaint policies as data, read once and checked against its schema.

A police force replaces the figures marked `assumed` with its own without touching code.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from schemas.catalogue.entries import Confidence, Entry, Name, Rank
from schemas.catalogue.policies import ComplaintPolicy

HERE = Path(__file__).parent
RANKS: tuple[Rank, ...] = ("station", "sub_division", "district", "region", "province")


class Office(Entry):
    id: str
    rank: Rank
    parent: str | None
    name: Name
    confidence: Confidence


class Service(Entry):
    id: str
    name: Name
    fee_rupees: int | None = Field(description="None where no fee is known")
    promise_working_days: int | None
    confidence: Confidence
    source_note: str = ""


@cache
def offices() -> dict[str, Office]:
    """Every office by its id, closed ones included: a case may still lie there."""
    rows = TypeAdapter(list[Office]).validate_json((HERE / "offices.json").read_bytes())
    return {row.id: row for row in rows}


@cache
def services() -> tuple[Service, ...]:
    return tuple(TypeAdapter(list[Service]).validate_json((HERE / "services.json").read_bytes()))


@cache
def complaint_policies() -> tuple[ComplaintPolicy, ...]:
    """All versions, oldest first."""
    text = (HERE / "complaint_policies.json").read_bytes()
    rows = TypeAdapter(list[ComplaintPolicy]).validate_json(text)
    return tuple(sorted(rows, key=lambda row: row.effective_from))


def policy_in_force(at: datetime) -> ComplaintPolicy:
    """The newest version whose day had come at `at`; the oldest one for anything before."""
    begun = [policy for policy in complaint_policies() if policy.effective_from <= at]
    return begun[-1] if begun else complaint_policies()[0]


@cache
def policy_of_version(version: str) -> ComplaintPolicy:
    """The version a case was lodged under. KeyError for one the catalogue does not hold."""
    return {policy.version: policy for policy in complaint_policies()}[version]


@cache
def districts() -> tuple[str, ...]:
    return tuple(row.id for row in offices().values() if row.rank == "district")


@cache
def restricted_categories() -> frozenset[str]:
    """Categories that any version of the policy calls restricted: a case lodged as one stays one."""
    return frozenset(
        name
        for policy in complaint_policies()
        for name, category in policy.categories.items()
        if category.restricted
    )


def is_restricted(category: str) -> bool:
    return category in restricted_categories()


@cache
def ladder(office_id: str) -> tuple[str, ...]:
    """The office and those above it, lowest first, up to the province. KeyError for an unknown id."""
    steps: list[str] = []
    step: str | None = office_id
    while step is not None:
        steps.append(step)
        step = offices()[step].parent
    return tuple(steps)


class Retention(Entry):
    """How long personal data is kept. What stays after that says no more than that there was a matter."""

    version: str
    confidence: Confidence
    source: str
    closed_case_years: Annotated[int, Field(gt=0)]
    notice_days: Annotated[int, Field(gt=0)]
    message_days: Annotated[int, Field(gt=0)]
    """Whether a message went out, and by which way: it holds no address and no words."""
    feedback_years: Annotated[int, Field(gt=0)]


@cache
def retention() -> Retention:
    return Retention.model_validate_json((HERE / "retention.json").read_bytes())


class FileType(Entry):
    media_type: str
    suffix: str
    also_called: tuple[str, ...] = ()
    may_look_like: Annotated[
        tuple[str, ...],
        Field(description="Types that begin alike: sound alone in a film's container"),
    ] = ()


class EvidenceKind(Entry):
    kind: Literal["photo", "audio", "video", "document"]
    most_bytes: Annotated[int, Field(gt=0)]
    types: tuple[FileType, ...]


class EvidenceRules(Entry):
    """Which files a case takes, how large and how many."""

    version: str
    confidence: Confidence
    source: str
    most_pieces: Annotated[int, Field(gt=0)]
    upload_minutes: Annotated[int, Field(gt=0)]
    download_seconds: Annotated[int, Field(gt=0)]
    kinds: tuple[EvidenceKind, ...]


@cache
def evidence_rules() -> EvidenceRules:
    return EvidenceRules.model_validate_json((HERE / "evidence.json").read_bytes())


@cache
def file_types() -> dict[str, tuple[EvidenceKind, FileType]]:
    """Kind and type by media type, under each of its names."""
    return {
        name: (kind, each)
        for kind in evidence_rules().kinds
        for each in kind.types
        for name in (each.media_type, *each.also_called)
    }
