"""Evidence of a case: announced, uploaded past the API, looked at, kept, and read by the case's own rule.

Until a file was looked at nothing is written down: what was announced travels in the signed form and lies
with the upload. The case's history is the one list of what is kept.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain import complaints, privacy
from functions.domain.access import Caller, Permission
from functions.domain.errors import (
    CaseErased,
    CaseFull,
    ChangedMeanwhile,
    EvidenceFull,
    EvidenceMissing,
    EvidenceRefused,
    FieldFault,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
)
from functions.domain.history import following_sequence, with_entry
from functions.domain.privacy import CaseKey, key_of
from functions.domain.sniffing import HEAD_BYTES, media_type_of
from functions.storage import evidence as storage
from functions.storage import sealing
from functions.storage.evidence import Form, Stored
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError
from schemas.cases import Case, Entry
from schemas.catalogue.reading import EvidenceKind, FileType, evidence_rules, file_types
from schemas.evidence import NewEvidence

ACTION = "evidence"
EVIDENCE_ID = re.compile(r"e-[0-9a-f]{16}", re.ASCII)
TRIES = 8


@dataclass(frozen=True, slots=True)
class Upload:
    """A form to send the file with, and until when it is taken."""

    evidence: str
    form: Form
    expires_at: datetime
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One kept file; `sha256` in hexadecimal, "" where neither store nor client gave it."""

    evidence: str
    kind: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    name: str | None


def announce(caller: Caller, reference: str, new: NewEvidence, idempotency_key: str, now: datetime) -> Upload:
    """A form for one file. A repeat under the same key is a form for the same piece, and writes nothing.

    IdempotencyKeyReused when another file is already kept under that key.
    """
    case = complaints.show(caller, reference, Permission.EVIDENCE_ADD)
    kind, file_type = _announced(new)
    key, entries = _writable(case, caller), _entries(case)
    seed = f"{caller.subject}\x00{reference}\x00{idempotency_key}"
    evidence = f"e-{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
    notes = _notes(key, evidence, new)
    done = _entry_of(entries, evidence)
    if done is None:
        _refuse_full(case, entries)
    elif done.key != notes["request"]:
        raise IdempotencyKeyReused
    seconds = evidence_rules().upload_minutes * 60
    form = storage.upload_form(reference, evidence, file_type.media_type, kind.most_bytes, notes, seconds)
    return Upload(evidence, form, now + timedelta(seconds=seconds), kind.most_bytes)


def _announced(new: NewEvidence) -> tuple[EvidenceKind, FileType]:
    # "audio/ogg; codecs=opus" is an audio/ogg.
    found = file_types().get(new.media_type.partition(";")[0].strip().lower())
    if found is None:
        raise InvalidRequest(FieldFault("/media_type", "evidence_type", {"known": _known()}))
    if new.bytes > found[0].most_bytes:
        raise InvalidRequest(_too_large(found[0]))
    return found


def _known() -> str:
    return ", ".join(each.media_type for kind in evidence_rules().kinds for each in kind.types)


def _too_large(kind: EvidenceKind) -> FieldFault:
    return FieldFault("/bytes", "evidence_too_large", {"limit": str(kind.most_bytes), "kind": kind.kind})


def _notes(key: CaseKey, evidence: str, new: NewEvidence) -> dict[str, str]:
    """What lies with the upload until it is looked at. A file's name says much of people: it is sealed."""
    notes = {"request": keyring().digest("request", new.model_dump_json())}
    if new.sha256:
        notes["sha256"] = new.sha256.lower()
    if new.name and key.key:
        sealed = sealing.seal(key.key, new.name, privacy.TABLE, key.reference, evidence)
        notes["name"] = base64.b64encode(sealed).decode()
    return notes


def _name_noted(key: CaseKey, evidence: str, stored: Stored) -> str:
    noted = stored.notes.get("name")
    if not noted or not key.key:
        return ""
    return sealing.open_text(key.key, base64.b64decode(noted), privacy.TABLE, key.reference, evidence)


def complete(caller: Caller, reference: str, evidence: str, now: datetime) -> Piece:
    """Looks at what was uploaded and keeps it, once; goes on where an earlier try was cut short.

    EvidenceMissing when nothing arrived; EvidenceRefused names what is wrong with it, and it is gone.
    """
    for _ in range(TRIES):
        case = complaints.show(caller, reference, Permission.EVIDENCE_ADD)
        try:
            return _completed(caller, case, _known_id(evidence), now)
        except StaleError:
            continue  # another request of the same case was faster: look again
        except (CaseErased, CaseFull, EvidenceFull):
            # A copy made just before has no entry, and will never have one.
            storage.drop_kept(reference, evidence)
            raise
    raise ChangedMeanwhile(state=complaints.show(caller, reference).state)


def _completed(caller: Caller, case: Case, evidence: str, now: datetime) -> Piece:
    key, entries = _writable(case, caller), _entries(case)
    done = _entry_of(entries, evidence)
    if done is not None:
        return _shown(done, key)
    _refuse_full(case, entries)
    # An earlier try may have been cut short between copy and entry.
    stored = storage.kept(case.reference, evidence, HEAD_BYTES) or _taken_in(case.reference, evidence)
    facts = _facts(case.reference, evidence, stored)
    name = _name_noted(key, evidence, stored)
    changed = with_entry(
        case,
        at=now,
        actor=caller.subject,
        role=caller.role,
        action=ACTION,
        text=key.sealed_text(following_sequence(case.history), name),
        facts=tuple((fact, value) for fact, value in facts.items() if value),
        key=stored.notes["request"],
    )
    entry = complaints.save(changed).history[-1]
    storage.drop_arrived(case.reference, evidence)
    return _shown(entry, key)


