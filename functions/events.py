"""Consumers of the cases' stream and of the queue of codes for telephones."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, SQSEvent

from functions import sending
from functions.domain import codes, notices
from functions.logs import failing_quietly
from functions.storage.history import read_history

consumers = Blueprint("functions.events")
log = logging.getLogger("khidmat")


@consumers.on_dynamodb_record(stream_arn="table/cases", batch_size=100)
@failing_quietly
def on_case_change(event: DynamoDBEvent) -> dict[str, Any]:
    """Notices of each change. Fails one record alone, so that it alone comes again."""
    failed = []
    for record in event.to_dict()["Records"]:
        change = record["dynamodb"]
        try:
            _follow(change.get("OldImage", {}), change.get("NewImage", {}))
        except Exception:
            log.exception("not followed", extra={"sequence_number": change["SequenceNumber"]})
            failed.append({"itemIdentifier": change["SequenceNumber"]})
            break  # a stream is in order: what comes after must wait for this one
    return {"batchItemFailures": failed}


def _follow(old: dict[str, Any], new: dict[str, Any]) -> int:
    if "kind" not in new:
        return 0  # a deletion, or older history moved to an item of its own
    known = {entry.sequence for entry in read_history(old["history"]["S"])} if "history" in old else set()
    fresh = [entry for entry in read_history(new["history"]["S"]) if entry.sequence not in known]
    owner = new.get("owner", {}).get("S", "")
    return notices.record_change(new["reference"]["S"], owner, fresh)


@consumers.on_sqs_message(queue="khidmat-codes", batch_size=1)
@failing_quietly
def on_code_request(event: SQSEvent) -> dict[str, Any]:
    """Sends one-time codes to telephones. A decoy ends here, and so does a code that came too late.

    What could not be sent comes again by itself while its code lasts.
    """
    failed = []
    for record in event.to_dict()["Records"]:
        try:
            message = codes.read_message(record["body"])
            if message is not None and not sending.send(message, datetime.now(UTC)):
                log.warning("a code came too late to be sent")
        except Exception:
            log.exception("a code was not sent")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
