"""Counts what the product asks of the database: trips, rows examined, and the units each would be billed at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
READS = {"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems"}


@dataclass
class Meter:
    """Units are DynamoDB's own: a write unit is 1 KB written, a read unit 4 KB read consistently."""

    trips: Counter[str] = field(default_factory=Counter)
    write_units: float = 0.0
    read_units: float = 0.0
    rows_examined: int = 0

    def note(self, operation: str, answer: dict[str, Any]) -> None:
        self.trips[operation] += 1
        told = answer.get("ConsumedCapacity") or []
        units = sum(each["CapacityUnits"] for each in (told if isinstance(told, list) else [told]))
        if operation in WRITES:
            self.write_units += units
        else:
            self.read_units += units
        self.rows_examined += answer.get("ScannedCount", 0)


@contextmanager
def metered() -> Iterator[Meter]:
    """A meter on every DynamoDB call of this process within the block."""
    meter = Meter()
    real = BaseClient._make_api_call

    def counted(self: BaseClient, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation not in WRITES | READS:
            return real(self, operation, arguments)
        answer = real(self, operation, {**arguments, "ReturnConsumedCapacity": "TOTAL"})
        meter.note(operation, answer)
        return answer

    BaseClient._make_api_call = counted
    try:
        yield meter
    finally:
        BaseClient._make_api_call = real
