"""Releases by app, newest first; and which text's writer was told of which, with the answers they gave."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.transactions import TransactWrite

from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant
from functions.storage.topic_changes import Linking
from functions.storage.topics import connection

State = Literal["planned", "shipped"]
UNDATED = "9999-12-31"
"""Where a release without a day stands in the order: what is still to come, before all that has come."""


class ByApp(GlobalSecondaryIndex["ReleaseItem"]):
    class Meta:
        index_name = "by_app"
        projection = AllProjection()

    app = UnicodeAttribute(hash_key=True)
    released_key = UnicodeAttribute(range_key=True)


class ReleaseItem(Table):
    noun = "releases"

    class Meta(TableMeta):
        pass

    release_id = UnicodeAttribute(hash_key=True)
    app = UnicodeAttribute()
    released_key = UnicodeAttribute()
    release = UnicodeAttribute(attr_name="release_name")
    released_on = UnicodeAttribute(null=True)
    shipped_at = UnicodeAttribute(null=True)
    notes = UnicodeAttribute(null=True)
    state = UnicodeAttribute()
    topics = UnicodeSetAttribute(null=True)
    """Topics that are in it; with a topic's own decision in one transaction."""
    changed_at = UnicodeAttribute()
    changed_by = UnicodeAttribute()
    version = NumberAttribute()

    by_app = ByApp()


class ToldItem(Table):
    """That whoever wrote a text was told of a release: in the same table, under a key no reader can type."""

    noun = "releases"

    class Meta(TableMeta):
        pass

    release_id = UnicodeAttribute(hash_key=True)
    topic = UnicodeAttribute(attr_name="told_topic")
    told_release = UnicodeAttribute()
    told_version = UnicodeAttribute()
    told_at = UnicodeAttribute()


class AnswerItem(Table):
    """One person's answer, once a topic and shipping; whose it is the key tells as a keyed digest alone."""

    noun = "releases"

    class Meta(TableMeta):
        pass

    release_id = UnicodeAttribute(hash_key=True)
    answered_at = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Release:
    """`row_version` changes with what people change of it; putting topics in does not count."""

    release_id: str
    app: str
    version: str
    state: State
    released_on: date | None
    shipped_at: datetime | None
    notes: str
    changed_at: datetime
    changed_by: str
    topic_ids: tuple[str, ...] = ()
    row_version: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    topic_id: str
    release_id: str
    version: str
    at: datetime


def id_of(app: str, version: str) -> str:
    """A release is its app and its version: the same line imported again is the same release."""
    return "r-" + hashlib.sha256(f"{app}\x00{version}".encode()).hexdigest()[:16]


def get(release_id: str) -> Release | None:
    try:
        with named_failures():
            return _release(ReleaseItem.get(release_id, consistent_read=True))
    except DoesNotExist:
        return None


def many(release_ids: Iterable[str]) -> dict[str, Release]:
    with named_failures():
        found = ReleaseItem.batch_get(list(dict.fromkeys(release_ids)), consistent_read=True)
        return {item.release_id: _release(item) for item in found}


def of_app(app: str, *, after: str | None, limit: int) -> tuple[list[Release], str | None]:
    """Newest first, and the position to go on from."""
    until = (ByApp.released_key < after) if after else None
    with named_failures():
        rows = list(ReleaseItem.by_app.query(app, until, limit=limit + 1, scan_index_forward=False))
    position = rows[limit - 1].released_key if len(rows) > limit else None
    return [_release(row) for row in rows[:limit]], position


def all_of(app: str) -> Iterator[Release]:
    with named_failures():
        for item in ReleaseItem.by_app.query(app):
            yield _release(item)


def create(release: Release) -> bool:
    """Whether it was new: one release an app and version."""
    try:
        with named_failures():
            _item(release).save(ReleaseItem.release_id.does_not_exist())
    except StaleError:
        return False
    return True


