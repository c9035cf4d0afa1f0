"""Holidays that an administrator amended, and how often that was: one partition, read in one query."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.storage.tables import Table, TableMeta, instant_key, named_failures, read_instant
from schemas.catalogue.holidays import HolidayKind

TABLE = "holidays"
CALENDAR = "offices"
"""The one calendar there is; a few dozen rows, so a partition of its own is small."""
REVISION = "#revision"
"""No holiday's id holds such a sign, and it sorts before them all."""
MOVED = "#moved"
"""Up to which revision the deadlines of open cases were worked out anew."""
FIRST = "0"


class HolidayItem(Table):
    noun = TABLE

    class Meta(TableMeta):
        pass

    calendar = UnicodeAttribute(hash_key=True)
    holiday = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    name_en = UnicodeAttribute()
    name_ur = UnicodeAttribute()
    days: ListAttribute[Any] = ListAttribute()
    reason = UnicodeAttribute()
    history = UnicodeAttribute()
    version = NumberAttribute()
    write_id = UnicodeAttribute()


class RevisionItem(Table):
    """How often any holiday was amended, and when the last time."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    calendar = UnicodeAttribute(hash_key=True)
    holiday = UnicodeAttribute(range_key=True)
    revision = NumberAttribute()
    amended_at = UnicodeAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A holiday as an administrator set it; without days it falls out."""

    holiday: str
    kind: HolidayKind
    name_en: str
    name_ur: str
    days: tuple[date, ...]
    reason: str
    version: int
    history: str = "[]"
    write_id: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """Grows by one with every amendment; 0 while there is none."""

    number: int = 0
    amended_at: datetime | None = None


def get(holiday: str) -> Amendment | None:
    try:
        with named_failures():
            return _amendment(HolidayItem.get(CALENDAR, holiday, consistent_read=True))
    except DoesNotExist:
        return None


def every() -> tuple[Amendment, ...]:
    """All amendments, by id."""
    with named_failures():
        rows = HolidayItem.query(CALENDAR, HolidayItem.holiday >= FIRST, consistent_read=True)
        return tuple(_amendment(row) for row in rows)


def revision() -> Revision:
    try:
        with named_failures():
            item = RevisionItem.get(CALENDAR, REVISION, consistent_read=True)
    except DoesNotExist:
        return Revision()
    return Revision(int(item.revision), read_instant(item.amended_at))


def moved_until() -> int:
    """The revision that the deadlines of all open cases follow; 0 while no amendment was carried out."""
    try:
        with named_failures():
            return int(RevisionItem.get(CALENDAR, MOVED, consistent_read=True).revision)
    except DoesNotExist:
        return 0


def set_moved_until(number: int) -> None:
    with named_failures():
        RevisionItem(CALENDAR, MOVED, revision=number).save()


def put(amendment: Amendment, former: Amendment | None, now: datetime) -> Amendment:
    """Writes an amendment, and with it the calendar's next revision: neither without the other.

    StaleError when the row is no longer `former`, or another amendment was written in the same moment.
    """
    changed = replace(amendment, write_id=secrets.token_hex(6))
    unchanged = HolidayItem.write_id == former.write_id if former else HolidayItem.holiday.does_not_exist()
    counted: list[Action] = [RevisionItem.revision.add(1), RevisionItem.amended_at.set(instant_key(now))]
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(_item(changed), condition=unchanged)
        transaction.update(RevisionItem(CALENDAR, REVISION), actions=counted)
    return changed


def _connection() -> Any:
    return HolidayItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def _item(amendment: Amendment) -> HolidayItem:
    return HolidayItem(
        CALENDAR,
        amendment.holiday,
        kind=amendment.kind,
        name_en=amendment.name_en,
        name_ur=amendment.name_ur,
        days=[day.isoformat() for day in amendment.days],
        reason=amendment.reason,
        history=amendment.history,
        version=amendment.version,
        write_id=amendment.write_id,
    )


def _amendment(item: HolidayItem) -> Amendment:
    return Amendment(
        holiday=item.holiday,
        kind=cast("HolidayKind", item.kind),
        name_en=item.name_en,
        name_ur=item.name_ur,
        days=tuple(date.fromisoformat(day) for day in item.days),
        reason=item.reason,
        version=int(item.version),
        history=item.history,
        write_id=item.write_id,
    )
