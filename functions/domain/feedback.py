"""Feedback taken in: once each, people masked, a revised text keeping what it said before."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from functions.domain import alerts, labels
from functions.domain.access import Caller
from functions.domain.errors import IdempotencyKeyReused
from functions.storage import feedback as store
from functions.storage.feedback import Labelled
from functions.storage.keyring import keyring
from functions.storage.tables import StaleError, StoreFailureError
from schemas.feedback import Feedback, Labels, leaves_the_loop
from schemas.topics import ImportOutcome, NewFeedback

Labeller = Callable[[Feedback], Labels]
Masker = Callable[[str], str]
WRITTEN_FREELY = ("text", "title", "version", "locale", "device", "screen")
REVISE_TRIES = 5
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
        person=person_of(caller.subject),
    )
    row = _labelled(sent, label, mask)
    store.register(app, {store.month_of(sent)})
    _alert_of([row], now)
    present = store.add(row, caller.subject)
    if present is None:
        return row
    if present.content_digest != row.content_digest:
        raise IdempotencyKeyReused
    return present


def take_in(
    records: Sequence[Feedback], label: Labeller, mask: Masker, now: datetime | None = None
) -> list[ImportOutcome]:
    """Imports a batch; one outcome a record, in order. The same content again is `unchanged`.

    Months are registered before the texts are written: a month too many costs a query, one too few loses it.
    So are alerts of people in danger: a run cut short raises them again, and that changes nothing.
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
    _alert_of(changed.values(), now or datetime.now(UTC))
    store.put_many(row for feedback_id, row in changed.items() if feedback_id not in present)
    for feedback_id, row in changed.items():
        if feedback_id in present:
            _revise(row, present[feedback_id])
    return outcomes


def compare(records: Sequence[Feedback]) -> list[ImportOutcome]:
    """What `take_in` would answer, and nothing is written: a dry run."""
    present = store.known({record.feedback_id for record in records})
    seen: dict[str, Feedback] = {}
    outcomes: list[ImportOutcome] = []
    for record in records:
        outcome = _outcome(record, present.get(record.feedback_id))
        if record.feedback_id in seen and outcome != "unchanged":
            is_same = seen[record.feedback_id].content_digest == record.content_digest
            outcome = "unchanged" if is_same else "replaced"
        seen[record.feedback_id] = record
        outcomes.append(ImportOutcome(feedback_id=record.feedback_id, outcome=outcome))
    return outcomes


def note(sent: Feedback, giver: str, label: Labeller, mask: Masker, now: datetime) -> bool:
    """Keeps what somebody of ours said elsewhere, once; whether it is new. It goes with whoever gave it.

    `sent.person` is best what `person_of` makes of the giver: one person on several ways counts once.
    """
    row = _labelled(sent, label, mask)
    store.register(sent.app, {store.month_of(sent)})
    _alert_of([row], now)
    return store.add(row, giver) is None


def person_of(subject: str) -> str:
    """The pseudonym of somebody who signs in, the same whatever way the feedback came."""
    return _digest("person", subject)


def _alert_of(rows: Iterable[Labelled], now: datetime) -> None:
    for row in rows:
        if leaves_the_loop(row.labels):
            alerts.raise_alert(row, now)


def _revise(row: Labelled, before: Labelled) -> None:
    """Writes over what was read of a text, and keeps what a person said of it in the meantime."""
    for _ in range(REVISE_TRIES):
        try:
            store.revise(row, before)
        except StaleError:
            present = store.known([row.feedback.feedback_id]).get(row.feedback.feedback_id)
            if present is None or present.content_digest == row.content_digest:
                return  # deleted in time, or another run of the same import was first
            row, before = _revised(replace(row, labels=labels.said_by_model(row)), present), present
        else:
            return
    raise StoreFailureError("a text was changed again and again")


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
    found = label(masked)
    return Labelled(masked, found, _sealed_digest(sent), labelling=labels.fresh(masked, found))


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
    revised = Labelled(kept, row.labels, row.content_digest, (*before.revisions, said))
    return labels.carried(revised, before)


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
