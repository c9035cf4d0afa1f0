"""One-time codes: six digits that prove who holds a telephone, made, sent and redeemed once.

What an asker sees depends on what the asker has asked, and never on who is known: the limits that are shown
are counted for the document and the telephone *as asked from that address*. Behind them stand caps for the
whole world on what is really sent: past them, and for a document that is registered with another telephone,
the challenge is a decoy, with the same answer from the same calls, that no code opens. So a stranger learns
nothing, cannot lock an owner out, and all askers together have thirty guesses a document and day.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from functions.domain import limits
from functions.domain.errors import CodeRefused, TooManyRequests
from functions.domain.limits import DAY_SECONDS, HOUR_SECONDS, Rule
from functions.storage import codes, queues, sealing
from functions.storage.codes import Challenge, Window
from functions.storage.keyring import keyring
from functions.storage.sealing import UnsealedError
from functions.storage.tables import StaleError
from schemas.common import Tongue

Purpose = Literal["sign_in", "change_phone"]
Lane = Literal["own", "other"]
"""A document's own telephone or any other: so that a stranger's challenge never takes the owner's place."""
PURPOSES: tuple[Purpose, ...] = ("sign_in", "change_phone")
LANES: tuple[Lane, ...] = ("own", "other")
DIGITS = 6
CODE_SECONDS = 300
TRIES = 3
RESEND_SECONDS = 60
CHALLENGES_AN_HOUR, EXCHANGES_AN_HOUR = 60, 120
"""Of one address."""
OF_DOCUMENT = (Rule(10, DAY_SECONDS),)
OF_PHONE = (Rule(5, HOUR_SECONDS), Rule(10, DAY_SECONDS))
SENT_OF_DOCUMENT = (Rule(10, DAY_SECONDS + CODE_SECONDS),)
"""A code can be tried until it expires: with its five minutes, no day of tries has more than ten codes."""
SENT_OF_PHONE = OF_PHONE
WRITE_TRIES = 8
CLAIM_BYTES, MESSAGE_BYTES = 192, 224
"""Everything sealed has one size: a passport is not to be told from a card, nor a decoy from a code."""
CLAIM_PLACE, MESSAGE_PLACE = (codes.TABLE, "claim"), (codes.TABLE, "message")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A challenge asked for.

    `document` is the keyed index of the number; `subject` is what a redeemed challenge gives back.
    """

    document: str
    subject: str
    purpose: Purpose
    lane: Lane
    phone: str
    channel: str
    tongue: Tongue
    address: str
    is_due: bool
    """Whether this telephone is to get a code; otherwise the challenge is a decoy."""


@dataclass(frozen=True, slots=True)
class Issued:
    challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """What a challenge's id says to us, and to nobody else."""

    document: str
    subject: str
    purpose: str
    lane: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the telephone; no code is in a decoy's."""

    phone: str
    code: str
    channel: str
    tongue: Tongue
    expires: int


def issue(wanted: Wanted, now: datetime) -> Issued:
    """A new challenge in the place of the one before; the code goes to the queue, sealed.

    TooManyRequests when this address asked too often, altogether or for this document or telephone.
    """
    limits.admit("challenges", wanted.address, CHALLENGES_AN_HOUR, now)
    seconds = int(now.timestamp())
    expires = seconds + CODE_SECONDS
    nonce, code = secrets.token_hex(8), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    is_sent = _counted(wanted, nonce, code, seconds)
    _send(wanted, code if is_sent else "", expires)
    claim = Claim(wanted.document, wanted.subject, wanted.purpose, wanted.lane, nonce)
    return Issued(_sealed_claim(claim), datetime.fromtimestamp(expires, UTC))


def _counted(wanted: Wanted, nonce: str, code: str, now: int) -> bool:
    """Writes the challenge with all that it counts for, at once; whether its code is to be sent."""
    names = _window_names(wanted)
    shown = (OF_DOCUMENT, OF_PHONE)
    for _ in range(WRITE_TRIES):
        by_document, by_phone, sent_document, sent_phone = codes.windows(names)
        asked = (by_document, by_phone)
        wait = max(limits.seconds_to_wait(w.times, rules, now) for w, rules in zip(asked, shown, strict=True))
        if wait:
            raise TooManyRequests(wait)
        is_sent = wanted.is_due and _is_within_caps(wanted, sent_document, sent_phone, now)
        changed = [
            limits.with_one_more(by_document, OF_DOCUMENT, now),
            limits.with_one_more(by_phone, OF_PHONE, now),
            # A decoy writes them too, as they are: the same calls, whoever is known.
            _sent(sent_document, SENT_OF_DOCUMENT, now, is_sent=is_sent),
            _sent(sent_phone, SENT_OF_PHONE, now, is_sent=is_sent and wanted.lane == "other"),
        ]
        digest = _digest(nonce, wanted.purpose, wanted.phone, code if is_sent else secrets.token_hex(16))
        row = _row(wanted.document, wanted.purpose, wanted.lane)
        try:
            codes.write(Challenge(row, nonce, digest, now + CODE_SECONDS), changed)
        except StaleError:
            continue
        return is_sent
    raise TooManyRequests(1)  # so many at once for the same document or telephone that none may wait


