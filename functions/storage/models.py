"""Models by name: their files in a bucket, what they were measured at, and a pointer to the one that labels.

`models/NAME/classifier.json` and `report.json`. The row of a model says what its file must be (SHA-256): a
form stays valid after the upload, so what is read is held against that each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist

from functions.settings import setting
from functions.storage.history import history_text, read_history
from functions.storage.tables import (
    StaleError,
    StoreFailureError,
    Table,
    TableMeta,
    instant_key,
    named_failures,
    read_instant,
)
from schemas.cases import Entry
from schemas.models import Drift, NewModel, Report

POINTER, CHAMPION, MODEL, DRIFT = "pointer", "champion", "model", "drift"
MOST_LISTED = 100
MISSING = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})
"""To whoever may not list a bucket, what is not there is "access denied"."""


class ModelItem(Table):
    """The pointer, the models and the drift of each app, each under its own kind."""

    noun = "models"

    class Meta(TableMeta):
        pass

    kind = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    said = UnicodeAttribute(null=True)
    """A model's report, or an app's drift: one string of JSON."""
    sha256 = UnicodeAttribute(null=True)
    bytes = NumberAttribute(null=True)
    at = UnicodeAttribute(null=True)
    by = UnicodeAttribute(null=True)
    champion = UnicodeAttribute(null=True)
    previous = UnicodeAttribute(null=True)
    history = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True)
class Offered:
    name: str
    sha256: str
    bytes: int
    report: Report
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """`champion` and `previous` are "" for the model that came with the software."""

    champion: str = ""
    previous: str | None = None
    version: int = 0
    history: tuple[Entry, ...] = ()


NOBODY_PROMOTED = Pointer()


@cache
def client() -> Any:
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual"},
        connect_timeout=2,
        read_timeout=10,
        retries={"max_attempts": 1},
    )
    return botocore.session.get_session().create_client("s3", config=config)


def offer(new: NewModel, now: datetime, by: str) -> Offered:
    """Keeps what is said of a model, once under a name; StaleError for another file under the same name."""
    row = Offered(new.name, new.sha256, new.bytes, new.report, now, by)
    item = ModelItem(
        MODEL,
        new.name,
        said=new.report.model_dump_json(),
        sha256=new.sha256,
        bytes=new.bytes,
        at=instant_key(now),
        by=by,
    )
    same = ModelItem.name.does_not_exist() | (ModelItem.sha256 == new.sha256)
    with named_failures():
        item.save(same)
    _put(new.name, "report.json", new.report.model_dump_json().encode())
    return row


def upload_form(name: str, size: int, seconds: int) -> tuple[str, dict[str, str]]:
    """(Address, fields) of a form that takes one file of that size under the model's name."""
    with _named_failures():
        made = client().generate_presigned_post(
            _bucket(),
            _key(name, "classifier.json"),
            Fields={"Content-Type": "application/json"},
            Conditions=[{"Content-Type": "application/json"}, ["content-length-range", size, size]],
            ExpiresIn=seconds,
        )
    return made["url"], made["fields"]


def get(name: str) -> Offered | None:
    try:
        with named_failures():
            return _offered(ModelItem.get(MODEL, name, consistent_read=True))
    except DoesNotExist:
        return None


def offered() -> list[Offered]:
    """Newest first; of very many the names that sort first."""
    with named_failures():
        rows = [_offered(item) for item in ModelItem.query(MODEL, limit=MOST_LISTED)]
    return sorted(rows, key=lambda row: (row.at, row.name), reverse=True)


def file_of(row: Offered) -> bytes | None:
    """The model's file; None when it is not there, or is not what it was offered as."""
    try:
        with _named_failures():
            content: bytes = (
                client().get_object(Bucket=_bucket(), Key=_key(row.name, "classifier.json"))["Body"].read()
            )
    except StaleError:
        return None
    return content if hashlib.sha256(content).hexdigest() == row.sha256 else None


def pointer() -> Pointer:
    try:
        with named_failures():
            item = ModelItem.get(POINTER, CHAMPION, consistent_read=True)
    except DoesNotExist:
        return NOBODY_PROMOTED
    previous = item.previous
    return Pointer(
        champion=item.champion or "",
        previous=None if previous is None else previous.removeprefix("="),
        version=int(item.version or 0),
        history=read_history(item.history or "[]"),
    )


def point(to: Pointer, before: Pointer) -> Pointer:
    """Writes the pointer, one version on, if it still is `before`; StaleError otherwise."""
    version = ModelItem.version
    unchanged = version == before.version if before.version else ModelItem.name.does_not_exist()
    written = replace(to, version=before.version + 1)
    item = ModelItem(
        POINTER,
        CHAMPION,
        champion=written.champion or None,
        # The model that shipped has no name, and "nothing" is not the same.
        previous=None if written.previous is None else f"={written.previous}",
        history=history_text(written.history),
        version=written.version,
    )
    try:
        with named_failures():
            item.save(unchanged)
    except StaleError:
        if pointer() != written:  # ours, if its reply was lost
            raise
    return written


def save_drift(drift: Drift) -> None:
    with named_failures():
        ModelItem(DRIFT, drift.app, said=drift.model_dump_json()).save()


def drifts() -> list[Drift]:
    """Of each app the last that was measured, by name."""
    with named_failures():
        return [Drift.model_validate_json(item.said or "{}") for item in ModelItem.query(DRIFT)]


def _offered(item: ModelItem) -> Offered:
    return Offered(
        name=item.name,
        sha256=item.sha256 or "",
        bytes=int(item.bytes or 0),
        report=Report.model_validate(json.loads(item.said or "{}")),
        at=read_instant(item.at or ""),
        by=item.by or "",
    )


def _put(name: str, file: str, content: bytes) -> None:
    with _named_failures():
        client().put_object(
            Bucket=_bucket(), Key=_key(name, file), Body=content, ContentType="application/json"
        )


def _bucket() -> str:
    return setting("models_bucket")


def _key(name: str, file: str) -> str:
    return f"models/{name}/{file}"


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING:
            raise StaleError(code) from error
        raise StoreFailureError(code) from error
    except BotoCoreError as error:
        raise StoreFailureError(type(error).__name__) from error
