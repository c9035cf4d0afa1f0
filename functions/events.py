"""Consumers of the cases' stream, and of the queues of codes and messages for people."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, SQSEvent

from feedback_ml.text import mask_personal
from functions import instant, sending
from functions.domain import (
    case_feedback,
    champion,
    codes,
    dispatch,
    marking,
    messages,
    notices,
    register,
)
from functions.domain.notices import Change
from functions.logs import failing_quietly
from functions.storage import queues
from functions.storage.history import read_history
from functions.storage.tables import StoreFailureError, read_instant

consumers = Blueprint("functions.events")
log = logging.getLogger("khidmat")


@consumers.on_dynamodb_record(stream_arn="table/cases", batch_size=100)
@failing_quietly
def on_case_change(event: DynamoDBEvent) -> dict[str, Any]:
    """Notices and messages of each change. Fails one record alone, so that it alone comes again."""
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


def _follow(old: dict[str, Any], new: dict[str, Any]) -> None:
    if "kind" not in new:
        return  # a deletion, or older history moved to an item of its own
    change = _change(old, new)
    notices.record_change(change)
    _hand_over(messages.record_change(change, instant.now()))
    register.follow(old, new)
    if any(entry.action == "lodge" for entry in change.entries):
        marking.mark_by_load(change.reference, instant.now())
    # Last: whatever is wrong with what was written, everybody concerned has been told.
    case_feedback.follow(change.entries, new, champion.label, mask_personal, instant.now())


def _change(old: dict[str, Any], new: dict[str, Any]) -> Change:
    known = {entry.sequence for entry in read_history(old["history"]["S"])} if "history" in old else set()
    said = {name: value["S"] for name, value in new.items() if "S" in value}
    return Change(
        reference=said["reference"],
        owner=said.get("owner", ""),
        entries=[entry for entry in read_history(said["history"]) if entry.sequence not in known],
        office=said["office"],
        category=said["category"],
        about_offices=tuple(filter(None, said.get("about", "").split(","))),
        accused=tuple(filter(None, said.get("accused", "").split(","))),
        lodged_at=read_instant(said["lodged_key"].partition("#")[0]),
    )


def _hand_over(waiting: Iterable[str]) -> int:
    """Puts messages on their queue. The schedule finds what is not taken there: its row is written."""
    handed = 0
    for message in waiting:
        try:
            queues.ask_to_send_message(message)
        except StoreFailureError:
            log.warning("a message waits for the schedule")
            return handed
        handed += 1
    return handed


@consumers.on_sqs_message(queue="khidmat-messages", batch_size=5)
@failing_quietly
def on_message(event: SQSEvent) -> dict[str, Any]:
    """Sends messages of the outbox. One that failed comes again; what was begun is never begun twice."""
    failed, carrier = [], sending.carrier()
    for record in event.to_dict()["Records"]:
        try:
            message = json.loads(record["body"])["message"]
            dispatch.deliver(message, carrier, instant.now())
        except Exception:
            log.exception("a message was not sent")
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


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
