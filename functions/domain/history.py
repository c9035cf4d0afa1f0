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
    """Digests of what a case was lodged as: what it is about, and what was written.

    Apart, for what was written is erased in time. 16 characters of base64url each (96 bits of SHA-256).
    Deadlines and district may be moved later, by entries that say from where to where (see `first_changed`).
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


def first_changed(case: Case, chain: Sequence[Entry]) -> int | None:
    """The entry that the row contradicts: what it was lodged as, or a deadline or district moved last."""
    moves: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for entry in chain:
        facts = dict(entry.facts)
        for name, was, is_now in MOVED:
            if was in facts and facts.get("clock", name) == name:
                moves.setdefault(name, []).append((entry.sequence, {"was": facts[was], "is": facts[is_now]}))
    original = case
    for name, found in moves.items():
        if found[-1][1]["is"] != _said(case, name):
            return found[-1][0]
        original = _with(original, name, found[0][1]["was"])
    first, said = chain[0].key.split("."), lodged_as(original).split(".")
    differs = first[0] != said[0] or (case.erased_at is None and first != said)
    return chain[0].sequence if differs else None


MOVED = (
    ("first_contact", "was", "due_at"),
    ("final_report", "was", "due_at"),
    ("district", "district_was", "district"),
)
"""(What was moved, fact with the former value, fact with the new one)."""


def _said(case: Case, name: str) -> str:
    if name == "district":
        return case.district
    return (case.first_contact_due if name == "first_contact" else case.final_report_due).isoformat()


def _with(case: Case, name: str, value: str) -> Case:
    if name == "district":
        return replace(case, district=value)
    instant = datetime.fromisoformat(value)
    if name == "first_contact":
        return replace(case, first_contact_due=instant)
    return replace(case, final_report_due=instant)


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
