"""What every entry of the catalogue is made of."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Rank = Literal["station", "sub_division", "district", "region", "province"]
Confidence = Literal["stated", "assumed"]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Entry):
    en: str
    ur: str
