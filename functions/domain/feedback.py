"""Feedback taken in: once each, people masked, a revised text keeping what it said before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from functions.domain.access import Caller
from functions.domain.errors import IdempotencyKeyReused
from functions.storage import feedback as store
from functions.storage.feedback import Labelled
from functions.storage.keyring import keyring
from schemas.feedback import Feedback, Labels
from schemas.topics import ImportOutcome, NewFeedback

Labeller = Callable[[Feedback], Labels]
Masker = Callable[[str], str]
WRITTEN_FREELY = ("text", "title", "version", "locale", "device", "screen")
DIGEST = re.compile(r"[0-9a-f]{32}|[a-z2-7]{26}")


def give(
    caller: Caller,
    new: NewFeedback,
    app: str,
    idempotency_key: str,
    now: datetime,
    label: Labeller,
    mask: Masker,
) -> Labelled:
    """One text from inside the app. A repeat under the same key answers the first one."""
    sent = Feedback(
        source="in_app",
        app=app,
        external_id=_digest(caller.subject, idempotency_key),
        written_at=now,
        text=new.text,
        rating=new.rating,
        screen=new.screen,
        version=new.version,
        device=new.device,
        person=_digest("person", caller.subject),
    )
    row = _labelled(sent, label, mask)
    store.register(app, {store.month_of(sent)})
    present = store.add(row, caller.subject)
    if present is None:
        return row
    if present.content_digest != row.content_digest:
        raise IdempotencyKeyReused
    return present


def take_in(records: Sequence[Feedback], label: Labeller, mask: Masker) -> list[ImportOutcome]:
    """Imports a batch; one outcome a record, in order. The same content again is `unchanged`.

    Months are registered before the texts are written: a month too many costs a query, one too few loses it.
    """
    present = store.known({record.feedback_id for record in records})
    outcomes: list[ImportOutcome] = []
    changed: dict[str, Labelled] = {}
    for record in records:
        before = changed.get(record.feedback_id) or present.get(record.feedback_id)
        outcome = _outcome(record, before)
        if outcome != "unchanged":
            row = _labelled(record, label, mask)
            changed[record.feedback_id] = _revised(row, before) if before else row
        outcomes.append(ImportOutcome(feedback_id=record.feedback_id, outcome=outcome))
    for app in {row.feedback.app for row in changed.values()}:
        months = {store.month_of(row.feedback) for row in changed.values() if row.feedback.app == app}
        store.register(app, months)
    store.put_many(changed.values())
    return outcomes


def _outcome(record: Feedback, before: Labelled | None) -> str:
    if before is None:
        return "added"
    if before.content_digest == _sealed_digest(record):
        return "unchanged"
    # An older month read again after a newer one must not bring the old text back.
    known_at = before.feedback.revised_at or before.feedback.written_at
    sent_at = record.revised_at or record.written_at
    return "unchanged" if sent_at < known_at else "replaced"


def _labelled(sent: Feedback, label: Labeller, mask: Masker) -> Labelled:
    clean = {name: mask(getattr(sent, name)) for name in WRITTEN_FREELY}
    masked = sent.model_copy(update={**clean, "person": _pseudonym(sent.person)})
    # Labelled as masked: the words that decided are shown, and must not be somebody's number.
    return Labelled(masked, label(masked), _sealed_digest(sent))


def _revised(row: Labelled, before: Labelled) -> Labelled:
    old = before.feedback
    said = {
        "at": (old.revised_at or old.written_at).isoformat(),
        "text": old.text,
        "title": old.title,
        "rating": str(old.rating or ""),
        "version": old.version,
    }
    kept = row.feedback.model_copy(update={"written_at": min(old.written_at, row.feedback.written_at)})
    return Labelled(kept, row.labels, row.content_digest, (*before.revisions, said))


def _sealed_digest(sent: Feedback) -> str:
    """Of what was sent, unmasked, under the keyring: or masked numbers could be tried against it."""
    return keyring().digest("feedback", sent.content_digest)


def _pseudonym(person: str) -> str:
    """A source may send a name or a number as it is; what has our own digest's form is kept."""
    if not person or DIGEST.fullmatch(person):
        return person
    return keyring().digest("person", person)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]
