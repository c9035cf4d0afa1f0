"""Consumers of the cases' stream and of the queue of apps to regroup."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent, SQSEvent

from functions.domain import notices, topics
from functions.logs import failing_quietly
from functions.storage.cases import read_history

consumers = Blueprint("functions.events")
log = logging.getLogger("khidmat")
NOBODY = ""
"""The app of a message that names none."""


@consumers.on_dynamodb_record(stream_arn="table/cases", batch_size=100)
@failing_quietly
def on_case_change(event: DynamoDBEvent) -> dict[str, Any]:
    """Audit entries and notices of each change. Fails one record alone, so that it alone comes again."""
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


@consumers.on_sqs_message(queue="khidmat-regroup", batch_size=10)
@failing_quietly
def on_regroup_request(event: SQSEvent) -> dict[str, Any]:
    """Regroups each app named in the batch once, however often it was asked for.

    What cannot be read or done fails by itself: the others of its batch are served.
    """
    wanted: dict[str, list[str]] = {}
    for record in event.to_dict()["Records"]:
        wanted.setdefault(_app_named(record["body"]), []).append(record["messageId"])
    failed = wanted.pop(NOBODY, [])
    for app, message_ids in wanted.items():
        try:
            topics.regroup(app, datetime.now(UTC))
        except Exception:
            log.exception("not regrouped", extra={"messages": len(message_ids)})
            failed += message_ids
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _app_named(body: str) -> str:
    try:
        return str(json.loads(body)["app"])
    except (ValueError, KeyError, TypeError):
        return NOBODY
