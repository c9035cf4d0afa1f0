"""What people did to the labels of a text: corrected, passed by, cleared of danger. Kept in the text's item.

Two sparse indexes hang on it: of what was corrected, and of what a person is asked about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.storage.corrections import Correction, correction_text, read_correction
from functions.storage.tables import instant_key

if TYPE_CHECKING:
    from functions.storage.feedback import FeedbackItem, Labelled

WIDEST_MARGIN = 999.0
LOG_KEPT = 20


@dataclass(frozen=True, slots=True)
class Labelling:
    """`version` goes up with each change of the labels or of the text; 0 for one as it came in."""

    version: int = 0
    correction: Correction | None = None
    is_asked: bool = False
    """Whether a person is to be asked what this text is."""
    skipped: int = 0
    is_cleared: bool = False
    """An officer found nobody in danger: no model's word brings it back while the text is the same."""
    log: tuple[dict[str, str], ...] = ()
    """at, by and do of the last changes, oldest first."""


NOTHING_DONE = Labelling()


def corrected_partition(app: str) -> str:
    return app


def asked_partition(app: str, language: str) -> str:
    return f"{app}#{language}"


def write(item: FeedbackItem, row: Labelled) -> None:
    """Sets the attributes of an item that is new in memory; what is nothing is left out."""
    done, labels = row.labelling, row.labels
    item.margin = None if labels.margin is None else round(labels.margin, 4)
    item.model = labels.model or None
    item.label_version = done.version or None
    item.cleared = done.is_cleared or None
    item.label_log = json.dumps(done.log[-LOG_KEPT:], ensure_ascii=False) if done.log else None
    item.correction = item.corrected_app = item.corrected_key = item.asked = item.asked_key = None
    item.skipped = done.skipped or None
    if done.correction:
        item.correction = correction_text(done.correction)
        item.corrected_app = corrected_partition(row.feedback.app)
        item.corrected_key = f"{instant_key(done.correction.at)}#{row.feedback.feedback_id}"
    if done.is_asked:
        item.asked = asked_partition(row.feedback.app, labels.language)
        item.asked_key = asked_key(row)


def asked_key(row: Labelled) -> str:
    """Sorts the most uncertain first, and what somebody passed by behind all others."""
    margin = min(max(row.labels.margin or 0.0, 0.0), WIDEST_MARGIN)
    return f"{min(row.labelling.skipped, 9)}#{margin:08.4f}#{row.feedback.feedback_id}"


def read(item: FeedbackItem) -> Labelling:
    if not (item.label_version or item.asked):
        return NOTHING_DONE  # nearly all: a night reads them by the hundred thousand
    return Labelling(
        version=int(item.label_version or 0),
        correction=read_correction(item.correction) if item.correction else None,
        is_asked=bool(item.asked),
        skipped=int(item.skipped or 0),
        is_cleared=bool(item.cleared),
        log=tuple(json.loads(item.label_log)) if item.label_log else (),
    )
