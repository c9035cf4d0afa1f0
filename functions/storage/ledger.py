"""The audit ledger's store: a bucket with Object Lock, in which what was put stays as it was put.

Under `entries/DAY/` one object a batch of a table's stream, a line of JSON for each entry; under `roots/` one
signed root a day. The first version of an object is the one that counts: neither a second nor a delete mark,
the two things that a lock lets through, can take it away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import setting
from functions.storage.history import entry_row, read_history
from functions.storage.tables import StoreFailureError
from schemas.cases import Entry
from schemas.ledger import Line

ENTRIES, ROOTS = "entries/", "roots/"
PUT_BEFORE = frozenset({"PreconditionFailed", "412"})
"""It is there. A conflict (409) is not this: nothing was stored, and it is to be tried again.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""
MARKS = ("removed", "unreadable")
LEDGER, EPOCH = "ledger", datetime(1970, 1, 1, tzinfo=UTC)
"""Who stands for a change that says of nobody, and when it was: it tells neither."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An object of the ledger by name, in its first version.

    `replaced` when a later version says something else, or a delete marker hides it.
    """

    name: str
    version: str
    replaced: bool

    @property
    def day(self) -> date | None:
        """The day that a root is of; None for a name that is no root's."""
        return _date(self.name.removeprefix(ROOTS).removesuffix(".jws"))


@cache
def client() -> Any:
    return botocore.session.get_session().create_client(
        "s3",
        config=Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 2}),
    )


def put_lines(day: date, name: str, lines: Sequence[Line]) -> None:
    """Adds a batch. The same batch again, under the same name, adds nothing."""
    text = "".join(json.dumps(_row(line), ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    _put(f"{ENTRIES}{day.isoformat()}/{name}.jsonl", text)


def copies_of(day: date) -> list[Copy]:
    """A day's objects in the order of their names, which is that of the streams they were read from."""
    return _copies(f"{ENTRIES}{day.isoformat()}/")


def read_lines(copy: Copy) -> list[Line]:
    """The copies in an object. A line that cannot be read is there under the object's own name."""
    lines = []
    for number, text in enumerate(read(copy).splitlines(), start=1):
        try:
            lines.append(_line(json.loads(text)))
        except (ValueError, KeyError, TypeError, AttributeError):
            lines.append(unreadable(copy.name, number, text))
    return lines


def unreadable(subject: str, number: int, content: str) -> Line:
    """What stands for something that is no entry: a digest of what it is instead."""
    digest = hashlib.sha256(content.encode()).hexdigest()
    entry = Entry(number, EPOCH, LEDGER, LEDGER, "unreadable", digest=digest)
    return Line(subject, entry, "", unreadable=True)


def days() -> tuple[list[date], list[str]]:
    """(The days there are copies of, oldest first; what else lies beside them)."""
    names: set[str] = set()
    with _named_failures():
        pages = client().get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=_bucket(), Prefix=ENTRIES, Delimiter="/"):
            names.update(row["Prefix"] for row in page.get("CommonPrefixes", ()))
            names.update(row["Key"] for row in page.get("Versions", ()))
    found = {name: _date(name.removeprefix(ENTRIES).removesuffix("/")) for name in names}
    return (
        sorted(day for day in found.values() if day),
        sorted(name for name, day in found.items() if day is None or not name.endswith("/")),
    )


def put_root(day: date, token: str) -> None:
    """Adds a day's root; the one that is there stays."""
    _put(f"{ROOTS}{day.isoformat()}.jws", token)


def roots() -> list[Copy]:
    """What lies among the roots, oldest day first."""
    return _copies(ROOTS)


def root(day: date) -> str | None:
    found = _copies(f"{ROOTS}{day.isoformat()}.jws")
    return read(found[0]) if found else None


def _date(text: str) -> date | None:
    with suppress(ValueError):
        day = date.fromisoformat(text)
        # Python reads other forms too, such as 2026-W01-1, which sort elsewhere.
        return day if day.isoformat() == text else None
    return None


def _bucket() -> str:
    return setting("ledger_bucket")


def _put(name: str, text: str) -> None:
    try:
        client().put_object(
            Bucket=_bucket(),
            Key=name,
            Body=text.encode(),
            ContentType="application/octet-stream",
            # A bucket with a lock takes nothing without a checksum; and what is there is never written over.
            ChecksumAlgorithm="SHA256",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in PUT_BEFORE:
            raise StoreFailureError(type(error).__name__) from error
    except BotoCoreError as error:
        raise StoreFailureError(type(error).__name__) from error


def read(copy: Copy) -> str:
    with _named_failures():
        answer = client().get_object(Bucket=_bucket(), Key=copy.name, VersionId=copy.version)
        return str(answer["Body"].read().decode(errors="replace"))


def _copies(prefix: str) -> list[Copy]:
    versions: dict[str, list[tuple[str, str]]] = {}
    hidden: set[str] = set()
    with _named_failures():
        pages = client().get_paginator("list_object_versions").paginate(Bucket=_bucket(), Prefix=prefix)
        for page in pages:
            hidden.update(row["Key"] for row in page.get("DeleteMarkers", ()))
            for row in page.get("Versions", ()):
                versions.setdefault(row["Key"], []).append((row["VersionId"], row["ETag"]))
    return [_copy(name, rows, hidden=name in hidden) for name, rows in sorted(versions.items())]


def _copy(name: str, rows: list[tuple[str, str]], *, hidden: bool) -> Copy:
    # Versions of an object are listed newest first; their times tell seconds only.
    version, first = rows[-1]
    return Copy(name, version, replaced=hidden or any(etag != first for _, etag in rows))


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreFailureError(type(error).__name__) from error


def _row(line: Line) -> dict[str, Any]:
    row = {"of": line.subject, **entry_row(line.entry)}
    row.pop("text", None)
    if line.text_digest:
        row["text_sum"] = line.text_digest
    row |= {name: True for name in MARKS if getattr(line, name)}
    return row


def _line(row: dict[str, Any]) -> Line:
    subject, text_digest = row.pop("of"), row.pop("text_sum", "")
    marks = {name: bool(row.pop(name, False)) for name in MARKS}
    (entry,) = read_history(json.dumps([row]))
    if not isinstance(subject, str) or not isinstance(entry.sequence, int):
        raise TypeError
    return Line(subject, entry, text_digest, **marks)
