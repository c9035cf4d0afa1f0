"""Everything the stores hold, as it lies there: to be compared, put back, and searched."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from infra.tables import LOCAL_ACCOUNT, LOCAL_REGION

Plain = dict[Any, Any]


def tables() -> dict[str, Any]:
    return dict(dynamodb_backends[LOCAL_ACCOUNT][LOCAL_REGION].tables)


def queues() -> dict[str, Any]:
    return dict(sqs_backends[LOCAL_ACCOUNT][LOCAL_REGION].queues)


def buckets() -> dict[str, Any]:
    return dict(s3_backends[LOCAL_ACCOUNT]["aws"].buckets)


def items(table: Any) -> Iterator[Any]:
    for row in table.items.values():
        yield from row.values() if isinstance(row, dict) else (row,)


def plain(value: Any) -> Any:
    """An attribute's own value, without moto's wrapping."""
    inner = value.value
    if isinstance(inner, dict):
        return {name: plain(each) for name, each in inner.items()}
    if isinstance(inner, list):
        return [plain(each) if hasattr(each, "value") else each for each in inner]
    return inner


def content() -> dict[str, Plain]:
    """Store -> what lies in it, to the byte: items by key, messages, names and versions of objects."""
    held: dict[str, Plain] = {}
    for name, table in tables().items():
        held[name] = {
            (str(item.hash_key), str(item.range_key)): {
                each: plain(value) for each, value in item.attrs.items()
            }
            for item in items(table)
        }
    for name, queue in queues().items():
        held[f"queue {name}"] = dict(enumerate(message.body for message in queue._messages))
    for name, bucket in buckets().items():
        held[f"bucket {name}"] = {key: bucket.keys[key].etag for key in list(bucket.keys)}
    return held


def changed(before: dict[str, Plain], after: dict[str, Plain]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


class Kept:
    """A state of the tables to come back to; queues and buckets are emptied of what came after."""

    def __init__(self) -> None:
        self._tables = {name: copy.deepcopy(table.items) for name, table in tables().items()}
        self._objects = {
            name: [(key, bucket.keys[key]) for key in list(bucket.keys)] for name, bucket in buckets().items()
        }
        self.content = content()

    def put_back(self, only: set[str] | None = None) -> None:
        for name, table in tables().items():
            if only is None or name in only:
                table.items = copy.deepcopy(self._tables[name])
        for name, queue in queues().items():
            if only is None or f"queue {name}" in only:
                queue._messages.clear()
        for name, bucket in buckets().items():
            if only is None or f"bucket {name}" in only:
                bucket.keys.clear()
                for key, stored in self._objects[name]:
                    bucket.keys[key] = stored
