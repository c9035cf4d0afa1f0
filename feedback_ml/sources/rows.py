"""What reading gives, and the checks that every source shares: instants, ratings, lengths, pseudonyms."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timezone
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from feedback_ml.text import mask_personal
from schemas.feedback import TEXT_LIMIT, Feedback

if TYPE_CHECKING:
    from collections.abc import Mapping

_TITLE_LIMIT, _VERSION_LIMIT, _LOCALE_LIMIT, _NAME_LIMIT = 500, 60, 20, 100
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(.*)", re.ASCII | re.DOTALL)
_EPOCH = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_STARS = re.compile(r"([1-5])(?:\.0+)?(?:\s*(?:/\s*5|stars?))?", re.ASCII | re.IGNORECASE)


class UnfitRowError(ValueError):
    """A row that cannot be a record; the message names the column and says what to do."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a file may leave out: the app it is about, and the instant of texts that carry no date."""

    app: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that did not become feedback: the file's name, the line it starts on (from 1), and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One row that became feedback, with where it stood."""

    file: str
    line: int
    feedback: Feedback


NO_TITLE = frozenset({"none", "null", "nan"})
"""What export scripts write where a review has no title; nobody said that."""


def feedback_from(fields: Mapping[str, Any]) -> Feedback:
    """Make the record of fields already brought to its names; UnfitRowError instead of pydantic's wording.

    Texts longer than the record allows are cut at its limit, and personal numbers in them are masked:
    what was written can still be classified, and nobody's number is stored.
    """
    own = {name: value for name, value in fields.items() if value is not None}
    if str(own.get("title", "")).strip().lower() in NO_TITLE:
        own["title"] = ""
    for name, limit in (
        ("text", TEXT_LIMIT),
        ("title", _TITLE_LIMIT),
        ("version", _VERSION_LIMIT),
        ("locale", _LOCALE_LIMIT),
        ("device", _NAME_LIMIT),
        ("screen", _NAME_LIMIT),
    ):
        if name in own:
            own[name] = mask_personal(_storable(name, str(own[name])))[:limit]
    if "external_id" in own:
        own["external_id"] = _storable("external_id", str(own["external_id"]))
    try:
        return Feedback.model_validate(own)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "row"
        raise UnfitRowError(f"column {where!r}: {first['msg']}") from None


def _storable(name: str, written: str) -> str:
    try:
        written.encode()
    except UnicodeEncodeError:
        raise UnfitRowError(
            f"column {name!r}: holds bytes that are not UTF-8; save the file as UTF-8"
        ) from None
    return _CONTROLS.sub("", written.replace("\r\n", "\n").replace("\r", "\n")).strip()


def instant(column: str, written: str, *, local: timezone = UTC) -> datetime:
    """Read ISO 8601, seconds or milliseconds since 1970, or day/month/year; `local` without an offset."""
    written = written.strip()
    try:
        if _EPOCH.fullmatch(written):
            return datetime.fromtimestamp(
                float(written) / (1000 if len(written) >= 12 and "." not in written else 1), UTC
            )
        if found := _DAY_FIRST.fullmatch(written):
            day, month, year, rest = found.groups()
            written = f"{year}-{month:0>2}-{day:0>2}{rest}"
        read = datetime.fromisoformat(written)
        return (read if read.tzinfo else read.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnfitRowError(
            f"column {column!r}: {_shown(written)} is not a date; "
            "write it as 2026-01-31 or 2026-01-31T09:30:00+05:00"
        ) from None


def rating(column: str, written: Any) -> int | None:
    """Read 1 to 5 stars (`4`, `4.0`, `4/5`, `4 stars`); nothing written is no rating."""
    shown = "" if written is None else str(written).strip()
    if not shown:
        return None
    if found := _STARS.fullmatch(shown):
        return int(found[1])
    raise UnfitRowError(f"column {column!r}: {_shown(shown)} is not 1 to 5; correct it or leave it empty")


def pseudonym(app: str, name: str) -> str:
    """Give a name that is equal for two texts of one person in one app, and tells nobody who it is."""
    return (
        hashlib.sha256(f"{app}\x00{name.strip().casefold()}".encode("utf-8", "replace")).hexdigest()[:16]
        if name.strip()
        else ""
    )


def _shown(written: str) -> str:
    return repr(written if len(written) <= 40 else written[:37] + "...")
