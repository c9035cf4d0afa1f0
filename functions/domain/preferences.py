"""Where people and offices want to be told, and whether there is any way to them at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from functions.domain import accounts
from functions.domain.access import Caller, Role
from functions.domain.errors import ChangedMeanwhile, FieldFault, InvalidRequest, NotFound
from functions.domain.history import next_entry
from functions.domain.notices import OFFICE
from functions.domain.quiet_hours import USUAL, Quiet
from functions.domain.subscribers import subscriber
from functions.storage import contacts, people, sealing
from functions.storage.contacts import ContactRow
from functions.storage.history import history_text, read_history
from functions.storage.keyring import keyring
from functions.storage.messages import DIGEST, EXPORT, WEBHOOK
from functions.storage.people import Person
from functions.storage.tables import StaleError
from schemas.catalogue.reading import offices
from schemas.common import Tongue

FIELD = "notifications"
KEY_USE = "office contacts"
CHANGES_KEPT = 50


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's own, as they are for whoever said nothing."""

    tongue: Tongue = "ur"
    channels: tuple[str, ...] = ("sms", "whatsapp")
    email: str = ""
    quiet: Quiet | None = USUAL


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Whom an office has on duty; what is "" is not there."""

    tongue: Tongue = "ur"
    channels: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Addressee:
    """Who is to be told: channels in order of preference, and the addresses there are."""

    tongue: Tongue
    channels: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    quiet: Quiet | None = None


def addressee(recipient: str) -> Addressee | None:
    """How the recipient is reached; None for a person who was forgotten, or is none of ours."""
    if recipient.startswith(EXPORT):
        return Addressee("en", (WEBHOOK,), {WEBHOOK: recipient.removeprefix(EXPORT)})
    if recipient.startswith(DIGEST):
        return _reader(recipient)
    if recipient.startswith(OFFICE):
        office = contact_of(recipient.removeprefix(OFFICE))
        return Addressee(office.tongue, office.channels, _addresses(office.phone, office.email))
    person = people.get(recipient, consistent=True)
    key = accounts.account_key(person) if person else None
    if person is None or key is None:
        return None
    wanted = preferences_of(person, key)
    if not person.document:
        return Addressee(wanted.tongue)  # who reports without a name is told in the app alone
    phone = _opened(person, key, "phone")
    return Addressee(wanted.tongue, wanted.channels, _addresses(phone, wanted.email), wanted.quiet)


def _reader(recipient: str) -> Addressee | None:
    """Of the weekly letter, which goes by e-mail alone; None for who is on the list no more, or left it."""
    found = subscriber(recipient)
    if found is None or not found.office:
        return Addressee(found.tongue, ("email",), {"email": found.address}) if found else None
    office = contact_of(found.office)
    if "email" not in office.channels or not office.email:
        return None
    return Addressee(office.tongue, ("email",), {"email": office.email})


def _addresses(phone: str, email: str) -> dict[str, str]:
    found = {"sms": phone, "whatsapp": phone, "email": email}
    return {channel: address for channel, address in found.items() if address}


# --- a person's own


def mine(caller: Caller) -> tuple[Preferences, bool]:
    """The caller's, and whether there is a telephone to reach."""
    person = accounts.own(caller)
    key = accounts.account_key(person)
    return preferences_of(person, key), bool(person.document and person.phone)


def change(caller: Caller, wanted: Preferences) -> None:
    """InvalidRequest for an address given by somebody who reports without a name: it would be one."""
    person = accounts.own(caller)
    if wanted.email and not person.document:
        raise InvalidRequest(FieldFault("/email", "email_without_name"))
    key = accounts.account_key(person) or b""
    sealed = sealing.seal(key, _written(wanted), people.TABLE, person.person, FIELD)
    accounts.changed(person, lambda present: replace(present, notifications=sealed))


def preferences_of(person: Person, key: bytes | None) -> Preferences:
    if key is None or not person.notifications:
        return Preferences()
    said = json.loads(_opened(person, key, FIELD))
    quiet = said["quiet"]
    return Preferences(
        tongue=said["tongue"],
        channels=tuple(said["channels"]),
        email=said["email"],
        quiet=Quiet(time.fromisoformat(quiet[0]), time.fromisoformat(quiet[1]), quiet[2]) if quiet else None,
    )


def _written(wanted: Preferences) -> str:
    quiet = wanted.quiet
    said = {
        "tongue": wanted.tongue,
        "channels": wanted.channels,
        "email": wanted.email,
        "quiet": [f"{quiet.begin:%H:%M}", f"{quiet.end:%H:%M}", quiet.utc_offset_minutes] if quiet else None,
    }
    return json.dumps(said, separators=(",", ":"))


def _opened(person: Person, key: bytes, name: str) -> str:
    sealed: bytes = getattr(person, name)
    return sealing.open_text(key, sealed, people.TABLE, person.person, name) if sealed else ""


# --- an office's


def of_office(caller: Caller, office: str) -> Contact:
    """NotFound unless it is the caller's own office; an administrator sees every one."""
    _require_own(caller, office)
    return contact_of(office)


def change_office(caller: Caller, office: str, wanted: Contact, now: datetime) -> None:
    """ChangedMeanwhile when a colleague was faster. Who changed it is kept, never to what."""
    _require_own(caller, office)
    former = contacts.get(office)
    entries = read_history(former.history) if former else ()
    entry = next_entry(entries, at=now, actor=caller.subject, role=caller.role, action="change")
    said = [wanted.tongue, wanted.channels, wanted.phone, wanted.email]
    sealed = sealing.seal(keyring().key_for(KEY_USE), json.dumps(said), contacts.TABLE, office, "contact")
    kept = history_text((*entries, entry)[-CHANGES_KEPT:])
    try:
        contacts.put(ContactRow(office, sealed, kept), former)
    except StaleError:
        raise ChangedMeanwhile(state="another version") from None


def contact_of(office: str) -> Contact:
    row = contacts.get(office)
    if row is None:
        return Contact()
    key = keyring().key_for(KEY_USE)
    said = json.loads(sealing.open_text(key, row.contact, contacts.TABLE, office, "contact"))
    return Contact(said[0], tuple(said[1]), said[2], said[3])


def _require_own(caller: Caller, office: str) -> None:
    if office not in offices() or (caller.role is not Role.ADMINISTRATOR and caller.office != office):
        raise NotFound
