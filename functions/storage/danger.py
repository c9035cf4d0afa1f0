"""Texts of people who may be in danger: one row a text, found by where it stands, oldest first. Never a scan.

A row holds nothing that was written and nobody's name: those lie with the text itself, and go with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from functions.storage.history import history_text, read_history
from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant
from schemas.cases import Entry
from schemas.catalogue.reading import retention

DangerState = Literal["open", "acknowledged", "past"]
"""`past`: written so long ago when it came in that nobody was woken for it."""
Outcome = Literal["case", "helped", "not_reached", "false_alarm"]


class ByState(GlobalSecondaryIndex["DangerItem"]):
    class Meta:
        index_name = "by_state"
        projection = AllProjection()

    state = UnicodeAttribute(hash_key=True)
    raised_key = UnicodeAttribute(range_key=True)


class DangerItem(Table):
    noun = "danger"

    class Meta(TableMeta):
        pass

    feedback_id = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    raised_key = UnicodeAttribute()
    content = UnicodeAttribute()
    app = UnicodeAttribute()
    raising = NumberAttribute()
    overdue_at = UnicodeAttribute(null=True)
    acknowledged_at = UnicodeAttribute(null=True)
    acknowledged_by = UnicodeAttribute(null=True)
    outcome = UnicodeAttribute(null=True)
    reference = UnicodeAttribute(null=True)
    history = UnicodeAttribute()
    version = NumberAttribute()
    expires = NumberAttribute()
    """When the table forgets it, in seconds since 1970."""

    by_state = ByState()


@dataclass(frozen=True, slots=True)
class DangerRow:
    """`raising` counts how often different words of one text were taken for a call for help."""

    feedback_id: str
    app: str
    content: str
    """Digest of the words: the same are raised once."""
    state: DangerState
    raised_at: datetime
    raising: int = 1
    overdue_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    outcome: Outcome | None = None
    reference: str = ""
    """Of the case that was lodged for it."""
    history: tuple[Entry, ...] = ()
    version: int = 1


def get(feedback_id: str) -> DangerRow | None:
    try:
        with named_failures():
            return _row(DangerItem.get(feedback_id, consistent_read=True))
    except DoesNotExist:
        return None


def put(row: DangerRow, before: DangerRow | None) -> DangerRow:
    """Writes the row, one version on, if it still is `before`; StaleError otherwise."""
    unchanged = DangerItem.version == before.version if before else DangerItem.feedback_id.does_not_exist()
    written = replace(row, version=before.version + 1 if before else 1)
    try:
        with named_failures():
            _item(written).save(unchanged)
    except StaleError:
        if get(row.feedback_id) != written:  # ours, if its reply was lost
            raise
    return written


def of_state(state: DangerState, *, after: str | None, limit: int) -> tuple[list[DangerRow], str | None]:
    """Oldest first, and the position to go on from."""
    since = (ByState.raised_key > after) if after else None
    with named_failures():
        rows = list(DangerItem.by_state.query(state, since, limit=limit + 1))
    position = rows[limit - 1].raised_key if len(rows) > limit else None
    return [_row(row) for row in rows[:limit]], position


def open_before(instant: datetime) -> list[DangerRow]:
    """Those nobody has acknowledged that were raised before the instant, oldest first."""
    with named_failures():
        return [
            _row(row) for row in DangerItem.by_state.query("open", ByState.raised_key < instant_key(instant))
        ]


def _item(row: DangerRow) -> DangerItem:
    item = DangerItem(
        row.feedback_id,
        state=row.state,
        raised_key=f"{instant_key(row.raised_at)}#{row.feedback_id}",
        content=row.content,
        app=row.app,
        raising=row.raising,
        history=history_text(row.history),
        version=row.version,
        expires=int((row.raised_at + timedelta(days=365 * retention().feedback_years)).timestamp()),
    )
    for name in ("overdue_at", "acknowledged_at"):
        if instant := getattr(row, name):
            setattr(item, name, instant_key(instant))
    for name in ("acknowledged_by", "outcome", "reference"):
        if value := getattr(row, name):
            setattr(item, name, value)
    return item


def _row(item: DangerItem) -> DangerRow:
    return DangerRow(
        feedback_id=item.feedback_id,
        app=item.app,
        content=item.content,
        state=cast("DangerState", item.state),
        raised_at=read_instant(item.raised_key.partition("#")[0]),
        raising=int(item.raising),
        overdue_at=read_instant(item.overdue_at) if item.overdue_at else None,
        acknowledged_at=read_instant(item.acknowledged_at) if item.acknowledged_at else None,
        acknowledged_by=item.acknowledged_by or "",
        outcome=cast("Outcome | None", item.outcome),
        reference=item.reference or "",
        history=read_history(item.history),
        version=int(item.version),
    )
