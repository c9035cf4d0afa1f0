"""A person's telephone is changed: by themselves, with a code sent to the new one, or at a desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain import accounts, codes, officers
from functions.domain.access import Caller, is_accused, row_of
from functions.domain.codes import Issued, Wanted
from functions.domain.errors import ChangedMeanwhile, CodeRefused, NotAuthenticated, NotFound, PhoneFull
from functions.domain.signing_in import MOST_HOLDERS
from functions.storage import cases, people, sealing
from functions.storage.keyring import keyring
from functions.storage.people import Person
from functions.storage.tables import StaleError
from schemas.common import Tongue

CHANGE_TRIES = 6
DESK_CHANGES = 40
"""By one officer on one day (assumed): more is no desk any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who is moved to which telephone, who did it, and which session goes on ("" for none)."""

    person: str
    phone: str
    actor: str
    role: str
    session: str = ""


def ask(caller: Caller, phone: str, *, channel: str, tongue: Tongue, address: str, now: datetime) -> Issued:
    """A challenge for the caller's own change; its code goes to the new telephone.

    NotFound for whoever has no document here: there is nothing that a telephone could stand for.
    """
    accounts.require_fresh(caller, now)
    person, _ = _present(caller.subject)
    if not person.document_index:
        raise NotFound
    wanted = Wanted(
        document=person.document_index,
        subject=person.person,
        purpose="change_phone",
        # The new telephone is anybody's until its holder shows the code: it is capped as any other is.
        lane="other",
        phone=phone,
        channel=channel,
        tongue=tongue,
        address=address,
        is_due=True,
    )
    return codes.issue(wanted, now)


def confirm(caller: Caller, challenge: str, phone: str, code: str, *, address: str, now: datetime) -> None:
    """Moves the caller to the telephone that the code was sent to, and signs every other device out.

    CodeRefused as for signing in; PhoneFull when the telephone has as many people as it may.
    """
    codes.admit_exchange(address, now)
    claim = codes.claim_of(challenge, "change_phone")
    if claim.subject != caller.subject:
        raise CodeRefused
    codes.redeem(claim, phone, code, now)
    _move(Change(caller.subject, phone, caller.subject, caller.role, session=caller.session), now)


def change_at_desk(officer: Caller, document: str, phone: str, now: datetime) -> None:
    """Moves whoever holds `document` (its normal form) to `phone`: the officer has seen person and document.

    All devices are signed out and no code sent before opens anything. NotFound when nobody holds it here, and
    the same for an officer the person complains of: with the telephone the officer would have the complaint.
    It stands in the officer's own row, whose chain goes into the ledger, before anything is moved.
    """
    index = keyring().index("document", document)
    holder = people.holder_of(index)
    if holder is None or _is_complained_of(officer, holder.person):
        raise NotFound
    officers.note(officer, "change_phone", (("person", holder.person),), now, most_a_day=DESK_CHANGES)
    _move(Change(holder.person, phone, officer.subject, officer.role), now)
    codes.forget(index)


def _is_complained_of(officer: Caller, person: str) -> bool:
    """Whether a case of the person, open or over, is about the officer or the officer's office."""
    position: str | None = None
    while True:
        rows, position = cases.of_owner(person, before=position, limit=100)
        found = (cases.get(row.reference) for row in rows)
        if any(is_accused(officer, row_of(case)) for case in found if case):
            return True
        if position is None:
            return False


def _move(change: Change, now: datetime) -> None:
    phone_index = keyring().index("phone", change.phone)
    for _ in range(CHANGE_TRIES):
        person, key = _present(change.person)
        holder = people.holder_of(person.document_index)
        if holder is None or holder.person != change.person:
            raise NotFound
        try:
            people.change_phone(
                _moved(person, key, change, now), holder.phone_index, phone_index, MOST_HOLDERS
            )
        except StaleError:
            moves = holder.phone_index != phone_index
            if moves and people.holders_of_phone(phone_index) >= MOST_HOLDERS:
                raise PhoneFull(most=str(MOST_HOLDERS)) from None
            continue
        return
    raise ChangedMeanwhile(state="signed in")


def _moved(person: Person, key: bytes, change: Change, now: datetime) -> Person:
    changed = replace(
        person,
        phone=sealing.seal(key, change.phone, people.TABLE, person.person, "phone"),
        sessions=tuple(each for each in person.sessions if each.session == change.session),
    )
    return accounts.noted(changed, "change_phone", now, actor=change.actor, role=change.role)


def _present(person_id: str) -> tuple[Person, bytes]:
    """The person, and the key of their account. NotAuthenticated for whoever was erased."""
    person = people.get(person_id, consistent=True)
    key = accounts.account_key(person) if person else None
    if person is None or key is None:
        raise NotAuthenticated
    return person, key
