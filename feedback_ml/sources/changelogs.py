"""A changelog as JSON lines of version, date and changelog, told from feedback by its fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedback_ml.sources.rows import Refused, UnfitRowError, instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST = 64 * 1024
"""Bytes of a line: a document that is one line of many megabytes is no changelog."""
_FIELDS = frozenset({"version", "date", "changelog"})


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release, with where it stood; `day` is written as 2026-01-31."""

    file: str
    line: int
    version: str
    day: str
    changelog: str

    def as_json(self) -> dict[str, str]:
        """As `POST /v1/releases/imports` takes it."""
        return {"version": self.version, "date": self.day, "changelog": self.changelog}


def is_changelog(path: Path) -> bool:
    """Whether the file's first line is a release; OSError when it cannot be opened."""
    with path.open("rb") as lines:
        first = lines.readline(_LONGEST)
        while first and not first.strip():
            first = lines.readline(_LONGEST)
    try:
        told = json.loads(first.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.keys() >= {"version", "changelog"} and not told.keys() - _FIELDS


def read_releases(path: Path) -> Iterator[ReleaseLine | Refused]:
    """Give the file's releases and its refused lines, in file order; OSError when it cannot be opened."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield _release(path, number, line)
            except UnfitRowError as error:
                yield Refused(path.name, number, str(error))


def _release(path: Path, number: int, line: bytes) -> ReleaseLine:
    try:
        told = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnfitRowError("not JSON in UTF-8; write one object on each line") from None
    if not isinstance(told, dict):
        raise UnfitRowError("not an object: each line must be one release")
    if unknown := sorted(told.keys() - _FIELDS):
        raise UnfitRowError(f"column {unknown[0]!r}: a release has version, date and changelog alone")
    day = instant("date", _text(told, "date"))
    return ReleaseLine(
        path.name, number, _text(told, "version"), day.date().isoformat(), str(told.get("changelog") or "")
    )


def _text(told: dict[str, Any], name: str) -> str:
    written = str(told.get(name) or "").strip()
    if not written:
        raise UnfitRowError(f"column {name!r}: is missing; give it")
    return written
