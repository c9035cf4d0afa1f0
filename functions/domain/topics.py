"""Topics: group what people wrote, rank it, keep what product owners decided."""

from __future__ import annotations

import hashlib
import logging
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from feedback_ml import priority
from feedback_ml import topics as grouping
from functions.domain.access import Caller
from functions.domain.disclosure import shown
from functions.domain.errors import ChangedMeanwhile, FieldFault, InvalidRequest, NotFound, PreconditionFailed
from functions.storage import feedback as store
from functions.storage import queues
from functions.storage import topics as topic_store
from functions.storage.feedback import Labelled
from functions.storage.tables import StaleError, instant_key
from functions.storage.topics import VANISHED_RANK, Topic
from schemas.topics import AppShown, Decision, NewDecision, Quote, RankedTopic, TopicBasis, TopicRow

NOT_UPGRADES = frozenset({"praise", "other"})
"""What asks for nothing to be done makes no topic."""
TOPIC_ID = re.compile(r"t-[0-9a-f]{16}")
log = logging.getLogger("khidmat")


class AppsNotRegroupedError(Exception):
    """So many apps could not be grouped and ranked; the others were."""


def apps(own_app: str) -> list[AppShown]:
    """Apps with feedback, the force's own first."""
    known = [
        AppShown(app=app, topics_as_of=datetime.fromisoformat(as_of) if as_of else None)
        for app, as_of in store.apps()
    ]
    return sorted(known, key=lambda row: (row.app != own_app, row.app))


def ask_to_regroup(app: str) -> None:
    """Puts the app on the queue; InvalidRequest when there is no feedback of it."""
    if app not in {known for known, _ in store.apps()}:
        raise InvalidRequest(FieldFault("/app", "unknown_app"))
    queues.ask_to_regroup(app)


def ranked(app: str, after: str | None, limit: int) -> tuple[list[Topic[TopicRow]], str | None]:
    """Topics by rank as they may be shown, and the position to go on from."""
    found, position = topic_store.ranked(app, after=after, limit=limit)
    return [_shown(topic) for topic in found], position


def show(topic_id: str) -> Topic[TopicRow]:
    """NotFound when there is none; what is not a topic's id does not reach the store."""
    topic = topic_store.get(topic_id) if TOPIC_ID.fullmatch(topic_id) else None
    if topic is None:
        raise NotFound
    return _shown(topic)


def quotes(topic: Topic[TopicBasis], after: str | None, limit: int) -> tuple[list[Quote], str | None]:
    """The topic's texts, newest first; the position is instant and id of the last one shown."""
    ids = topic_store.members(topic)
    begin = _following(ids, after) if after else 0
    page = ids[begin : begin + limit]
    rows = store.in_order(page)
    more = begin + limit < len(ids)
    return [quote(row) for row in rows], _position(rows[-1]) if more and rows else None


def decisions(topic: Topic[TopicBasis]) -> tuple[Decision, ...]:
    """All that was decided upon a topic, oldest first; of more than 500 at least the last 500."""
    return (*topic_store.older_decisions(topic), *topic.decisions)


def decide(
    caller: Caller, topic_id: str, new: NewDecision, now: datetime, if_version: int | None
) -> Topic[TopicRow]:
    """Sets the status and keeps who decided, when and why."""
    topic = show(topic_id)
    version = topic.row.version
    if if_version is not None and if_version != version:
        raise PreconditionFailed(state=topic.row.status)
    decision = Decision(at=now, by=caller.subject, status=new.status, reason=new.reason or "")
    try:
        topic_store.decide(topic, decision, on_version=version)
    except StaleError:
        present = show(topic_id)
        if decision not in present.decisions:
            raise ChangedMeanwhile(state=present.row.status) from None
        return present  # ours: the reply of the first try was lost, and the second met what it had written
    return show(topic_id)


def regroup_all(now: datetime) -> dict[str, int]:
    """Number of topics by app. AppsNotRegroupedError, at the end, if some could not be."""
    counts: dict[str, int] = {}
    failed = 0
    for app, _ in store.apps():
        try:
            counts[app] = regroup(app, now)
        except Exception:
            log.exception("not regrouped", extra={"apps": 1})
            failed += 1
    if failed:
        raise AppsNotRegroupedError(failed)
    return counts


