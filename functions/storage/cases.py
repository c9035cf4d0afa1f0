"""Cases: one item a case, its recent history inside, sparse indexes beside it.

A submission is one conditional put: one write unit a kilobyte, and one each for the owner's list and the
open clocks. The latter holds open cases by district, ordered by when the sweep must look at them next;
inboxes and lists of the overdue are read from it too, so what all these cost follows the open cases and never
the stored ones.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from collections.abc import Iterator, Sequence
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
from functions.storage.progress import NOTHING, progress_text, read_progress
from functions.storage.tables import (
    StaleError,
    StoreFailureError,
    Table,
    TableMeta,
    instant_key,
    named_failures,
    read_instant,
)
from schemas.cases import Case, Clock, Entry, Kind, OpenCase, State, Summary

RETAINED = tuple(f"retained-{number:02d}" for number in range(16))
"""Partitions of closed cases, which the same index holds until their personal data is to be erased."""

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
OPEN_LISTED = (
    "category",
    "class",
    "office",
    "policy",
    "lodged_key",
    "next_due",
    "flagged",
    "about",
    "accused",
)
"""None of it changes with most steps, which therefore write nothing to this index."""
NEVER = "9999-12-31T00:00:00.000000Z"
"""Sorts behind every instant: an open case that the sweep has nothing more to do about."""


class ByOwner(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "by_owner"
        projection = IncludeProjection(list(LISTED))

    owner = UnicodeAttribute(hash_key=True)
    lodged_key = UnicodeAttribute(range_key=True)


class OpenClocks(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "open_clocks"
        projection = IncludeProjection(list(OPEN_LISTED))

    sweep_shard = UnicodeAttribute(hash_key=True)
    sweep_due = UnicodeAttribute(range_key=True)


class ByParent(GlobalSecondaryIndex["CaseItem"]):
    class Meta:
        index_name = "by_parent"
        projection = KeysOnlyProjection()

    merged_into = UnicodeAttribute(hash_key=True)
    lodged_key = UnicodeAttribute(range_key=True)


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
    appeal_due = UnicodeAttribute(null=True)
    appeal_answered_at = UnicodeAttribute(null=True, attr_name="appeal_met")
    station = UnicodeAttribute(null=True)
    merged_into = UnicodeAttribute(null=True)
    progress = UnicodeAttribute(null=True)
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
    next_due = UnicodeAttribute(null=True)

    by_owner = ByOwner()
    open_clocks = OpenClocks()
    by_parent = ByParent()


class HistoryPart(Table):
    """Older history of a case, in the same table under `reference#number`, which no reader can type."""

    noun = "cases"

    class Meta(TableMeta):
        pass

    reference = UnicodeAttribute(hash_key=True)
    history = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Indexed:
    """The index keys of a case, worked out by the rules of the domain.

    `sweep_due` None: nothing to be done about an open case at any instant. `next_due`: when its earliest
    running clock runs out. `retained_until`: of a closed one, when what was written is to be erased.
    """

    sweep_due: datetime | None = None
    next_due: datetime | None = None
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


def many(references: Sequence[str]) -> dict[str, Case]:
    """The cases by reference, as they were a moment ago; a page of them. Unknown ones are left out."""
    if not references:
        return {}
    with named_failures():
        return {item.reference: _case(item) for item in CaseItem.batch_get(list(references))}


def read_image(image: Row) -> Case:
    """The case in an image of the table's stream. An event carries bytes as base64; the store gives bytes."""
    item = CaseItem()
    item.deserialize({name: _plain_bytes(value) for name, value in image.items()})
    return _case(item)


def _plain_bytes(value: dict[str, Any]) -> dict[str, Any]:
    written = value.get("B")
    return {"B": base64.b64decode(written)} if isinstance(written, str) else value


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
    """References in one partition whose instant for the next look is before `now`, oldest first.

    The index is eventually consistent: whoever acts on a reference reads the case itself first.
    """
    # All but the bound itself: a clock due at `now` is not late yet.
    late = OpenClocks.sweep_due < instant_key(now)
    with named_failures():
        for row in CaseItem.open_clocks.query(shard, late):
            yield row.reference


def open_in(area: str) -> Iterator[OpenCase]:
    """Every open case of a district, in no order that means anything: a megabyte a round trip."""
    position: Row | None = None
    while True:
        with named_failures():
            answer = CaseItem._get_connection().query(  # noqa: SLF001 - the model offers no way to the rows as they are
                area, index_name="open_clocks", exclusive_start_key=position
            )
        yield from (_open_case(row) for row in answer["Items"])
        position = answer.get("LastEvaluatedKey")
        if not position:
            return


def children_of(reference: str) -> list[str]:
    """References of the cases that were merged into this one, oldest first."""
    with named_failures():
        return [row.reference for row in CaseItem.by_parent.query(reference)]


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


def _retained_shard(reference: str) -> str:
    return RETAINED[zlib.crc32(reference.encode()) % len(RETAINED)]


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
    if (progress := progress_text(case.progress)) != NOTHING:
        item.progress = progress
    if case.is_open:
        item.sweep_shard = case.district
        item.sweep_due = instant_key(indexed.sweep_due) if indexed.sweep_due else NEVER
    if case.is_open and indexed.next_due:
        item.next_due = instant_key(indexed.next_due)
    if indexed.retained_until:
        item.sweep_shard = _retained_shard(case.reference)
        item.sweep_due = instant_key(indexed.retained_until)
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
BLANKABLE = ("owner", "archived_parts", "case_key", "station", "merged_into")
"""Left out of the item where they are empty or nought."""
LISTS = ("about_offices", "accused")
SEALED = ("narrative", "complainant_name", "complainant_phone", "place")
"""What a citizen writes about themselves and others: ciphertexts, a field each."""
INSTANTS = ("first_contact_due", "final_report_due")
MAYBE_INSTANTS = (
    "first_contacted_at",
    "reported_at",
    "closed_at",
    "erased_at",
    "appeal_due",
    "appeal_answered_at",
)


def _case(item: CaseItem) -> Case:
    flags = json.loads(item.flagged) if item.flagged else {}
    read: dict[str, Any] = {name: getattr(item, name) for name in SAME}
    read |= {name: read_instant(getattr(item, name)) for name in INSTANTS}
    read |= {name: read_instant(text) for name in MAYBE_INSTANTS if (text := getattr(item, name))}
    read |= {name: _listed_in(getattr(item, name)) for name in LISTS}
    read["owner"], read["case_key"] = item.owner or "", item.case_key or b""
    read["station"], read["merged_into"] = item.station or "", item.merged_into or ""
    read["progress"] = read_progress(item.progress or NOTHING)
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
    )


def _open_case(row: Row) -> OpenCase:
    return OpenCase(
        reference=row["reference"]["S"],
        category=row["category"]["S"],
        complaint_class=row["class"]["S"],
        office=row["office"]["S"],
        lodged_at=_lodged_at(row["lodged_key"]["S"]),
        next_due=read_instant(row["next_due"]["S"]) if "next_due" in row else None,
        policy_version=row["policy"]["S"],
        is_flagged="flagged" in row,
        about_offices=_listed_in(row.get("about", {}).get("S")),
        accused=_listed_in(row.get("accused", {}).get("S")),
    )


def _lodged_at(lodged_key: str) -> datetime:
    return read_instant(lodged_key.partition("#")[0])


def _listed_in(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()
