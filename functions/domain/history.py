"""A history: only ever added to, each entry chained to the one before by SHA-256. Pure.

What somebody wrote stands in an entry sealed, and enters the chain by its digest: the chain can be followed
by whoever may not read it, and after the text has become unreadable.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from schemas.cases import Case, Entry

GENESIS = ""


def digest_of(text: str) -> str:
    """SHA-256 in 43 characters of base64url; "" for no text."""
    if not text:
        return ""
    return _short(hashlib.sha256(text.encode()).digest())


def entry_digest(previous: str, entry: Entry, text_digest: str | None = None) -> str:
    """SHA-256 over the digest before, the text's own digest and every other field, as JSON with sorted keys.

    `text_digest` stands in for the text where the text itself is not at hand.
    """
    said = {
        "previous": previous,
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "text": digest_of(entry.text) if text_digest is None else text_digest,
        "facts": [list(fact) for fact in entry.facts],
        "key": entry.key,
    }
    return _short(hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).digest())


def next_entry(
    history: Sequence[Entry],
    *,
    at: datetime,
    actor: str,
    role: str,
    action: str,
    text: str = "",
    facts: tuple[tuple[str, str], ...] = (),
    key: str = "",
) -> Entry:
    """The entry that follows the last of `history`."""
    last = history[-1] if history else None
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
    return replace(entry, digest=entry_digest(last.digest if last else GENESIS, entry))


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
    entry = next_entry(
        case.history, at=at, actor=actor, role=role, action=action, text=text, facts=facts, key=key
    )
    return replace(case, history=(*case.history, entry))


def lodged_as(case: Case) -> str:
    """Digests of what a case was lodged as and no step may change: what it is about, and what was written.

    Apart, for what was written is erased in time. 16 characters of base64url each (96 bits of SHA-256).
    """
    about = (
        case.reference,
        case.kind,
        case.owner,
        case.category,
        case.complaint_class,
        case.policy_version,
        case.district,
        *case.about_offices,
        "",
        *case.accused,
        *(
            each.astimezone(UTC).isoformat()
            for each in (case.lodged_at, case.first_contact_due, case.final_report_due)
        ),
    )
    written = [case.case_key.hex(), *(f"{name} {value.hex()}" for name, value in case.sealed)]
    return ".".join(
        _short(hashlib.sha256(json.dumps(part).encode()).digest())[:16] for part in (about, written)
    )


def first_changed(case: Case, lodged: Entry) -> bool:
    """Whether the case is no longer what it was lodged as, by its first entry."""
    was, is_now = lodged.key.split("."), lodged_as(case).split(".")
    return was[0] != is_now[0] or (case.erased_at is None and was != is_now)


def following_sequence(history: Sequence[Entry]) -> int:
    """The number the next entry will have: its text is sealed to that place."""
    return history[-1].sequence + 1 if history else 1


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


def _short(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
