"""People and officers to call as: rows in the tables, as signing in and enrolling would have left them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from functions.domain import accounts
from functions.domain.access import Caller, Role
from functions.storage import officers, people, sealing
from functions.storage.people import Person, Session
from functions.storage.sealing import KeyPair
from functions.storage.tables import StaleError
from tests import keys

SESSION = "session-1"


@cache
def pair(subject: str) -> KeyPair:
    """One person's keys, the same in every test of a run: a case may be made before the person's row is."""
    return sealing.new_pair()


def person(subject: str = "citizen-1") -> Person:
    """The person of that name, registered and signed in on one device; made when there is none."""
    present = people.get(subject, consistent=True)
    if present is not None:
        return present
    now = datetime.now(UTC)
    session = Session(SESSION, "", "", "", now, now, now + timedelta(days=30))
    account_key = sealing.seal_to(
        pair(subject).public, sealing.new_key(), people.TABLE, subject, "account_key"
    )
    made = replace(
        accounts.unnamed_person(subject, now),
        keys=pair(subject),
        account_key=account_key,
        sessions=(session,),
    )
    try:
        people.add_unnamed(made)
    except StaleError:  # another thread of the test was first
        return people.get(subject, consistent=True)
    return made


def citizen(subject: str = "citizen-1") -> Caller:
    """A caller as the door makes one of a citizen's token."""
    keys_of = pair(subject)
    return Caller(
        subject, Role.CITIZEN, session=SESSION, public_key=keys_of.public, private_key=keys_of.private
    )


def citizen_token(subject: str = "citizen-1") -> str:
    person(subject)
    return keys.citizen_token(subject, session=SESSION, public=pair(subject).public)


def enrol(caller: Caller, *, suspended: bool = False, service_number: str = "") -> None:
    """The officer's row, as `caller` says; changed where it says otherwise."""
    present = officers.get(caller.subject, consistent=True)
    row = officers.Officer(
        subject=caller.subject,
        role=caller.role,
        office=caller.office or "",
        service_number=service_number or (present.service_number if present else ""),
        clearances=caller.clearances,
        suspended=suspended,
        version=1,
    )
    if present is not None and replace(present, write_id="") == row:
        return
    try:
        officers.put(row, present)
    except StaleError:  # another thread of the test was first
        return
