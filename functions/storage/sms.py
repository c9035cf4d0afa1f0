"""Text messages through SNS, straight to a telephone."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import optional
from functions.storage.providers import ONCE, told_apart
from functions.storage.tables import StoreFailureError

SENDER_ID = "AWS.SNS.SMS.SenderID"
TYPE = "AWS.SNS.SMS.SMSType"


@cache
def client() -> Any:
    # One try more and no further: a code that comes late is not wanted, and the queue brings it again.
    return botocore.session.get_session().create_client(
        "sns", config=Config(connect_timeout=2, read_timeout=8, retries={"max_attempts": 1})
    )


@cache
def client_once() -> Any:
    return botocore.session.get_session().create_client("sns", config=ONCE)


def send(phone: str, text: str) -> None:
    """`phone` in E.164. StoreFailureError when the message was not taken, without its words."""
    try:
        client().publish(PhoneNumber=phone, Message=text, MessageAttributes=_attributes())
    except (BotoCoreError, ClientError) as error:
        # The cause quotes the telephone.
        raise StoreFailureError(type(error).__name__) from None


def send_once(phone: str, text: str) -> None:
    """As `send`, and never a second time by itself: NotTakenError or UncertainError, without its words."""
    with told_apart():
        client_once().publish(PhoneNumber=phone, Message=text, MessageAttributes=_attributes())


def _attributes() -> dict[str, dict[str, str]]:
    attributes = {TYPE: _text("Transactional")}
    if sender := optional("sms_sender"):
        attributes[SENDER_ID] = _text(sender)
    return attributes


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
