"""Officers and staff: what they are and may is in their row, whatever a token says of it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from functions.storage.tables import Table, TableMeta, named_failures

TABLE = "officers"


class OfficerItem(Table):
    noun = TABLE

    class Meta(TableMeta):
        pass

    subject = UnicodeAttribute(hash_key=True)
    role = UnicodeAttribute()
    office = UnicodeAttribute(null=True)
    service_number = UnicodeAttribute(null=True)
    clearances = UnicodeSetAttribute(null=True)
    suspended = BooleanAttribute()
    history = UnicodeAttribute()
    version = NumberAttribute()
    write_id = UnicodeAttribute()


class ServiceNumberItem(Table):
    """Whose a service number is; it stands on the uniform, so a citizen can give it."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    subject = UnicodeAttribute(hash_key=True)
    holder = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Officer:
    subject: str
    role: str
    office: str
    service_number: str
    clearances: frozenset[str]
    suspended: bool
    version: int
    history: str = "[]"
    write_id: str = ""


def get(subject: str, *, consistent: bool = False) -> Officer | None:
    try:
        with named_failures():
            return _officer(OfficerItem.get(subject, consistent_read=consistent))
    except DoesNotExist:
        return None


def by_service_number(numbers: Sequence[str]) -> dict[str, Officer]:
    """Officers by the service number asked for; unknown numbers are left out. Two round trips at most."""
    if not numbers:
        return {}
    with named_failures():
        rows = list(ServiceNumberItem.batch_get([_number_row(n) for n in numbers], consistent_read=True))
        holders = {row.holder: row.subject for row in rows}
        found = OfficerItem.batch_get(list(holders), consistent_read=True) if holders else ()
        officers = [_officer(item) for item in found]
    return {officer.service_number: officer for officer in officers}


def put(officer: Officer, former: Officer | None) -> Officer:
    """Writes a row; with its service number, which is one officer's alone.

    StaleError when the row is no longer `former`, or the number is another's.
    """
    changed = replace(officer, write_id=secrets.token_hex(6))
    item = _item(changed)
    unchanged = OfficerItem.write_id == former.write_id if former else OfficerItem.subject.does_not_exist()
    former_number = former.service_number if former else ""
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(item, condition=unchanged)
        if officer.service_number and officer.service_number != former_number:
            number = ServiceNumberItem(_number_row(officer.service_number), holder=officer.subject)
            transaction.save(number, condition=ServiceNumberItem.subject.does_not_exist())
        if former_number and former_number != officer.service_number:
            transaction.delete(ServiceNumberItem(_number_row(former_number)))
    return changed


def _number_row(number: str) -> str:
    # The issuer's own subjects hold no such sign.
    return f"number#{number}"


def _connection() -> Any:
    return OfficerItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def _item(officer: Officer) -> OfficerItem:
    item = OfficerItem(
        officer.subject,
        role=officer.role,
        suspended=officer.suspended,
        history=officer.history,
        version=officer.version,
        write_id=officer.write_id,
    )
    if officer.office:
        item.office = officer.office
    if officer.service_number:
        item.service_number = officer.service_number
    if officer.clearances:
        item.clearances = set(officer.clearances)
    return item


def _officer(item: OfficerItem) -> Officer:
    return Officer(
        subject=item.subject,
        role=item.role,
        office=item.office or "",
        service_number=item.service_number or "",
        clearances=frozenset(item.clearances or ()),
        suspended=bool(item.suspended),
        version=int(item.version),
        history=item.history,
        write_id=item.write_id,
    )
