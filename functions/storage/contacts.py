"""Whom an office has on duty: one row an office, what it says sealed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from functions.storage.tables import StaleError, Table, TableMeta, named_failures

TABLE = "contacts"


class ContactItem(Table):
    noun = TABLE

    class Meta(TableMeta):
        pass

    office = UnicodeAttribute(hash_key=True)
    contact = BinaryAttribute(legacy_encoding=False)
    history = UnicodeAttribute()
    write_id = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class ContactRow:
    """`contact` is sealed; `history` says who changed it and when, and never to what."""

    office: str
    contact: bytes
    history: str = "[]"
    write_id: str = ""


def get(office: str) -> ContactRow | None:
    try:
        with named_failures():
            item = ContactItem.get(office, consistent_read=True)
    except DoesNotExist:
        return None
    return ContactRow(item.office, item.contact, item.history, item.write_id)


def put(row: ContactRow, former: ContactRow | None) -> None:
    """Writes the row if it still is `former`; StaleError otherwise."""
    written = replace(row, write_id=secrets.token_hex(6))
    unchanged = ContactItem.write_id == former.write_id if former else ContactItem.office.does_not_exist()
    item = ContactItem(row.office, contact=row.contact, history=row.history, write_id=written.write_id)
    try:
        with named_failures():
            item.save(unchanged)
    except StaleError:
        present = get(row.office)
        if present is None or present.write_id != written.write_id:
            raise
