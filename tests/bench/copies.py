"""A store of any size in minutes: copies of one lodged complaint, each with keys of its own.

What a sweep, a list or a step reads of a case is whole; what was written in it is sealed for the first alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from functions.domain import complaints, deadlines
from functions.domain.rules import rules_of
from functions.storage.case_items import RETAINED, read_image
from functions.storage.tables import instant_key
from schemas.catalogue.reading import districts
from schemas.complaints import NewComplaint
from tests import people
from tests.bench.stored import BODY, captured
from tests.engine import Engines

Item = dict[str, dict[str, Any]]
BATCH, WRITERS = 25, 2


def pattern(at: datetime) -> Item:
    """The item of a complaint lodged at that instant, as the product writes it."""
    with captured() as puts:
        complaints.lodge(people.citizen("copied"), NewComplaint(**BODY), instant_key(at), at)
    return puts[0]["Put"]["Item"]


def open_copies(of: Item, name: str, count: int) -> Iterator[Item]:
    """Open cases in every district, due as the pattern is."""
    case = read_image(of)
    due = deadlines.next_look(case, rules_of(case, case.lodged_at))
    for item, area in _copies(of, name, count):
        yield item | {"sweep_shard": {"S": area}, "sweep_due": {"S": instant_key(due) if due else "9"}}


def ended_copies(of: Item, name: str, count: int) -> Iterator[Item]:
    """Ended cases, which wait in the same index for their erasure in five years."""
    until = instant_key(read_image(of).lodged_at + timedelta(days=5 * 365))
    for number, (item, _) in enumerate(_copies(of, name, count)):
        ended = {"state": {"S": "withdrawn"}, "sweep_due": {"S": until}}
        yield item | ended | {"sweep_shard": {"S": RETAINED[number % len(RETAINED)]}}


def _copies(of: Item, name: str, count: int) -> Iterator[tuple[Item, str]]:
    areas, instant = districts(), of["lodged_key"]["S"].partition("#")[0]
    for number in range(count):
        area, reference = areas[number % len(areas)], f"KH-{name}-{number:07d}"
        yield (
            of
            | {
                "reference": {"S": reference},
                "lodged_key": {"S": f"{instant}#{reference}"},
                "owner": {"S": f"copied-{number % 9973}"},
                "district": {"S": area},
                "office": {"S": area},
            },
            area,
        )


def write(made: Engines, items: Iterable[Item]) -> None:
    """Writes them all, the stream off: what its consumers would do with it is not what is measured."""
    client = made.client("dynamodb")
    table = f"khidmat-{os.environ['KHIDMAT_STAGE']}-cases"
    stream = client.describe_table(TableName=table)["Table"].get("StreamSpecification")
    if stream:
        client.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    source = iter(items)
    batches = iter(lambda: list(islice(source, BATCH)), [])
    with ThreadPoolExecutor(WRITERS) as pool:
        while some := list(islice(batches, 200)):
            list(pool.map(lambda batch: _put(client, table, batch), some))
    if stream:
        client.update_table(TableName=table, StreamSpecification=stream)


def _put(client: Any, table: str, batch: Iterable[Item]) -> None:
    asked = {table: [{"PutRequest": {"Item": item}} for item in batch]}
    while asked:
        asked = client.batch_write_item(RequestItems=asked)["UnprocessedItems"]