def _window_names(wanted: Wanted) -> list[str]:
    network = limits.network_of(wanted.address)
    phone = keyring().index("phone", wanted.phone)
    return [
        limits.row_of("document asked", wanted.document, network),
        limits.row_of("phone asked", phone, network),
        limits.row_of("document sent", wanted.document),
        limits.row_of("phone sent", phone),
    ]


def _is_within_caps(wanted: Wanted, document: Window, phone: Window, now: int) -> bool:
    # To the own telephone the document's cap alone counts: nobody who knows a number can use up its owner's.
    capped_phone = phone.times if wanted.lane == "other" else ()
    return not (
        limits.seconds_to_wait(document.times, SENT_OF_DOCUMENT, now)
        or limits.seconds_to_wait(capped_phone, SENT_OF_PHONE, now)
    )


def _sent(window: Window, rules: tuple[Rule, ...], now: int, *, is_sent: bool) -> Window:
    if is_sent:
        return limits.with_one_more(window, rules, now)
    longest = max(rule.seconds for rule in rules)
    return Window(window.row, window.times, max(window.expires, now + longest), window.write_id)


def admit_exchange(address: str, now: datetime) -> None:
    """Counts one try to redeem anything; TooManyRequests when this address tried too often."""
    limits.admit("exchanges", address, EXCHANGES_AN_HOUR, now)


def claim_of(challenge: str, purpose: Purpose) -> Claim:
    """What a challenge's id stands for; CodeRefused when it is none of ours, or for another purpose."""
    try:
        sealed = base64.b64decode(challenge.encode("ascii"), altchars=b"-_", validate=True)
        said = json.loads(sealing.unwrap(keyring().key_for("code challenges"), sealed, *CLAIM_PLACE))
    except (binascii.Error, UnicodeEncodeError, ValueError, UnsealedError):
        raise CodeRefused from None
    claim = Claim(*said)
    if claim.purpose != purpose:
        raise CodeRefused
    return claim


def redeem(claim: Claim, phone: str, code: str, now: datetime) -> None:
    """Returns when the code is right, and does so once; CodeRefused for everything else.

    The try is counted before anything is compared, and who marks the challenge used goes on: two conditional
    writes, so that however many try at once three are compared and one comes through.
    """
    row = _row(claim.document, claim.purpose, claim.lane)
    stored = codes.count_try(row, claim.nonce, TRIES, int(now.timestamp()))
    if stored is None or not _fits(stored, claim, phone, code):
        raise CodeRefused
    if not codes.use(row, claim.nonce, secrets.token_hex(8)):
        raise CodeRefused


def forget(document: str) -> None:
    """Takes every live challenge of a document away."""
    codes.forget(_row(document, purpose, lane) for purpose in PURPOSES for lane in LANES)


def read_message(body: str) -> Message | None:
    """What the queue brought; None for a decoy. ValueError when it is none of ours."""
    try:
        sealed = base64.b64decode(body.encode("ascii"), validate=True)
        said = json.loads(sealing.unwrap(keyring().key_for("code messages"), sealed, *MESSAGE_PLACE))
    except (binascii.Error, UnsealedError) as error:
        raise ValueError("not a message of ours") from error
    message = Message(**said)
    return message if message.code else None


def _fits(stored: Challenge, claim: Claim, phone: str, code: str) -> bool:
    return hmac.compare_digest(stored.code, _digest(claim.nonce, claim.purpose, phone, code))


def _digest(nonce: str, purpose: str, phone: str, code: str) -> str:
    return keyring().digest("one-time codes", nonce, purpose, phone, code)


def _row(document: str, purpose: str, lane: str) -> str:
    return limits.row_of("challenge", document, purpose, lane)


def _sealed_claim(claim: Claim) -> str:
    said = _padded(list(asdict(claim).values()), CLAIM_BYTES)
    sealed = sealing.wrap(keyring().key_for("code challenges"), said, *CLAIM_PLACE)
    return base64.urlsafe_b64encode(sealed).decode()


def _send(wanted: Wanted, code: str, expires: int) -> None:
    message = Message(wanted.phone, code, wanted.channel, wanted.tongue, expires)
    sealed = sealing.wrap(
        keyring().key_for("code messages"), _padded(asdict(message), MESSAGE_BYTES), *MESSAGE_PLACE
    )
    queues.ask_to_send_code(base64.b64encode(sealed).decode())


def _padded(said: Any, size: int) -> bytes:
    plain = json.dumps(said, separators=(",", ":")).encode()
    if len(plain) > size:
        raise ValueError("longer than what hides its length")
    return plain.ljust(size)
