"""Cases: one item a case, its recent history inside, three sparse indexes beside it.

A submission is one conditional put: one write unit a kilobyte, and one each for the owner's list and the
open clocks. The `overdue` index holds flagged cases only. A closed case is in neither of the last two, so
what they cost follows the open cases and never the stored ones.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection
from pynamodb.transactions import TransactWrite

from functions.storage.history import history_text, read_history
from functions.storage.tables import (
    StaleError,
    StoreFailureError,
    Table,
    TableMeta,
    instant_key,
    named_failures,
    read_instant,
)
from schemas.cases import Case, Clock, Entry, Kind, State, Summary

SHARDS = tuple(f"{number:02d}" for number in range(16))
"""The open clocks lie in 16 partitions: room for 16,000 writes a second, and 16 queries a sweep."""

Row = dict[str, dict[str, Any]]
"""An item as DynamoDB answers it: {name: {type: value}}."""

HISTORY_KEPT_BYTES = 24_000
"""Above this the older history moves to an item of its own: an update costs by the whole item's size."""
ENTRIES_KEPT = 3

LISTED = (
    "kind",
    "state",
    "category",
    "class",
    "office",
    "contact_due",
    "report_due",
    "version",
)
OVERDUE_LISTED = (*LISTED, "lodged_key", "contacted", "reported", "about", "accused")
RETAINED = "retained-"
"""Begins the shard of a closed case, which the same index holds until its personal data is to be erased."""


