"""People: one row a person with the key pair, the sealed account and the sessions; one row a document.

The document's row is found by a keyed index of the number, never by the number. Destroying the private key
makes everything unreadable that was sealed to the person, wherever a copy of it lies.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from functions.storage import sealing
from functions.storage.keyring import keyring
from functions.storage.sealing import KeyPair
from functions.storage.tables import (
    StaleError,
    Table,
    TableMeta,
    instant_key,
    named_failures,
    read_instant,
)

TABLE = "people"
SESSIONS_KEPT = 20
"""More sign-ins at once end the session used longest ago: the row stays small, for every request reads it."""


class PersonItem(Table):
    noun = TABLE

    class Meta(TableMeta):
        pass

    person = UnicodeAttribute(hash_key=True)
    public_key = BinaryAttribute(legacy_encoding=False, null=True)
    private_key = BinaryAttribute(legacy_encoding=False, null=True)
    wrapped_by = UnicodeAttribute(null=True)
    account_key = BinaryAttribute(legacy_encoding=False, null=True)
    document = BinaryAttribute(legacy_encoding=False, null=True)
    phone = BinaryAttribute(legacy_encoding=False, null=True)
    notifications = BinaryAttribute(legacy_encoding=False, null=True)
    document_index = UnicodeAttribute(null=True)
    sessions = UnicodeAttribute(null=True)
    history = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    erased_at = UnicodeAttribute(null=True)
    write_id = UnicodeAttribute()


class DocumentItem(Table):
    """Who holds a document: found by the blind index of its number, with that of the registered telephone."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    person = UnicodeAttribute(hash_key=True)
    holder = UnicodeAttribute()
    phone_index = UnicodeAttribute()


