"""An outbox in memory whose writes can fail or lose their replies, and a carrier that does as it is told."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from functions.domain.dispatch import Letter, Outcome
from functions.domain.preferences import Addressee
from functions.domain.quiet_hours import Quiet
from functions.storage.messages import MessageRow
from functions.storage.tables import StaleError, StoreFailureError

PHONE, EMAIL = "+923000000001", "person@example.org"
NEVER = Quiet(time(0), time(0), 0)
PERSON = Addressee(
    "en", ("sms", "whatsapp", "email"), {"sms": PHONE, "whatsapp": PHONE, "email": EMAIL}, quiet=NEVER
)


class DiedError(Exception):
    """The process went, as `kill -9` makes it go."""


@dataclass
class Memory:
    """Takes the place of functions.storage.messages: the same conditions, without a table.

    `faults` are used up one a write: "" is well, "refused" writes nothing, "lost" writes and does not say so.
    """

    rows: dict[str, MessageRow] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def add(self, row: MessageRow) -> bool:
        if row.message in self.rows:
            return False
        self._write(row)
        return True

    def get(self, message: str) -> MessageRow | None:
        return self.rows.get(message)

    def save(self, row: MessageRow) -> MessageRow:
        if self.rows[row.message].write_id != row.write_id:
            raise StaleError
        return self._write(row)

    def due_before(self, instant: datetime, shard: str) -> list[str]:
        if shard != "00":
            return []
        return [r.message for r in self.rows.values() if r.state == "waiting" and r.next_at < instant]

    def _write(self, row: MessageRow) -> MessageRow:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise StoreFailureError
        written = replace(row, write_id=str(next(self.numbers)))
        self.rows[row.message] = written
        if fault == "lost":
            raise StoreFailureError
        return written


@dataclass
class Told:
    """A carrier: `answers` are used up one a letter, and "sent" follows.

    "accepted, no answer" and "no answer" end as unknown; "dies before" and "dies after" end the process.
    """

    answers: list[str] = field(default_factory=list)
    accepted: list[Letter] = field(default_factory=list)
    asked: list[Letter] = field(default_factory=list)
    not_set_up: frozenset[str] = frozenset()
    is_repeatable: bool = False
    meanwhile: list = field(default_factory=list)
    """What other workers do while a letter is on its way."""

    def is_set_up(self, channel: str) -> bool:
        return channel not in self.not_set_up

    def send(self, letter: Letter) -> Outcome:
        answer = self.answers.pop(0) if self.answers else "sent"
        self.asked.append(letter)
        while self.meanwhile:
            self.meanwhile.pop()()
        if answer in ("sent", "accepted, no answer", "dies after"):
            self._accept(letter)
        if answer.startswith("dies"):
            raise DiedError
        return {"sent": "sent", "refused": "refused"}.get(answer, "unknown")

    def _accept(self, letter: Letter) -> None:
        known = {(each.key, each.channel) for each in self.accepted}
        if not self.is_repeatable or (letter.key, letter.channel) not in known:
            self.accepted.append(letter)
