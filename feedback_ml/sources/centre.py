"""The tablets in service centres: a CSV of smileys or stars, and sometimes a line of text.

Every row names its centre by its code in the catalogue of offices, and that gives the district. Times
are the centre's own clock (Asia/Karachi) unless they carry an offset.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from feedback_ml.sources.plain import columns_of
from feedback_ml.sources.rows import UnfitRowError, feedback_from, instant, rating
from schemas.catalogue.reading import districts, ladder, offices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from schemas.feedback import Feedback

# No summer time there since 2009.
KARACHI = timezone(timedelta(hours=5))
NAMES = {
    "centre": ("centrecode", "centercode", "centre", "center", "centreid", "centerid", "officecode",
               "kioskcentre"),
    "at": ("datetime", "timestamp", "submittedat", "createdat", "writtenat", "date", "day"),
    "time": ("time", "clock"),
    "rating": ("rating", "smiley", "stars", "score", "face", "satisfaction"),
    "text": ("text", "comment", "remarks", "feedback"),
    "language": ("language", "lang", "locale"),
    "counter": ("counter", "counterno", "counternumber", "window", "desk"),
    "service": ("service", "servicename", "servicecode"),
    "id": ("id", "rowid", "responseid", "uuid", "externalid"),
}  # fmt: skip
SMILEYS = {
    1: ("😡", "😠", "😭", "🤬", "👎👎", "very bad", "very poor", "bohat bura", "بہت برا"),
    2: ("🙁", "☹", "😞", "😟", "😕", "👎", "sad", "bad", "poor", "unhappy", "bura", "kharab", "برا", "خراب"),
    3: ("😐", "😑", "😶", "neutral", "average", "ok", "okay", "theek", "ٹھیک", "درمیانہ"),
    4: ("🙂", "☺", "😊", "👍", "happy", "good", "satisfied", "acha", "achha", "اچھا"),
    5: (
        "😀",
        "😃",
        "😄",
        "😁",
        "😍",
        "👍👍",
        "very good",
        "excellent",
        "very happy",
        "bohat acha",
        "بہت اچھا",
    ),
}
"""What stands for how many stars: three faces (sad, neutral, happy) are 2, 3 and 4."""
_STARS = {said: stars for stars, words in SMILEYS.items() for said in words}
_VARIATION = "\ufe0f"


def is_centre(header: Iterable[str]) -> bool:
    """Recognise the export by its columns: a centre, an instant, and a rating."""
    found = columns_of(header, NAMES)
    return {"centre", "at", "rating"} <= found.keys()


@dataclass(slots=True)
class CentreFile:
    """One file's rows. Two people who press the same face in the same minute are two: by their turn."""

    app: str
    header: list[str]
    _turns: Counter[str] = field(default_factory=Counter)

    def feedback(self, row: Mapping[str, str]) -> Feedback:
        """Make one row's record; UnfitRowError names the column and what to do."""
        columns = columns_of(self.header, NAMES)
        said = {name: (row.get(column) or "").strip() for name, column in columns.items()}
        code = said["centre"].casefold()
        district = _district(columns["centre"], code)
        stars = stars_of(columns["rating"], said["rating"])
        text = said.get("text", "")
        if stars is None and not text:
            raise UnfitRowError(f"column {columns['rating']!r}: empty, and no text either; remove the row")
        at = _instant(columns, said)
        counter = said.get("counter", "")
        return feedback_from(
            {
                "source": "centre",
                "app": self.app,
                "external_id": self._own_id(code, at, counter, said, stars),
                "written_at": at,
                "text": text,
                "rating": stars,
                "locale": said.get("language", ""),
                "screen": said.get("service", ""),
                "device": f"counter {counter}" if counter else "",
                "district": district,
            }
        )

    def _own_id(
        self, code: str, at: datetime, counter: str, said: Mapping[str, str], stars: int | None
    ) -> str:
        if said.get("id"):
            return f"{code}/{said['id']}"[:200]
        content = (code, at.isoformat(), counter, said.get("service", ""), str(stars), said.get("text", ""))
        digest = hashlib.sha256("\x00".join(content).encode("utf-8", "replace")).hexdigest()[:24]
        self._turns[digest] += 1
        return f"{code}/{digest}-{self._turns[digest]}"


def stars_of(column: str, written: str) -> int | None:
    """Read 1 to 5 stars, a face or its name in three scripts; nothing written is no rating."""
    plain = " ".join(written.replace(_VARIATION, "").replace("_", " ").casefold().split())
    return _STARS[plain] if plain in _STARS else rating(column, plain)


def _district(column: str, code: str) -> str:
    if not code:
        raise UnfitRowError(f"column {column!r}: empty; write the centre's code, as in GET /v1/offices")
    if code not in offices():
        raise UnfitRowError(
            f"column {column!r}: no office has the code {code[:40]!r}; correct it, or add the centre to "
            "schemas/catalogue/offices.json"
        )
    found = [step for step in ladder(code) if step in districts()]
    if not found:
        raise UnfitRowError(f"column {column!r}: {code!r} lies in no district; write the centre's own code")
    return found[0]


def _instant(columns: Mapping[str, str], said: Mapping[str, str]) -> datetime:
    written = " ".join(part for part in (said["at"], said.get("time", "")) if part)
    if not said["at"]:
        raise UnfitRowError(f"column {columns['at']!r}: empty; write when it was pressed")
    return instant(columns["at"], written, local=KARACHI)
