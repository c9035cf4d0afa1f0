"""How a message reaches a telephone or a mailbox: SMS, WhatsApp, e-mail, or a folder in a local run."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions import digest_letter, issues, outbound
from functions.domain import digests
from functions.domain.codes import Message
from functions.domain.dispatch import Carrier, Letter, Outcome
from functions.messages import code_text, email_text, message_text
from functions.outbound import (
    AddressRefusedError,
    NotConnectedError,
    OutboundError,
    RedirectRefusedError,
)
from functions.settings import SettingsError, optional, stage
from functions.storage import mail, sms
from functions.storage.messages import WEBHOOK
from functions.storage.providers import NotTakenError, UncertainError

log = logging.getLogger("khidmat")
OUTBOX_STAGES = frozenset({"dev", "test"})
GRAPH = "https://graph.facebook.com/v25.0"
HOSTS = frozenset({"graph.facebook.com"})
WHATSAPP_SETTINGS = ("whatsapp_number_id", "whatsapp_token", "whatsapp_template")
NEEDED = {
    "sms": (),
    "whatsapp": ("whatsapp_number_id", "whatsapp_token", "whatsapp_notice_template"),
    "email": ("email_sender",),
    WEBHOOK: issues.NEEDED,
}
"""Settings without which a channel is not set up."""
SECONDS = 4.0
"""For each wait: with a text message after it, the whole must end before the queue brings it again."""
NOT_ASKED = (AddressRefusedError, NotConnectedError, RedirectRefusedError)
"""Nothing was sent: the host was not asked, or sent us away."""


def send(message: Message, now: datetime) -> bool:
    """Sends the code to its telephone; False when it has expired and nobody wants it any more.

    StoreFailureError when no way took it: then it should be tried again.
    """
    if now.timestamp() >= message.expires:
        return False
    if folder := optional("outbox"):
        shown = {"to": message.phone, "channel": message.channel}
        shown["text"] = code_text(message.code, message.tongue)
        _lay_out(Path(folder), f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}", now, shown)
    elif message.channel != "whatsapp" or not _by_whatsapp(message):
        sms.send(message.phone, code_text(message.code, message.tongue))
    return True


def carrier() -> Carrier:
    """Who brings messages here: the providers, or in a local run the folder."""
    return Folder(Path(folder)) if (folder := optional("outbox")) else Providers()


@dataclass(frozen=True, slots=True)
class Folder:
    """A file a message and channel, by a name that follows from both: given twice, it lies there once."""

    path: Path
    is_repeatable: bool = True

    def is_set_up(self, channel: str) -> bool:
        return channel in NEEDED

    def send(self, letter: Letter) -> Outcome:
        name = hashlib.sha256(f"{letter.key} {letter.channel}".encode()).hexdigest()[:16]
        shown = {"to": letter.address, "channel": letter.channel, **_shown(letter)}
        _lay_out(self.path, f"{letter.at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{name}", letter.at, shown)
        return "sent"


def _shown(letter: Letter) -> dict[str, str]:
    """What lies in the folder of a letter."""
    if letter.event == digests.EVENT:
        return dict(zip(("subject", "text", "html"), digest_letter.written(letter), strict=True))
    if letter.channel == WEBHOOK:
        return {"text": json.dumps(dict(letter.words), ensure_ascii=False)}
    return {"text": text_of(letter)}


@dataclass(frozen=True, slots=True)
class Providers:
    """SNS, the WhatsApp Cloud API and SES: none of them knows a message again that it has sent before."""

    is_repeatable: bool = False

    def is_set_up(self, channel: str) -> bool:
        return channel in NEEDED and all(optional(name) for name in NEEDED[channel])

    def send(self, letter: Letter) -> Outcome:
        ways = {"sms": _text_message, "whatsapp": _notice_by_whatsapp, "email": _email, WEBHOOK: _issue}
        try:
            ways[letter.channel](letter)
        except NotTakenError:
            log.warning("a message was refused")
            return "refused"
        except UncertainError:
            log.warning("nobody can tell whether a message was sent")
            return "unknown"
        return "sent"


def text_of(letter: Letter) -> str:
    return message_text(
        letter.event,
        letter.tongue,
        letter.reference,
        to_office=letter.to_office,
        words=dict(letter.words),
    )


def _text_message(letter: Letter) -> None:
    sms.send_once(letter.address, text_of(letter))


def _email(letter: Letter) -> None:
    if letter.event == digests.EVENT:
        mail.send(optional("email_sender"), letter.address, *digest_letter.written(letter))
        return
    subject, text = email_text(text_of(letter), letter.tongue, letter.reference)
    mail.send(optional("email_sender"), letter.address, subject, text)


def _issue(letter: Letter) -> None:
    issues.send(dict(letter.words))


def _notice_by_whatsapp(letter: Letter) -> None:
    """A utility template with one gap, for the whole sentence: its frame is approved beforehand.

    https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
    """
    body = [{"type": "body", "parameters": [{"type": "text", "text": text_of(letter)}]}]
    template = _template(optional("whatsapp_notice_template"), letter.address, letter.tongue, body)
    try:
        status = _post_to_whatsapp(template)
    except NOT_ASKED as error:
        raise NotTakenError(type(error).__name__) from None
    except OutboundError as error:
        raise UncertainError(type(error).__name__) from None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise UncertainError(str(int(status)))
    if status >= HTTPStatus.BAD_REQUEST:
        raise NotTakenError(str(int(status)))


def _lay_out(folder: Path, name: str, at: datetime, shown: dict[str, str]) -> None:
    """One file a message, whole or not there at all. SettingsError where real people could be served."""
    if stage() not in OUTBOX_STAGES:
        raise SettingsError(
            "KHIDMAT_OUTBOX is for a local run: whoever reads the folder can sign in as anybody"
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{name}.{secrets.token_hex(4)}.draft"
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        said = {"at": at.astimezone(UTC).isoformat(timespec="seconds"), **shown}
        file.write(json.dumps(said, ensure_ascii=False))
    draft.rename(folder / f"{name}.json")


def _by_whatsapp(message: Message) -> bool:
    """Whether WhatsApp took it. It is not set up everywhere, and not everybody has it.

    An authentication template: its words are approved beforehand, and the code stands in it twice.
    https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates/auth-otp-template-messages
    """
    if not all(optional(name) for name in WHATSAPP_SETTINGS):
        return False
    code = [{"type": "text", "text": message.code}]
    components = [
        {"type": "body", "parameters": code},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": code},
    ]
    template = _template(optional("whatsapp_template"), message.phone, message.tongue, components)
    try:
        status = _post_to_whatsapp(template)
    except OutboundError:
        log.warning("not sent by WhatsApp")
        return False
    if status != HTTPStatus.OK:
        log.warning("not sent by WhatsApp", extra={"status": status})
        return False
    return True


def _post_to_whatsapp(body: bytes) -> int:
    """The status of the answer; OutboundError when there was none."""
    address = f"{GRAPH}/{optional('whatsapp_number_id')}/messages"
    headers = {
        "Authorization": f"Bearer {optional('whatsapp_token')}",
        "Content-Type": "application/json",
    }
    return outbound.post(address, body, HOSTS, headers=headers, seconds=SECONDS).status


def _template(name: str, phone: str, tongue: str, components: Sequence[dict[str, Any]]) -> bytes:
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": phone.removeprefix("+"),
        "type": "template",
        "template": {"name": name, "language": {"code": tongue}, "components": list(components)},
    }
    return json.dumps(body).encode()
