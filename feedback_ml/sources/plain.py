"""CSV and JSON lines of any origin: columns are found by name, whatever they are called."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from feedback_ml.sources.rows import Defaults, UnfitRowError, feedback_from, instant, pseudonym, rating

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schemas.feedback import Feedback

# For each field of the record the names it goes by, most telling first.
NAMES = {
    "text": ("text", "review", "comment", "body", "content", "feedback", "message", "reviewtext",
             "description"),
    "title": ("title", "subject", "heading", "reviewtitle", "summary"),
    "rating": ("rating", "score", "stars", "star", "starrating", "overall"),
    "written_at": ("writtenat", "date", "created", "createdat", "timestamp", "time", "at", "submitted",
                   "submittedat", "datetime", "reviewdate", "createddate", "postedat"),
    "revised_at": ("revisedat", "updated", "updatedat", "modified", "modifiedat", "lastupdate", "edited"),
    "external_id": ("externalid", "id", "reviewid", "commentid", "feedbackid", "uuid"),
    "app": ("app", "package", "packagename", "appid", "appname", "application", "product"),
    "version": ("version", "appversion", "appversionname", "release", "reviewcreatedversion"),
    "locale": ("locale", "language", "lang", "country", "territory"),
    "device": ("device", "model", "phone", "devicemodel"),
    "screen": ("screen", "page", "view"),
    "person": ("person", "user", "username", "userid", "author", "reviewer", "nickname", "customer", "name"),
}  # fmt: skip
_LETTERS = re.compile(r"[\W_]+")


def columns_of(names: Iterable[str], known_names: Mapping[str, tuple[str, ...]] = NAMES) -> dict[str, str]:
    """Map the record's fields to the columns that hold them; a field nobody names is left out."""
    plain = {_LETTERS.sub("", name).casefold(): name for name in reversed([str(name) for name in names])}
    return {
        field: plain[found]
        for field, known in known_names.items()
        if (found := next((n for n in known if n in plain), None))
    }


def feedback(row: Mapping[str, Any], defaults: Defaults) -> Feedback:
    """Make one row's record. Needs a text, a title or a rating; a missing id becomes a digest of the content.

    A missing date becomes `defaults.written_at`, a missing app `defaults.app`.
    """
    columns = columns_of(row)

    def said(field: str) -> str:
        value = row.get(columns[field]) if field in columns else None
        return "" if value is None else str(value).strip()

    if not {"text", "title", "rating"} & columns.keys():
        raise UnfitRowError(
            "column 'text': missing; name the column that holds the text 'text' (or review, comment)"
        )
    if not (said("text") or said("title") or said("rating")):
        raise UnfitRowError(
            f"column {columns.get('text', 'text')!r}: empty, and no title or rating either; remove the row"
        )
    app = said("app") or defaults.app
    stars = rating(columns.get("rating", "rating"), said("rating"))
    dated = said("written_at")
    revised = said("revised_at")
    return feedback_from(
        {
            "source": "file",
            "app": app,
            "external_id": said("external_id")[:200]
            or _digest(said("text"), said("title"), str(stars), dated),
            "written_at": instant(columns["written_at"], dated) if dated else defaults.written_at,
            "revised_at": instant(columns["revised_at"], revised) if revised else None,
            "text": said("text"),
            "title": said("title"),
            "rating": stars,
            "version": said("version"),
            "locale": said("locale"),
            "device": said("device"),
            "screen": said("screen"),
            "person": pseudonym(app, said("person")),
        }
    )


def _digest(*content: str) -> str:
    return "digest-" + hashlib.sha256("\x00".join(content).encode("utf-8", "replace")).hexdigest()[:24]
