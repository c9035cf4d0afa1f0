"""Words at the beginning of a message that make it feedback: data, in whatever letters people write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

Marker = Annotated[str, Field(min_length=2, max_length=40)]


@cache
def feedback_markers() -> tuple[str, ...]:
    text = (Path(__file__).parent / "feedback_markers.json").read_bytes()
    return tuple(TypeAdapter(list[Marker]).validate_json(text))
