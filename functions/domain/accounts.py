"""Citizens' accounts: who a person is here, on which devices they are signed in, and the tokens for it.

An access token lasts ten minutes and carries the person's public key; a refresh token is changed at every
use, and one that comes back after its successor was used ends the session (RFC 9700, 4.14.2).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import ECKey

from functions.domain.access import Caller
from functions.domain.errors import ChangedMeanwhile, FreshSignInNeeded, NotAuthenticated, NotFound
from functions.domain.history import next_entry
from functions.settings import settings
from functions.storage import people, sealing
from functions.storage.history import history_text, read_history
from functions.storage.keyring import keyring
from functions.storage.people import Person, Session
from functions.storage.sealing import KeyPair
from functions.storage.tables import StaleError

CLIENT_ID = "khidmat-citizens"
ALGORITHM = "ES256"
ACCESS_SECONDS = 600
SESSION_DAYS = 30
"""A device that was not used for so long signs in again."""
FRESH_SECONDS = 900
"""For so long after the code a device may do what cannot be undone."""
GRACE_SECONDS = 30
"""For so long the refresh token before the present one is still taken: its successor may have been lost."""
SAVE_TRIES = 6


@dataclass(frozen=True, slots=True)
class Tokens:
    access_token: str
    refresh_token: str
    expires_in: int
    session: str


def issuer() -> str:
    return f"{settings().base_url}/citizens"


def new_person(document: str, phone: str, now: datetime) -> Person:
    """A person with new keys, not stored yet; document and telephone in their normal form, "" for none."""
    return noted(_person(f"p-{secrets.token_hex(12)}", document, phone, now), "register", now)


def unnamed_person(person: str, now: datetime) -> Person:
    """A person of whom nothing is known: keys and no more."""
    return _person(person, "", "", now)


def _person(person: str, document: str, phone: str, now: datetime) -> Person:
    pair, account_key = sealing.new_pair(), sealing.new_key()
    return Person(
        person=person,
        keys=pair,
        account_key=sealing.seal_to(pair.public, account_key, people.TABLE, person, "account_key"),
        document=sealing.seal(account_key, document, people.TABLE, person, "document") if document else b"",
        phone=sealing.seal(account_key, phone, people.TABLE, person, "phone") if phone else b"",
        document_index=keyring().index("document", document) if document else "",
        created_at=now,
        write_id=secrets.token_hex(6),
    )


def noted(person: Person, action: str, now: datetime, *, actor: str = "", role: str = "citizen") -> Person:
    """The person with one more line in the account's own history."""
    history = read_history(person.history)
    entry = next_entry(history, at=now, actor=actor or person.person, role=role, action=action)
    return replace(person, history=history_text((*history, entry)))


def account_key(person: Person) -> bytes | None:
    """The key that seals the account's own fields; None after erasure."""
    if person.keys is None:
        return None
    return sealing.open_with(person.keys, person.account_key, people.TABLE, person.person, "account_key")


def open_session(person: Person, device: str, now: datetime) -> Tokens:
    """Signs a device in. The session used longest ago ends when there are too many."""
    secret, session = secrets.token_urlsafe(32), secrets.token_hex(8)

    def signed_in(present: Person) -> Person:
        opened = Session(
            session=session,
            secret=_digest(present.person, session, secret),
            former="",
            device=_sealed_device(present, session, device),
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
        )
        return replace(present, sessions=(*_alive(present, now), opened))

    return _tokens(changed(person, signed_in), session, secret, now)


def refresh(token: str, now: datetime) -> Tokens:
    """New tokens for a session. NotAuthenticated when it has ended, and when a used token comes back."""
    person_id, session_id, presented = _parts(token)
    person = people.get(person_id, consistent=True)
    session = person.session(session_id) if person and person.keys else None
    if person is None or session is None or session.expires_at <= now:
        raise NotAuthenticated(why="This device was signed out.")
    digest = _digest(person_id, session_id, presented)
    if not _is_present(session, digest, now):
        if session.former and hmac.compare_digest(session.former, digest):
            _end(person, session_id)  # somebody has a copy: whoever it is, both sign in again
        raise NotAuthenticated(why="This device was signed out.")
    return _rotated(person, session_id, digest, now)


def sessions(caller: Caller, now: datetime) -> list[tuple[Session, str]]:
    """The caller's signed-in devices, last used first, each with the name the client gave it."""
    person = own(caller)
    key = account_key(person)
    shown = [(each, _device(person, key, each)) for each in _alive(person, now)]
    return sorted(shown, key=lambda pair: pair[0].used_at, reverse=True)


def sign_out(caller: Caller, session_id: str | None, now: datetime) -> None:
    """Ends one session of the caller's, or all of them for None. NotFound when there is no such session."""
    person = own(caller)
    if session_id is not None and person.session(session_id) is None:
        raise NotFound
    if session_id is not None:
        _end(person, session_id)
        return
    changed(person, lambda present: noted(replace(present, sessions=()), "sign_out_everywhere", now))


