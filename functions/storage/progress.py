"""How the progress of a case is kept in its item: a string of JSON, short names, nothing that is nothing."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from functions.storage.tables import instant_key, read_instant
from schemas.cases import Progress

SHORT = {
    "points": "p",
    "standing": "s",
    "level": "l",
    "paused_at": "pa",
    "pause_until": "pu",
    "pauses": "pn",
    "appealed_at": "aa",
    "attempts": "n",
    "attempted_at": "na",
    "attempts_asked": "nq",
    "verified_at": "v",
    "reopened": "r",
    "appeals": "a",
    "rating": "g",
    "closed_by": "by",
    "at_risk": "k",
}
INSTANTS = frozenset({"paused_at", "pause_until", "appealed_at", "attempted_at", "verified_at"})
COUNTED = frozenset({"points", "standing"})
NOTHING = "{}"
"""The progress of a case as it was lodged, which is not written at all."""
DEFAULTS = {each.name: each.default for each in fields(Progress)}


def progress_text(progress: Progress) -> str:
    kept = {name: getattr(progress, name) for name in SHORT if getattr(progress, name) != DEFAULTS[name]}
    return json.dumps(
        {SHORT[name]: _written(name, value) for name, value in kept.items()}, separators=(",", ":")
    )


def read_progress(text: str) -> Progress:
    row = json.loads(text)
    return Progress(**{name: _read(name, row[short]) for name, short in SHORT.items() if short in row})


def _written(name: str, value: Any) -> Any:
    if name in INSTANTS:
        return instant_key(value)
    return dict(value) if name in COUNTED else value


def _read(name: str, value: Any) -> Any:
    if name in INSTANTS:
        return read_instant(value)
    return tuple(value.items()) if name in COUNTED else value
