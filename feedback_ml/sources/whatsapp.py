"""WhatsApp messages that are marked as feedback, out of what the Cloud API's webhook brings.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
Marked is a text that begins with a marker, and a reply by a button whose payload is `feedback`, or
`feedback:4` where it stands for a rating. Everything else is nobody's feedback and is looked at no further.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from feedback_ml.sources.rows import UnfitRowError, feedback_from, instant
from schemas.catalogue.markers import feedback_markers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from schemas.feedback import Feedback

BUSINESS_ACCOUNT, MESSAGES = "whatsapp_business_account", "messages"
PAYLOAD = re.compile(r"feedback(?::([1-5]))?", re.ASCII | re.IGNORECASE)
SENDERS = ("from", "user_id", "from_user_id")
"""Who sent it, by the first that is there: a telephone number, or what stands for it where it is hidden."""


def feedback_in(payload: Mapping[str, Any], app: str) -> Iterator[Feedback]:
    """Give each marked message of one body. `external_id` is the message's own id, `person` its sender.

    Both name the sender's number: whoever stores them makes pseudonyms of them first.
    """
    if payload.get("object") != BUSINESS_ACCOUNT:
        return
    for entry in _objects(payload.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if change.get("field") != MESSAGES or not isinstance(value, dict):
                continue
            contacts = _objects(value.get("contacts"))
            for message in _objects(value.get("messages")):
                made = _feedback(message, contacts, app)
                if made is not None:
                    yield made


def marked(text: str) -> str | None:
    """What follows the marker, "" for a marker alone; None where the text does not begin with one."""
    plain = unicodedata.normalize("NFC", text)
    found = _pattern().match(plain)
    return plain[found.end() :].strip() if found else None


def _feedback(message: Mapping[str, Any], contacts: list[dict[str, Any]], app: str) -> Feedback | None:
    said = _said(message)
    if said is None or not message.get("id"):
        return None
    text, rating = said
    try:
        return feedback_from(
            {
                "source": "whatsapp",
                "app": app,
                "external_id": str(message["id"]),
                "written_at": instant("timestamp", str(message.get("timestamp"))),
                "text": text,
                "rating": rating,
                "person": _sender(message, contacts)[:100],
            }
        )
    except UnfitRowError:
        return None


def _said(message: Mapping[str, Any]) -> tuple[str, int | None] | None:
    """(Text, rating) of a marked message with something in it."""
    kind = message.get("type")
    body = message.get(kind) if isinstance(kind, str) else None
    if not isinstance(body, dict):
        return None
    if kind == "text":
        text = marked(str(body.get("body") or ""))
        return (text, None) if text else None
    if kind == "button":
        return _pressed(body.get("payload"), body.get("text"))
    reply = body.get("button_reply") if kind == "interactive" else None
    return _pressed(reply.get("id"), reply.get("title")) if isinstance(reply, dict) else None


def _pressed(payload: Any, title: Any) -> tuple[str, int | None] | None:
    found = PAYLOAD.fullmatch(payload) if isinstance(payload, str) else None
    if found is None:
        return None
    text = title if isinstance(title, str) else ""
    rating = int(found[1]) if found[1] else None
    return (text, rating) if text.strip() or rating else None


def _sender(message: Mapping[str, Any], contacts: list[dict[str, Any]]) -> str:
    for name in SENDERS:
        if isinstance(message.get(name), str) and message[name]:
            return str(message[name])
    if len(contacts) != 1:
        return ""  # whose message it is cannot be told
    return str(contacts[0].get("wa_id") or contacts[0].get("user_id") or "")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


@cache
def _pattern() -> re.Pattern[str]:
    """A marker, whatever stands around it, as a word of its own: `rai` is none in `rain`."""
    longest_first = sorted(feedback_markers(), key=len, reverse=True)
    words = "|".join(r"\s+".join(map(_letters, marker.split())) for marker in longest_first)
    return re.compile(rf"[\W_]*(?:{words})(?!\w)[\s:;,.،؛۔*#_~\-–—]*", re.IGNORECASE)


def _letters(word: str) -> str:
    # Telephones write the same Urdu letters with Arabic code points.
    same = {"ی": "[یيى]", "ک": "[کك]", "ے": "[ےۓ]", "ئ": "(?:ئ|[یي]ٔ)", "ۓ": "[ےۓ]"}
    return "".join(same.get(letter, re.escape(letter)) for letter in unicodedata.normalize("NFC", word))
