"""The register: a compact row a case, by district and month of lodging, in which nobody's words can be read.

Searches, figures and open data read it, so what they cost follows the months that are asked for. Beside the
rows lie a row a telephone (found by its blind index), a row a case about a place or a thing, and the months'
open data. A row is one write unit: what it says is one string of JSON with short names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition

from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures, read_instant
from schemas.cases import Clock, State

PHONE, PUBLIC, OPEN_DATA = "phone#", "public#", "open-data"
PAGE = 100
Item = dict[str, dict[str, Any]]
Key = tuple[str, str]
"""Area and lodged key of a row."""


class RegisterItem(Table):
    noun = "register"

    class Meta(TableMeta):
        pass

    area = UnicodeAttribute(hash_key=True)
    """District and month of lodging; or one of the names above and what follows it."""
    lodged_key = UnicodeAttribute(range_key=True)
    row = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    """The case's: a row is written over by a later one alone."""
    words = BinaryAttribute(legacy_encoding=False, null=True)
    phone = UnicodeAttribute(null=True)
    """Blind index of the complainant's telephone, by which its row is found again when it must go."""
    erased = NumberAttribute(null=True)
    lies_in = UnicodeAttribute(null=True)
    """Of a telephone's row: the area of the case's."""


class OpenDataItem(Table):
    """The finished file of a month, in the register's table."""

    noun = "register"

    class Meta(TableMeta):
        pass

    area = UnicodeAttribute(hash_key=True)
    month = UnicodeAttribute(range_key=True, attr_name="lodged_key")
    file = BinaryAttribute(legacy_encoding=False)


@dataclass(frozen=True, slots=True)
class Row:
    """What the register says of a case. `words` are marks (functions/domain/words.py): none once erased."""

    reference: str
    district: str
    lodged_at: datetime
    state: State
    category: str
    complaint_class: str
    office: str
    first_contact_due: datetime
    final_report_due: datetime
    version: int
    station: str = ""
    level: int = 0
    appeal_due: datetime | None = None
    first_contacted_at: datetime | None = None
    reported_at: datetime | None = None
    appeal_answered_at: datetime | None = None
    runs_out: datetime | None = None
    """When the earliest clock that time passes for runs out; None where none does."""
    closed_at: datetime | None = None
    closed_by: str = ""
    flagged: tuple[Clock, ...] = ()
    reopened: int = 0
    appeals: int = 0
    rating: int | None = None
    about_offices: tuple[str, ...] = ()
    accused: tuple[str, ...] = ()
    words: bytes = b""

    @property
    def lodged_key(self) -> str:
        return f"{instant_key(self.lodged_at)}#{self.reference}"


SHORT = {
    "district": "d",
    "state": "s",
    "category": "c",
    "complaint_class": "cl",
    "office": "o",
    "station": "st",
    "level": "l",
    "first_contact_due": "cd",
    "final_report_due": "rd",
    "appeal_due": "ad",
    "first_contacted_at": "cm",
    "reported_at": "rm",
    "appeal_answered_at": "am",
    "runs_out": "due",
    "closed_at": "x",
    "closed_by": "by",
    "flagged": "f",
    "reopened": "r",
    "appeals": "a",
    "rating": "g",
    "about_offices": "ab",
    "accused": "ac",
}
INSTANTS = frozenset(name for name in SHORT if name.endswith(("_at", "_due")) or name == "runs_out")
TUPLES = frozenset({"flagged", "about_offices", "accused"})
DEFAULTS = {each.name: each.default for each in fields(Row)}


def lodged_at(lodged_key: str) -> datetime:
    return read_instant(lodged_key.partition("#")[0])


def area_of(district: str, month: str) -> str:
    return f"{district}#{month}"


def create(area: str, row: Row, phone: str) -> bool:
    """Writes a row that is not there yet, with its words; False when one is."""
    try:
        with named_failures():
            _item(area, row, phone).save(RegisterItem.area.does_not_exist())
    except StaleError:
        return False
    return True


def complete(area: str, row: Row, phone: str) -> bool:
    """Adds words and telephone to a row that a later change made first; never to one that was erased."""
    actions = [*([RegisterItem.words.set(row.words)] if row.words else [])]
    actions += [RegisterItem.phone.set(phone)] if phone else []
    lacking = RegisterItem.erased.does_not_exist() & RegisterItem.row.exists()
    return bool(actions) and _updated(area, row.lodged_key, actions, lacking)


def advance(area: str, row: Row) -> bool:
    """Writes what the row says unless it says something later; words and telephone stay as they are."""
    actions = [RegisterItem.row.set(_text(row)), RegisterItem.version.set(row.version)]
    return _updated(area, row.lodged_key, actions, _older_than(row.version))


def move(former: str, area: str, row: Row) -> None:
    """Takes the row to another district's area, with words and telephone; may be asked for twice.

    In the former place something stays that says nothing: a record that comes again must make no row there.
    """
    present = _item_of(former, row.lodged_key)
    if present is None or not present.row:
        advance(area, row)
        return
    item = _item(area, row, present.phone or "")
    item.words, item.erased = present.words, present.erased
    with suppress(StaleError), named_failures():
        item.save(_older_than(row.version))
    if present.phone:
        note_phone(present.phone, area, row)
    emptied = [RegisterItem.row.remove(), RegisterItem.words.remove(), RegisterItem.phone.remove()]
    marked = [RegisterItem.erased.set(1), RegisterItem.version.set(row.version)]
    _updated(former, row.lodged_key, [*emptied, *marked], None)


