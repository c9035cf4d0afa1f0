"""Reports of people who do not say who they are.

A report belongs to a person that consists of a key pair and nothing else. Its secret code is worked out from
its reference under the keyring, so that no stored item holds it, and it is the only way back to the report.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from functions.domain import accounts, complaints
from functions.domain.access import Caller, Role
from functions.domain.accounts import Tokens
from functions.domain.errors import CodeRefused, FieldFault, InvalidReference, InvalidRequest
from functions.domain.references import parse_reference
from functions.storage import cases, people
from functions.storage.keyring import keyring
from functions.storage.people import Person
from functions.storage.tables import StaleError, StoreFailureError
from schemas.cases import Case
from schemas.catalogue.reading import policy_in_force
from schemas.complaints import NewReport

SHORTEST_KEY = 22
"""Characters of an Idempotency-Key: 128 random bits in base64url; all that tells two reporters apart."""
CODE_LETTERS = 20
"""A hundred random bits: not to be guessed however often one may try."""
GROUP = 4


def report(new: NewReport, idempotency_key: str, now: datetime) -> tuple[Case, str]:
    """(The case, its secret code). A repeat under the same key answers the same two.

    IdempotencyKeyReused when the key came before with another body.
    """
    category = policy_in_force(now).categories.get(new.category)
    if category is not None and not category.anonymous:
        raise InvalidRequest(FieldFault("/category", "not_anonymous"))
    reporter = _reporter(keyring().digest("anonymous reporter", idempotency_key), now)
    caller = Caller(reporter.person, Role.CITIZEN, public_key=reporter.keys.public if reporter.keys else b"")
    case = complaints.lodge(caller, new, idempotency_key, now)
    return case, code_of(case.reference)


def _reporter(digest: str, now: datetime) -> Person:
    """The person behind the key that came with the report: made once, however often that is sent.

    Kept before the report is, so that no report can be sealed to a key that was lost.
    """
    person = f"p-{digest}"
    present = people.get(person, consistent=True)
    if present is not None:
        return present
    made = accounts.unnamed_person(person, now)
    try:
        people.add_unnamed(made)
    except StaleError:
        present = people.get(person, consistent=True)
        if present is None:
            raise StoreFailureError("a row that exists cannot be read") from None
        return present
    return made


def code_of(reference: str) -> str:
    """The secret code of an anonymous report, in groups of four."""
    letters = keyring().digest("report code", reference)[:CODE_LETTERS].upper()
    return "-".join(letters[i : i + GROUP] for i in range(0, CODE_LETTERS, GROUP))


def sign_in(reference: str, code: str, now: datetime) -> Tokens:
    """Tokens for whoever holds the code; CodeRefused for a wrong one, and for a report that is not there."""
    try:
        known = parse_reference(reference)
    except InvalidReference:
        raise InvalidRequest(FieldFault("/reference", "bad_reference")) from None
    given = "".join(c for c in code.upper() if c.isalnum())
    right = code_of(known).replace("-", "")
    # Bytes, for the comparison takes no text beyond ASCII.
    fits = hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
    case = cases.get(known)
    owner = people.get(case.owner, consistent=True) if case else None
    if not fits or owner is None or owner.keys is None or owner.document_index:
        raise CodeRefused
    return accounts.open_session(owner, "", now)