class ByOwner(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "by_owner"
        projection = IncludeProjection(list(LISTED))

    owner = UnicodeAttribute(hash_key=True)
    lodged_key = UnicodeAttribute(range_key=True)


class OpenClocks(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "open_clocks"
        projection = KeysOnlyProjection()

    sweep_shard = UnicodeAttribute(hash_key=True)
    sweep_due = UnicodeAttribute(range_key=True)


class Overdue(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "overdue"
        projection = IncludeProjection(list(OVERDUE_LISTED))

    overdue_in = UnicodeAttribute(hash_key=True)
    overdue_since = UnicodeAttribute(range_key=True)


class CaseItem(Table):
    """Names are short where a name would weigh as much as its value: a case is paid for by the kilobyte."""

    noun = "cases"

    class Meta(TableMeta):
        pass

    reference = UnicodeAttribute(hash_key=True)
    kind = UnicodeAttribute()
    owner = UnicodeAttribute(null=True)
    state = UnicodeAttribute()
    category = UnicodeAttribute()
    complaint_class = UnicodeAttribute(attr_name="class")
    policy_version = UnicodeAttribute(attr_name="policy")
    office = UnicodeAttribute()
    district = UnicodeAttribute()
    about_offices = UnicodeAttribute(null=True, attr_name="about")
    accused = UnicodeAttribute(null=True)
    case_key = BinaryAttribute(legacy_encoding=False, null=True, attr_name="key")
    narrative = BinaryAttribute(legacy_encoding=False, null=True)
    complainant_name = BinaryAttribute(legacy_encoding=False, null=True, attr_name="name")
    complainant_phone = BinaryAttribute(legacy_encoding=False, null=True, attr_name="phone")
    place = BinaryAttribute(legacy_encoding=False, null=True)
    first_contact_due = UnicodeAttribute(attr_name="contact_due")
    final_report_due = UnicodeAttribute(attr_name="report_due")
    first_contacted_at = UnicodeAttribute(null=True, attr_name="contacted")
    reported_at = UnicodeAttribute(null=True, attr_name="reported")
    closed_at = UnicodeAttribute(null=True, attr_name="closed")
    erased_at = UnicodeAttribute(null=True, attr_name="erased")
    flagged = UnicodeAttribute(null=True)
    request_digest = UnicodeAttribute(attr_name="request")
    idempotency_digest = UnicodeAttribute(attr_name="once")
    version = NumberAttribute()
    write_id = UnicodeAttribute(attr_name="write")
    """Tells a write from every other, so that a lost reply is not taken for somebody else's change."""
    archived_parts = NumberAttribute(null=True, attr_name="parts")
    history = UnicodeAttribute()
    lodged_key = UnicodeAttribute()
    """Instant of lodging and reference: newest first in the owner's list."""
    sweep_shard = UnicodeAttribute(null=True)
    sweep_due = UnicodeAttribute(null=True)
    overdue_in = UnicodeAttribute(null=True)
    overdue_since = UnicodeAttribute(null=True)

    by_owner = ByOwner()
    open_clocks = OpenClocks()
    overdue = Overdue()


class HistoryPart(Table):
    """Older history of a case, in the same table under `reference#number`, which no reader can type."""

    noun = "cases"

    class Meta(TableMeta):
        pass

    reference = UnicodeAttribute(hash_key=True)
    history = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Indexed:
    """The index keys of a case, worked out by the rules of the domain: None keeps it out of that index."""

    sweep_due: datetime | None
    overdue_since: datetime | None
    retained_until: datetime | None = None


def create(case: Case, indexed: Indexed) -> tuple[Case, bool]:
    """Writes a new case in one conditional put: (it, True), or the case that is there and False."""
    item = _item(replace(case, write_id=secrets.token_hex(6)), indexed)
    try:
        with named_failures():
            item.save(CaseItem.reference.does_not_exist())
    except StaleError:
        present = get(case.reference)
        if present is None:
            raise StoreFailureError("a row that exists cannot be read") from None
        return present, present.write_id == item.write_id
    return replace(case, write_id=item.write_id), True


def get(reference: str) -> Case | None:
    """The case as last acknowledged (a consistent read), with the history that is still in its item."""
    try:
        with named_failures():
            return _case(CaseItem.get(reference, consistent_read=True))
    except DoesNotExist:
        return None


def save(case: Case, indexed: Indexed) -> Case:
    """Replaces the row if no write came since it was read; StaleError when another change came first.

    Answers the case as stored: long history may have been moved to a part of its own, in one transaction.
    """
    unchanged = CaseItem.write_id == case.write_id
    changed = replace(case, write_id=secrets.token_hex(6))
    text = history_text(case.history)
    if len(text.encode()) <= HISTORY_KEPT_BYTES or len(case.history) <= ENTRIES_KEPT:
        return _put(changed, indexed, unchanged)
    moved, kept = case.history[:-ENTRIES_KEPT], case.history[-ENTRIES_KEPT:]
    shorter = replace(changed, history=kept, archived_parts=case.archived_parts + 1)
    part = HistoryPart(_part_key(case.reference, shorter.archived_parts), history=history_text(moved))
    try:
        with named_failures(), TransactWrite(connection=_connection()) as transaction:
            transaction.save(_item(shorter, indexed), condition=unchanged)
            transaction.save(part)
    except StaleError:
        _settle(shorter)
    return shorter


def _put(changed: Case, indexed: Indexed, unchanged: Condition) -> Case:
    try:
        with named_failures():
            _item(changed, indexed).save(unchanged)
    except StaleError:
        _settle(changed)
    return changed


def _settle(written: Case) -> None:
    """A failed condition may be our own write whose reply was lost: then the row carries its id."""
    with named_failures():
        stored = CaseItem.get(written.reference, consistent_read=True)
    if stored.write_id != written.write_id:
        raise StaleError(written.reference)


def older_history(case: Case) -> tuple[Entry, ...]:
    """What was moved out of the item, oldest first. A part that is gone leaves a gap: the chain shows it."""
    entries: list[Entry] = []
    for number in range(1, case.archived_parts + 1):
        with suppress(DoesNotExist), named_failures():
            part = HistoryPart.get(_part_key(case.reference, number), consistent_read=True)
            entries.extend(read_history(part.history))
    return tuple(entries)


def of_owner(owner: str, *, before: str | None, limit: int) -> tuple[list[Summary], str | None]:
    """Newest first. `before` and the second answer are positions for a cursor: the last row's lodged_key."""
    until = (ByOwner.lodged_key < before) if before else None
    with named_failures():
        rows = _listed("by_owner", owner, until, newest_first=True, limit=limit + 1)
    position = rows[limit - 1]["lodged_key"]["S"] if len(rows) > limit else None
    return [_summary(row) for row in rows[:limit]], position


def due_before(now: datetime, shard: str) -> Iterator[str]:
    """References in one shard with a running, unflagged clock due before `now`, oldest first.

    The index is eventually consistent: whoever acts on a reference reads the case itself first.
    """
    # All but the bound itself: a clock due at `now` is not late yet.
    late = OpenClocks.sweep_due < instant_key(now)
    with named_failures():
        for row in CaseItem.open_clocks.query(shard, late):
            yield row.reference


def retained_before(now: datetime, shard: str) -> Iterator[str]:
    """References of closed cases whose personal data was to be kept until before `now`."""
    return due_before(now, RETAINED + shard)


def overdue_in(area: str, *, after: str | None, limit: int) -> tuple[list[tuple[str, Summary]], bool]:
    """Flagged, unmet cases of a district with their positions, longest overdue first; and: is there more."""
    since = (Overdue.overdue_since > after) if after else None
    with named_failures():
        rows = _listed("overdue", area, since, newest_first=False, limit=limit + 1)
    return [(row["overdue_since"]["S"], _summary(row)) for row in rows[:limit]], len(rows) > limit


def _listed(
    index: str, key: str, condition: Condition | None, *, newest_first: bool, limit: int
) -> list[Row]:
    """Rows of an index as the table answers them: making models of them would be half of a list's cost.

    A page is at most 101 rows of a few hundred bytes, so it is never cut by the megabyte of one answer.
    """
    answer = CaseItem._get_connection().query(  # noqa: SLF001 - the model offers no way to the rows as they are
        key,
        range_key_condition=condition,
        index_name=index,
        scan_index_forward=not newest_first,
        limit=limit,
    )
    return list(answer["Items"])


def overdue_since(position: str) -> datetime:
    """The due time that a position of the overdue list begins with."""
    return read_instant(position.partition("#")[0])


def _shard(reference: str) -> str:
    return SHARDS[zlib.crc32(reference.encode()) % len(SHARDS)]


def _part_key(reference: str, number: int) -> str:
    return f"{reference}#{number:04d}"


def _connection() -> Any:
    return CaseItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def _item(case: Case, indexed: Indexed) -> CaseItem:
    given: dict[str, Any] = {name: getattr(case, name) for name in SAME}
    given |= {name: instant_key(getattr(case, name)) for name in INSTANTS}
    given |= {name: instant_key(at) for name in MAYBE_INSTANTS if (at := getattr(case, name)) is not None}
    given |= {name: value for name in BLANKABLE if (value := getattr(case, name))}
    given |= {name: ",".join(value) for name in LISTS if (value := getattr(case, name))}
    given |= dict(case.sealed)
    item = CaseItem(**given)
    item.history = history_text(case.history)
    item.lodged_key = f"{instant_key(case.lodged_at)}#{case.reference}"
    if case.flagged:
        item.flagged = json.dumps({clock: instant_key(at) for clock, at in case.flagged})
    if indexed.sweep_due:
        item.sweep_shard, item.sweep_due = _shard(case.reference), instant_key(indexed.sweep_due)
    if indexed.retained_until:
        item.sweep_shard = RETAINED + _shard(case.reference)
        item.sweep_due = instant_key(indexed.retained_until)
    if indexed.overdue_since:
        item.overdue_in = case.district
        item.overdue_since = f"{instant_key(indexed.overdue_since)}#{case.reference}"
    return item


SAME = (
    "reference",
    "kind",
    "state",
    "category",
    "complaint_class",
    "policy_version",
    "office",
    "district",
    "request_digest",
    "idempotency_digest",
    "version",
    "write_id",
)
BLANKABLE = ("owner", "archived_parts", "case_key")
"""Left out of the item where they are empty or nought."""
LISTS = ("about_offices", "accused")
SEALED = ("narrative", "complainant_name", "complainant_phone", "place")
"""What a citizen writes about themselves and others: ciphertexts, a field each."""
INSTANTS = ("first_contact_due", "final_report_due")
MAYBE_INSTANTS = ("first_contacted_at", "reported_at", "closed_at", "erased_at")


def _case(item: CaseItem) -> Case:
    flags = json.loads(item.flagged) if item.flagged else {}
    read: dict[str, Any] = {name: getattr(item, name) for name in SAME}
    read |= {name: read_instant(getattr(item, name)) for name in INSTANTS}
    read |= {name: read_instant(text) for name in MAYBE_INSTANTS if (text := getattr(item, name))}
    read |= {name: _listed_in(getattr(item, name)) for name in LISTS}
    read["owner"], read["case_key"] = item.owner or "", item.case_key or b""
    read["version"], read["archived_parts"] = int(item.version), int(item.archived_parts or 0)
    read["lodged_at"] = _lodged_at(item.lodged_key)
    read["sealed"] = tuple((name, value) for name in SEALED if (value := getattr(item, name)))
    read["flagged"] = tuple((cast("Clock", clock), read_instant(at)) for clock, at in flags.items())
    read["history"] = read_history(item.history)
    return Case(**read)


def _summary(row: Row) -> Summary:
    return Summary(
        reference=row["reference"]["S"],
        kind=cast("Kind", row["kind"]["S"]),
        state=cast("State", row["state"]["S"]),
        category=row["category"]["S"],
        complaint_class=row["class"]["S"],
        office=row["office"]["S"],
        lodged_at=_lodged_at(row["lodged_key"]["S"]),
        first_contact_due=read_instant(row["contact_due"]["S"]),
        final_report_due=read_instant(row["report_due"]["S"]),
        version=int(row["version"]["N"]),
        first_contacted_at=_instant_in(row, "contacted"),
        reported_at=_instant_in(row, "reported"),
        owner=row.get("owner", {}).get("S", ""),
        about_offices=_listed_in(row.get("about", {}).get("S")),
        accused=_listed_in(row.get("accused", {}).get("S")),
    )


def _lodged_at(lodged_key: str) -> datetime:
    return read_instant(lodged_key.partition("#")[0])


def _listed_in(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _instant_in(row: Row, name: str) -> datetime | None:
    return read_instant(row[name]["S"]) if name in row else None
