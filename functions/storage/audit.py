"""The audit ledger: every entry of every case once, added from the table's stream, never changed."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from functions.storage.tables import StaleError, Table, TableMeta, instant_key, named_failures
from schemas.cases import Entry


class AuditItem(Table):
    noun = "audit"

    class Meta(TableMeta):
        pass

    reference = UnicodeAttribute(hash_key=True)
    sequence = NumberAttribute(range_key=True)
    at = UnicodeAttribute()
    actor = UnicodeAttribute()
    role = UnicodeAttribute()
    action = UnicodeAttribute()
    digest = UnicodeAttribute()


def add(reference: str, entry: Entry) -> bool:
    """Whether the entry was new. What was said stays in the case; the digest here binds it."""
    item = AuditItem(
        reference,
        entry.sequence,
        at=instant_key(entry.at),
        actor=entry.actor,
        role=entry.role,
        action=entry.action,
        digest=entry.digest,
    )
    try:
        with named_failures():
            item.save(AuditItem.reference.does_not_exist())
    except StaleError:
        return False
    return True


def digests(reference: str) -> list[tuple[int, str]]:
    """(sequence, digest) of a case's entries, in order."""
    with named_failures():
        return [(int(row.sequence), row.digest) for row in AuditItem.query(reference, consistent_read=True)]
