"""Consumers that copy every change of a chain into the audit ledger; their roles can add and no more.

Apart from the other consumers: these open no keys, and nothing they do may wait for a message to be sent.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from chalice.app import Blueprint, DynamoDBEvent

from functions import instant
from functions.domain.deadlines import KARACHI
from functions.domain.ledger import lines_of_change
from functions.logs import failing_quietly
from functions.storage import ledger
from functions.storage.history import read_history
from schemas.cases import Entry
from schemas.ledger import Line

copying = Blueprint("functions.copying")
log = logging.getLogger("khidmat")
BATCH = 500
WINDOW_SECONDS = 60
"""A batch is one object, 5 USD a million; a row an entry would be 0.625 USD a million entries (us-east-1)."""
PART = "#"
"""In the key of an item that belongs to another, such as one that holds its older history."""


@copying.on_dynamodb_record(
    stream_arn="table/cases", batch_size=BATCH, maximum_batching_window_in_seconds=WINDOW_SECONDS
)
@failing_quietly
def copy_case_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Entries of cases, readings of restricted ones among them."""
    return _copied("cases", event, "case")


@copying.on_dynamodb_record(
    stream_arn="table/officers", batch_size=BATCH, maximum_batching_window_in_seconds=WINDOW_SECONDS
)
@failing_quietly
def copy_officer_changes(event: DynamoDBEvent) -> dict[str, Any]:
    """Entries of officers' rows: who made whom what."""
    return _copied("officers", event, "officer")


def _copied(table: str, event: DynamoDBEvent, kind: str) -> dict[str, Any]:
    """Puts one object for the batch. It fails with the store alone, and comes again until it is there."""
    records = event.to_dict()["Records"]
    lines = [line for record in records for line in _read(kind, record["dynamodb"])]
    if lines:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        today = instant.now().astimezone(KARACHI).date()
        # Stream numbers have up to 40 digits; filled up, their names sort as they came.
        ledger.put_lines(today, f"{numbers[0]:0>40}-{numbers[-1]:0>40}-{table}", lines)
    return {"batchItemFailures": []}


def _read(kind: str, change: dict[str, Any]) -> list[Line]:
    (key,) = change["Keys"].values()
    name, _, part = key["S"].partition(PART)
    try:
        return _of_change(f"{kind}:{name}", change, part=bool(part))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Waiting for it would hold up all that follow, until the stream forgets them too: an easy way to hide
        # a change. So that it was there is put on record, and the verification names it.
        log.exception("not a chain", extra={"sequence_number": change["SequenceNumber"]})
        return [ledger.unreadable(f"{kind}:{name}", 0, json.dumps(change, sort_keys=True, default=str))]


def _of_change(subject: str, change: dict[str, Any], *, part: bool) -> list[Line]:
    old, new = change.get("OldImage", {}), change.get("NewImage", {})
    if part and not old:
        return []  # entries that moved there: they were copied when they were new
    moved = _number(new, "parts") > _number(old, "parts")
    return lines_of_change(subject, _entries(old), _entries(new), moved=moved)


def _entries(image: dict[str, Any]) -> tuple[Entry, ...]:
    return read_history(image["history"]["S"]) if "history" in image else ()


def _number(image: dict[str, Any], name: str) -> int:
    return int(image[name]["N"]) if name in image else 0
