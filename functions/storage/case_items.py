"""The form of a case's item: its attributes, the indexes beside it, and a case read from and written to it.

Names are short where a name would weigh as much as its value: a case is paid for by the kilobyte.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from functions.storage.history import history_text, read_history
from functions.storage.progress import NOTHING, progress_text, read_progress
from functions.storage.tables import Table, TableMeta, instant_key, read_instant
from schemas.cases import Case, Clock, Kind, OpenCase, State, Summary

RETAINED = tuple(f"retained-{number:02d}" for number in range(16))
"""Partitions of closed cases, which the same index holds until their personal data is to be erased."""

Row = dict[str, dict[str, Any]]
"""An item as DynamoDB answers it: {name: {type: value}}."""

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


def item_of(case: Case, indexed: Indexed) -> CaseItem:
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


def case_of(item: CaseItem) -> Case:
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


def summary_of(row: Row) -> Summary:
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


def open_case_of(row: Row) -> OpenCase:
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


def read_image(image: Row) -> Case:
    """The case in an image of the table's stream. An event carries bytes as base64; the store gives bytes."""
    item = CaseItem()
    item.deserialize({name: _plain_bytes(value) for name, value in image.items()})
    return case_of(item)


def _plain_bytes(value: dict[str, Any]) -> dict[str, Any]:
    written = value.get("B")
    return {"B": base64.b64decode(written)} if isinstance(written, str) else value


def _retained_shard(reference: str) -> str:
    return RETAINED[zlib.crc32(reference.encode()) % len(RETAINED)]
