"""What follows a ranking: releases that are out are measured and told of, and what came back is reopened.

Everything here may be cut short and run again. What an API call began and did not end, this ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from feedback_ml import priority
from functions.domain import measuring, telling
from functions.domain.measuring import Evening
from functions.domain.reopening import reopen
from functions.domain.topic_decisions import Stored, decide_by_itself, ship
from functions.domain.topic_life import OUT, after_measurement
from functions.storage import releases as release_store
from functions.storage import topic_changes
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from functions.storage.releases import Release
from functions.storage.tables import StaleError
from schemas.feedback import Verdict

Rows = Mapping[str, Labelled]
Members = Mapping[str, Sequence[str]]


def follow(app: str, members: Members, rows: Rows, as_of: datetime, now: datetime) -> None:
    """Goes through every topic of the app that is in a release that is out."""
    releases = {each.release_id: each for each in release_store.all_of(app) if each.state == "shipped"}
    if not releases:
        return
    concerned = [topic for topic in topic_store.all_of(app) if _is_concerned(topic, releases)]
    if not concerned:
        return
    evening = measuring.evening(members, rows, releases.values(), as_of)
    for listed in concerned:
        # Read anew, and from the table itself: the index may not have what was decided a moment ago.
        topic = topic_store.get(listed.row.topic_id)
        if topic is not None and _is_concerned(topic, releases):
            ids = members.get(topic.row.topic_id, ())
            _follow_topic(topic, releases[topic.edits.release_id], ids, rows, evening, now)


def _is_concerned(topic: Stored, releases: Mapping[str, Release]) -> bool:
    is_out = topic.row.status in OUT or topic.row.status == "in_release"
    return is_out and topic.edits.is_listed and topic.edits.release_id in releases


def _follow_topic(
    topic: Stored, release: Release, ids: Sequence[str], rows: Rows, evening: Evening, now: datetime
) -> None:
    if topic.row.status == "in_release":
        # The release went out, and whoever said so did not come to this topic.
        if not ship(topic, release, now):
            return
        topic = _read_anew(topic)
    telling.tell(topic, release, ids, rows, now)
    topic = _read_anew(topic)
    if not reopen(topic, release.version, now):
        _measure(topic, release, [rows[i] for i in ids], evening, now)


def _measure(
    topic: Stored, release: Release, texts: Sequence[Labelled], evening: Evening, now: datetime
) -> None:
    measured = measuring.measure(topic.row.topic_id, release, evening)
    if measured is None or release.shipped_at is None:
        return
    found, former = measuring.kept(measured[0], release), _former(topic, release)
    if topic.standing.measured != found:
        verdicts = {**dict(topic.standing.verdicts), release.release_id: found.verdict}
        standing = replace(topic.standing, measured=found, verdicts=tuple(sorted(verdicts.items())))
        try:
            topic_changes.save_standing(topic, standing)
        except StaleError:
            return  # the topic has gone
    status = after_measurement(topic.row.status, former, found.verdict)
    reason = f"Measured: {found.verdict.replace('_', ' ')}"
    if status in OUT and (measured[1] or _came_again(texts, release.shipped_at, evening.as_of)):
        status, reason = "regressed", "It came back: people write about it again as before the release"
    if status != topic.row.status:
        facts = {"verdict": found.verdict, "release_id": found.release_id}
        decide_by_itself(topic, "measurement", status, reason, now, facts)


def _former(topic: Stored, release: Release) -> Verdict | None:
    measured = topic.standing.measured
    return measured.verdict if measured and measured.release_id == release.release_id else None


def _read_anew(topic: Stored) -> Stored:
    return topic_store.get(topic.row.topic_id) or topic


def _came_again(texts: Sequence[Labelled], mended_at: datetime, as_of: datetime) -> bool:
    """Whether a burst came after it; the wider counts of a verdict may not show it for weeks."""
    rows = [
        priority.Row(
            person=text.feedback.person or text.feedback.feedback_id,
            written_at=text.feedback.written_at,
            severity=text.labels.severity,
            rating=text.feedback.rating,
            language=text.labels.language,
        )
        for text in texts
    ]
    return priority.came_again(rows, mended_at=mended_at, as_of=as_of)
