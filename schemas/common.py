"""What every request and answer is built from."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

ALLOWED_CONTROLS = "\n\t"
WITHOUT_TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Embeddings, overrides and isolates. Joiners stay: Urdu is not written without them."""
Tongue = Literal["en", "ur"]
"""The languages the product itself speaks (citizens write in more)."""


def readable(text: str) -> str:
    """Text without control characters or lone surrogates, trimmed: what can be stored, shown and printed.

    Line ends become one kind (forms send CR LF), and marks that turn the direction of what follows go: with
    them a name can be made to read as another.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(WITHOUT_TURNS)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in ALLOWED_CONTROLS for c in text):
        raise PydanticCustomError("control_characters", "remove the control characters")
    return text.strip()


def has_words(text: str) -> str:
    """Refuses what shows nothing; a length alone would let blanks and joiners through."""
    if all(unicodedata.category(c)[0] in "CZ" for c in text):
        raise PydanticCustomError("empty_text", "write something here")
    return text


Line = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(readable), AfterValidator(has_words)
]
Paragraph = Annotated[
    str, Field(min_length=1, max_length=5_000), AfterValidator(readable), AfterValidator(has_words)
]
OfficeId = Annotated[str, Field(min_length=2, max_length=60, pattern=r"^[a-z0-9-]+$")]


class Body(BaseModel):
    """A request body: unknown fields are refused, so a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class FieldProblem(Shown):
    pointer: str = Field(description="JSON Pointer into the body, or the parameter's name after '?' or '/'")
    detail: str = Field(description="What is wrong and what to do, in the caller's language")


class Problem(Shown):
    """RFC 9457 problem details, the one shape of every error."""

    type: str = Field(description="A URI naming the kind of problem", examples=["/problems/not-found"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str = Field(default="", description="The request's own id, to quote to the helpline")
    errors: tuple[FieldProblem, ...] = ()


class CursorQuery(Body):
    cursor: Annotated[
        str | None, Field(min_length=1, max_length=1_000, description="`next` of the page before")
    ] = None


class PageQuery(CursorQuery):
    limit: Annotated[int, Field(ge=1, le=100, description="Rows a page")] = 25
