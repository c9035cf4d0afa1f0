"""Identity documents as people type them, and the one form in which each is looked up and kept."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from schemas.common import Body

Kind = Literal["cnic", "nicop", "passport"]
NATIONAL = re.compile(r"[0-9]{13}", re.ASCII)
PASSPORT = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)
DASHES = frozenset("-−_")
"""Beside what Unicode calls a dash: the minus sign and the underscore stand in for one."""


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2."""
    path = Path(__file__).parent / "catalogue" / "countries.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8")))


def typed(text: str) -> str:
    """Letters and digits alone: digits of any script as ASCII ones, no blanks, dashes or invisible marks."""
    # Width and ligature forms first, so that what looks like a letter of the passport is that letter.
    plain = unicodedata.normalize("NFKC", text)
    kept = (c for c in plain if unicodedata.category(c)[0] not in "ZC" and not _is_dash(c))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept)


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character in DASHES


class Document(Body):
    """A national identity card (CNIC), the same for Pakistanis overseas (NICOP), or a passport."""

    kind: Kind
    number: Annotated[
        str,
        Field(
            min_length=5, max_length=60, description="As it is printed on it", examples=["00000-0000000-1"]
        ),
    ]
    country: Annotated[
        str | None,
        Field(
            max_length=10,
            description="Of a passport alone: who issued it, in two letters (ISO 3166)",
            examples=["GB"],
            validate_default=True,
        ),
    ] = None

    @field_validator("number")
    @classmethod
    def _as_printed(cls, number: str, info: ValidationInfo) -> str:
        plain = typed(number)
        if info.data.get("kind") == "passport":
            plain = plain.upper()
            if not PASSPORT.fullmatch(plain):
                raise PydanticCustomError("passport_number", "give the passport's number")
        elif not NATIONAL.fullmatch(plain):
            raise PydanticCustomError("national_number", "give the 13 digits of the card")
        return plain

    @field_validator("country")
    @classmethod
    def _who_issued(cls, country: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("kind") != "passport":
            if country is not None:
                raise PydanticCustomError("country_of_card", "leave it out for a card")
            return None
        named = typed(country or "").upper()
        if named not in countries():
            raise PydanticCustomError("passport_country", "name the country that issued the passport")
        return named

    @property
    def normal(self) -> str:
        """The one form it is known by. A CNIC and a NICOP carry one number and mean one person."""
        if self.kind == "passport":
            return f"passport:{self.country}:{self.number}"
        return f"cnic:{self.number}"
