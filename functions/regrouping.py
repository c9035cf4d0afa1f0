"""Grouping feedback anew, at night and on request: what runs from the learning bundle, and nothing beside it.

Apart from the other consumers, so that this bundle needs no keys and carries no library that opens them.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent, Cron, SQSEvent

from functions.domain import regrouping as nightly
from functions.logs import failing_quietly

regrouping = Blueprint("functions.regrouping")
log = logging.getLogger("khidmat")
NOBODY = ""
"""The app of a message that names none."""


# 02:00 in Asia/Karachi, which has no summer time.
@regrouping.schedule(Cron(0, 21, "*", "*", "?", "*"))
@failing_quietly
def regroup_topics(event: CloudWatchEvent) -> dict[str, Any]:
    """Groups and ranks the feedback of every app anew."""
    counts = nightly.regroup_all(datetime.fromisoformat(event.time))
    log.info("regrouped", extra={"apps": len(counts)})
    return counts


@regrouping.on_sqs_message(queue="khidmat-regroup", batch_size=10)
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
            nightly.regroup(app, datetime.now(UTC))
        except Exception:
            log.exception("not regrouped", extra={"messages": len(message_ids)})
            failed += message_ids
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _app_named(body: str) -> str:
    try:
        return str(json.loads(body)["app"])
    except (ValueError, KeyError, TypeError):
        return NOBODY
