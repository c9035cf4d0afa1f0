"""Text messages through SNS, straight to a telephone."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import optional
from functions.storage.tables import StoreFailureError

SENDER_ID = "AWS.SNS.SMS.SenderID"
TYPE = "AWS.SNS.SMS.SMSType"


@cache
def client() -> Any:
    # One try more and no further: a code that comes late is not wanted, and the queue brings it again.
    return botocore.session.get_session().create_client(
        "sns", config=Config(connect_timeout=2, read_timeout=8, retries={"max_attempts": 1})
    )


def send(phone: str, text: str) -> None:
    """`phone` in E.164. StoreFailureError when the message was not taken, without its words."""
    attributes = {TYPE: _text("Transactional")}
    if sender := optional("sms_sender"):
        attributes[SENDER_ID] = _text(sender)
    try:
        client().publish(PhoneNumber=phone, Message=text, MessageAttributes=attributes)
    except (BotoCoreError, ClientError) as error:
        # The cause quotes the telephone.
        raise StoreFailureError(type(error).__name__) from None


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