def regroup(app: str, now: datetime) -> int:
    """Groups and ranks an app's feedback anew; how many topics it has. Idempotent.

    Trends end at the newest text, not today: last year's export is judged as of last year. A ranking that
    took so long that a later reading was ranked before it is dropped.
    """
    try:
        reading = store.begin_reading(app)
    except StaleError:
        return 0
    rows = {row.feedback.feedback_id: row for row in store.of_app(app)}
    if not rows:
        return 0
    as_of = min(now, max(row.feedback.written_at for row in rows.values()))
    groups = grouping.group([_item(i, row) for i, row in rows.items() if row.labels.type not in NOT_UPGRADES])
    before = {topic.row.topic_id: topic for topic in topic_store.all_of(app)}
    identity = _identities(app, groups, before)
    by_topic = {identity[n]: group for n, group in enumerate(groups)}
    ranking = priority.rank(
        [_evidence(topic_id, group, rows) for topic_id, group in by_topic.items()], as_of=as_of
    )
    try:
        store.claim_ranking(app, reading)
    except StaleError:
        return len(ranking)
    for place in ranking:
        group = by_topic[place.topic_id]
        row = _row(app, place, group, rows, as_of)
        topic_store.save_ranking(row, _newest_first(group.members, rows))
    _retire(topic for topic_id, topic in before.items() if topic_id not in by_topic)
    store.ranked_as_of(app, as_of.isoformat())
    return len(ranking)


def quote(row: Labelled) -> Quote:
    feedback = row.feedback
    return Quote(
        feedback_id=feedback.feedback_id,
        text=" — ".join(part for part in (feedback.title, feedback.text) if part),
        language=row.labels.language,
        type=row.labels.type,
        rating=feedback.rating,
        version=feedback.version,
        source=feedback.source,
        written_at=feedback.written_at,
    )


def _shown(topic: Topic[RankedTopic]) -> Topic[TopicRow]:
    return Topic(shown(topic.row), topic.decisions, topic.member_parts, topic.decision_parts)


def _position(row: Labelled) -> str:
    return f"{instant_key(row.feedback.written_at)}#{row.feedback.feedback_id}"


def _following(ids: Sequence[str], position: str) -> int:
    """Index of the first text after `position`, also when the one that stood there has left the topic."""
    last = position.rpartition("#")[2]
    if last in ids:
        return ids.index(last) + 1
    return bisect_left(ids, True, key=lambda i: any(_position(row) < position for row in store.in_order([i])))


def _item(feedback_id: str, row: Labelled) -> grouping.GroupItem:
    text = " ".join(part for part in (row.feedback.title, row.feedback.text) if part)
    return grouping.GroupItem(
        feedback_id=feedback_id, text=text, type=row.labels.type, language=row.labels.language
    )


def _identities(
    app: str, groups: Sequence[grouping.Group], before: Mapping[str, Topic[RankedTopic]]
) -> dict[int, str]:
    """A topic keeps its id from night to night; a new one is named after its members."""
    previous = {topic_id: frozenset(topic_store.members(topic)) for topic_id, topic in before.items()}
    identity = dict(grouping.match(previous, groups))
    for number, group in enumerate(groups):
        if number not in identity:
            own = hashlib.sha256("\x00".join((app, *sorted(group.members))).encode())
            identity[number] = f"t-{own.hexdigest()[:16]}"
    return identity


def _evidence(topic_id: str, group: grouping.Group, rows: Mapping[str, Labelled]) -> priority.Evidence:
    return priority.Evidence(
        topic_id=topic_id,
        type=group.type,
        rows=tuple(_evidence_row(rows[i]) for i in group.members),
    )


def _evidence_row(row: Labelled) -> priority.Row:
    feedback = row.feedback
    return priority.Row(
        person=feedback.person or feedback.feedback_id,
        written_at=feedback.written_at,
        severity=row.labels.severity,
        rating=feedback.rating,
        language=row.labels.language,
        version=feedback.version,
    )


def _row(
    app: str,
    place: priority.Ranked,
    group: grouping.Group,
    rows: Mapping[str, Labelled],
    as_of: datetime,
) -> RankedTopic:
    return RankedTopic(
        topic_id=place.topic_id,
        app=app,
        type=group.type,
        name={"en": group.name_en, "ur": group.name_ur},
        rank=place.rank,
        score=place.score,
        parts=dict(place.parts),
        people=place.people,
        texts=len(group.members),
        weeks=place.weeks,
        severity=place.severity,
        languages=place.languages,
        versions=place.versions,
        trend=place.state,
        status="new",
        version=1,
        as_of=as_of,
        quotes=tuple(quote(rows[i]) for i in group.quotes),
        terms=group.terms,
    )


def _newest_first(member_ids: Iterable[str], rows: Mapping[str, Labelled]) -> list[str]:
    return sorted(member_ids, key=lambda i: (rows[i].feedback.written_at, i), reverse=True)


def _retire(vanished: Iterable[Topic[RankedTopic]]) -> None:
    for topic in vanished:
        if topic.decisions:
            row = topic.row.model_copy(update={"rank": VANISHED_RANK, "trend": "fading"})
            topic_store.save_ranking(row, topic_store.members(topic))
            continue
        try:
            topic_store.remove(topic)
        except StaleError:
            continue  # somebody decided upon it just now: the next night keeps it
