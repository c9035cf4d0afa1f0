"""How a one-time code reaches a telephone: SMS, WhatsApp, or a folder in a local run."""

from __future__ import annotations

import json
import logging
import os
import secrets
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from functions import outbound
from functions.domain.codes import Message
from functions.messages import code_text
from functions.outbound import OutboundError
from functions.settings import SettingsError, optional, stage
from functions.storage import sms

log = logging.getLogger("khidmat")
OUTBOX_STAGES = frozenset({"dev", "test"})
GRAPH = "https://graph.facebook.com/v25.0"
HOSTS = frozenset({"graph.facebook.com"})
WHATSAPP_SETTINGS = ("whatsapp_number_id", "whatsapp_token", "whatsapp_template")
SECONDS = 4.0
"""For each wait: with a text message after it, the whole must end before the queue brings it again."""


def send(message: Message, now: datetime) -> bool:
    """Sends the code to its telephone; False when it has expired and nobody wants it any more.

    StoreFailureError when no way took it: then it should be tried again.
    """
    if now.timestamp() >= message.expires:
        return False
    if folder := optional("outbox"):
        _lay_out(Path(folder), message, now)
    elif message.channel != "whatsapp" or not _by_whatsapp(message):
        sms.send(message.phone, code_text(message.code, message.tongue))
    return True


def _lay_out(folder: Path, message: Message, now: datetime) -> None:
    """One file a message, whole or not there at all. SettingsError where real people could be served."""
    if stage() not in OUTBOX_STAGES:
        raise SettingsError(
            "KHIDMAT_OUTBOX is for a local run: whoever reads the folder can sign in as anybody"
        )
    shown = {
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "to": message.phone,
        "channel": message.channel,
        "text": code_text(message.code, message.tongue),
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    draft = folder / f"{name}.draft"
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(json.dumps(shown, ensure_ascii=False))
    draft.rename(folder / f"{name}.json")


def _by_whatsapp(message: Message) -> bool:
    """Whether WhatsApp took it. It is not set up everywhere, and not everybody has it."""
    if not all(optional(name) for name in WHATSAPP_SETTINGS):
        return False
    address = f"{GRAPH}/{optional('whatsapp_number_id')}/messages"
    headers = {
        "Authorization": f"Bearer {optional('whatsapp_token')}",
        "Content-Type": "application/json",
    }
    try:
        answer = outbound.post(address, _template(message), HOSTS, headers=headers, seconds=SECONDS)
    except OutboundError:
        log.warning("not sent by WhatsApp")
        return False
    if answer.status != HTTPStatus.OK:
        log.warning("not sent by WhatsApp", extra={"status": answer.status})
        return False
    return True


def _template(message: Message) -> bytes:
    """An authentication template: its words are approved beforehand, and the code stands in it twice.

    https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates/auth-otp-template-messages
    """
    code = [{"type": "text", "text": message.code}]
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.phone.removeprefix("+"),
        "type": "template",
        "template": {
            "name": optional("whatsapp_template"),
            "language": {"code": message.tongue},
            "components": [
                {"type": "body", "parameters": code},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
            ],
        },
    }
    return json.dumps(body).encode()
