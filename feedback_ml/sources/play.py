"""The Google Play console's monthly reviews: a UTF-16 CSV with a fixed header."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from feedback_ml.sources.rows import UnfitRowError, feedback_from, instant, rating

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from schemas.feedback import Feedback

PACKAGE, LINK, TEXT = "Package Name", "Review Link", "Review Text"
_SUBMITTED, _UPDATED = "Review Submit", "Review Last Update"


def is_play(columns: list[str]) -> bool:
    """Recognise the export by its columns, whatever the file is called."""
    return {PACKAGE, LINK, TEXT, "Star Rating"} <= set(columns)


def feedback(row: Mapping[str, str]) -> Feedback:
    """Make one review's record. A rating alone is kept with an empty text; the console names no person."""
    link = row[LINK] or ""
    ids = parse_qs(urlsplit(link).query).get("reviewId", [])
    if not ids:
        raise UnfitRowError(f"column {LINK!r}: no reviewId in it; export the file again, unedited")
    written = _at(row, _SUBMITTED)
    if written is None:
        raise UnfitRowError(f"column '{_SUBMITTED} Date and Time': empty; export the file again, unedited")
    revised = _at(row, _UPDATED)
    return feedback_from(
        {
            "source": "play",
            "app": (row[PACKAGE] or "").strip(),
            "external_id": ids[0],
            "written_at": written,
            "revised_at": revised if revised and revised > written else None,
            "text": row[TEXT] or "",
            "title": row.get("Review Title") or "",
            "rating": rating("Star Rating", row["Star Rating"]),
            "version": row.get("App Version Name") or row.get("App Version Code") or "",
            "locale": row.get("Reviewer Language") or "",
            "device": row.get("Device") or "",
        }
    )


def _at(row: Mapping[str, str], what: str) -> datetime | None:
    for column in (f"{what} Millis Since Epoch", f"{what} Date and Time"):
        if written := (row.get(column) or "").strip():
            return instant(column, written)
    return None
