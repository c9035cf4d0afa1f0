"""What citizens upload: one bucket, where a file arrives under one prefix and is kept under another.

Browsers send and fetch files themselves, by forms and links signed here for minutes. A form stays valid
after the upload, so what was looked at is copied to where no form leads.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.settings import setting
from functions.storage.tables import StaleError, StoreFailureError

ARRIVING, KEPT = "arriving", "kept"
BATCH = 1_000
"""Objects that one list answers and one deletion takes."""
STALE_CODES = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "412"})


@cache
def client() -> Any:
    config = Config(
        # Only this signature goes with keys of KMS, and for links it is not botocore's first choice.
        signature_version="s3v4",
        # The region's own host; where the endpoint is an IP address botocore puts the bucket into the path.
        s3={"addressing_style": "virtual"},
        connect_timeout=2,
        # A copy of the largest file takes some seconds, and a second try must still fit into the request.
        read_timeout=10,
        retries={"max_attempts": 1},
    )
    return botocore.session.get_session().create_client("s3", config=config)


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to send before the file, as multipart/form-data, and where."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """An object: its size in bytes, how it begins, and what the form said of it."""

    etag: str
    size: int
    head: bytes
    media_type: str
    notes: Mapping[str, str]


def upload_form(
    reference: str, evidence: str, media_type: str, most_bytes: int, notes: Mapping[str, str], seconds: int
) -> Form:
    """A form that takes one file: this key, this type, these notes, and no more than `most_bytes`.

    A field without a condition is refused, so whoever sends it cannot choose another encryption either: it is
    the bucket's own. Naming one here would put another key in the place of the bucket's.
    """
    exact = {"Content-Type": media_type, **{f"x-amz-meta-{name}": value for name, value in notes.items()}}
    conditions: list[Any] = [{name: value} for name, value in exact.items()]
    with _named_failures():
        made = client().generate_presigned_post(
            _bucket(),
            _key(ARRIVING, reference, evidence),
            Fields=dict(exact),
            Conditions=[*conditions, ["content-length-range", 1, most_bytes]],
            ExpiresIn=seconds,
        )
    return Form(made["url"], made["fields"])


def arrived(reference: str, evidence: str, head_bytes: int) -> Stored | None:
    return _stored(_key(ARRIVING, reference, evidence), head_bytes)


def kept(reference: str, evidence: str, head_bytes: int) -> Stored | None:
    return _stored(_key(KEPT, reference, evidence), head_bytes)


def _stored(key: str, head_bytes: int) -> Stored | None:
    """StaleError when it is replaced or taken away while it is being looked at.

    Found by a list: to whoever may list some prefixes only, reading what is not there is "access denied".
    """
    bucket = _bucket()
    with _named_failures():
        answer = client().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
        found = next((row for row in answer.get("Contents", ()) if row["Key"] == key), None)
        if found is None:
            return None
        # Of an empty object no range can be asked for.
        part = {"Range": f"bytes=0-{head_bytes - 1}"} if found["Size"] else {}
        read = client().get_object(Bucket=bucket, Key=key, IfMatch=found["ETag"], **part)
        head = read["Body"].read()
    return Stored(found["ETag"], found["Size"], head, read["ContentType"], read["Metadata"])


def keep(reference: str, evidence: str, etag: str) -> None:
    """Copies what arrived to where it is kept, inside the store.

    StaleError when it is no longer what was looked at, or when something is kept there already.
    """
    bucket = _bucket()
    with _named_failures():
        client().copy_object(
            Bucket=bucket,
            Key=_key(KEPT, reference, evidence),
            CopySource={"Bucket": bucket, "Key": _key(ARRIVING, reference, evidence)},
            CopySourceIfMatch=etag,
            IfNoneMatch="*",
            ChecksumAlgorithm="SHA256",
        )


def kept_as(reference: str, evidence: str) -> tuple[str, str]:
    """(ETag, SHA-256 in hexadecimal) of what is kept; "" where the store works out no SHA-256."""
    with _named_failures():
        answer = client().head_object(
            Bucket=_bucket(), Key=_key(KEPT, reference, evidence), ChecksumMode="ENABLED"
        )
    return answer["ETag"], base64.b64decode(answer.get("ChecksumSHA256", "")).hex()


def drop_arrived(reference: str, evidence: str, etag: str = "") -> None:
    """With an ETag: that upload and no later one."""
    _drop(_key(ARRIVING, reference, evidence), etag)


def drop_kept(reference: str, evidence: str, etag: str = "") -> None:
    _drop(_key(KEPT, reference, evidence), etag)


def _drop(key: str, etag: str) -> None:
    only = {"IfMatch": etag} if etag else {}
    # What took its place is not what was to go, and what is gone already is gone.
    with suppress(StaleError), _named_failures():
        client().delete_object(Bucket=_bucket(), Key=key, **only)


def link(reference: str, evidence: str, media_type: str, file_name: str, seconds: int) -> str:
    """An address that answers the kept file, always as a download under that name and type."""
    with _named_failures():
        made = client().generate_presigned_url(
            "get_object",
            Params={
                "Bucket": _bucket(),
                "Key": _key(KEPT, reference, evidence),
                "ResponseContentType": media_type,
                "ResponseContentDisposition": f'attachment; filename="{file_name}"',
                # A shared machine's browser would keep it otherwise.
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=seconds,
        )
    return str(made)


def forget(reference: str) -> int:
    """Deletes every file of a case, arrived and kept; answers how many. May be repeated."""
    return sum(_forget(f"{place}/{reference}/") for place in (ARRIVING, KEPT))


def _forget(prefix: str) -> int:
    bucket, gone = _bucket(), 0
    while True:
        with _named_failures():
            page = client().list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=BATCH)
            keys = [{"Key": row["Key"]} for row in page.get("Contents", ())]
            if not keys:
                return gone
            answer = client().delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
        if answer.get("Errors"):
            raise StoreFailureError(answer["Errors"][0]["Code"])
        gone += len(keys)


def _bucket() -> str:
    # Alone: the nightly forgetting has none of the API's other settings.
    return setting("evidence_bucket")


def _key(place: str, reference: str, evidence: str) -> str:
    return f"{place}/{reference}/{evidence}"


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in STALE_CODES:
            raise StaleError(code) from error
        raise StoreFailureError(code) from error
    except BotoCoreError as error:
        raise StoreFailureError(type(error).__name__) from error
