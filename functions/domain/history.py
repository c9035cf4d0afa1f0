"""A case's history: only ever added to, each entry chained to the one before by SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from schemas.cases import Case, Entry

GENESIS = ""


def entry_digest(previous: str, entry: Entry) -> str:
    """SHA-256 over the digest before and every other field, as JSON with sorted keys."""
    said = {
        "previous": previous,
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "text": entry.text,
        "facts": [list(fact) for fact in entry.facts],
        "key": entry.key,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def with_entry(
    case: Case,
    *,
    at: datetime,
    actor: str,
    role: str,
    action: str,
    text: str = "",
    facts: tuple[tuple[str, str], ...] = (),
    key: str = "",
) -> Case:
    """The case with one more entry."""
    last = case.history[-1] if case.history else None
    entry = Entry(
        sequence=last.sequence + 1 if last else 1,
        at=at,
        actor=actor,
        role=role,
        action=action,
        text=text,
        facts=facts,
        key=key,
    )
    entry = replace(entry, digest=entry_digest(last.digest if last else GENESIS, entry))
    return replace(case, history=(*case.history, entry))


def first_broken(entries: Iterable[Entry], previous: str = GENESIS) -> int | None:
    """The sequence number of the first entry that does not follow from those before it; None when whole."""
    expected = None
    for entry in entries:
        if expected is not None and entry.sequence != expected:
            return entry.sequence
        if entry.digest != entry_digest(previous, entry):
            return entry.sequence
        previous, expected = entry.digest, entry.sequence + 1
    return None
