"""What people say in a case of how it went, and of the app: feedback too, from the cases' stream.

Ratings of cases that ended, and complaints about the app or the site. Never anything of a restricted case,
and no words of one about a person: there only how many stars it was given. Nothing names the case: the
text's id is a keyed digest, so a record that comes twice or out of order is the same text.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from feedback_ml.sources.rows import UnfitRowError, feedback_from
from functions.domain import feedback
from functions.domain.feedback import Labeller, Masker
from functions.domain.privacy import key_of
from functions.settings import setting
from functions.storage.case_items import Row, read_image
from functions.storage.keyring import keyring
from functions.storage.sealing import UnsealedError
from schemas.cases import Case, Entry
from schemas.catalogue.reading import complaint_policies, is_restricted
from schemas.feedback import Feedback

RATED = frozenset({"confirm", "appeal"})
"""A poor rating takes the case one level up: its confirmation stands in the history as an appeal."""
log = logging.getLogger("khidmat")


def follow(entries: Sequence[Entry], image: Row, label: Labeller, mask: Masker, now: datetime) -> int:
    """Keeps as feedback what the new entries of a case say; how many texts were new."""
    category = image["category"]["S"]
    wanted = [entry for entry in entries if _rating(entry) or _is_about_app(entry, category)]
    if not wanted or is_restricted(category):
        return 0
    case = read_image(image)
    kept = 0
    for entry in wanted:
        record = _complaint(case, entry) if entry.action == "lodge" else _rated(case, entry)
        if record is not None:
            kept += feedback.note(_made(record), case.owner, label, mask, now)
    return kept


def _made(fields: dict[str, Any]) -> Feedback:
    try:
        return feedback_from(fields)
    except UnfitRowError:
        # What cannot be kept as a text still is a rating.
        return feedback_from(fields | {"text": ""})


def _rating(entry: Entry) -> int | None:
    said = dict(entry.facts).get("rating") if entry.action in RATED else None
    return int(said) if said else None


def _is_about_app(entry: Entry, category: str) -> bool:
    return entry.action == "lodge" and category in _about_app()


@cache
def _about_app() -> frozenset[str]:
    return frozenset(
        name for policy in complaint_policies() for name, each in policy.categories.items() if each.about_app
    )


def _rated(case: Case, entry: Entry) -> dict[str, Any]:
    text = "" if _is_about_somebody(case) else _opened(case, entry)
    shown = _common(case, entry.at, "case_rating", str(entry.sequence))
    return shown | {"source": "case_rating", "rating": _rating(entry), "text": text}


def _complaint(case: Case, entry: Entry) -> dict[str, Any] | None:
    """None where it is about somebody as well, or nobody can read it any more."""
    if _is_about_somebody(case):
        return None
    text = _opened(case, None)
    if not text:
        return None
    return _common(case, entry.at, "complaint", "") | {"source": "complaint", "text": text}


def _common(case: Case, at: datetime, use: str, sequence: str) -> dict[str, Any]:
    return {
        "app": setting("own_app"),
        "external_id": keyring().digest(use, case.reference, sequence),
        "written_at": at,
        "person": feedback.person_of(case.owner),
        "district": case.district,
    }


def _is_about_somebody(case: Case) -> bool:
    return bool(case.about_offices or case.accused)


def _opened(case: Case, entry: Entry | None) -> str:
    """What was written with the entry, or as the complaint itself; "" where it cannot be read any more."""
    try:
        key = key_of(case)
        return (key.text(entry) if entry else key.field(case, "narrative")) or ""
    except UnsealedError:
        log.exception("not opened", extra={"reference": case.reference})
        return ""
