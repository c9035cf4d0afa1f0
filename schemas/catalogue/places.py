"""Where the districts' headquarters lie: enough to tell which district a point belongs to, roughly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from schemas.catalogue.entries import Confidence, Entry


class Headquarters(Entry):
    district: str
    lat: Annotated[float, Field(ge=-90, le=90)]
    long: Annotated[float, Field(ge=-180, le=180)]
    confidence: Confidence


@cache
def headquarters() -> dict[str, Headquarters]:
    """By the district's id."""
    text = (Path(__file__).parent / "places.json").read_bytes()
    return {row.district: row for row in TypeAdapter(list[Headquarters]).validate_json(text)}