def _taken_in(reference: str, evidence: str) -> Stored:
    arrived = storage.arrived(reference, evidence, HEAD_BYTES)
    if arrived is None:
        raise EvidenceMissing
    try:
        _really(arrived)
    except EvidenceRefused:
        storage.drop_arrived(reference, evidence, arrived.etag)
        raise
    storage.keep(reference, evidence, arrived.etag)
    return arrived


def _facts(reference: str, evidence: str, stored: Stored) -> dict[str, str]:
    kind, media_type = _really(stored)
    return {
        "evidence": evidence,
        "kind": kind.kind,
        "media_type": media_type,
        "bytes": str(stored.size),
        "sha256": _digest(reference, evidence, stored),
    }


def _really(stored: Stored) -> tuple[EvidenceKind, str]:
    """(kind, media type) by the file itself; EvidenceRefused when that is not what was announced."""
    if stored.size == 0:
        raise EvidenceRefused(FieldFault("/bytes", "evidence_empty"))
    found = media_type_of(stored.head)
    if found is None:
        raise EvidenceRefused(FieldFault("/media_type", "evidence_type", {"known": _known()}))
    announced_kind, announced = file_types()[stored.media_type]
    media_type = announced.media_type if found in announced.may_look_like else found
    kind, _ = file_types()[media_type]
    if kind != announced_kind:
        words = {"found": media_type, "announced": announced.media_type}
        raise EvidenceRefused(FieldFault("/media_type", "evidence_not_as_announced", words))
    if stored.size > kind.most_bytes:
        raise EvidenceRefused(_too_large(kind))
    return kind, media_type


def _digest(reference: str, evidence: str, stored: Stored) -> str:
    """The file's SHA-256: the store's own, else the client's. EvidenceRefused when the two differ."""
    etag, worked_out = storage.kept_as(reference, evidence)
    given = stored.notes.get("sha256", "")
    if worked_out and given and worked_out != given:
        storage.drop_arrived(reference, evidence, stored.etag)
        storage.drop_kept(reference, evidence, etag)
        raise EvidenceRefused(FieldFault("/sha256", "evidence_other_digest"))
    return worked_out or given


def pieces(caller: Caller, reference: str, now: datetime) -> list[Piece]:
    """What is kept, oldest first. The names alone tell of the matter: an officer's look is on record."""
    case = complaints.show(caller, reference, Permission.EVIDENCE_READ)
    noted = complaints.recorded(caller, case, now, "read")
    key = key_of(noted, caller)
    return [_shown(entry, key) for entry in _entries(noted)]


def download(caller: Caller, reference: str, evidence: str, now: datetime) -> tuple[str, datetime]:
    """(address of the file, until when it answers); an officer's reading is on record before there is one."""
    case = complaints.show(caller, reference, Permission.EVIDENCE_READ)
    entry = _entry_of(_entries(case), _known_id(evidence))
    if entry is None or case.erased_at is not None:
        raise NotFound
    complaints.recorded(caller, case, now, "evidence_read", (("evidence", evidence),))
    media_type = dict(entry.facts)["media_type"]
    _, file_type = file_types()[media_type]
    # The file's own name would stand in an address, and so in every log on its way.
    file_name = f"{reference}-{evidence}.{file_type.suffix}"
    seconds = evidence_rules().download_seconds
    address = storage.link(reference, evidence, media_type, file_name, seconds)
    return address, now + timedelta(seconds=seconds)


def forget(case: Case) -> None:
    """Deletes the case's files; before the case itself is marked, so that a crash between is made good."""
    storage.forget(case.reference)


def _known_id(evidence: str) -> str:
    if not EVIDENCE_ID.fullmatch(evidence):
        raise NotFound
    return evidence


def _writable(case: Case, caller: Caller) -> CaseKey:
    key = key_of(case, caller)
    if key.key is None:
        raise CaseErased
    return key


def _refuse_full(case: Case, entries: list[Entry]) -> None:
    most = evidence_rules().most_pieces
    if len(entries) >= most:
        raise EvidenceFull(limit=str(most))
    if complaints.is_full(case):
        raise CaseFull(limit=str(complaints.ENTRIES_A_CASE))


def _entries(case: Case) -> list[Entry]:
    return [entry for entry in complaints.whole_history(case) if entry.action == ACTION]


def _entry_of(entries: list[Entry], evidence: str) -> Entry | None:
    return next((entry for entry in entries if dict(entry.facts)["evidence"] == evidence), None)


def _shown(entry: Entry, key: CaseKey) -> Piece:
    facts = dict(entry.facts)
    return Piece(
        evidence=facts["evidence"],
        kind=facts["kind"],
        media_type=facts["media_type"],
        size=int(facts["bytes"]),
        sha256=facts.get("sha256", ""),
        at=entry.at,
        name=key.text(entry) or None,
    )