class PhoneItem(Table):
    """How many people a telephone number is registered for."""

    noun = TABLE

    class Meta(TableMeta):
        pass

    person = UnicodeAttribute(hash_key=True)
    holders = NumberAttribute()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in device. `secret` is the keyed digest of its present refresh token, `former` of the last."""

    session: str
    secret: str
    former: str
    device: str
    """The client's own name for the device, sealed under the account's key, in base64."""
    created_at: datetime
    used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """A person as stored. `keys` is None after erasure: what was sealed to them stays sealed."""

    person: str
    keys: KeyPair | None
    account_key: bytes
    document: bytes
    phone: bytes
    document_index: str
    created_at: datetime
    sessions: tuple[Session, ...] = ()
    history: str = "[]"
    notifications: bytes = b""
    """How the person wants to be told, sealed; empty for whoever said nothing."""
    erased_at: datetime | None = None
    write_id: str = ""

    def session(self, session: str) -> Session | None:
        return next((each for each in self.sessions if each.session == session), None)


@dataclass(frozen=True, slots=True)
class Holder:
    person: str
    phone_index: str


def get(person: str, *, consistent: bool = False) -> Person | None:
    try:
        with named_failures():
            return _person(PersonItem.get(person, consistent_read=consistent))
    except DoesNotExist:
        return None


def holder_of(document_index: str) -> Holder | None:
    try:
        with named_failures():
            item = DocumentItem.get(_document_row(document_index), consistent_read=True)
    except DoesNotExist:
        return None
    return Holder(item.holder, item.phone_index)


def holders_of_phone(phone_index: str) -> int:
    try:
        with named_failures():
            return int(PhoneItem.get(_phone_row(phone_index), consistent_read=True).holders)
    except DoesNotExist:
        return 0


def add_unnamed(person: Person) -> None:
    """A person without a document: whoever reports anonymously."""
    with named_failures():
        _item(person).save(PersonItem.person.does_not_exist())


def register(person: Person, phone_index: str, most_holders: int) -> None:
    """Writes a new person, its document and the telephone's count at once.

    StaleError when the document was registered meanwhile, or the telephone has as many holders as it may.
    """
    phone = PhoneItem(_phone_row(phone_index))
    room = PhoneItem.holders.does_not_exist() | (PhoneItem.holders < most_holders)
    document = DocumentItem(
        _document_row(person.document_index), holder=person.person, phone_index=phone_index
    )
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(_item(person), condition=PersonItem.person.does_not_exist())
        transaction.save(document, condition=DocumentItem.person.does_not_exist())
        transaction.update(phone, [PhoneItem.holders.add(1)], condition=room)


def change_phone(person: Person, former_index: str, phone_index: str, most_holders: int) -> Person:
    """Moves a person to another telephone; StaleError as for `register`, or when the row has changed."""
    changed = replace(person, write_id=secrets.token_hex(6))
    document = DocumentItem(_document_row(person.document_index))
    room = PhoneItem.holders.does_not_exist() | (PhoneItem.holders < most_holders)
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(_item(changed), condition=PersonItem.write_id == person.write_id)
        transaction.update(
            document,
            [DocumentItem.phone_index.set(phone_index)],
            condition=DocumentItem.phone_index == former_index,
        )
        if former_index != phone_index:
            transaction.update(PhoneItem(_phone_row(phone_index)), [PhoneItem.holders.add(1)], condition=room)
            transaction.update(PhoneItem(_phone_row(former_index)), [PhoneItem.holders.add(-1)])
    return changed


def save(person: Person) -> Person:
    """Replaces the row if nobody changed it since it was read; StaleError otherwise."""
    changed = replace(person, write_id=secrets.token_hex(6))
    try:
        with named_failures():
            _item(changed).save(PersonItem.write_id == person.write_id)
    except StaleError:
        with named_failures():
            stored = PersonItem.get(person.person, consistent_read=True)
        if stored.write_id != changed.write_id:
            raise
    return changed


def erase(person: Person, phone_index: str, at: datetime) -> None:
    """Destroys the keys and forgets the document, at once; what remains says only that somebody was here."""
    tombstone = PersonItem(
        person.person,
        created_at=instant_key(person.created_at),
        erased_at=instant_key(at),
        history=person.history,
        write_id=secrets.token_hex(6),
    )
    with named_failures(), TransactWrite(connection=_connection()) as transaction:
        transaction.save(tombstone, condition=PersonItem.write_id == person.write_id)
        if person.document_index:
            transaction.delete(DocumentItem(_document_row(person.document_index)))
            transaction.update(PhoneItem(_phone_row(phone_index)), [PhoneItem.holders.add(-1)])


def _document_row(index: str) -> str:
    # People's own ids begin otherwise, so that no row can be taken for another kind.
    return f"document#{index}"


def _phone_row(index: str) -> str:
    return f"phone#{index}"


def _connection() -> Any:
    return PersonItem._get_connection().connection  # noqa: SLF001 - TransactWrite takes it, the model has no public way to it


def _item(person: Person) -> PersonItem:
    ring = keyring()
    item = PersonItem(
        person.person,
        created_at=instant_key(person.created_at),
        sessions=_sessions_text(person.sessions),
        write_id=person.write_id or secrets.token_hex(6),
    )
    if person.keys:
        item.public_key = person.keys.public
        place = _pair_place(person.person, person.keys.public)
        item.private_key = sealing.wrap(ring.wrapping[ring.current], person.keys.private, *place)
        item.wrapped_by = ring.current
    if person.erased_at:
        item.erased_at = instant_key(person.erased_at)
    for name in ("account_key", "document", "phone", "notifications", "document_index"):
        if value := getattr(person, name):
            setattr(item, name, value)
    if person.history != "[]":
        item.history = person.history
    return item


def _person(item: PersonItem) -> Person:
    return Person(
        person=item.person,
        keys=_keys(item),
        account_key=item.account_key or b"",
        document=item.document or b"",
        phone=item.phone or b"",
        document_index=item.document_index or "",
        created_at=read_instant(item.created_at),
        sessions=_read_sessions(item.sessions or "[]"),
        history=item.history or "[]",
        notifications=item.notifications or b"",
        erased_at=read_instant(item.erased_at) if item.erased_at else None,
        write_id=item.write_id,
    )


def _keys(item: PersonItem) -> KeyPair | None:
    if not item.private_key:
        return None
    wrapping = keyring().wrapping[item.wrapped_by]
    private = sealing.unwrap(wrapping, item.private_key, *_pair_place(item.person, item.public_key))
    return KeyPair(item.public_key, private)


def _pair_place(person: str, public: bytes) -> tuple[str, ...]:
    # The public half is bound in: another, put into the row, would have what is written sealed to a stranger.
    return TABLE, person, "private_key", public.hex()


INSTANTS = ("created_at", "used_at", "expires_at")


def _sessions_text(sessions: Sequence[Session]) -> str:
    kept = sorted(sessions, key=lambda each: each.used_at)[-SESSIONS_KEPT:]
    rows = [
        {**asdict(each), **{name: instant_key(getattr(each, name)) for name in INSTANTS}} for each in kept
    ]
    return json.dumps(rows, separators=(",", ":"))


def _read_sessions(text: str) -> tuple[Session, ...]:
    return tuple(
        Session(**{**row, **{name: read_instant(row[name]) for name in INSTANTS}}) for row in json.loads(text)
    )