def change(release: Release, *, on_version: int) -> None:
    """Writes all but its topics; StaleError if it is no longer `on_version`."""
    item = _item(release)
    optional = (ReleaseItem.released_on, ReleaseItem.shipped_at, ReleaseItem.notes)
    actions: list[Action] = [
        attribute.set(value) if (value := getattr(item, name)) else attribute.remove()
        for name, attribute in zip(("released_on", "shipped_at", "notes"), optional, strict=True)
    ]
    actions += [
        ReleaseItem.released_key.set(item.released_key),
        ReleaseItem.state.set(release.state),
        ReleaseItem.changed_at.set(item.changed_at),
        ReleaseItem.changed_by.set(release.changed_by),
        ReleaseItem.version.set(on_version + 1),
    ]
    with named_failures():
        ReleaseItem(release.release_id).update(actions, condition=ReleaseItem.version == on_version)


def putting_in(release: Release, topic_id: str) -> Linking:
    """The topic is in the release, on condition that this has not shipped since it was read."""
    actions: list[Action] = [ReleaseItem.topics.add({topic_id})]
    return ReleaseItem(release.release_id), actions, ReleaseItem.state == release.state


def taking_out(release_id: str, topic_id: str) -> Linking:
    actions: list[Action] = [ReleaseItem.topics.delete({topic_id})]
    return ReleaseItem(release_id), actions, ReleaseItem.release_id.exists()


def told(feedback_id: str) -> Told | None:
    """What the writer of a text was told of last; None for nothing."""
    try:
        with named_failures():
            item = ToldItem.get(_told_key(feedback_id), consistent_read=True)
    except DoesNotExist:
        return None
    return Told(item.topic, item.told_release, item.told_version, read_instant(item.told_at))


def note_told(feedback_ids: Iterable[str], what: Told) -> None:
    """The same twice is the same; a later release takes the place of an earlier one."""
    with named_failures(), ToldItem.batch_write() as batch:
        for feedback_id in feedback_ids:
            batch.save(
                ToldItem(
                    _told_key(feedback_id),
                    topic=what.topic_id,
                    told_release=what.release_id,
                    told_version=what.version,
                    told_at=instant_key(what.at),
                )
            )


def note_answer(what: Told, who: str, at: datetime, counting: Linking) -> None:
    """Keeps that `who` (a keyed digest) answered, and counts it; StaleError when that was done already."""
    item, actions, condition = counting
    key, once = AnswerItem(_answer_key(what, who)), AnswerItem.release_id.does_not_exist()
    with named_failures(), TransactWrite(connection=connection()) as transaction:
        transaction.update(key, [AnswerItem.answered_at.set(instant_key(at))], condition=once)
        transaction.update(item, actions or [], condition=condition)


def has_answered(what: Told, who: str) -> bool:
    """Whether an answer of `who` to this telling is kept."""
    try:
        with named_failures():
            AnswerItem.get(_answer_key(what, who), consistent_read=True)
    except DoesNotExist:
        return False
    return True


def _told_key(feedback_id: str) -> str:
    return f"told#{feedback_id}"


def _answer_key(what: Told, who: str) -> str:
    # Of each shipping: a topic that came back may go out with the same release again, and be broken again.
    return f"answer#{what.topic_id}#{what.release_id}#{instant_key(what.at)}#{who}"


def _item(release: Release) -> ReleaseItem:
    day = release.released_on.isoformat() if release.released_on else UNDATED
    item = ReleaseItem(
        release.release_id,
        app=release.app,
        released_key=f"{day}#{release.release_id}",
        release=release.version,
        state=release.state,
        changed_at=instant_key(release.changed_at),
        changed_by=release.changed_by,
        version=release.row_version,
    )
    if release.released_on:
        item.released_on = day
    if release.shipped_at:
        item.shipped_at = instant_key(release.shipped_at)
    if release.notes:
        item.notes = release.notes
    return item


def _release(item: ReleaseItem) -> Release:
    return Release(
        release_id=item.release_id,
        app=item.app,
        version=item.release,
        state=cast("State", item.state),
        released_on=date.fromisoformat(item.released_on) if item.released_on else None,
        shipped_at=read_instant(item.shipped_at) if item.shipped_at else None,
        notes=item.notes or "",
        changed_at=read_instant(item.changed_at),
        changed_by=item.changed_by,
        topic_ids=tuple(sorted(item.topics or ())),
        row_version=int(item.version),
    )