def strip(area: str, lodged_key: str) -> None:
    """Takes words and telephone from a row for good; the telephone's own row first, so that none is left."""
    phone = phone_of(area, lodged_key)
    if phone:
        with named_failures():
            RegisterItem(PHONE + phone, lodged_key).delete()
    gone = [RegisterItem.words.remove(), RegisterItem.phone.remove(), RegisterItem.erased.set(1)]
    _updated(area, lodged_key, gone, None)


def phone_of(area: str, lodged_key: str) -> str:
    """The blind index of the telephone that a row carries, "" for none."""
    item = _item_of(area, lodged_key)
    return str(item.phone or "") if item else ""


def _item_of(area: str, lodged_key: str) -> RegisterItem | None:
    try:
        with named_failures():
            return RegisterItem.get(area, lodged_key, consistent_read=True)
    except DoesNotExist:
        return None


def _item(area: str, row: Row, phone: str) -> RegisterItem:
    item = RegisterItem(area, row.lodged_key, row=_text(row), version=row.version)
    item.words, item.phone = row.words or None, phone or None
    return item


def _older_than(version: int) -> Condition:
    unless: Condition = RegisterItem.version.does_not_exist() | (RegisterItem.version < version)
    return unless


def _updated(area: str, lodged_key: str, actions: list[Any], condition: Condition | None) -> bool:
    try:
        with named_failures():
            RegisterItem(area, lodged_key).update(actions, condition=condition)
    except StaleError:
        return False
    return True


def note_phone(phone: str, area: str, row: Row) -> None:
    with named_failures():
        RegisterItem(PHONE + phone, row.lodged_key, lies_in=area).save()


def note_public(month: str, row: Row) -> bool:
    """Writes the row into the month's list of matters about a place or a thing, unless that is later."""
    return advance(PUBLIC + month, row)


def public_in(month: str, *, before: str | None = None) -> Iterator[Row]:
    """Matters about a place or a thing that were lodged in a month (YYYY-MM, Asia/Karachi), newest first.

    `before` is a `lodged_key`, itself left out. Read as they are asked for, PAGE at a time.
    """
    return _rows(PUBLIC + month, before)


def in_area(area: str, *, before: str | None = None) -> Iterator[Row]:
    """The rows of a district's month, in the same order and way."""
    return _rows(area, before)


def whole_area(area: str) -> Iterator[Row]:
    """Every row of a district's month, a megabyte a round trip: for figures, which leave none out."""
    return _rows(area, None, page=None)


def of_phone(phone: str, *, before: str | None = None) -> Iterator[Row]:
    """The rows of cases lodged with a telephone, given by its blind index, newest first."""
    for answer in _answers(PHONE + phone, before):
        keys = [(each["lies_in"]["S"], each["lodged_key"]["S"]) for each in answer]
        found = many(keys)
        yield from (found[key] for key in keys if key in found)


def many(keys: Iterable[Key]) -> dict[Key, Row]:
    """Rows by their keys; at most PAGE of them. Unknown ones are left out."""
    asked = list(keys)
    if not asked:
        return {}
    with named_failures():
        items = [item for item in RegisterItem.batch_get(asked) if item.row]
    return {(i.area, i.lodged_key): read_row(i.lodged_key, i.row, i.words or b"", i.version) for i in items}


def _rows(hash_key: str, before: str | None, page: int | None = PAGE) -> Iterator[Row]:
    for answer in _answers(hash_key, before, page):
        for item in answer:
            if "row" in item:
                words = item.get("words", {}).get("B", b"")
                yield read_row(item["lodged_key"]["S"], item["row"]["S"], words, int(item["version"]["N"]))


def _answers(hash_key: str, before: str | None, page: int | None = PAGE) -> Iterator[list[Item]]:
    """Items as the table answers them: making models of them would be half of what a search costs."""
    condition = (RegisterItem.lodged_key < before) if before else None
    position: Item | None = None
    while True:
        with named_failures():
            answer = RegisterItem._get_connection().query(  # noqa: SLF001 - the model offers no way to the rows as they are
                hash_key,
                range_key_condition=condition,
                scan_index_forward=False,
                limit=page,
                exclusive_start_key=position,
            )
        yield answer["Items"]
        position = answer.get("LastEvaluatedKey")
        if not position:
            return


def put_file(month: str, file: bytes) -> bool:
    """Keeps the finished file of a month; False when there is one, which stays as it is."""
    try:
        with named_failures():
            OpenDataItem(OPEN_DATA, month, file=file).save(OpenDataItem.area.does_not_exist())
    except StaleError:
        return False
    return True


def file_of(month: str) -> bytes | None:
    with suppress(DoesNotExist), named_failures():
        return bytes(OpenDataItem.get(OPEN_DATA, month).file)
    return None


def newest_file() -> tuple[str, bytes] | None:
    """The last month that has a file, and the file."""
    with named_failures():
        found = list(OpenDataItem.query(OPEN_DATA, scan_index_forward=False, limit=1))
    return (found[0].month, bytes(found[0].file)) if found else None


def _text(row: Row) -> str:
    said = {SHORT[n]: _written(n, v) for n in SHORT if (v := getattr(row, n)) != DEFAULTS[n]}
    return json.dumps(said, separators=(",", ":"))


def _written(name: str, value: Any) -> Any:
    return instant_key(value) if name in INSTANTS else value


def read_row(lodged_key: str, text: str, words: bytes, version: float) -> Row:
    said = json.loads(text)
    given: dict[str, Any] = {name: _read(name, said[short]) for name, short in SHORT.items() if short in said}
    return Row(
        reference=lodged_key.partition("#")[2],
        lodged_at=lodged_at(lodged_key),
        version=int(version),
        words=words,
        **given,
    )


def _read(name: str, value: Any) -> Any:
    if name in INSTANTS:
        return read_instant(value)
    return tuple(value) if name in TUPLES else value
