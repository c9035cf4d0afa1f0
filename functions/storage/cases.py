"""Cases: one item a case, its recent history inside, sparse indexes beside it.

A submission is one conditional put: one write unit a kilobyte, and one each for the owner's list and the
open clocks. The latter holds open cases by district, ordered by when the sweep must look at them next;
inboxes and lists of the overdue are read from it too, so what all these cost follows the open cases and never
the stored ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from functions.storage.case_items import (
    ByOwner,
    CaseItem,
    HistoryPart,
    Indexed,
    OpenClocks,
    Row,
    case_of,
    item_of,
    open_case_of,
    summary_of,
)
from functions.storage.history import history_text, read_history
from functions.storage.tables import (
    StaleError,
    StoreFailureError,
    instant_key,
    named_failures,
)
from schemas.cases import Case, Entry, OpenCase, Summary

HISTORY_KEPT_BYTES = 24_000
"""Above this the older history moves to an item of its own: an update costs by the whole item's size."""
ENTRIES_KEPT = 3


def create(case: Case, indexed: Indexed) -> tuple[Case, bool]:
    """Writes a new case in one conditional put: (it, True), or the case that is there and False."""
    item = item_of(replace(case, write_id=secrets.token_hex(6)), indexed)
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
    """The cases by reference, as they were a moment ago; Unknown ones are left out."""
    if not references:
        return {}
    with named_failures():
        return {item.reference: case_of(item) for item in CaseItem.batch_get(list(references))}


def get(reference: str) -> Case | None:
    """The case as last acknowledged (a consistent read), with the history that is still in its item."""
    try:
        with named_failures():
            return case_of(CaseItem.get(reference, consistent_read=True))
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
            transaction.save(item_of(shorter, indexed), condition=unchanged)
            transaction.save(part)
    except StaleError:
        _settle(shorter)
    return shorter


def _put(changed: Case, indexed: Indexed, unchanged: Condition) -> Case:
    try:
        with named_failures():
            item_of(changed, indexed).save(unchanged)
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
    return [summary_of(row) for row in rows[:limit]], position


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
        yield from (open_case_of(row) for row in answer["Items"])
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


def _part_key(reference: str, number: int) -> str:
    return f"{reference}#{number:04d}"


def _connection() -> Any:
    return CaseItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it
