"""How a person's word on a text is kept in its item: one string of JSON, the model's answer beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from functions.storage.tables import instant_key, read_instant
from schemas.feedback import Area, FeedbackType, Labels


@dataclass(frozen=True, slots=True)
class Correction:
    """Who said what when; None for what was left as the model (`said`) has it."""

    by: str
    at: datetime
    types: tuple[FeedbackType, ...]
    """The main one first."""
    area: Area
    said: Labels
    severity: int | None = None
    danger: bool | None = None
    reason: str = ""

    def judges_as(self, other: Correction | None) -> bool:
        """Whether both say the same of the text, whoever said it and when."""
        return other is not None and _judgement(self) == _judgement(other)


def _judgement(of: Correction) -> tuple[object, ...]:
    return of.types, of.area, of.severity, of.danger, of.reason


def correction_text(correction: Correction) -> str:
    said = {
        "by": correction.by,
        "at": instant_key(correction.at),
        "types": correction.types,
        "area": correction.area,
        "severity": correction.severity,
        "danger": correction.danger,
        "reason": correction.reason,
        "said": correction.said.model_dump(mode="json", exclude_defaults=True),
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read_correction(text: str) -> Correction:
    said = json.loads(text)
    return Correction(
        by=said["by"],
        at=read_instant(said["at"]),
        types=tuple(said["types"]),
        area=said["area"],
        severity=said["severity"],
        danger=said["danger"],
        reason=said["reason"],
        said=Labels.model_validate(said["said"]),
    )
