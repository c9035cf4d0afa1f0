"""The public changelog: what people said, and what was done about it, release by release."""

from __future__ import annotations

from functions.domain.disclosure import at_least_ten
from functions.storage import releases as release_store
from functions.storage import topics as topic_store
from functions.storage.releases import Release
from functions.storage.topics import Topic
from schemas.feedback import Verdict
from schemas.releases import ChangelogEntry, SaidAndDone
from schemas.topics import RankedTopic


def page(app: str, after: str | None, limit: int) -> tuple[list[ChangelogEntry], str | None]:
    """Releases that are out, newest first, each with its topics; and the position to go on from."""
    found: list[Release] = []
    position = after
    while len(found) < limit:
        rows, position = release_store.of_app(app, after=position, limit=limit - len(found))
        found += [each for each in rows if each.state == "shipped"]
        if position is None:
            break
    wanted = [topic_id for each in found for topic_id in each.topic_ids]
    topics = topic_store.many(wanted) if wanted else {}
    return [_entry(each, topics) for each in found], position


def _entry(release: Release, topics: dict[str, Topic[RankedTopic]]) -> ChangelogEntry:
    present = [topics[i] for i in release.topic_ids if i in topics]
    # A topic merged into another is told of with that one; what was never said to be out is not told at all.
    told = [topic for topic in present if topic.edits.is_listed and _was_shipped(topic, release)]
    # Of few people not even the order tells how many they are.
    told.sort(key=lambda topic: (-(at_least_ten(topic.row.people) or 0), topic.row.topic_id))
    return ChangelogEntry(
        version=release.version,
        released_on=release.released_on,
        notes=release.notes,
        items=tuple(_item(topic, release) for topic in told),
    )


def _was_shipped(topic: Topic[RankedTopic], release: Release) -> bool:
    return any(d.action == "ship" and d.facts.get("version") == release.version for d in topic.decisions)


def _item(topic: Topic[RankedTopic], release: Release) -> SaidAndDone:
    row, people = topic.row, at_least_ten(topic.row.people)
    return SaidAndDone(
        type=row.type,
        said=row.name,
        done=row.done if topic.edits.release_id == release.release_id else {},
        people=people,
        status=row.status,
        verdict=_verdict(topic, release) if people else None,
    )


def _verdict(topic: Topic[RankedTopic], release: Release) -> Verdict | None:
    return dict(topic.standing.verdicts).get(release.release_id)
