"""Queue consumers: receive, call the function with Lambda's batch event, delete what succeeded.

A failed message is left alone: it becomes visible again after the queue's time-out, and after maxReceiveCount
the queue itself moves it to its dead letters, as on AWS.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from threading import Event

    from infra.local.functions import Function

WAIT_SECONDS = 1  # AWS waits 20; here Ctrl-C should not
PAUSE_SECONDS = 2.0
MOST_RECEIVED = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Queue:
    url: str
    arn: str
    region: str


def find(client: Any, name: str) -> Queue:
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Queue(url, arn, client.meta.region_name)


def lambda_record(message: dict[str, Any], queue: Queue) -> dict[str, Any]:
    """Return a received message in the form Lambda passes it on."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {f"{key[0].lower()}{key[1:]}": value for key, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": queue.region,
    }


def failed_ids(returned: Any, identifiers: list[str]) -> set[str]:
    """Return which of a batch failed, by the function's partial batch response; malformed, it is all."""
    if not returned:
        return set()
    try:
        failed = {str(failure["itemIdentifier"]) for failure in returned.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return set(identifiers)
    return failed if failed.issubset(identifiers) else set(identifiers)


def deliver_once(client: Any, queue: Queue, function: Function, wait_seconds: int = WAIT_SECONDS) -> int:
    """Receive one batch and deliver it; returns how many messages were done with."""
    received = client.receive_message(
        QueueUrl=queue.url,
        MaxNumberOfMessages=min(function.source.batch_size, MOST_RECEIVED),
        WaitTimeSeconds=wait_seconds,
        AttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    if not received:
        return 0
    failed = _failed(function, received, queue)
    done = [message for message in received if message["MessageId"] not in failed]
    for message in done:
        client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    return len(done)


def consume(client: Any, queue: Queue, function: Function, stop: Event) -> None:
    """Deliver batches until `stop`; an engine that does not answer is asked again."""
    while not stop.is_set():
        try:
            deliver_once(client, queue, function)
        except (BotoCoreError, ClientError):
            if not stop.is_set():
                log.exception("the queue %s did not answer", queue.arn)
            stop.wait(PAUSE_SECONDS)


def _failed(function: Function, received: list[dict[str, Any]], queue: Queue) -> set[str]:
    identifiers = [message["MessageId"] for message in received]
    try:
        returned = function.invoke({"Records": [lambda_record(message, queue) for message in received]})
    except Exception:
        log.exception("%s failed; its %d messages will come again", function.name, len(received))
        return set(identifiers)
    return failed_ids(returned, identifiers)
