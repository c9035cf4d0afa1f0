"""Citizens sign in with a document and a code sent to a telephone; the first time registers the two."""

from __future__ import annotations

from datetime import datetime

from functions.domain import accounts, codes
from functions.domain.accounts import Tokens
from functions.domain.codes import Issued, Wanted
from functions.domain.errors import ChangedMeanwhile, CodeRefused, PhoneFull
from functions.storage import people
from functions.storage.keyring import keyring
from functions.storage.people import Holder, Person
from functions.storage.tables import StaleError
from schemas.common import Tongue

MOST_HOLDERS = 5
"""People a telephone may be registered for: a family shares one."""
REGISTER_TRIES = 5


def ask(document: str, phone: str, *, channel: str, tongue: Tongue, address: str, now: datetime) -> Issued:
    """A challenge for `document` (its normal form), answered alike whoever is known.

    A code goes out when the document is registered with this very telephone, or with none yet.
    TooManyRequests as for `codes.issue`.
    """
    index = keyring().index("document", document)
    holder = people.holder_of(index)
    is_own = holder is not None and holder.phone_index == keyring().index("phone", phone)
    wanted = Wanted(
        document=index,
        subject=document,
        purpose="sign_in",
        lane="own" if is_own else "other",
        phone=phone,
        channel=channel,
        tongue=tongue,
        address=address,
        is_due=is_own or holder is None,
    )
    return codes.issue(wanted, now)


def sign_in(challenge: str, phone: str, code: str, *, device: str, address: str, now: datetime) -> Tokens:
    """Tokens for whoever holds the telephone; CodeRefused for any code but the right one, once and in time.

    PhoneFull when the document is new and the telephone has as many people as it may.
    """
    codes.admit_exchange(address, now)
    claim = codes.claim_of(challenge, "sign_in")
    codes.redeem(claim, phone, code, now)
    return accounts.open_session(registered(claim.subject, phone, now), device, now)


def registered(document: str, phone: str, now: datetime) -> Person:
    """The person who holds the document with this telephone, registered now if nobody does.

    Of two devices that register at once one writes, and both get the same person.
    """
    index, phone_index = keyring().index("document", document), keyring().index("phone", phone)
    made = accounts.new_person(document, phone, now)
    for _ in range(REGISTER_TRIES):
        holder = people.holder_of(index)
        if holder is not None:
            return _held_with(holder, index, phone_index)
        try:
            people.register(made, phone_index, MOST_HOLDERS)
        except StaleError:
            if people.holders_of_phone(phone_index) >= MOST_HOLDERS and people.holder_of(index) is None:
                raise PhoneFull(most=str(MOST_HOLDERS)) from None
            continue
        return made
    raise ChangedMeanwhile(state="being registered")


def _held_with(holder: Holder, index: str, phone_index: str) -> Person:
    # The telephone may have been changed since the code was sent.
    person = people.get(holder.person, consistent=True) if holder.phone_index == phone_index else None
    if person is None or person.keys is None or person.document_index != index:
        raise CodeRefused  # the last: a document's row that was made to lead to somebody else
    return person
