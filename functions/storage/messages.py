"""The outbox: what is to be told to whom outside the app, and how far that has come.

A row holds no telephone and no address, and of words only such as name nobody (what a release is said to
mend; the weekly letter's figures, without those of few people): the rest is looked up and put together when
it is sent. It stands in the sparse index `due` while it waits, and in none afterwards.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from functions.storage.tables import (
    StaleError,
    Table,
    TableMeta,
    instant_key,
    named_failures,
    read_instant,
)
from schemas.catalogue.reading import retention

SHARDS = tuple(f"{number:02d}" for number in range(16))
MessageState = Literal["waiting", "sent", "unknown", "failed", "in_app_only", "lapsed"]
"""`unknown`: somebody may have got it. It is not sent again, for the notice in the app is there anyway."""
Manner = Literal["open", "discreet", "in_app"]
"""How much is told outside the app: with the reference, without it, or nothing at all."""
EXPORT, WEBHOOK = "export:", "webhook"
"""Begins a recipient that is no person but another system, and the channel to it."""
DIGEST = "digest:"
"""Begins a recipient of the weekly letter: an office, or an address by its digest."""
SENDING = "sending"
"""Outcome of a try that nobody has told the end of."""


class Due(GlobalSecondaryIndex["MessageItem"]):
    class Meta:
        index_name = "due"
        projection = KeysOnlyProjection()

    due_shard = UnicodeAttribute(hash_key=True)
    next_at = UnicodeAttribute(range_key=True)


class MessageItem(Table):
    noun = "messages"

    class Meta(TableMeta):
        pass

    message = UnicodeAttribute(hash_key=True)
    recipient = UnicodeAttribute()
    reference = UnicodeAttribute()
    event = UnicodeAttribute()
    sequence = NumberAttribute()
    manner = UnicodeAttribute()
    state = UnicodeAttribute()
    tried = UnicodeAttribute(null=True)
    waits = NumberAttribute(null=True)
    words = UnicodeAttribute(null=True, attr_name="public_words")
    at = UnicodeAttribute()
    next_at = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    expires = NumberAttribute()
    """When the table forgets it, in seconds since 1970."""
    write_id = UnicodeAttribute()

    due = Due()


@dataclass(frozen=True, slots=True)
class Try:
    """One call of a provider, after so many waits."""

    channel: str
    at: datetime
    outcome: str
    waits: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`next_at`: when somebody may take it up; while somebody has it, when they have surely stopped."""

    message: str
    recipient: str
    reference: str
    event: str
    sequence: int
    manner: Manner
    state: MessageState
    at: datetime
    next_at: datetime | None
    tried: tuple[Try, ...] = ()
    waits: int = 0
    """How often every way refused."""
    write_id: str = ""
    words: tuple[tuple[str, str], ...] = ()


def key_of(reference: str, sequence: int, recipient: str) -> str:
    return f"{reference}#{sequence}#{recipient}"


def add(row: MessageRow) -> bool:
    """Whether it was new: one message an entry and recipient, however often the stream brings the entry."""
    written = replace(row, write_id=secrets.token_hex(6))
    try:
        with named_failures():
            _item(written).save(MessageItem.message.does_not_exist())
    except StaleError:
        present = get(row.message)
        # Our own write, if its reply was lost: then nobody has put it on the queue yet.
        return present is not None and present.write_id == written.write_id
    return True


def adding(row: MessageRow) -> tuple[MessageItem, None, Condition]:
    """The row as a part of a transaction: written with the rest or not at all, and never over one."""
    written = replace(row, write_id=secrets.token_hex(6))
    return _item(written), None, MessageItem.message.does_not_exist()


def get(message: str) -> MessageRow | None:
    try:
        with named_failures():
            return _row(MessageItem.get(message, consistent_read=True))
    except DoesNotExist:
        return None


def save(row: MessageRow) -> MessageRow:
    """Replaces the row if nobody changed it since it was read; StaleError otherwise."""
    changed = replace(row, write_id=secrets.token_hex(6))
    try:
        with named_failures():
            _item(changed).save(MessageItem.write_id == row.write_id)
    except StaleError:
        present = get(row.message)
        if present is None or present.write_id != changed.write_id:
            raise
    return changed


def due_before(instant: datetime, shard: str) -> Iterator[str]:
    """Messages of one shard that somebody should have taken up before the instant, oldest first."""
    with named_failures():
        for row in MessageItem.due.query(shard, MessageItem.next_at < instant_key(instant)):
            yield row.message


def _item(row: MessageRow) -> MessageItem:
    item = MessageItem(
        row.message,
        recipient=row.recipient,
        reference=row.reference,
        event=row.event,
        sequence=row.sequence,
        manner=row.manner,
        state=row.state,
        at=instant_key(row.at),
        expires=int((row.at + timedelta(days=retention().message_days)).timestamp()),
        write_id=row.write_id,
    )
    if row.tried:
        tries = [[each.channel, instant_key(each.at), each.outcome, each.waits] for each in row.tried]
        item.tried = json.dumps(tries, separators=(",", ":"))
    if row.waits:
        item.waits = row.waits
    if row.words:
        item.words = json.dumps(dict(row.words), ensure_ascii=False)
    if row.state == "waiting" and row.next_at:
        item.next_at = instant_key(row.next_at)
        item.due_shard = SHARDS[zlib.crc32(row.message.encode()) % len(SHARDS)]
    return item


def _row(item: MessageItem) -> MessageRow:
    return MessageRow(
        message=item.message,
        recipient=item.recipient,
        reference=item.reference,
        event=item.event,
        sequence=int(item.sequence),
        manner=cast("Manner", item.manner),
        state=cast("MessageState", item.state),
        at=read_instant(item.at),
        next_at=read_instant(item.next_at) if item.next_at else None,
        tried=tuple(
            Try(channel, read_instant(at), outcome, waits)
            for channel, at, outcome, waits in json.loads(item.tried or "[]")
        ),
        waits=int(item.waits or 0),
        write_id=item.write_id,
        words=tuple(json.loads(item.words or "{}").items()),
    )
