"""In-app notices: one row a person and event, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

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
    expires = NumberAttribute()
    """When the table forgets it, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    at: datetime
    reference: str
    event: str


def add(recipient: str, row: NoticeRow, sequence: int) -> bool:
    """Whether it was new: the key is the event's own, so a stream read twice tells nobody twice."""
    key = f"{instant_key(row.at)}#{row.reference}#{sequence}"
    expires = row.at + timedelta(days=retention().notice_days)
    item = NoticeItem(
        recipient,
        key,
        at=instant_key(row.at),
        reference=row.reference,
        event=row.event,
        expires=int(expires.timestamp()),
    )
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
    return [NoticeRow(read_instant(r.at), r.reference, r.event) for r in rows[:limit]], position


def forget(recipient: str) -> None:
    """Takes away all notices of a person."""
    with named_failures(), NoticeItem.batch_write() as batch:
        for row in NoticeItem.query(recipient):
            batch.delete(row)
