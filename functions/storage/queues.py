"""The queues: of apps whose feedback is to be regrouped, of codes, and of messages on their way to people."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import setting, settings
from functions.storage.tables import StoreFailureError


@cache
def client() -> Any:
    # botocore alone: PynamoDB has loaded it anyway, and boto3 above it would be a tenth of a cold start.
    return botocore.session.get_session().create_client(
        "sqs", config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2})
    )


def ask_to_regroup(app: str) -> None:
    _send(settings().regroup_queue_url, json.dumps({"app": app}))


def ask_to_send_code(sealed: str) -> None:
    """`sealed` is whom to send which code to, and whether at all: nobody who sees the queue can tell."""
    _send(settings().codes_queue_url, sealed)


def ask_to_send_message(message: str) -> None:
    """`message` is the key of a row of the outbox, and says nothing but the case, the step and an id."""
    _send(setting("messages_queue_url"), json.dumps({"message": message}))


def _send(queue: str, body: str) -> None:
    try:
        client().send_message(QueueUrl=queue, MessageBody=body)
    except (BotoCoreError, ClientError) as error:
        raise StoreFailureError(type(error).__name__) from error