def require_fresh(caller: Caller, now: datetime) -> None:
    """FreshSignInNeeded unless this device showed a code lately: a stolen token must not do what lasts."""
    session = own(caller).session(caller.session)
    if session is None or now - session.created_at > timedelta(seconds=FRESH_SECONDS):
        raise FreshSignInNeeded


def keys_of_session(person_id: str, session_id: str, now: float) -> KeyPair | None:
    """The person's keys while the session lasts; None when it has ended, or the person is gone.

    The first look may be a moment old, and costs half as much; a refusal is never founded on it.
    """
    for consistent in (False, True):
        person = people.get(person_id, consistent=consistent)
        session = person.session(session_id) if person else None
        if person and session and session.expires_at.timestamp() > now:
            return person.keys
    return None


def _tokens(person: Person, session: str, secret: str, now: datetime) -> Tokens:
    return Tokens(
        access_token=access_token(person, session, now),
        refresh_token=f"{person.person}.{session}.{secret}",
        expires_in=ACCESS_SECONDS,
        session=session,
    )


def access_token(person: Person, session: str, now: datetime, seconds: int = ACCESS_SECONDS) -> str:
    """A token for one session of the person, signed with the citizens' key."""
    if person.keys is None:
        raise NotAuthenticated
    key = ECKey.import_key(keyring().signing)
    begins = int(now.timestamp())
    claims = {
        "iss": issuer(),
        "sub": person.person,
        "client_id": CLIENT_ID,
        "token_use": "access",
        "sid": session,
        "pub": base64.urlsafe_b64encode(person.keys.public).rstrip(b"=").decode(),
        "iat": begins,
        "exp": begins + seconds,
    }
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def _rotated(person: Person, session_id: str, digest: str, now: datetime) -> Tokens:
    """The successor follows from the token that was used: a repeat, its reply lost, gets the same one."""
    secret = keyring().digest("refresh successor", person.person, session_id, digest)

    def renewed(present: Person) -> Person:
        found = present.session(session_id)
        if found is None or not _is_present(found, digest, now):
            raise NotAuthenticated(why="This device was signed out.")
        if not hmac.compare_digest(found.secret, digest):
            return present  # used a moment ago: its successor stands, and its time is not begun anew
        changed = replace(
            found,
            secret=_digest(present.person, session_id, secret),
            former=digest,
            used_at=now,
            expires_at=now + timedelta(days=SESSION_DAYS),
        )
        others = tuple(each for each in _alive(present, now) if each.session != session_id)
        return replace(present, sessions=(*others, changed))

    return _tokens(changed(person, renewed), session_id, secret, now)


def _is_present(session: Session, digest: str, now: datetime) -> bool:
    if hmac.compare_digest(session.secret, digest):
        return True
    lately = now - session.used_at <= timedelta(seconds=GRACE_SECONDS)
    return lately and bool(session.former) and hmac.compare_digest(session.former, digest)


def _end(person: Person, session_id: str) -> None:
    def without(present: Person) -> Person:
        kept = tuple(each for each in present.sessions if each.session != session_id)
        return replace(present, sessions=kept)

    changed(person, without)


def changed(person: Person, change: Callable[[Person], Person]) -> Person:
    """The row after `change`, made on what is there now however many change it at once."""
    present = person
    for _ in range(SAVE_TRIES):
        try:
            return people.save(change(present))
        except StaleError:
            again = people.get(person.person, consistent=True)
            if again is None or again.keys is None:
                raise NotAuthenticated from None
            present = again
    raise ChangedMeanwhile(state="signed in")


def own(caller: Caller) -> Person:
    """The caller's row; NotAuthenticated for whoever was forgotten."""
    person = people.get(caller.subject, consistent=True)
    if person is None or person.keys is None:
        raise NotAuthenticated
    return person


def _alive(person: Person, now: datetime) -> tuple[Session, ...]:
    return tuple(each for each in person.sessions if each.expires_at > now)


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3 or not all(parts) or not token.isascii():
        raise NotAuthenticated
    return parts[0], parts[1], parts[2]


def _digest(person: str, session: str, secret: str) -> str:
    return keyring().digest("refresh", person, session, secret)


def _sealed_device(person: Person, session: str, device: str) -> str:
    key = account_key(person)
    if not device or key is None:
        return ""
    return base64.b64encode(sealing.seal(key, device, people.TABLE, person.person, session)).decode()


def _device(person: Person, key: bytes | None, session: Session) -> str:
    if not session.device or key is None:
        return ""
    return sealing.open_text(
        key, base64.b64decode(session.device), people.TABLE, person.person, session.session
    )
