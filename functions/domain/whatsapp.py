"""WhatsApp messages that people marked as feedback, each once however often it is delivered."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedback_ml.sources.whatsapp import feedback_in
from functions.domain import feedback
from functions.domain.errors import NotFound, WebhookRefused
from functions.domain.feedback import Labeller, Masker
from functions.storage.keyring import keyring
from schemas.feedback import Feedback

SIGNED = "sha256="


def check_signature(secret: str, raw: bytes, given: str) -> None:
    """NotFound where WhatsApp is not set up; WebhookRefused unless `given` is the HMAC-SHA256 of `raw`."""
    if not secret:
        raise NotFound
    right = SIGNED + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    # As bytes: text with a letter beyond ASCII cannot be compared in constant time.
    if not hmac.compare_digest(right.encode(), given.encode("utf-8", "replace")):
        raise WebhookRefused


def check_token(expected: str, given: str) -> None:
    """NotFound where WhatsApp is not set up; WebhookRefused unless the token is ours."""
    if not expected:
        raise NotFound
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise WebhookRefused


def take_in(payload: Mapping[str, Any], app: str, label: Labeller, mask: Masker, now: datetime) -> int:
    """Keeps the marked messages of one delivery; how many there were, those kept before among them."""
    records = [_without_number(record) for record in feedback_in(payload, app)]
    for start in range(0, len(records), 100):
        feedback.take_in(records[start : start + 100], label, mask, now)
    return len(records)


def _without_number(record: Feedback) -> Feedback:
    """A message's id holds its sender's number in base64; a digest of it finds the same row."""
    ring = keyring()
    person = ring.digest("person", f"whatsapp:{record.person}") if record.person else ""
    own = {"external_id": ring.digest("whatsapp", record.external_id), "person": person}
    return record.model_copy(update=own)
