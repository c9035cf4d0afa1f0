"""How Lambda treats a batch of stream records that fails: halve it, try again, and at last set one aside.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Record = dict[str, Any]
    Batch = list[Record]

ATTEMPTS = 5
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0
log = logging.getLogger(__name__)


class StoppedError(Exception):
    """The run is ending; what was not handled comes again after the next start."""


def sequence_number(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivers batches in order. Every callable may raise; nothing is passed over then.

    invoke: the function, given records, returning its partial batch response or nothing.
    done: told the last record that needs no more attention. aside: takes a record that failed ATTEMPTS times.
    pause: waits so many seconds, or raises StoppedError.
    """

    invoke: Callable[[Batch], Any]
    done: Callable[[Record], None]
    aside: Callable[[Record, int], None]
    pause: Callable[[float], None]

    def deliver(self, batch: Batch) -> None:
        """Handle all of `batch`, each record at least once and in order."""
        waiting = [batch]
        while waiting:
            records = waiting.pop()
            handled = self._attempt(records)
            if handled:
                self.done(records[handled - 1])
            rest = records[handled:]
            if not rest:
                continue
            if handled:
                waiting.append(rest)
            elif len(rest) > 1:
                # Halving costs no attempt: it finds the record that is at fault.
                middle = len(rest) // 2
                waiting += [rest[middle:], rest[:middle]]
            else:
                self._insist(rest[0])

    def _insist(self, record: Record) -> None:
        """Try one record again, ever more slowly; then set it aside and go on."""
        for attempt in range(1, ATTEMPTS):
            self.pause(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)))
            if self._attempt([record]):
                self.done(record)
                return
        self.aside(record, ATTEMPTS)
        self.done(record)

    def _attempt(self, records: Batch) -> int:
        """Return how many of `records`, from the first, need no more attention."""
        try:
            returned = self.invoke(records)
        except StoppedError:
            raise
        except Exception:
            log.exception("a batch of %d failed", len(records))
            return 0
        return first_failure(returned, [sequence_number(record) for record in records])


def first_failure(returned: Any, numbers: list[str]) -> int:
    """Return the place of the first record that failed; all when none did, 0 when malformed."""
    if not returned:
        return len(numbers)
    try:
        failed = [str(failure["itemIdentifier"]) for failure in returned.get("batchItemFailures") or []]
        return min((numbers.index(number) for number in failed), default=len(numbers))
    except (AttributeError, KeyError, TypeError, ValueError):
        return 0
