"""Citizens with a telephone in hand: who asks for codes, and reads what was sent to which number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from functions.domain import codes, signing_in
from functions.domain.codes import Message
from functions.domain.errors import CodeRefused
from functions.storage import queues

DOCUMENT, OTHER_DOCUMENT = "cnic:0000000000001", "cnic:0000000000002"
PHONE, OTHER_PHONE = "+923000000001", "+923000000002"
ADDRESS = "203.0.113.1"
NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


class Telephones:
    """What was put on the codes' queue, opened as the consumer opens it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bodies: list[str] = []
        monkeypatch.setattr(queues, "ask_to_send_code", self.bodies.append)

    @property
    def messages(self) -> list[Message | None]:
        return [codes.read_message(body) for body in self.bodies]

    @property
    def sent(self) -> list[Message]:
        """Without the decoys."""
        return [message for message in self.messages if message]

    def code(self) -> str:
        """The newest code that was sent to anybody."""
        return self.sent[-1].code


def ask(now: datetime, document: str = DOCUMENT, phone: str = PHONE, address: str = ADDRESS) -> str:
    return signing_in.ask(document, phone, channel="sms", tongue="en", address=address, now=now).challenge


def enter(challenge: str, code: str, now: datetime, phone: str = PHONE, address: str = ADDRESS):
    return signing_in.sign_in(challenge, phone, code, device="", address=address, now=now)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


def after(**span: int) -> datetime:
    return NOW + timedelta(**span)


def refused(challenge: str, code: str, now: datetime = NOW, **more: str) -> None:
    with pytest.raises(CodeRefused):
        enter(challenge, code, now, **more)
