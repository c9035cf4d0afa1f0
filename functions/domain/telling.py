"""Telling whoever wrote about a matter that a release is to mend it: each person once a topic and release.

At shipping, not when it is measured: people can try it then, and their "still broken" comes while it can be
acted upon; of a matter that few wrote about no measurement ever says anything. The message goes by the
outbox, as all others: in the person's language, by their channel, outside their quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.storage import feedback as feedback_store
from functions.storage import messages, notices, topic_changes
from functions.storage import releases as release_store
from functions.storage.feedback import Labelled
from functions.storage.messages import MessageRow
from functions.storage.notices import NoticeRow
from functions.storage.releases import Release, Told
from functions.storage.topics import Topic
from schemas.topics import RankedTopic

EVENT = "upgrade.shipped"
GIVEN_HERE = frozenset({"in_app", "case_rating"})
"""Sources whose writers are signed in here; of the others nobody is known who could be told."""
LONGEST_NAME, LONGEST_VERSION = 56, 16
"""Letters of either in a sentence that has to fit a text message."""
Words = tuple[tuple[str, str], ...]


def tell(
    topic: Topic[RankedTopic],
    release: Release,
    member_ids: Sequence[str],
    rows: Mapping[str, Labelled],
    now: datetime,
) -> int:
    """Tells everybody who wrote before the topic shipped and was not told of this; how many that are in all.

    May be cut short and run again, twice at once too: each row is written on the condition that it is new.
    """
    shipped_at = shipped_when(topic)
    if topic.standing.told_release == release.release_id or shipped_at is None:
        return topic.standing.told
    by_person = _writers(member_ids, rows, shipped_at)
    told = Told(topic.row.topic_id, release.release_id, release.version, shipped_at)
    for person, feedback_ids in by_person.items():
        release_store.note_told(feedback_ids, told)  # first: whoever reads the message can answer it
        _notify(person, feedback_ids[0], topic, told, now)
    standing = replace(topic.standing, told_release=release.release_id, told=len(by_person))
    topic_changes.save_standing(topic, standing)
    return len(by_person)


def shipped_when(topic: Topic[RankedTopic]) -> datetime | None:
    """When the topic was last said to be out."""
    return next((each.at for each in reversed(topic.decisions) if each.action == "ship"), None)


def words_of(topic: Topic[RankedTopic], version: str) -> Words:
    """What the sentence names: public, and of the length that it takes."""
    name = topic.row.name
    return (
        ("topic_en", shortened(name["en"], LONGEST_NAME)),
        ("topic_ur", shortened(name["ur"], LONGEST_NAME)),
        ("version", shortened(version, LONGEST_VERSION)),
    )


def shortened(text: str, most: int) -> str:
    """Cut at a word where there is one; dots, for the dots of one letter are in no text message."""
    if len(text) <= most:
        return text
    cut = text[: most - 2]
    return (cut.rsplit(" ", 1)[0] if " " in cut[most // 2 :] else cut) + ".."


def _writers(
    member_ids: Sequence[str], rows: Mapping[str, Labelled], shipped_at: datetime
) -> dict[str, list[str]]:
    """Each person's texts, newest first."""
    here = [
        i
        for i in member_ids
        if rows[i].feedback.source in GIVEN_HERE and rows[i].feedback.written_at < shipped_at
    ]
    here.sort(key=lambda i: (rows[i].feedback.written_at, i), reverse=True)
    givers = feedback_store.givers(here) if here else {}
    found: dict[str, list[str]] = {}
    for feedback_id in here:
        if feedback_id in givers:
            found.setdefault(givers[feedback_id], []).append(feedback_id)
    return found


def _notify(person: str, feedback_id: str, topic: Topic[RankedTopic], told: Told, now: datetime) -> None:
    words = words_of(topic, told.version)
    case = f"{told.topic_id}.{told.release_id}"
    notices.add(person, NoticeRow(told.at, feedback_id, EVENT, words=words), 0, case)
    # Its own instant is when it was decided to send it: one that waited for long says what the app has shown.
    messages.add(
        MessageRow(
            message=messages.key_of(case, 0, person),
            recipient=person,
            reference=dict(words)["version"],
            event=EVENT,
            sequence=0,
            manner="open",
            state="waiting",
            at=now,
            next_at=now,
            words=words,
        )
    )
