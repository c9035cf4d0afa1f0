"""What a person may ask of us: everything we hold of them, and that it be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.domain import accounts, complaints, evidence, preferences
from functions.domain.access import Caller, Role
from functions.domain.errors import CasesOpen, ChangedMeanwhile, NotAuthenticated
from functions.domain.preferences import Preferences
from functions.storage import cases, feedback, notices, people, sealing
from functions.storage.feedback import Labelled
from functions.storage.history import read_history
from functions.storage.keyring import keyring
from functions.storage.notices import NoticeRow
from functions.storage.people import Person
from functions.storage.tables import StaleError
from schemas.cases import ENDED, Case, Entry, Summary

PAGE = 25
NAMED_OPEN = 10
"""Of very many open cases so many are named in the refusal."""
ERASE_TRIES = 5


@dataclass(frozen=True, slots=True)
class AccountHeld:
    person: str
    document: str | None
    phone: str | None
    registered_at: datetime
    history: tuple[Entry, ...]
    notifications: Preferences


@dataclass(frozen=True, slots=True)
class Held:
    """One page of all that is held; `following` is the position of the next one."""

    account: AccountHeld | None
    cases: tuple[Case, ...] = ()
    feedback: tuple[Labelled, ...] = ()
    notices: tuple[NoticeRow, ...] = ()
    following: str | None = None


def export(caller: Caller, position: str | None) -> Held:
    """A page of everything: sections one after the other, each read to its end by its own position."""
    section, _, after = (position or "cases|").partition("|")
    account = _account(caller) if position is None else None
    if section == "cases":
        rows, following = cases.of_owner(caller.subject, before=after or None, limit=PAGE)
        found = tuple(case for row in rows if (case := cases.get(row.reference)))
        return Held(account, cases=found, following=f"cases|{following}" if following else "feedback|")
    if section == "feedback":
        texts, following = feedback.of_giver(caller.subject, after=after or None, limit=PAGE)
        return Held(
            None, feedback=tuple(texts), following=f"feedback|{following}" if following else "notices|"
        )
    told, following = notices.of_recipient(caller.subject, before=after or None, limit=PAGE)
    return Held(None, notices=tuple(told), following=f"notices|{following}" if following else None)


def _account(caller: Caller) -> AccountHeld:
    person = _present(caller)
    key = accounts.account_key(person)
    return AccountHeld(
        person=person.person,
        document=_opened(person, key, "document"),
        phone=_opened(person, key, "phone"),
        registered_at=person.created_at,
        history=read_history(person.history),
        notifications=preferences.preferences_of(person, key),
    )


def _opened(person: Person, key: bytes | None, field: str) -> str | None:
    sealed: bytes = getattr(person, field)
    if key is None or not sealed:
        return None
    return sealing.open_text(key, sealed, people.TABLE, person.person, field)


@dataclass(frozen=True, slots=True)
class Forgotten:
    complaints: int
    feedback: int


def erase(caller: Caller, now: datetime) -> Forgotten:
    """Forgets the person: destroys the key, and with it everything that was sealed to it, wherever it lies.

    CasesOpen while an office still has to answer. May be cut short: until the key is gone it can be asked
    again, and does the rest.
    """
    accounts.require_fresh(caller, now)
    person = _present(caller)
    _refuse_while_open(caller)
    erased = sum(1 for case in _whole_cases(caller) if _erase_case(case, caller, now))
    untied = feedback.forget_giver(caller.subject)
    notices.forget(caller.subject)
    _refuse_while_open(caller)  # one may have been lodged meanwhile, from another device
    _destroy(person, now)
    return Forgotten(erased, untied)


def _destroy(person: Person, now: datetime) -> None:
    present = person
    for _ in range(ERASE_TRIES):
        phone = _opened(present, accounts.account_key(present), "phone")
        index = keyring().index("phone", phone) if phone else ""
        try:
            people.erase(accounts.noted(present, "erase", now), index, now)
        except StaleError:
            again = people.get(person.person, consistent=True)
            if again is None or again.keys is None:
                return  # another request of the same person was first
            present = again
        else:
            return
    raise ChangedMeanwhile(state="signed in")


def _refuse_while_open(caller: Caller) -> None:
    waiting = (row.reference for row in _rows(caller) if row.state not in ENDED)
    named = [reference for _, reference in zip(range(NAMED_OPEN), waiting, strict=False)]
    if named:
        raise CasesOpen(references=", ".join(named))


def _rows(caller: Caller) -> Iterator[Summary]:
    position: str | None = None
    while True:
        rows, position = cases.of_owner(caller.subject, before=position, limit=100)
        yield from rows
        if position is None:
            return


def _whole_cases(caller: Caller) -> Iterator[Case]:
    for row in _rows(caller):
        case = cases.get(row.reference)
        if case is not None:
            yield case


def _erase_case(case: Case, caller: Caller, now: datetime) -> bool:
    """True: what is left of it is a tombstone. A case in the list may have been erased before."""
    present: Case | None = case
    for _ in range(ERASE_TRIES):
        if present is None or present.erased_at is not None:
            return True
        evidence.forget(present)
        try:
            complaints.erase_personal(present, now, caller.subject, Role.CITIZEN, "asked_by_citizen")
        except StaleError:
            present = cases.get(case.reference)  # read by an auditor just now, and that is on record
        else:
            return True
    raise ChangedMeanwhile(state=case.state)


def _present(caller: Caller) -> Person:
    person = people.get(caller.subject, consistent=True)
    if person is None or person.keys is None:
        raise NotAuthenticated
    return person
