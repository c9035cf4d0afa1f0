"""One message on its way: taken up, sent by the first channel that takes it, and put on record.

Before a provider is called the row says so, on condition that nobody else was first. Whoever finds that line
without its end does not call again: it may have gone out, and never twice is worth more than surely once, for
the notice in the app is there in any case. So a message is given to providers at most once until one refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

from functions.domain import preferences
from functions.domain.messages import BACK_OFF_SECONDS, LAPSES_AFTER_HOURS, LEASE_SECONDS
from functions.domain.notices import OFFICE
from functions.domain.preferences import Addressee
from functions.domain.quiet_hours import quiet_until
from functions.storage import messages
from functions.storage.messages import SENDING, MessageRow, MessageState, Try
from functions.storage.tables import StaleError
from schemas.common import Tongue

Outcome = Literal["sent", "refused", "unknown"]
"""What a provider did: took it, surely did not, or nobody can tell."""


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """What is to be sent where; `reference` is "" where it is not to be told."""

    channel: str
    address: str
    tongue: Tongue
    event: str
    reference: str
    to_office: bool
    key: str
    """The message's own: a carrier that knows it again sends nothing twice."""
    at: datetime
    words: tuple[tuple[str, str], ...] = ()


class Carrier(Protocol):
    """Whoever brings letters: the providers, or a folder in a local run."""

    @property
    def is_repeatable(self) -> bool:
        """Whether the same letter given again changes nothing."""

    def is_set_up(self, channel: str) -> bool: ...

    def send(self, letter: Letter) -> Outcome: ...


def deliver(message: str, carrier: Carrier, now: datetime) -> MessageState | None:
    """How the message ended; "waiting" when it comes again later, None when it is not ours to send now."""
    row = messages.get(message)
    if row is None or row.state != "waiting" or row.next_at is None or row.next_at > now:
        return None
    try:
        return _taken_up(row, carrier, now)
    except StaleError:
        return None  # somebody else has it


def _taken_up(row: MessageRow, carrier: Carrier, now: datetime) -> MessageState:
    if _is_begun(row):
        if not carrier.is_repeatable:
            return _ended(_with_outcome(row, "unknown"), "unknown")
        row = replace(row, tried=row.tried[:-1])
    if now - row.at > timedelta(hours=LAPSES_AFTER_HOURS):
        return _ended(row, "lapsed")
    to = preferences.addressee(row.recipient)
    if to is None:
        return _ended(row, "lapsed")
    if until := quiet_until(to.quiet, now):
        return _postponed(row, until)
    return _sent(row, to, carrier, now)


def _sent(row: MessageRow, to: Addressee, carrier: Carrier, now: datetime) -> MessageState:
    for channel in to.channels:
        is_open = channel in to.addresses and carrier.is_set_up(channel)
        if not is_open or channel in _refusing(row):
            continue
        row = _begun(row, channel, now)
        outcome = carrier.send(_letter(row, channel, to))
        row = _with_outcome(row, outcome)
        if outcome != "refused":
            return _ended(row, outcome)
    if not _refusing(row):
        return _ended(row, "in_app_only")  # no way at all, and waiting would make none
    if row.waits >= len(BACK_OFF_SECONDS):
        return _ended(row, "failed")
    again_at = now + timedelta(seconds=BACK_OFF_SECONDS[row.waits])
    return _postponed(replace(row, waits=row.waits + 1), again_at)


def _refusing(row: MessageRow) -> set[str]:
    """Channels that have refused since the last wait."""
    return {each.channel for each in row.tried if each.waits == row.waits}


def _letter(row: MessageRow, channel: str, to: Addressee) -> Letter:
    return Letter(
        channel=channel,
        address=to.addresses[channel],
        tongue=to.tongue,
        event=row.event,
        reference=row.reference if row.manner == "open" else "",
        to_office=row.recipient.startswith(OFFICE),
        key=row.message,
        at=row.at,
        words=row.words,
    )


def _is_begun(row: MessageRow) -> bool:
    return bool(row.tried) and row.tried[-1].outcome == SENDING


def _begun(row: MessageRow, channel: str, now: datetime) -> MessageRow:
    """The row with the line that a channel is being tried, written. StaleError when somebody else has it."""
    begun = Try(channel, now, SENDING, row.waits)
    leased = now + timedelta(seconds=LEASE_SECONDS)
    return messages.save(replace(row, tried=(*row.tried, begun), next_at=leased))


def _with_outcome(row: MessageRow, outcome: str) -> MessageRow:
    return replace(row, tried=(*row.tried[:-1], replace(row.tried[-1], outcome=outcome)))


def _postponed(row: MessageRow, until: datetime) -> MessageState:
    messages.save(replace(row, next_at=until))
    return "waiting"


def _ended(row: MessageRow, state: MessageState) -> MessageState:
    messages.save(replace(row, state=state, next_at=None))
    return state
