"""In-app notices: one row a recipient and event, newest first.

A recipient is a person, or `office:` and an office's id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant
from schemas.catalogue.reading import retention


class NoticeItem(Table):
    noun = "notices"

    class Meta(TableMeta):
        pass

    recipient = UnicodeAttribute(hash_key=True)
    notice_key = UnicodeAttribute(range_key=True)
    at = UnicodeAttribute()
    reference = UnicodeAttribute()
    event = UnicodeAttribute()
    restricted = BooleanAttribute(null=True)
    about_offices = UnicodeAttribute(null=True, attr_name="about")
    accused = UnicodeAttribute(null=True)
    lodged_at = UnicodeAttribute(null=True, attr_name="lodged")
    words = UnicodeAttribute(null=True, attr_name="public_words")
    expires = NumberAttribute()
    """When the table forgets it, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """What an office's notice keeps of its case, all of it fixed when it was lodged: who must not read it."""

    restricted: bool
    about_offices: tuple[str, ...]
    accused: tuple[str, ...]
    lodged_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeRow:
    at: datetime
    reference: str
    event: str
    concerned: Concerned | None = None
    """Of an office's notice alone."""
    words: tuple[tuple[str, str], ...] = ()
    """What the sentence says besides; none of it is anybody's."""


def add(recipient: str, row: NoticeRow, sequence: int, case: str = "") -> bool:
    """Whether it was new: the key is the event's own, so a stream read twice tells nobody twice.

    `case` is whose entry it is, where that is another than the one the recipient knows (a merged one).
    """
    key = f"{instant_key(row.at)}#{case or row.reference}#{sequence}"
    expires = row.at + timedelta(days=retention().notice_days)
    item = NoticeItem(
        recipient,
        key,
        at=instant_key(row.at),
        reference=row.reference,
        event=row.event,
        expires=int(expires.timestamp()),
    )
    if row.concerned:
        item.restricted, item.lodged_at = row.concerned.restricted, instant_key(row.concerned.lodged_at)
        item.about_offices = ",".join(row.concerned.about_offices) or None
        item.accused = ",".join(row.concerned.accused) or None
    if row.words:
        item.words = json.dumps(dict(row.words), ensure_ascii=False)
    try:
        with named_failures():
            item.save(NoticeItem.notice_key.does_not_exist())
    except StaleError:
        return False
    return True


def of_recipient(recipient: str, *, before: str | None, limit: int) -> tuple[list[NoticeRow], str | None]:
    """Newest first, and the position to go on from."""
    until = (NoticeItem.notice_key < before) if before else None
    with named_failures():
        rows = list(NoticeItem.query(recipient, until, scan_index_forward=False, limit=limit + 1))
    position = rows[limit - 1].notice_key if len(rows) > limit else None
    return [_row(item) for item in rows[:limit]], position


def forget(recipient: str) -> None:
    """Takes away all notices of a person."""
    with named_failures(), NoticeItem.batch_write() as batch:
        for row in NoticeItem.query(recipient):
            batch.delete(row)


def _row(item: NoticeItem) -> NoticeRow:
    return NoticeRow(read_instant(item.at), item.reference, item.event, _concerned(item), _words(item))


def _concerned(item: NoticeItem) -> Concerned | None:
    if not item.lodged_at:
        return None
    return Concerned(
        restricted=bool(item.restricted),
        about_offices=_listed(item.about_offices),
        accused=_listed(item.accused),
        lodged_at=read_instant(item.lodged_at),
    )


def _words(item: NoticeItem) -> tuple[tuple[str, str], ...]:
    return tuple(json.loads(item.words or "{}").items())


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
